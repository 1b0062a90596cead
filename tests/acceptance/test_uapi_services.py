"""What clients in the field do besides calls: tokens, agents of queues, presence, records, faxes, messages.

The forms are those of the vendor's samples of 2015 (no slash at the end, content type on every request) and of its
client of 2026 (a slash at the end, redirects not followed, every answer parsed as JSON), written anew
(voipnow-uapi §0, §6).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.acceptance.server_process import DEMO, PASSWORD, ServerProcess, serving
from tests.acceptance.stage import Stage
from tests.acceptance.uapi_app import App

pytestmark = pytest.mark.acceptance

QUEUE = "/uapi/extensions/@me/0003*300/queue/agents"


MORE = """
[[tenants]]
id = "4"
name = "Another Organization"
prefix = "0004"

[[users]]
name = "0004*100"
password = "cordboard"
number = "0004*100"
tenant = "4"

[[apps]]
client_id = "own"
client_secret = "cordboard"
user = "12"

[[apps]]
client_id = "all"
client_secret = "cordboard"
user = "12"
level = "administrator"
"""
"""Another organisation, and an app of each other level."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The demo, with an app that reaches all of its organisation."""
    folder = tmp_path_factory.mktemp("server")
    config = folder / "demo.toml"
    demo = DEMO.read_text("utf-8")
    config.write_text(demo.replace('name = "Demo app"', 'name = "Demo app"\nlevel = "organization"') + MORE, "utf-8")
    with serving(folder / "log", config=config) as server:
        yield server


@pytest.fixture
def app(server: ServerProcess) -> Iterator[App]:
    made = App(server)
    yield made
    made.lab.reset()
    made.http.close()


class Client2026:
    """Keeps its token until it is told 403, then gets another one and asks again; any 2xx must be JSON."""

    def __init__(self, server: ServerProcess) -> None:
        self._http = httpx.Client(base_url=server.url, follow_redirects=False)
        self.token = "none-yet"
        self.tokens = 0

    def get_token(self) -> None:
        form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": PASSWORD}
        answer = self._http.post("/oauth/token.php", data={**form, "redirect_uri": "", "type": "unifiedapi"})
        self.token = answer.json()["access_token"]
        self.tokens += 1

    def ask(self, method: str, path: str, body: object = None, **query: str) -> Any:
        answer = self._ask(method, path, body, query)
        if answer.status_code == 403:
            assert set(answer.json()["error"]) == {"code", "message"}
            self.get_token()
            answer = self._ask(method, path, body, query)
        assert 200 <= answer.status_code < 300, answer.text
        return answer.json()

    def _ask(self, method: str, path: str, body: object, query: dict[str, str]) -> httpx.Response:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        return self._http.request(method, path, json=body, params=query or None, headers=headers)

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def client(server: ServerProcess) -> Iterator[Client2026]:
    client = Client2026(server)
    yield client
    client.close()


@pytest.mark.uapi("1.3 another token", "1.3 403 or 401", "1.2 last slash")
def test_a_client_without_a_good_token_gets_another_and_goes_on(client: Client2026) -> None:
    assert client.ask("GET", "/uapi/phoneCalls/@me/@self/", count="4999")["totalResults"] == 0
    assert client.tokens == 1
    client.token = "expired-meanwhile"
    assert client.ask("GET", "/uapi/extensions/@me/0003*210/presence/")["entry"][0]["status"] == "1"
    assert client.tokens == 2


