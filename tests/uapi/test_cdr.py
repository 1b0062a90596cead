"""Records of calls that are over."""

from __future__ import annotations

import pytest
from tests.uapi.front import ANN, JANE, JOHN, OUTSIDE, Front

from cordboard.people.model import Account
from cordboard.switches.virtual.persons import Dial, Hangup

CDR = "/uapi/cdr"


def end(front: Front, number: str) -> None:
    front.act(number, Hangup())
    front.run()
    front.now += 60


@pytest.mark.uapi("3.5 record", "3.5 statistics", "1.4 records by id")
def test_a_call_leaves_a_record() -> None:
    front = Front()
    call_id = front.talk("0003*210", "0003*024")
    front.now += 7
    end(front, "0003*024")
    answer = front.get(CDR)
    assert answer["totalResults"] == 1
    view = {
        "source": ["0003*210"],
        "destination": ["0003*024"],
        "flow": 2,
        "disposition": 0,
        "duration": 7,
        "answered": "2012-06-27T13:08:50Z",
    }
    assert answer["entry"] == {
        call_id: {
            "id": call_id,
            "extension": "0003*210",
            "ownerId": "3",
            "ownerName": "Default Organization",
            "published": "2012-06-27T13:08:50Z",
            "answered": "2012-06-27T13:08:50Z",
            "phoneCallView": [
                {"id": "00", "extension": "0003*024", **view},
                {"id": "01", "extension": "0003*210", **view},
            ],
        }
    }
    assert answer["PhoneCallStat"][1] == {
        "type": 1,
        "total": 1,
        "answered": 1,
        "busy": 0,
        "failed": 0,
        "unanswered": 0,
        "unknown": 0,
        "unallowed": 0,
    }


@pytest.mark.uapi("3.5 disposition and flow", "3.5 dates", "3.5 source and destination")
def test_how_calls_end() -> None:
    front = Front()
    front.act(OUTSIDE, Dial(to="0003*210"))
    front.run()
    end(front, OUTSIDE)
    front.behave("0003*024", "busy")
    front.act("0003*210", Dial(to="0003*024"))
    front.run()
    front.wait(5)
    front.talk("0003*210", OUTSIDE)
    end(front, OUTSIDE)
    views = [row["phoneCallView"][0] for row in front.get(f"{CDR}/@me")["entry"].values()]
    assert [(view["flow"], view["disposition"]) for view in views] == [(8, 3), (2, 1), (4, 0)]
    assert [front.get(CDR, query)["totalResults"] for query in ("flow=8", "disposition=1", "source=0003*210")] == [
        1,
        1,
        2,
    ]
    assert front.get(CDR, f"destination={OUTSIDE}&saveStartDate=2012-06-27T00:00:00Z")["totalResults"] == 1
    assert front.get(CDR, "startDate=2011-01-01T00:00:00&endDate=2012-01-01")["totalResults"] == 0


def three_calls(front: Front) -> list[str]:
    """From outside to John, between John and Jane, from John to outside; a minute lies between them."""
    ids = []
    for caller, called in ((OUTSIDE, "0003*210"), ("0003*210", "0003*024"), ("0003*210", OUTSIDE)):
        ids.append(front.talk(caller, called))
        end(front, caller)
    return ids


@pytest.mark.uapi("3.5 filters", "1.4 records by id")
@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("filterBy=source&filterValue=210", [1, 2]),
        ("filterBy=source&filterValue=0003*210&sortOrder=descending", [2, 1]),
        ("filterBy=destination&filterOp=inArray&filterValue=024,3235742879", [1, 2]),
        ("filterBy=destination&filterOp=startsWith&filterValue=0003", [0, 1]),
        ("filterBy=destination&filterOp=contains&filterValue=574", [2]),
        ("filterBy=answered&filterOp=present", [0, 1, 2]),
        ("filterBy=answered&filterOp=greaterThan&filterValue=2012-06-27T16:08:50%2B03:00", [1, 2]),
        ("filterBy=published&filterValue=2012-06-27T13:08:50", [0]),
        ("filterBy=published&filterOp=startsWith&filterValue=2012-06-27T13:10", [2]),
        ("source=024", []),
        ("destination=024", [1]),
        ("startIndex=1&count=1&fields=published", [1]),
    ],
)
def test_records_are_looked_for(query: str, places: list[int]) -> None:
    front = Front()
    ids = three_calls(front)
    assert list(front.get(CDR, query)["entry"]) == [ids[place] for place in places]


