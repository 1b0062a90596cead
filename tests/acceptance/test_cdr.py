"""Call detail records of the real process, which is killed between any two steps of what they tell of."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.acceptance.person import at_a_browser
from tests.acceptance.server_process import DEMO, PASSWORD, ExchangeProcess
from tests.acceptance.stage import ACCEPTED
from tests.acceptance.test_journal import run
from tests.acceptance.test_killed_server import MortalServer, on_exchange, until, until_one
from tests.acceptance.test_openapi import SEED, try_all

pytestmark = pytest.mark.acceptance

ADMIN = "5900"


class Site:
    """A server of the demo's people, one of whom is an administrator now; ``journal`` is its file."""

    def __init__(self, folder: Path, exchange: ExchangeProcess, things: ExitStack) -> None:
        config = folder / "site.toml"
        text = DEMO.read_text(encoding="utf-8")
        assert text.count('roles = ["agent", "supervisor"]') == 1
        config.write_text(text.replace('"agent", "supervisor"]', '"agent", "supervisor", "admin"]'), encoding="utf-8")
        self.journal = folder / "journal.db"
        self.server = MortalServer(folder, on_exchange(exchange), config)
        self.lab = things.enter_context(exchange.client())
        self._things = things

    def client(self, number: str) -> httpx.Client:
        return self._things.enter_context(self.server.client(number))

    def do(self, number: str, action: str, **fields: str) -> None:
        assert self.lab.post(f"/lab/v1/phones/{number}", json={"do": action, **fields}).status_code == 200

    def records(self, **query: str) -> list[dict[str, Any]]:
        with self.server.client(ADMIN) as admin:
            answer = admin.get("/cdr", params=query)
            assert answer.status_code == 200, answer.text
            return list(answer.json()["records"])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    exchange = ExchangeProcess(tmp_path / "exchange.log")
    with ExitStack() as things:
        things.callback(exchange.close)
        site = Site(tmp_path, exchange, things)
        try:
            yield site
        except BaseException:
            site.server.kill()
            raise
        site.server.close()


def transferred(site: Site) -> str:
    """5000 calls 5005, who consults 5001 and completes; the server is killed after each step. The first call's id."""
    agent, again = site.client("5005"), site.server.kill_and_start_again
    site.do("5000", "dial", to="5005")
    first = until_one(agent, state="Ringing")["id"]
    again()
    assert agent.post(f"/api/v2/me/calls/{first}", json={"operationName": "Answer"}).json() == ACCEPTED
    until_one(agent, state="Established")
    again()
    body = {"operationName": "InitiateTransfer", "destination": {"phoneNumber": "5001"}}
    assert agent.post(f"/api/v2/me/calls/{first}", json=body).json() == ACCEPTED
    consult = until(lambda: [one for one in calls(agent) if one["callType"] == "Consult"])[0]["id"]
    again()
    site.do("5001", "answer")
    until(lambda: [one for one in calls(agent) if one["id"] == consult and one["state"] == "Established"])
    again()
    assert agent.post(f"/api/v2/me/calls/{consult}", json={"operationName": "CompleteTransfer"}).json() == ACCEPTED
    site.server.kill_and_start_again()
    until(lambda: not calls(agent))
    site.do("5001", "hangup")
    until(lambda: len(site.records()) == 4)
    again()
    return str(first)


def calls(agent: httpx.Client) -> list[dict[str, Any]]:
    return list(agent.get("/api/v2/me/calls?fields=*").json()["calls"])


def test_a_killed_server_records_each_leg_and_each_transfer_once(site: Site) -> None:
    thread = transferred(site)
    found = site.records(call=thread)
    assert {one["thread"] for one in found} == {thread}
    (transfer,) = (one for one in found if one["record"] == "transfer")
    assert (transfer["kind"], transfer["by"], transfer["whom"]) == ("TwoStepTransfer", "5005", ["5000"])
    assert (transfer["to"], transfer["reached"], transfer["result"]) == ("5001", "5001", "Completed")
    segments = {one["phoneNumber"]: one for one in found if one["record"] == "segment"}
    assert {number: one["way"] for number, one in segments.items()} == {
        "5000": "Dialled",
        "5005": "Called",
        "5001": "Consulted",
    }
    assert all(one["answered"] and one["talkSeconds"] > 0 for one in segments.values())
    assert segments["5001"]["endedByTelephone"]
    exported = run("export", site.journal, "--kind", "segment", "--kind", "transfer")
    assert [json.loads(line)["body"] for line in exported.stdout.splitlines()] == found


def test_who_may_have_them_and_as_what(site: Site) -> None:
    site.do("5000", "dial", to="5005")
    until_one(site.client("5005"), state="Ringing")
    site.do("5000", "hangup")
    first, second = until(site.records)
    assert [one["phoneNumber"] for one in site.records(order="newest")] == [second["phoneNumber"], first["phoneNumber"]]
    with httpx.Client(base_url=site.server.url, trust_env=False) as anybody:
        assert anybody.get("/cdr").status_code == 401
        assert anybody.get("/cdr", auth=("5005", PASSWORD)).status_code == 403
        assert anybody.get("/cdr", auth=(ADMIN, PASSWORD), params={"limit": "0"}).json()["parameter"] == "limit"
        page = anybody.get("/cdr", auth=(ADMIN, PASSWORD), params={"limit": "1"})
        following = page.links["next"]["url"]
        (after,) = anybody.get(following, auth=(ADMIN, PASSWORD)).json()["records"]
        assert after == second
        text = anybody.get("/cdr", auth=(ADMIN, PASSWORD), headers={"accept": "text/csv"}).text
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [(row["phoneNumber"], row["way"]) for row in rows] == [
            (one["phoneNumber"], one["way"]) for one in (first, second)
        ]
        form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "cordboard"}
        token = anybody.post("/oauth/token.php", data=form).json()["access_token"]
        assert anybody.get("/cdr", headers={"authorization": f"Bearer {token}"}).status_code == 403


def test_a_person_reads_what_became_of_a_call(site: Site) -> None:
    """By keyboard and by ear, in a narrow window as well."""
    site.do("5000", "dial", to="5005")
    until_one(site.client("5005"), state="Ringing")
    site.do("5000", "hangup")
    thread = until(site.records)[0]["thread"]
    with at_a_browser() as person:
        person.open(site.server.url.replace("://", f"://{ADMIN}:{PASSWORD}@") + "/cdr")
        assert person.hears[0] == ("heading", "Call detail records")
        assert ("link", f"Thread {thread}") in person.hears
        assert person.faults() == []
        assert person.faults(width=320) == []
        person.press("Tab")
        assert person.focus[:2] == ("textbox", "Number")
        person.type("5006")
        person.enter()
        assert ("heading", "Nothing was found") in person.hears
        person.open(f"{site.server.url}/cdr?limit=none")
        assert [name for role, name in person.hears if role == "alert"] != []
        assert person.faults() == []


def test_whatever_is_asked_is_answered_as_the_document_says(site: Site) -> None:
    site.do("5000", "dial", to="9999")
    until(site.records)
    basic = next(httpx.BasicAuth(ADMIN, PASSWORD).auth_flow(httpx.Request("GET", site.server.url))).headers
    assert (
        try_all(f"{site.server.url}/openapi/cdr.json", SEED, lambda: ({}, {"Authorization": basic["authorization"]}))
        == 1
    )
