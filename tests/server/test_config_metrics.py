"""``[metrics]``: networks are networks."""

from __future__ import annotations

from cordboard.server.config_metrics import Metrics, check_metrics
from cordboard.server.config_reading import Reader


def test_the_machine_itself_by_default() -> None:
    reader = Reader("f.toml", {})
    check_metrics(reader, Metrics())
    assert reader.mistakes == []
    assert Metrics() == Metrics(enabled=True, clients=("127.0.0.0/8", "::1/128"))


def test_what_is_no_network_is_a_mistake() -> None:
    reader = Reader("f.toml", {})
    check_metrics(reader, Metrics(clients=("10.1.2.3", "10.1.2.3/8", "monitor.example.org")))
    assert [(one.key, one.found) for one in reader.mistakes] == [
        ("metrics.clients", '"10.1.2.3/8"'),
        ("metrics.clients", '"monitor.example.org"'),
    ]
