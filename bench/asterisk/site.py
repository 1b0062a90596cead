"""What is measured: one Asterisk, the product beside it, and telephones for everybody. Deliberately absent: figures."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from bench import servers
from bench.asterisk.handsets import HOST, Handsets
from tools.asterisk import Asterisk

RAW_APP = "bench"
RAW_PREFIX = "8"
"""Calls to numbers that begin so are the script's, all others the product's."""
PASSWORD = "cordboard"
MEMORY = ":memory:"
"""No journal: the script has none either."""
_DIALPLAN = f"""
[trunk](+)
exten => _{RAW_PREFIX}.,1,Stasis({RAW_APP})
"""


_LIKE_THE_TRUNK = """sends_registrations = no
sends_auth = no
accepts_registrations = no
accepts_auth = no
endpoint/context = trunk
endpoint/disallow = all
endpoint/allow = ulaw
endpoint/direct_media = no
endpoint/trust_id_inbound = yes
"""


class People(msgspec.Struct, frozen=True):
    """Who works at one desk: numbers for the product, and the same for the script, which is told apart by them."""

    caller: str
    agent: str
    target: str


def people(desk: int) -> People:
    return People(f"+4930{desk:05}", str(5_000 + desk), str(7_000 + desk))


class Site(msgspec.Struct, frozen=True):
    """All of it, running."""

    asterisk: Asterisk
    product_pid: int
    product_port: int
    handsets: Handsets


@contextlib.asynccontextmanager
async def open_site(desk_count: int, loader: int = 0, journal: str = MEMORY) -> AsyncIterator[Site]:
    """Start everything for so many desks, and end it with the block. Calls from the port ``loader`` are taken like
    those of the telephones. ``journal`` is the file, in a temporary folder, in which the product writes down what must
    survive before anybody hears of it."""
    wizard = f"[load]\ntype = wizard\nremote_hosts = {HOST}:{loader}\n{_LIKE_THE_TRUNK}" if loader else ""
    asterisk = Asterisk.start(overlay={"extensions.conf": _DIALPLAN, "pjsip_wizard.conf": wizard})
    handsets = Handsets()
    try:
        await handsets.open(asterisk.ports.trunk)
        handsets.picks_up = lambda number: number.lstrip(RAW_PREFIX).startswith("7")
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "bench.toml"
            config.write_text(configuration(asterisk.ari_url, asterisk.ami_port, desk_count, journal))
            with servers.process(["-m", "cordboard", "serve", "--config", str(config)], None) as (pid, port):
                yield Site(asterisk, pid, port, handsets)
    finally:
        handsets.close()
        asterisk.stop()


def configuration(ari_url: str, ami_port: int, desk_count: int, journal: str = MEMORY) -> str:
    """The product's configuration: everybody at the desks, whose telephones are all behind one port."""
    numbers = [number for desk in range(desk_count) for number in (people(desk).agent, people(desk).target)]
    users = "".join(
        f'[[users]]\nname = "{number}"\nnumber = "{number}"\npassword = "{PASSWORD}"\n' for number in numbers
    )
    return (
        f'[server]\nlisten = "{HOST}:0"\n[journal]\npath = "{journal}"\n[switch]\nkind = "asterisk"\n'
        f'[switch.asterisk]\nurl = "{ari_url}"\nuser = "{Asterisk.user}"\npassword = "{Asterisk.password}"\n'
        f'ami = "{HOST}:{ami_port}"\nami_user = "{Asterisk.user}"\nami_password = "{Asterisk.password}"\n'
        f'endpoint = "PJSIP/{{number}}@trunk"\n{users}'
    )
