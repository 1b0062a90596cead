"""The door to ``/metrics``: who may ask is a matter of addresses (``[metrics]``); and doors whose requests are counted
from outside.

Deliberately absent: what is told (``metrics``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network
from time import perf_counter

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from cordboard.server.doors import Receive, Send, respond
from cordboard.server.tally import Requests, operation_of
from cordboard.server.web import App, Scope

_log = structlog.get_logger()
_TEXT = (b"content-type", CONTENT_TYPE_LATEST.encode())
_JSON = (b"content-type", b"application/json")
_NOT_YOU = b'{"statusCode":5,"statusMessage":"Metrics are not for this address; see clients in [metrics]."}'
_READ_ONLY = b'{"statusCode":2,"statusMessage":"This resource accepts GET only."}'


class MetricsDoor:
    """Answers whoever asks from one of these networks."""

    def __init__(self, registry: CollectorRegistry, clients: Sequence[str]) -> None:
        self._registry = registry
        self._is_client = among(clients)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        client = scope.get("client")
        address = client[0] if client else ""
        if not self._is_client(address):
            _log.info("metrics refused", client=address)
            await respond(send, 403, _NOT_YOU, _JSON)
        elif scope["method"] not in ("GET", "HEAD"):
            await respond(send, 405, _READ_ONLY, _JSON)
        else:
            await respond(send, 200, generate_latest(self._registry), _TEXT)


def among(networks: Sequence[str]) -> Callable[[str], bool]:
    """Whether an address is in one of these networks."""
    known = [ip_network(network) for network in networks]

    @lru_cache(maxsize=256)
    def is_among(address: str) -> bool:
        try:
            ip = ip_address(address)
        except ValueError:
            return False
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return any(ip.version == network.version and ip in network for network in known)

    return is_among


def counted(app: App, api: str, requests: Requests) -> App:
    """A door that has few visitors and counts none of them itself."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        began, status = perf_counter(), 0

        async def note(event: Scope) -> None:
            nonlocal status
            status = event.get("status", status)
            await send(event)

        await app(scope, receive, note)
        if status:
            requests.plain(api, operation_of(scope["method"]), status, perf_counter() - began)

    return serve
