"""The agents of queues: one set of agents, whoever asks (voipnow-uapi §3.4)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.uapi.front import ANN, BASE, JANE, JOHN, Front

from cordboard.agents.commands import StartSession, TakeState
from cordboard.agents.model import Presence
from cordboard.people.model import Account

AGENTS = "/uapi/extensions/@me/0003*300/queue/agents"
OWN = Account(JOHN)


def statuses(front: Front, query: str = "", path: str = AGENTS) -> list[tuple[str, str]]:
    return [(row["agentNumber"], row["status"]) for row in front.get(path, query, OWN)["entry"]]


def put(front: Front, agent: str, status: Any) -> Any:
    return front.send("PUT", f"{AGENTS}/{agent}", {"status": status}, account=OWN)


@pytest.mark.uapi("3.4 agents are listed", "3.4 agent resource")
def test_agents_are_listed_with_what_they_are_at() -> None:
    front = Front()
    assert front.get(f"{AGENTS}/", account=OWN)["entry"] == [
        {"agentNumber": number, "status": "0", "links": {"self": f"{BASE}{AGENTS}/{number}"}}
        for number in ("0003*024", "0003*025")
    ]
    assert statuses(front, path=f"{AGENTS}/025/") == [("0003*025", "0")]
    assert statuses(front, path="/uapi/extensions/12/300/queue/agents/0003*025") == [("0003*025", "0")]
    assert statuses(front, path="/uapi/extensions/@owner/300/queue/agents/0003*025") == [("0003*025", "0")]


@pytest.mark.uapi("3.4 status changes", "3.4 agent resource")
def test_an_agent_is_logged_in_paused_and_logged_out() -> None:
    front = Front()
    told = []
    for status in ("1", 2, "1", "0"):
        number = "0003*024" if status == 2 else "024"
        code, answer = put(front, number, status)
        assert (code, answer["agentNumber"], answer["status"]) == (200, "0003*024", str(status))
        told.append([event.device.agent.presence for event in front.told_of_agents])
        front.told_of_agents.clear()
    logged_in, ready, not_ready = Presence.LOGGED_IN, Presence.READY, Presence.NOT_READY
    assert told == [[logged_in, ready], [not_ready], [ready], [Presence.LOGGED_OUT]]


@pytest.mark.uapi("3.4 one set of agents")
def test_what_an_agent_does_elsewhere_is_seen_here_and_kept() -> None:
    front = Front()
    front.roster.ask(StartSession(asker="0003*024"), 1.0)
    assert statuses(front, "filterBy=status&filterValue=1") == [("0003*024", "1")]
    front.roster.ask(TakeState(asker="0003*024", operation="AuxWork"), 2.0)
    put(front, "024", "2")
    assert front.roster.device("0003*024").agent.operation == "AuxWork"
    assert front.told_of_agents == []


@pytest.mark.uapi("3.4 filters and order")
@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["0003*024", "0003*025"]),
        ("sortOrder=descending", ["0003*025", "0003*024"]),
        ("filterBy=status&filterValue=2", ["0003*025"]),
        ("filterBy=agentNumber&filterOp=contains&filterValue=024", ["0003*024"]),
        ("filterBy=queue&filterOp=startsWith&filterValue=0003", ["0003*024", "0003*025"]),
        ("filterBy=queue&filterValue=0003*301", []),
    ],
)
def test_agents_are_looked_for_and_in_order_of_status(query: str, numbers: list[str]) -> None:
    front = Front()
    put(front, "024", 1)
    put(front, "025", 2)
    assert [number for number, _ in statuses(front, query)] == numbers


@pytest.mark.uapi("3.4 bad requests", "1.2 @self is refused")
@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("GET", "/uapi/extensions/@me/@self/queue/agents", None, (400, "extension_invalid")),
        ("GET", "/uapi/extensions/@me/0003*210/queue/agents", None, (400, "extension_invalid")),
        ("GET", "/uapi/extensions/99/0003*300/queue/agents", None, (400, "user_invalid")),
        ("GET", "/uapi/extensions/@me/0004*300/queue/agents", None, (401, "access_denied")),
        ("GET", f"{AGENTS}/0003*210", None, (400, "agent_id_invalid")),
        ("GET", f"{AGENTS}/0003*024/more", None, (501, "request_not_implemented")),
        ("GET", f"{AGENTS}/none", None, (400, "agent_id_invalid")),
        ("PUT", AGENTS, {"status": "1"}, (400, "agent_id_invalid")),
        ("PUT", f"{AGENTS}/0003*999", {"status": "1"}, (400, "agent_id_invalid")),
        ("PUT", f"{AGENTS}/0003*024", {"status": "3"}, (400, "agent_status_invalid")),
        ("PUT", f"{AGENTS}/0003*024", {"status": True}, (400, "agent_status_invalid")),
        ("PUT", f"{AGENTS}/0003*024", {}, (400, "agent_status_invalid")),
        ("PUT", f"{AGENTS}/0003*024", b"[", (400, "request_invalid")),
        ("POST", AGENTS, {}, (501, "request_not_implemented")),
        ("DELETE", f"{AGENTS}/0003*024", None, (501, "request_not_implemented")),
        ("GET", "/uapi/extensions/@me/0003*300/queue", None, (501, "request_not_implemented")),
    ],
)
def test_bad_requests_have_their_codes(method: str, path: str, body: object, answer: tuple[int, str]) -> None:
    assert Front().code(method, path, body, account=OWN) == answer


def test_lists_know_their_parameters() -> None:
    assert Front().code("GET", AGENTS, query="count=0") == (400, "count_invalid")


@pytest.mark.uapi("1.2 scope by level")
def test_a_queue_is_within_reach_of_its_owner_the_organisation_and_administrators() -> None:
    front = Front()
    reach = [
        front.send("GET", f"/uapi/extensions/{user}/0003*300/queue/agents", account=account)[0]
        for user, account in (
            ("@me", Account(JANE)),
            ("@me", Account(JANE, "organization")),
            ("12", Account(JANE, "organization")),
            ("13", Account(JANE, "organization")),
            ("@me", Account(ANN, "organization")),
            ("12", Account(ANN, "administrator")),
        )
    ]
    assert reach == [401, 200, 200, 400, 401, 200]