@pytest.mark.uapi("1.2 last slash", "1.4 envelope")
def test_a_call_through_all_that_the_client_of_2026_can_do(app: App, client: Client2026) -> None:
    """Numbers as texts, all optional members, a slash at the end of every path, every answer JSON; it ends by polling
    until ``totalResults`` is 0 (voipnow-uapi §0, §6)."""
    view = {"source": ["0003*210"], "destination": ["0003*024"], "callerId": "John Doe <0003*210>"}
    body = {"extension": "0003*210", "phoneCallView": [{**view, "callerDestination": "Jo <123>"}], "nonce": "NzE0OTk"}
    begun = client.ask("POST", "/uapi/phoneCalls/@me/simple/", body, waitForPickup="25", allowPublicTransfer="true")
    (call,) = begun
    assert call["nonce"] == "NzE0OTk"
    own = f"/uapi/phoneCalls/@me/@self/{call['id']}/"

    def views() -> dict[str, Any]:
        listed = client.ask("GET", own, count="20", startIndex="0")
        return {view["extension"]: view for one in listed["entry"] for view in one["phoneCallView"]}

    def until(**statuses: str) -> None:
        wanted = {f"0003*{number[1:]}": status for number, status in statuses.items()}
        app.until_true(lambda: {number: view["status"] for number, view in views().items()} == wanted, str(wanted))

    until(x210="4", x024="3")
    app.lab.do("0003*024", "answer")
    until(x210="5", x024="5")
    jane = {"phoneCallViewId": views()["0003*024"]["id"]}
    sent = {"sendCallTo": "0003*210", "callerId": "Jim <0003*001>", "waitForPickup": "25"}
    held = client.ask("PUT", own, {"action": "OnHold", **jane})
    assert [one.get("holder") for one in held["phoneCallView"]] == [1, 0]
    client.ask("PUT", own, {"action": "OffHold", **jane})
    parked = client.ask("PUT", own, {"action": "Park", **jane, "maxInParking": 180})
    assert [one["id"] for one in parked] == [call["id"]]
    until(x024="5")
    jane = {"phoneCallViewId": views()["0003*024"]["id"]}
    client.ask("PUT", own, {"action": "UnPark", **jane, **sent})
    until(x210="5", x024="5")
    client.ask("PUT", own, {"action": "Whisper", **jane, **sent, "sendCallTo": "5900", "private": "0"})
    app.until_true(lambda: "5900" in views(), "the whisperer")
    client.ask("DELETE", f"/uapi/phoneCalls/@owner/5900/{call['id']}/")
    away = {"action": "Transfer", "transferFromNumber": "0003*024", "sendCallTo": "3235742879"}
    assert client.ask("PUT", own, {**away, "transferNumber": "0003*210"})["id"] == call["id"]
    app.lab.do("3235742879", "answer")
    until(x210="5")
    assert [one["id"] for one in client.ask("DELETE", own)] == [call["id"]]
    app.until_true(lambda: client.ask("GET", own)["totalResults"] == 0, "the end")


def test_samples_of_2015_that_record_and_park(app: App) -> None:
    """No slash at the end, the call by ``@me/@self`` and its id, no member that is not needed."""
    app.lab.do("5003", "dial", to="5002")
    app.lab.do("5002", "answer")
    call = app.call("GET", "/uapi/phoneCalls/@owner/5002")["entry"][0]
    own = f"/uapi/phoneCalls/@me/@self/{call['id']}"
    view_id = next(view["id"] for view in call["phoneCallView"] if view["extension"] == "5002")
    view = {"phoneCallViewId": view_id}
    recorded = app.call("PUT", own, {"action": "StartRecording", "format": "wav", **view})
    assert {view["extension"]: "recording" in view for view in recorded["phoneCallView"]} == {
        "5002": True,
        "5003": True,
    }
    stopped = app.call("PUT", own, {"action": "StopRecording", **view})
    assert not any("recording" in view for view in stopped["phoneCallView"])
    (parked,) = app.call("PUT", f"/uapi/phoneCalls/@me/5002/{call['id']}", {"action": "Park", **view})
    assert [(view["extension"], view["parkedBy"]) for view in parked["phoneCallView"]] == [("5002", "5003")]


