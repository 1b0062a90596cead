"""How stories about telephones begin: somebody calls an agent, who consults a colleague. 5000 is the customer, 5001 the
agent, 5002 the colleague; the first call is A, the consult B.
"""

from __future__ import annotations

import asyncio
import time

from tests.live.phones import Phone
from tests.live.site import Site


async def talking(site: Site, caller: Phone, agent: Phone) -> int:
    """``caller`` has called ``agent``, call A. Returns the agent's line."""
    await caller.call(agent.number)
    rung = await agent.until_ringing()
    mark = time.monotonic()  # they may have talked before
    await agent.answer()
    await asyncio.gather(caller.until_hears({agent.number}, since=mark), agent.until_hears({caller.number}, since=mark))
    await site.agents[caller.number].until_told(f"A Dialing [{agent.number}]", f"A Established [{agent.number}]")
    await site.agents[agent.number].until_told(f"A Ringing [{caller.number}]", f"A Established [{caller.number}]")
    return rung.line


async def consulting_by_api(site: Site, bob: Phone, carol: Phone, *, answered: bool = True) -> None:
    """5001 consults 5002 by API, call B: the telephone has one line for both."""
    agent, target = site.agents["5001"], site.agents["5002"]
    await agent.start_transfer("A", "5002")
    await agent.until_told("A Held [5000]", "B Dialing [5002]")
    await target.until_told("B Ringing [5001]")
    await carol.until_ringing()
    if answered:
        await carol.answer()
        await asyncio.gather(bob.until_hears({"5002"}), carol.until_hears({"5001"}))
        await target.until_told("B Established [5001]")
        await agent.until_told("B Established [5002]")