@pytest.mark.uapi("1.4 records by id", "3.5 statistics")
def test_records_have_their_ids_whatever_fields_are_wanted_and_statistics_count_what_was_found() -> None:
    front = Front()
    ids = three_calls(front)
    found = front.get(CDR, "fields=ownerId&filterBy=source&filterValue=210")
    assert found["entry"] == {ids[1]: {"ownerId": "3"}, ids[2]: {"ownerId": "3"}}
    assert [one["total"] for one in found["PhoneCallStat"]] == [0, 2]


@pytest.mark.uapi("3.5 whose records", "1.2 scope by level")
def test_who_sees_what_and_how_many_are_kept() -> None:
    front = Front()
    for _ in range(7):
        front.talk("0003*210", "0003*024")
        end(front, "0003*210")
    assert front.get(CDR)["totalResults"] == 5
    assert front.get(CDR, account=Account(ANN))["totalResults"] == 0
    assert front.get(f"{CDR}/13/", account=Account(JANE))["totalResults"] == 5
    assert front.get(f"{CDR}/14", account=Account(JOHN, "organization"))["totalResults"] == 0


def test_a_call_among_others_leaves_no_record() -> None:
    front = Front()
    front.talk(OUTSIDE, "3334444")
    end(front, OUTSIDE)
    assert front.get(CDR)["totalResults"] == 0


@pytest.mark.uapi("3.5 codes", "1.3 data of others", "1.7 user_invalid")
@pytest.mark.parametrize(
    ("path", "query", "answer"),
    [
        ("", "startDate=yesterday", (400, "cdr_start_date_invalid")),
        ("", "endDate=x", (400, "cdr_end_date_invalid")),
        ("", "saveStartDate=x", (400, "cdr_save_start_date_invalid")),
        ("", "saveEndDate=x", (400, "cdr_save_end_date_invalid")),
        ("", "startDate=0001-01-01T00:00:00%2B14:00", (400, "cdr_start_date_invalid")),
        ("", "endDate=9999-12-31T23:59:59-14:00", (400, "cdr_end_date_invalid")),
        ("", "startDate=2012-06-02&endDate=2012-06-01", (400, "cdr_invalid_date_parameters")),
        ("", "disposition=6", (400, "cdr_disposition_invalid")),
        ("", "flow=1", (400, "cdr_flow_invalid")),
        ("", "source=John", (400, "cdr_source_invalid")),
        ("", "destination=", (400, "cdr_destination_invalid")),
        ("", "filterBy=source&filterValue=John", (400, "cdr_invalid_filter_by_source")),
        ("", "filterBy=destination&filterValue=1,x", (400, "cdr_invalid_filter_by_destination")),
        ("", "filterBy=published&filterValue=now", (400, "cdr_invalid_filter_by_published")),
        ("", "filterBy=answered&filterOp=lessThan&filterValue=1", (400, "cdr_invalid_filter_by_answered")),
        ("", "filterBy=duration&filterValue=1", (400, "filterby_invalid")),
        ("", "count=0", (400, "count_invalid")),
        ("/99", "", (400, "user_invalid")),
        ("/13", "", (401, "access_denied")),
        ("/12/0003*210", "", (501, "request_not_implemented")),
    ],
)
def test_bad_requests_have_their_codes(path: str, query: str, answer: tuple[int, str]) -> None:
    assert Front().code("GET", CDR + path, query=query, account=Account(JOHN)) == answer


@pytest.mark.uapi("1.7 request_not_implemented")
def test_records_are_read_only() -> None:
    assert Front().code("DELETE", CDR) == (501, "request_not_implemented")