@pytest.mark.uapi("3.4 agents are listed", "3.4 status changes", "3.4 one set of agents", "3.4 agent resource")
def test_an_agent_is_logged_in_and_its_desktop_told(app: App, stage: Stage) -> None:
    """The sample of 2015 that logs an agent in, and what a Genesys desktop of that agent sees of it."""
    stage.enter("5001", channels=("/v2/me/devices",))
    agent = app.call("PUT", f"{QUEUE}/5001", {"status": "1"})
    assert (agent["agentNumber"], agent["status"]) == ("5001", "1")
    states = [stage.agents["5001"].desktop.message()["data"]["devices"][0]["userState"]["state"] for _ in range(2)]
    assert states == ["LoggedIn", "Ready"]
    assert app.call("GET", agent["links"]["self"])["entry"] == [agent]
    stage.agents["5001"].post("/me", operationName="NotReady")
    assert stage.agents["5001"].desktop.message()["data"]["devices"][0]["userState"]["state"] == "NotReady"
    paused = app.call("GET", f"{QUEUE}/?filterBy=status&filterValue=2&count=20&startIndex=0")["entry"]
    assert [one["agentNumber"] for one in paused] == ["5001"]
    assert app.call("PUT", f"{QUEUE}/5001/", {"status": "0"})["status"] == "0"
    assert stage.agents["5001"].desktop.message()["data"]["devices"][0]["userState"]["state"] == "LoggedOut"


@pytest.mark.uapi("3.3 presence", "3.3 whose presence")
def test_presence_follows_calls(app: App, client: Client2026) -> None:
    """The sample of 2015 that lists registrations, and the client of 2026 for all extensions."""
    app.lab.do("0003*210", "dial", to="0003*024")

    def status(number: str) -> str:
        (row,) = app.call("GET", f"/uapi/extensions/@me/{number}/presence")["entry"]
        return str(row["status"])

    app.until_true(lambda: (status("0003*210"), status("0003*024")) == ("3", "2"), "busy and ringing")
    query = {"filterBy": "extension", "filterOp": "inArray", "filterValue": "0003*024,5000", "sortOrder": "descending"}
    rows = client.ask("GET", "/uapi/extensions/@me/@self/presence/", count="20", startIndex="0", **query)["entry"]
    assert [(row["extension"], row["status"]) for row in rows] == [("5000", "1"), ("0003*024", "2")]
    assert rows[0]["registration"][0]["registration"] == "2"


@pytest.mark.uapi("3.5 page by page", "1.4 paging", "1.4 records by id", "3.5 whose records", "3.5 filters")
def test_records_are_read_page_by_page(app: App, client: Client2026) -> None:
    ids = []
    for caller in ("5006", "5007", "5006", "5007", "5006"):
        app.lab.do(caller, "dial", to="5008")
        app.lab.do("5008", "answer")
        ids += [row["id"] for row in app.call("GET", "/uapi/phoneCalls/@owner/5008")["entry"]]
        app.lab.do(caller, "hangup")
        app.until_idle("5008")
    found: dict[str, Any] = {}
    page = client.ask("GET", "/uapi/cdr/", destination="5008", count="2", sortOrder="ascending")
    pages = 1
    while True:
        assert isinstance(page["entry"], dict)
        found |= page["entry"]
        if "next" not in page.get("paging", {}):
            break
        page, pages = client.ask("GET", page["paging"]["next"]), pages + 1
    assert (pages, page["totalResults"], set(found)) == (3, 5, set(ids))
    view = found[ids[0]]["phoneCallView"][0]
    assert (view["source"], view["destination"], view["flow"], view["disposition"]) == (["5006"], ["5008"], 2, 0)
    for query in ({"source": "5007"}, {"filterBy": "source", "filterValue": "5007"}):
        assert set(client.ask("GET", "/uapi/cdr/", **query)["entry"]) == {ids[1], ids[3]}
    assert client.ask("GET", "/uapi/cdr/12/", source="5007")["totalResults"] == 0


