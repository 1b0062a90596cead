"""Who is free (voipnow-uapi §3.3)."""

from __future__ import annotations

import pytest
from tests.uapi.front import JANE, JOHN, Front

from cordboard.people.model import Account
from cordboard.switches.virtual.persons import Dial

MINE = "/uapi/extensions/@me/@self/presence"


@pytest.mark.uapi("3.3 presence", "3.3 whose presence")
def test_who_is_free_rings_and_talks() -> None:
    front = Front()
    front.act("0003*024", Dial(to="0003*210"))
    front.run()
    everybody = front.get("/uapi/extensions/@me/@self/presence")["entry"]
    assert [(row["extension"], row["status"]) for row in everybody] == [
        ("0003*024", "3"),
        ("0003*025", "1"),
        ("0003*210", "2"),
    ]
    own = Account(JANE)
    assert front.get("/uapi/extensions/13/@self/presence", account=own)["totalResults"] == 1
    assert front.get("/uapi/extensions/@me/024/presence", account=own)["entry"][0]["status"] == "3"


@pytest.mark.uapi("3.3 presence")
def test_who_has_parked_somebody_is_free() -> None:
    front = Front()
    call_id = front.talk("0003*024", "0003*210")
    path = f"/uapi/phoneCalls/12/0003*210/{call_id}"
    assert front.send("PUT", path, {"action": "Park", "phoneCallViewId": "01"})[0] == 200
    (row,) = front.get("/uapi/extensions/12/0003*210/presence")["entry"]
    assert row["status"] == "1"


@pytest.mark.uapi("3.3 registrations")
def test_a_telephone_of_the_virtual_switch_needs_no_registration() -> None:
    front = Front()
    (row,) = front.get("/uapi/extensions/12/210/presence/")["entry"]
    assert row == {
        "extension": "0003*210",
        "status": "1",
        "registration": [{"agent": "0003*210", "registration": "2", "status": "1"}],
    }
    front.cut()
    front.run()
    (row,) = front.get("/uapi/extensions/12/210/presence/")["entry"]
    assert (row["status"], row["registration"][0]["status"]) == ("0", "0")


@pytest.mark.uapi("3.3 registrations")
@pytest.mark.parametrize(
    ("registered", "registration", "status"), [(True, "1", "1"), (False, "-1", "0"), (None, "0", "1")]
)
def test_a_telephone_of_another_switch_is_registered_or_not(
    registered: bool | None, registration: str, status: str
) -> None:
    front = Front()
    front.presence._is_registered = {"0003*210": registered, "0003*024": True}.get
    (row,) = front.get("/uapi/extensions/12/210/presence")["entry"]
    assert (row["status"], row["registration"][0]["registration"]) == (status, registration)
    front.talk("0003*024", "0003*210")
    (row,) = front.get("/uapi/extensions/12/210/presence")["entry"]
    assert (row["status"], row["registration"][0]["registration"]) == ("3", registration)


@pytest.mark.uapi("3.3 filters")
@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("filterBy=extension&filterValue=0003*024", ["0003*024"]),
        ("filterBy=extension&filterOp=contains&filterValue=02", ["0003*024", "0003*025"]),
        ("filterBy=extension&filterOp=startsWith&filterValue=0003*2", ["0003*210"]),
        ("filterBy=extension&filterOp=inArray&filterValue=0003*210,0003*025", ["0003*025", "0003*210"]),
        ("sortOrder=desc&count=1", ["0003*210"]),
    ],
)
def test_extensions_are_looked_for_in_the_order_of_their_numbers(query: str, numbers: list[str]) -> None:
    assert [row["extension"] for row in Front().get(MINE, query)["entry"]] == numbers


@pytest.mark.uapi("3.3 whose presence")
@pytest.mark.parametrize(
    ("path", "query", "answer"),
    [
        ("99/@self", "", (400, "user_invalid")),
        ("@owner/@self", "", (400, "user_invalid")),
        ("13/@self", "", (401, "access_denied")),
        ("@me/0003*999", "", (400, "extension_invalid")),
        ("@me/0003*300", "", (400, "extension_invalid")),
        ("@me/@self", "count=0", (400, "count_invalid")),
        ("@me/@self", "filterBy=status&filterValue=1", (400, "filterby_invalid")),
    ],
)
def test_bad_requests_have_their_codes(path: str, query: str, answer: tuple[int, str]) -> None:
    assert Front().code("GET", f"/uapi/extensions/{path}/presence", query=query, account=Account(JOHN)) == answer
