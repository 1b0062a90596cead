"""``GET /metrics``: what this server counts, in the text format of Prometheus (docs/metrics.md).

Numbers are counted where things happen (``tally``, and whoever else has some) and read when somebody asks, so whoever
works pays for an addition. Each family is told even while it has no value. Labels have few values, always.
Deliberately absent: who may ask (``metrics_door``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol, TypeAlias

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from cordboard import __version__
from cordboard.bayeux.broker import Broker
from cordboard.calls.ledger import Ledger
from cordboard.journal.failures import Cause, Trouble
from cordboard.journal.figures import Durations, Figures
from cordboard.server.tally import OTHER, Requests, Switching
from cordboard.server.webhooks import Webhooks

Samples: TypeAlias = "Iterable[tuple[tuple[str, ...], float]]"
"""Values of labels, and the number that belongs to them."""


class Watched(Protocol):
    """A journal that can say how it is doing (``journal.sqlite``)."""

    def figures(self) -> Figures: ...


def registry(*collectors: Collector) -> CollectorRegistry:
    """These, and what the library knows of the process itself."""
    found = CollectorRegistry(auto_describe=False)
    for process in (ProcessCollector, PlatformCollector, GCCollector):
        process(registry=found)
    for collector in collectors:
        found.register(collector)
    return found


class OfCalls(Collector):
    """Calls, operations, and the switch."""

    def __init__(self, ledger: Ledger, switching: Switching, kind: str) -> None:
        self._ledger = ledger
        self._switching = switching
        self._kind = kind

    def collect(self) -> Iterator[Metric]:
        ledger, switching = self._ledger, self._switching
        yield _gauge(
            "build_info", "1; the version is a label.", ("version", "switch"), [((__version__, self._kind), 1)]
        )
        yield _one("calls", "Calls in progress: one for each number that takes part.", len(ledger.calls))
        yield _one("conversations", "Conversations in progress.", len(ledger.conversations))
        yield _one("legs", "Connections of devices at the switch.", len(ledger.legs))
        yield _one("operations_under_way", "Operations on calls that wait for the switch.", len(ledger.busy))
        yield _one("orders_under_way", "Orders that the switch has not answered.", len(ledger.waiting))
        yield _one("parked_calls", "Parties who wait in a parking lot.", len(ledger.slots))
        yield _one("recordings_under_way", "Recordings and messages that are being made.", len(ledger.tapes))
        sent = [((name,), count) for name, count in switching.sent.items()]
        yield _counter("switch_orders", "Orders that were given to the switch.", ("order",), sent)
        yield _total("switch_orders_failed", "Orders that the switch said to have failed.", switching.failed)
        yield _total("switch_orders_overdue", "Orders that it did not answer in time.", ledger.overdue)
        yield _one("switch_link_up", "Whether the link to the switch is there: 1 or 0.", bool(ledger.switch))
        yield _total("switch_link_lost", "How often the link to the switch was lost.", switching.lost)


class OfRequests(Collector):
    """Requests, by API."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def collect(self) -> Iterator[Metric]:
        answered = [
            ((one.api, one.operation, str(one.status), one.code), count)
            for one, count in self._requests.answered().items()
        ]
        labels = ("api", "operation", "status", "code")
        yield _counter("requests", "Requests that were answered.", labels, answered)
        help_ = "From the last byte of a request to its answer."
        yield _histogram("request_duration_seconds", help_, ("api", "operation"), self._requests.took().items())


class OfNotifications(Collector):
    """What was told, and who listens."""

    def __init__(self, told: Mapping[str, int], broker: Broker) -> None:
        self._told = told
        self._broker = broker

    def collect(self) -> Iterator[Metric]:
        found = self._broker.figures()
        told = [((channel,), count) for channel, count in self._told.items()]
        yield _counter("notifications", "Notifications that were told, whoever heard them.", ("channel",), told)
        yield _one("bayeux_sessions", "Notification sessions that are alive.", found.alive)
        yield _total("bayeux_sessions_begun", "Notification sessions that have begun.", found.begun)
        ended = [((why.name.lower(),), count) for why, count in found.ended.items()]
        help_ = "Notification sessions that have ended; overflowed: their queues were full."
        yield _counter("bayeux_sessions_ended", help_, ("reason",), ended)
        help_ = "Messages of all sessions that are not known to have arrived."
        yield _one("bayeux_queued_messages", help_, found.queued)


