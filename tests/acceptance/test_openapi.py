"""The OpenAPI documents against the real process: whatever they permit, and what they don't, is answered as declared.

Schemathesis makes the requests out of the documents that the process serves: some as they should be, some with one
thing wrong. In half of them ids and numbers are those of this site, so that not everything ends at "there is no such
thing".
The seed is printed; CORDBOARD_OPENAPI_SEED=random tries others, a number repeats a run.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.acceptance.server_process import PASSWORD, ServerProcess

pytestmark = pytest.mark.acceptance

CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]
EXAMPLES = {GenerationMode.POSITIVE: 10, GenerationMode.NEGATIVE: 5}
"""Requests for each operation of a document."""

NOBODY = "http://127.0.0.1:9/"
"""Where webhooks go: what is made up might be somebody's address."""

Known: TypeAlias = "Mapping[str, list[str]]"
"""Values of this site, by the names of parameters and members."""


SEED = 20_261_121
"""The same everywhere, so that whoever changes something else is not stopped by luck."""


@pytest.fixture(scope="module")
def seeded() -> int:
    asked = os.environ.get("CORDBOARD_OPENAPI_SEED", str(SEED))
    return random.randrange(2**32) if asked == "random" else int(asked)


class Site:
    """Two people who talk, and the ids that there are."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self.http = server.client()
        self.gws = server.client("5007")

    def talk(self, caller: str, called: str) -> None:
        """They talk, unless one of them was told something that keeps them from it."""
        for number, body in ((caller, {"do": "dial", "to": called}), (called, {"do": "answer"})):
            self.http.post(f"/lab/v1/phones/{number}", json=body)

    def ids(self) -> Known:
        me = self.gws.get("/api/v2/me?subresources=devices,calls").json()["user"]
        found = [me["id"], "voice", "api-voice", *(one["id"] for one in (*me["devices"], *me["calls"]))]
        return {"id": found, "phoneNumber": ["5006", "5008"], "consultCallUri": found, "targetDeviceUri": found}

    def token(self) -> str:
        form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "cordboard"}
        answer = self.http.post("/oauth/token.php", data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def uapi_ids(self, headers: Mapping[str, str]) -> Known:
        entry = self.http.get("/uapi/phoneCalls/@me/@self", headers=dict(headers)).json()["entry"]
        events = self.http.get("/uapi/extensions/@me/0003*210/phoneCallEvents", headers=dict(headers)).json()["entry"]
        numbers = ["0003*210", "024", "5008", "3235742879"]
        return {
            "userId": ["@me", "@owner", "12"],
            "extension": ["210", "0003*210", "@self", "0003*300"],
            "agentId": ["0003*024", "5000", "none"],
            "phoneCallId": [one["id"] for one in entry] or ["none"],
            "eventType": ["0", "1"],
            "eventId": [one["id"] for one in events] or ["none"],
            "phoneCallViewId": ["00", "01", ""],
            **dict.fromkeys(("sendCallTo", "transferFromNumber", "transferNumber", "source", "destination"), numbers),
        }


@pytest.fixture(scope="module")
def site(server: ServerProcess) -> Iterator[Site]:
    site = Site(server)
    yield site
    site.http.close()
    site.gws.close()


def _settle(value: Any, known: Known, draw: Callable[[list[str]], str]) -> Any:
    """The same with values of this site where there are any."""
    match value:
        case dict():
            return {
                name: draw(known[name]) if name in known and isinstance(inner, str) else _settle(inner, known, draw)
                for name, inner in value.items()
            }
        case list():
            return [_settle(inner, known, draw) for inner in value]
        case _:
            return value


def _harmless(body: Any) -> Any:
    """The same with nobody's address in it."""
    is_address = isinstance(body, dict) and isinstance(body.get("url"), str) and body["url"].startswith("http")
    return {**body, "url": NOBODY} if is_address else body


def _try(operation: Any, mode: GenerationMode, number: int, known: Known, headers: dict[str, str]) -> None:
    """Requests for one operation, until one is answered otherwise than declared."""
    session = requests.Session()
    session.trust_env = False

    @seed(number)
    @settings(
        max_examples=EXAMPLES[mode],
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode), st.booleans(), st.randoms(use_true_random=False))
    def tried(case: Case, at_home: bool, luck: random.Random) -> None:
        if at_home and case.path_parameters:
            case.path_parameters = _settle(case.path_parameters, known, luck.choice)
        if at_home:
            case.body = _settle(case.body, known, luck.choice)
        case.body = _harmless(case.body)
        response = case.call(session=session, headers=headers, timeout=20)
        assert response.status_code != 500, response.text
        case.validate_response(response, checks=CHECKS)

    with session:
        tried()


def _has_what_may_be_wrong(operation: Any) -> bool:
    """In the others there is only the path, and a path with something wrong is another path."""
    return bool(len(operation.query) or len(operation.body))


def try_all(url: str, number: int, before: Callable[[], tuple[Known, dict[str, str]]]) -> int:
    """Both modes for all operations of a document; how many there were."""
    sys.stdout.write(f"CORDBOARD_OPENAPI_SEED={number}\n")
    schema = schemathesis.openapi.from_url(url)
    schema.config.generation.update(with_security_parameters=False)
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:
        known, headers = before()
        for mode in GenerationMode:
            if mode is GenerationMode.POSITIVE or _has_what_may_be_wrong(operation):
                _try(operation, mode, number, known, headers)
    return len(operations)


@pytest.mark.parametrize("who", ["5007", "5900"])
def test_web_services(site: Site, seeded: int, who: str) -> None:
    basic = httpx.BasicAuth(who, PASSWORD)
    headers = dict(next(basic.auth_flow(httpx.Request("GET", "http://h"))).headers)

    def before() -> tuple[Known, dict[str, str]]:
        site.talk("5006", "5007")
        return site.ids(), {"Authorization": headers["authorization"]}

    assert try_all(f"{site.server.url}/openapi/gws-v2.json", seeded, before) > 30


def test_the_unifiedapi(site: Site, seeded: int) -> None:
    headers = {"Authorization": f"Bearer {site.token()}"}

    def before() -> tuple[Known, dict[str, str]]:
        site.talk("0003*024", "0003*210")
        return site.uapi_ids(headers), headers

    assert try_all(f"{site.server.url}/openapi/uapi.json", seeded, before) > 15


def test_without_credentials(site: Site) -> None:
    """The refusals are declared, too, for every operation; the documents themselves are for everybody."""
    for path in ("/openapi/gws-v2.json", "/openapi/uapi.json"):
        document = site.http.get(path).json()
        for operations in document["paths"].values():
            assert all("403" in operation["responses"] for operation in operations.values())
    page = site.http.get("/openapi")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