@pytest.mark.uapi("1.2 scope by level", "1.3 data of others", "3.3 whose presence")
@pytest.mark.parametrize(
    ("client_id", "reached"),
    [("own", {"0003*210"}), ("demo", {"0003*210", "0003*024"}), ("all", {"0003*210", "0003*024", "0004*100"})],
)
def test_an_app_reaches_as_far_as_its_level(server: ServerProcess, client_id: str, reached: set[str]) -> None:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": PASSWORD}
    with httpx.Client(base_url=server.url) as http:
        http.headers["Authorization"] = f"Bearer {http.post('/oauth/token.php', data=form).json()['access_token']}"
        everybody = http.get("/uapi/extensions/@me/@self/presence?count=100").json()["entry"]
        assert {row["extension"] for row in everybody} & {"0003*210", "0003*024", "0004*100"} == reached
        for number in ("0003*210", "0003*024", "0004*100"):
            for path in (f"phoneCalls/@owner/{number}", f"extensions/@owner/{number}/phoneCallEvents"):
                answer = http.get(f"/uapi/{path}")
                if number in reached:
                    assert (answer.status_code, answer.json()["totalResults"]) == (200, 0)
                else:
                    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "access_denied")


@pytest.mark.uapi("1.1 discovery")
def test_services_are_found(server: ServerProcess) -> None:
    with httpx.Client(base_url=server.url) as http:
        front = http.get("/", headers={"Accept": "application/xrds+xml"})
        assert (front.status_code, front.content) == (204, b"")
        found = http.get(front.headers["x-xrds-location"])
        assert found.headers["content-type"] == "application/xrds+xml"
        assert f"<Uri>{server.url}/uapi/cdr/</Uri>" in found.text


@pytest.mark.uapi("3.6 faxes", "1.7 request_not_implemented", "1.7 error body")
def test_what_is_not_there_says_so(app: App) -> None:
    fax = {"files": ("page.pdf", b"%PDF" + b"x" * 300_000), "request": (None, '{"recipients":["3334444"]}')}
    headers = {"Authorization": f"Bearer {app.token}"}
    with httpx.Client(base_url=app.http.base_url, headers=headers) as http:
        answers = [
            http.post("/uapi/faxes/@me/0003*210", files={"request": fax["request"]}),
            http.post("/uapi/faxes/@me/0003*210/", files=fax),
            http.post("/uapi/cache/invalidate"),
            http.get("/uapi/nothing/@me"),
            http.patch("/uapi/cdr"),
        ]
    for answer in answers:
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (501, "request_not_implemented"), answer.text
        assert error["message"]


def test_the_owner_of_a_mailbox_is_told_at_once(app: App, stage: Stage) -> None:
    """docs/voicemail.md"""
    stage.enter("5001", channels=("/v2/me/voicemails",))
    app.lab.do("3334444", "dial", to="0003*210")
    app.lab.do("0003*210", "answer")
    app.until("/uapi/phoneCalls/12/0003*210", ["5"])
    body = {"action": "TransferToVoicemail", "sendCallTo": "5001", "transferNumber": "3334444"}
    app.call("PUT", "/uapi/phoneCalls/12/0003*210", body)
    app.until_idle("0003*210")
    app.lab.do("3334444", "hangup")
    desktop, owner = stage.agents["5001"].desktop, stage.agents["5001"]
    left = desktop.message()["data"]
    assert (left["messageType"], left["notificationType"]) == ("VoicemailStateChangeMessage", "NewMessage")
    assert (left["voicemail"]["caller"], left["newMessages"], left["heardMessages"]) == ("3334444", 1, 0)
    path = f"/api/v2{left['voicemail']['path']}"
    assert owner.client.put(path, json={"heard": True}).json() == {"statusCode": 0}
    marked = desktop.message()["data"]
    assert (marked["notificationType"], marked["newMessages"], marked["heardMessages"]) == ("MessageMarked", 0, 1)
    assert owner.client.delete(path).json() == {"statusCode": 0}
    assert desktop.message()["data"]["notificationType"] == "MessageDeleted"