class OfJournal(Collector):
    """What is written down. Without a journal there is nothing to tell."""

    def __init__(self, journal: Watched | None, trouble: Callable[[], str] = str) -> None:
        self._journal = journal
        self._trouble = trouble

    def collect(self) -> Iterator[Metric]:
        journal = self._journal
        figures = journal.figures() if journal is not None else None
        why = self._trouble()
        cause = why.cause.value if isinstance(why, Trouble) else OTHER
        causes = [one.value for one in Cause] if journal is not None else []
        trouble = [((name,), float(bool(why) and name == cause)) for name in causes]
        help_ = "Whether nothing can be written, for this reason: 1 or 0."
        yield _gauge("journal_trouble", help_, ("reason",), trouble)
        help_ = "Lines that were appended."
        yield _counter("journal_lines_appended", help_, (), _value(figures and figures.appended))
        help_ = "Lines that are durable."
        yield _counter("journal_lines_durable", help_, (), _value(figures and figures.durable))
        help_ = "Lines that a start would have to read, as rows are not in order behind them."
        yield _gauge("journal_unfolded_lines", help_, (), _value(figures and figures.unfolded))
        help_ = "What is appended and not durable, about."
        yield _gauge("journal_waiting_bytes", help_, (), _value(figures and figures.waiting_bytes))
        help_ = "The file and its write-ahead log."
        yield _gauge("journal_file_bytes", help_, (), _value(figures and figures.file_bytes))
        commits = [((), figures.commits)] if figures is not None else []
        yield _histogram("journal_commit_duration_seconds", "How long commits took that were made.", (), commits)


class OfWebhooks(Collector):
    """Webhooks. Without the UnifiedAPI there are none."""

    def __init__(self, webhooks: Webhooks | None) -> None:
        self._webhooks = webhooks

    def collect(self) -> Iterator[Metric]:
        hooks = self._webhooks.figures() if self._webhooks is not None else None
        yield _gauge("webhooks_queued", "Webhooks that wait to be delivered.", (), _value(hooks and hooks.queued))
        help_ = "Webhooks that were delivered."
        yield _counter("webhooks_delivered", help_, (), _value(hooks and hooks.delivered))
        help_ = "Tries to deliver one that failed."
        yield _counter("webhooks_failed", help_, (), _value(hooks and hooks.failed))
        help_ = "Webhooks that were given up, after too many tries or as too many waited."
        yield _counter("webhooks_given_up", help_, (), _value(hooks and hooks.given_up))


# -- families ----------------------------------------------------------------------------------------------------------

_PREFIX = "cordboard_"


def _value(value: float | None) -> Samples:
    return [] if value is None else [((), value)]


def _one(name: str, documentation: str, value: float) -> Metric:
    return _gauge(name, documentation, (), [((), value)])


def _total(name: str, documentation: str, value: float) -> Metric:
    return _counter(name, documentation, (), [((), value)])


def _gauge(name: str, documentation: str, labels: tuple[str, ...], samples: Samples) -> Metric:
    family = GaugeMetricFamily(_PREFIX + name, documentation, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _counter(name: str, documentation: str, labels: tuple[str, ...], samples: Samples) -> Metric:
    family = CounterMetricFamily(_PREFIX + name, documentation, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _histogram(
    name: str, documentation: str, labels: tuple[str, ...], found: Iterable[tuple[tuple[str, ...], Durations]]
) -> Metric:
    family = HistogramMetricFamily(_PREFIX + name, documentation, labels=labels)
    for values, durations in found:
        family.add_metric(values, list(_buckets(durations)), durations.sum_s)
    return family


def _buckets(durations: Durations) -> Iterator[tuple[str, float]]:
    """As the format wants them: each counts those before it, too."""
    count = 0
    for bound, more in zip([*map(str, durations.bounds), "+Inf"], durations.counts, strict=True):
        count += more
        yield bound, count
