"""What outlives the process: a house that is built again over the same journal goes on where the other one was."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from structlog.testing import capture_logs
from tests.server.test_app import DOCUMENT, config

from cordboard.calls.model import CallState
from cordboard.calls.ports import Line
from cordboard.journal.failures import OtherSiteError
from cordboard.journal.memory import MemoryJournal
from cordboard.server import kept
from cordboard.server.app import House
from cordboard.server.config import Config, read
from cordboard.server.config_reading import Mistakes
from cordboard.server.lines import Started

CALL = {"operationName": "Dial", "destination": {"phoneNumber": "5000"}}


def client(house: House) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(house.app)
    return httpx.AsyncClient(base_url="http://here", auth=("5005", "cordboard"), transport=transport)


async def dial(desktop: httpx.AsyncClient) -> None:
    device = (await desktop.get("/api/v2/me?subresources=*")).json()["user"]["devices"][0]["id"]
    answer = await desktop.post(f"/api/v2/me/devices/{device}/calls", json=CALL, headers={"Idempotency-Key": "k"})
    assert answer.json()["statusCode"] == 0, answer.text


async def test_a_call_that_begins_goes_on_and_one_whose_switch_is_gone_is_released() -> None:
    journal = MemoryJournal()
    house = House(config(), journal=journal)
    async with house.open(), client(house) as desktop:
        await house.desk.linked.wait()
        answer = await desktop.post(
            "/api/v2/me", json={"operationName": "StartContactCenterSession", "channels": ["voice"]}
        )
        assert answer.json()["statusCode"] == 0
        for _ in range(2):
            await dial(desktop)
        assert len(house.desk.calls_of("5005")) == 1
    with capture_logs() as logs:
        again = House(config(), journal=journal)
    assert [log["calls"] for log in logs if "calls" in log] == [len(house.desk._board.ledger.calls)]
    ((view),) = again.desk.calls_of("5005")
    assert view.call == house.desk.calls_of("5005")[0].call
    assert view.call.state is CallState.DIALING
    async with again.open(), client(again) as desktop:
        await again.desk.linked.wait()
        await dial(desktop)
        me = (await desktop.get("/api/v2/me?subresources=*")).json()
        assert me["user"]["devices"][0]["userState"]["state"] == "Ready"
        for _ in range(20):
            await asyncio.sleep(0)
    assert [view.call.state for view in again.desk.calls_of("5000")] == [CallState.RINGING]  # it went on
    last = House(config(), journal=journal)
    assert len(last.desk.calls_of("5000")) == 1
    async with last.open():
        await last.desk.linked.wait()
        assert last.desk.calls_of("5000") == last.desk.calls_of("5005") == []
    assert [line.kind for _, line in journal.lines()].count("cdr") == len(list(journal.rows("cdr"))) == 1
    assert list(journal.rows("phone_calls")) == []


async def test_the_first_line_of_a_run_says_what_there_was() -> None:
    journal = MemoryJournal()
    House(config(), journal=journal)
    ((_, line),) = journal.lines()
    started = msgspec.msgpack.decode(line.body, type=Started)
    assert [row.table for row in started.rows] == ["numbers"]
    assert list(journal.rows("numbers"))


def written(folder: Path, **journal: Any) -> Config:
    document = msgspec.json.decode(msgspec.json.encode({**DOCUMENT, "journal": journal}))
    made = read(document, {}, "test", folder)
    assert not isinstance(made, Mistakes), made
    return made


async def test_the_journal_lies_beside_the_configuration(tmp_path: Path) -> None:
    wanted = written(tmp_path)
    with kept.opened(wanted) as journal:
        house = House(wanted, kept.clock(journal), journal)
        async with house.open(), client(house) as desktop:
            await house.desk.linked.wait()
            await dial(desktop)
            assert (await desktop.get("/readyz")).json()["ready"]
            house.book.in_trouble("no space")
    assert (tmp_path / "cordboard.db").is_file()
    with kept.opened(wanted) as journal:
        again = House(wanted, kept.clock(journal), journal)
        assert [view.call.owner for view in again.desk.calls_of("5005")] == ["5005"]
    with pytest.raises(OtherSiteError), kept.opened(written(tmp_path, site="elsewhere")):
        raise AssertionError("it is another site's")


def test_a_journal_in_memory_is_none(tmp_path: Path) -> None:
    with kept.opened(written(tmp_path, path=":memory:")) as journal:
        assert journal is None
    assert list(tmp_path.iterdir()) == []
    assert kept.clock(None).now() > 0.0


def test_numbers_begin_above_those_of_any_journal_before(tmp_path: Path) -> None:
    before = kept.clock(None).wall() * 1000
    with kept.opened(written(tmp_path)) as journal:
        assert journal is not None
        assert before - 1 <= journal.last <= kept.clock(None).wall() * 1000
        assert journal.last < 2**53, "clients have numbers of JavaScript"


def test_a_clock_goes_on_after_what_was_written_down() -> None:
    journal = MemoryJournal()
    ahead = kept.clock(None).now() + 1_000.0
    journal.append([Line("tick", ahead, b"")])
    journal.append([Line("tick", 1.0, b"")])
    assert kept.clock(journal).now() >= ahead


async def test_while_too_much_waits_phones_go_on_without_us_and_then_we_see_what_they_did() -> None:
    house = House(config(), journal=MemoryJournal())
    async with house.open(), client(house) as desktop:
        await house.desk.linked.wait()
        await desktop.post("/lab/v1/phones/5000", json={"do": "dial", "to": "5005"})
        with capture_logs() as logs:
            house.book.overfull(True)
            assert (await desktop.get("/readyz")).status_code == 503
            await desktop.post("/lab/v1/phones/5005", json={"do": "answer"})
            calls = (await desktop.get("/api/v2/me/calls?fields=*")).json()["calls"]
            assert [call["state"] for call in calls] == ["Ringing"]
            refused = await desktop.post(f"/api/v2/me/calls/{calls[0]['id']}", json={"operationName": "Answer"})
            assert (refused.status_code, refused.json()["statusCode"]) == (503, 4)
            house.book.overfull(False)
            for _ in range(20):
                await asyncio.sleep(0)
        assert (await desktop.get("/readyz")).status_code == 200
        calls = (await desktop.get("/api/v2/me/calls?fields=*")).json()["calls"]
        assert [call["state"] for call in calls] == ["Established"]
        assert (await desktop.get("/lab/v1/phones/5000")).json()["hears"] == ["5005"]
    assert "error" in [line["log_level"] for line in logs]
