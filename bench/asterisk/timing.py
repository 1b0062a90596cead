"""What is taken of each transfer, and what becomes of many: seconds, sorted. Deliberately absent: who makes them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Transfer(msgspec.Struct, frozen=True):
    """One transfer, in seconds.

    ``initiated``: from the first request until agent and target are connected; of the product, until it has told so.
    ``completed``: from the first request until caller and target are; of the product, until both calls are Released.
    ``hung_up``: from the same request until the agent's telephone is told that its call is over (BYE).
    """

    initiated: float
    completed: float
    hung_up: float


class Quantiles(msgspec.Struct, frozen=True):
    """Milliseconds."""

    p50_ms: float
    p99_ms: float


class Row(msgspec.Struct, frozen=True):
    """One kind of time, of the product and of the script. ``ratio`` is that of the medians."""

    name: str
    product: Quantiles
    raw: Quantiles

    @property
    def ratio(self) -> float:
        return self.product.p50_ms / self.raw.p50_ms


ANEW = "CompleteTransfer, by a script that makes a bridge for it"
DURABLE = "CompleteTransfer, everything written to the disk first"
NAMES = {
    "completed": "CompleteTransfer",
    "hung_up": "the same, until the telephone knows",
    "initiated": "InitiateTransfer",
}


def quantiles(seconds: Sequence[float]) -> Quantiles:
    ordered = sorted(seconds)
    return Quantiles(1_000 * _at(ordered, 0.5), 1_000 * _at(ordered, 0.99))


def _at(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of them is."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def rows(products: Sequence[Transfer], raws: Sequence[Transfer], anew: Sequence[Transfer]) -> tuple[Row, ...]:
    """The product beside the script that sends the same, and last beside the other one."""
    same = tuple(
        Row(name, quantiles([getattr(t, key) for t in products]), quantiles([getattr(t, key) for t in raws]))
        for key, name in NAMES.items()
    )
    return *same, Row(ANEW, same[0].product, quantiles([transfer.completed for transfer in anew]))
