"""Lines of the journal: what is written can be read."""

from __future__ import annotations

import msgspec
from tests.kit import people

from cordboard.agents.commands import SetDoNotDisturb
from cordboard.agents.model import BUILT_IN_STATES
from cordboard.calls.commands import Hold
from cordboard.calls.orders import DropLeg
from cordboard.calls.ports import Row
from cordboard.calls.records import Rules
from cordboard.calls.reports import LegHeld
from cordboard.server import lines

ROWS = [Row("calls", b"k", b"v"), Row("legs", b"k", None)]
ORDERS = [DropLeg(7, "leg")]


def test_inputs_are_read_as_they_were_written() -> None:
    hold, held = Hold(asker="5005", call="C1"), LegHeld("leg")
    asked = lines.asked_line(hold, ORDERS, 1.5)
    assert (asked.kind, asked.at) == ("ask", 1.5)
    assert msgspec.msgpack.decode(asked.body, type=lines.Asked) == lines.Asked(hold, ORDERS)
    heard = msgspec.msgpack.decode(lines.heard_line(held, (), 2.0).body, type=lines.Heard)
    assert (heard.report, heard.orders) == (held, [])
    ticked = msgspec.msgpack.decode(lines.ticked_line(ORDERS, 2.0).body, type=lines.Ticked)
    assert ticked == lines.Ticked(ORDERS)
    site = lines.Site(Rules(), people.directory().written(), BUILT_IN_STATES)
    started = msgspec.msgpack.decode(lines.started_line("1.0", ROWS, site, 2.0).body, type=lines.Started)
    assert started == lines.Started("1.0", ROWS, site)
    agent = lines.agent_line(SetDoNotDisturb(asker="5005", on=True), 3.0)
    assert (agent.kind, msgspec.msgpack.decode(agent.body)["type"]) == ("agent", "SetDoNotDisturb")
