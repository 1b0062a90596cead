"""What is told when somebody asks, as a reader of the format understands it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from cordboard import __version__
from cordboard.bayeux.registry import Figures as SessionFigures
from cordboard.bayeux.session import Ending
from cordboard.calls.ledger import Ledger
from cordboard.journal.failures import Cause, Trouble
from cordboard.journal.figures import Durations, Figures
from cordboard.server import metrics
from cordboard.server.tally import Requests, Switching
from cordboard.server.webhooks import Figures as HookFigures

Told = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


def told(*collectors: Any) -> Told:
    """Every sample, by name and labels, as it comes out of the text."""
    text = generate_latest(metrics.registry(*collectors)).decode()
    return {
        (sample.name.removeprefix("cordboard_"), tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def values(found: Told) -> dict[str, float]:
    """Those of cordboard without labels."""
    return {name: value for (name, labels), value in found.items() if not labels and not name.startswith("process")}


class Fake:
    """Something that has figures."""

    def __init__(self, figures: Any) -> None:
        self._figures = figures

    def figures(self) -> Any:
        return self._figures


def test_calls_and_the_switch() -> None:
    ledger, switching = Ledger("A", "b"), Switching()
    ledger.write(ledger.switch, "up", True)
    ledger.overdue = 2
    switching.sent["DialLeg"] = 3
    switching.failed = 1
    found = told(metrics.OfCalls(ledger, switching, "virtual"))
    assert found["build_info", (("switch", "virtual"), ("version", __version__))] == 1
    assert found["switch_orders_total", (("order", "DialLeg"),)] == 3
    assert values(found) == {
        **dict.fromkeys(("calls", "conversations", "legs", "parked_calls", "recordings_under_way"), 0),
        "operations_under_way": 0,
        "orders_under_way": 0,
        "switch_orders_failed_total": 1,
        "switch_orders_overdue_total": 2,
        "switch_link_up": 1,
        "switch_link_lost_total": 0,
    }


def test_requests() -> None:
    requests = Requests()
    for seconds in (0.0005, 0.3, 99.0):
        requests.gws("GET", b"", 200, b'{"statusCode":0}', seconds)
    found = told(metrics.OfRequests(requests))
    labels = (("api", "gws"), ("operation", "read"))
    assert found["requests_total", (labels[0], ("code", "0"), labels[1], ("status", "200"))] == 3
    buckets = {
        dict(labels)["le"]: value
        for (name, labels), value in found.items()
        if name == "request_duration_seconds_bucket"
    }
    assert (buckets["0.001"], buckets["0.25"], buckets["0.5"], buckets["10.0"], buckets["+Inf"]) == (1, 1, 2, 2, 3)
    assert found["request_duration_seconds_count", labels] == 3
    assert found["request_duration_seconds_sum", labels] == 99.3005


def test_notifications_and_who_listens() -> None:
    ended = {**dict.fromkeys(Ending, 0), Ending.OVERFLOWED: 4}
    broker: Any = Fake(SessionFigures(5, 9, ended, 7))
    channels = defaultdict(int, {"/v2/me/calls": 12})
    found = told(metrics.OfNotifications(channels, broker))
    assert found["notifications_total", (("channel", "/v2/me/calls"),)] == 12
    assert found["bayeux_sessions_ended_total", (("reason", "overflowed"),)] == 4
    assert found["bayeux_sessions_ended_total", (("reason", "expired"),)] == 0
    assert values(found) == {"bayeux_sessions": 5, "bayeux_sessions_begun_total": 9, "bayeux_queued_messages": 7}


def journal(trouble: str) -> Told:
    commits = Durations()
    commits.add(0.002)
    return told(metrics.OfJournal(Fake(Figures(12, 10, 3, 4_096, 65_536, commits)), lambda: trouble))


def test_a_journal_that_is_well() -> None:
    found = journal("")
    assert {found["journal_trouble", (("reason", cause.value),)] for cause in Cause} == {0}
    assert values(found) == {
        "journal_lines_appended_total": 12,
        "journal_lines_durable_total": 10,
        "journal_unfolded_lines": 3,
        "journal_waiting_bytes": 4_096,
        "journal_file_bytes": 65_536,
        "journal_commit_duration_seconds_count": 1,
        "journal_commit_duration_seconds_sum": 0.002,
    }


def test_a_journal_in_trouble() -> None:
    found = journal(Trouble("a.db: no space left on the disk", Cause.NO_SPACE))
    ones = [labels for (name, labels), value in found.items() if name == "journal_trouble" and value]
    assert ones == [(("reason", "no_space"),)]


def test_webhooks() -> None:
    hooks: Any = Fake(HookFigures(1, 2, 3, 4))
    assert values(told(metrics.OfWebhooks(hooks))) == {
        "webhooks_queued": 1,
        "webhooks_delivered_total": 2,
        "webhooks_failed_total": 3,
        "webhooks_given_up_total": 4,
    }


def test_what_is_not_there_has_a_family_and_no_values() -> None:
    assert values(told(metrics.OfJournal(None), metrics.OfWebhooks(None))) == {}
    text = generate_latest(metrics.registry(metrics.OfJournal(None), metrics.OfWebhooks(None))).decode()
    assert "# TYPE cordboard_journal_trouble gauge" in text
    assert "# TYPE cordboard_webhooks_queued gauge" in text
