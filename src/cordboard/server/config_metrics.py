"""``[metrics]``: whether ``/metrics`` is served, and to whom (docs/metrics.md)."""

from __future__ import annotations

from ipaddress import ip_network

import msgspec

from cordboard.server.config_reading import Reader


class Metrics(msgspec.Struct, frozen=True):
    """``[metrics]``. ``clients`` are the networks that may ask."""

    enabled: bool = True
    clients: tuple[str, ...] = ("127.0.0.0/8", "::1/128")


def check_metrics(reader: Reader, metrics: Metrics) -> None:
    """Networks are networks."""
    for client in metrics.clients:
        try:
            ip_network(client)
        except ValueError:
            accepted = "addresses and networks such as 10.1.2.3, 10.0.0.0/8 or fd00::/8, without bits behind the prefix"
            reader.mistake("metrics.clients", client, accepted)
