"""``/metrics`` of the real process: all that the page promises, nothing else, and what happens shows in it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from tests.acceptance.server_process import ServerProcess, serving
from tests.acceptance.stage import Lab

pytestmark = pytest.mark.acceptance
PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
_ROW = re.compile(r"^\| `([a-z_]+)` \| (counter|gauge|histogram) \|([^|]*)\| .+ \|$", re.MULTILINE)


def families(server: ServerProcess) -> dict[str, Metric]:
    """By the names under which people find them: those of counters end in ``_total``."""
    with server.client() as anybody:
        answer = anybody.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    found = list(text_string_to_metric_families(answer.text))
    return {family.name + ("_total" if family.type == "counter" else ""): family for family in found}


def value(found: dict[str, Metric], name: str, **labels: str) -> float:
    samples = (one for one in found[name].samples if one.name == name and labels.items() <= one.labels.items())
    return sum(sample.value for sample in samples)


def test_the_page_names_them_all(log: Path) -> None:
    rows = {name: (kind, labels) for name, kind, labels in _ROW.findall(PAGE.read_text("utf-8"))}
    if sys.platform != "linux":
        rows = {name: row for name, row in rows.items() if not name.startswith("process_")}
    with serving(log) as server:
        with server.client() as anybody:
            Lab(anybody).do("5000", "dial", to="5005")
        found = families(server)
    assert {name: family.type for name, family in found.items()} == {name: kind for name, (kind, _) in rows.items()}
    for name, (_, labels) in rows.items():
        documented = set(re.findall(r"`([a-z]+)`", labels))
        for sample in found[name].samples:
            assert set(sample.labels) - {"le"} == documented, name


def test_what_happens_shows(log: Path) -> None:
    with serving(log) as server:
        before = families(server)
        assert (value(before, "cordboard_calls"), value(before, "cordboard_switch_link_up")) == (0, 1)
        with server.client() as anybody, server.client("5005") as agent:
            Lab(anybody).do("5000", "dial", to="5005")
            call = agent.get("/api/v2/me/calls", params={"fields": "*"}).json()["calls"][0]
            agent.post(f"/api/v2/me/calls/{call['id']}", json={"operationName": "Answer"})
            agent.post(f"/api/v2/me/calls/{call['id']}", json={"operationName": "Sing"})
            anybody.get("/api/v2/me")
            Lab(anybody).fault(switch="down")
        found = families(server)
    requests = "cordboard_requests_total"
    assert value(found, requests, api="gws", operation="read", code="0") == 1
    assert value(found, requests, operation="Answer", status="200") == 1
    assert value(found, requests, operation="other", status="400", code="2") == 1
    assert value(found, requests, operation="other", status="403", code="20") == 1
    assert value(found, "cordboard_switch_orders_total", order="AnswerLeg") == 1
    assert value(found, "cordboard_calls") == 2
    assert (value(found, "cordboard_switch_link_up"), value(found, "cordboard_switch_link_lost_total")) == (0, 1)
    assert value(found, "cordboard_journal_lines_durable_total") > 5
    assert value(found, "cordboard_journal_file_bytes") > 4_096


def test_it_can_be_turned_off_and_kept_from_others(log: Path) -> None:
    with serving(log, {"CORDBOARD_METRICS__CLIENTS": "10.0.0.0/8"}) as server, server.client() as anybody:
        assert anybody.get("/metrics").status_code == 403
    with serving(log, {"CORDBOARD_METRICS__ENABLED": "false"}) as server, server.client() as anybody:
        assert anybody.get("/metrics").status_code == 404
