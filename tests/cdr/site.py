"""Records for tests: two organisations, a number outside, and what became of a few calls. Instants count from 1000."""

from __future__ import annotations

from cordboard.calls.model import CallType
from cordboard.calls.segments import Result, Segment, Transfer, TransferKind, View, Way
from cordboard.people.directory import Directory
from cordboard.people.model import Device, Tenant, TrunkNumber, User

NORTH, SOUTH = Tenant("north", "North", "0001"), Tenant("south", "South", "0002")
OUTSIDE = "+49891234"


def person(number: str, tenant: Tenant, *roles: str) -> User:
    return User(f"id-{number}", f"user{number}", "", Device(f"device-{number}", number), tenant, roles or ("agent",))


ADMIN, BOSS = person("10", NORTH, "agent", "admin"), person("20", SOUTH, "admin")
PEOPLE = (ADMIN, person("11", NORTH), person("12", NORTH), BOSS, person("21", SOUTH))
DIRECTORY = Directory(PEOPLE, [NORTH, SOUTH], [TrunkNumber(OUTSIDE)])


def segment(number: str, *peers: str, thread: str = "T", call: str = "", ended: float = 1000.0) -> Segment:
    """It was called, and talked for ten seconds."""
    view = View(call or thread, call or thread, CallType.INTERNAL, ended - 12, peers=peers, ended=ended)
    return Segment(
        f"leg-{number}",
        thread,
        number,
        Way.CALLED,
        ended - 12,
        peers[0] if peers else "",
        answered=ended - 10,
        ended=ended,
        ring_s=2.0,
        talk_s=10.0,
        views=(view,) if peers else (),
    )


def transfer(thread: str = "T", joined: str = "", ended: float = 1000.0) -> Transfer:
    return Transfer(
        thread,
        TransferKind.TWO_STEP,
        "11",
        thread,
        ended,
        consult=f"{thread}2",
        whom=(OUTSIDE,),
        to="12",
        reached="12",
        ended=ended,
        result=Result.COMPLETED,
        joined=joined,
    )
