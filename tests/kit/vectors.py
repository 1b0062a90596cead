"""Compares what was sent with a sample of the documentation, member by member.

What must differ from run to run is bound (ids) or only looked at (duration); what the samples themselves do not agree
on is tolerated. Each tolerance is told in ``tests/vectors/PROVENANCE.toml``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parent.parent / "vectors"

SETS = frozenset({"capabilities"})
BOUND = frozenset({"id", "callUuid", "connId"})
BOUND_URIS = frozenset({"uri", "path", "deviceUri", "parentCallUri", "parentCallPath"})
MAY_BE_ADDED = frozenset(
    {
        "data.extensions",
        "data.extensions.WrapUpTime",
        "data.call.monitoring",
        "data.call.parentCallUri",
        "data.call.parentCallPath",
    }
)
PARENTS = frozenset({"parentCallUri", "parentCallPath"})
"""Added on a consult only."""
_LAST_SEGMENT = re.compile(r"^(.*/)([^/]+)$")


class Bindings:
    """Which id of a sample stands for which real one. One to one: two of a sample never stand for the same."""

    def __init__(self) -> None:
        self._real: dict[tuple[str, str], str] = {}
        self._sampled: dict[tuple[str, str], str] = {}

    def differ(self, kind: str, sample: str, actual: str) -> bool:
        """Bind two ids of a kind at first sight; True if they contradict what was bound before."""
        real = self._real.setdefault((kind, sample), actual)
        sampled = self._sampled.setdefault((kind, actual), sample)
        return real != actual or sampled != sample

    def real(self, kind: str, sample: str) -> str:
        """The real id for a sample's (KeyError if it was never seen): for requests that name it."""
        return self._real[kind, sample]


def load(name: str) -> list[dict[str, Any]]:
    """The steps of a vector: each is an object with one member, ``request``, ``answer`` or ``notification``."""
    steps: list[dict[str, Any]] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))["steps"]
    return steps


def names() -> list[str]:
    return sorted(path.stem for path in VECTORS.glob("*.json"))


def compare(sample: Any, actual: Any, bindings: Bindings | None = None, *, exact_duration: bool = False) -> list[str]:
    """The differences between a sample and what was sent, as readable lines; empty if it will do.

    Hand the same ``bindings`` to all comparisons of one scenario.
    """
    comparison = _Comparison(bindings or Bindings(), exact_duration)
    comparison.members("", sample, actual)
    return comparison.differences


class _Comparison:
    def __init__(self, bindings: Bindings, exact_duration: bool) -> None:
        self.bindings = bindings
        self.exact_duration = exact_duration
        self.differences: list[str] = []

    def members(self, place: str, sample: Any, actual: Any) -> None:
        """Compare two values at a place such as ``data.call.state``."""
        key = place.rpartition(".")[2]
        if type(sample) is not type(actual):
            self.differences.append(f"{place}: {actual!r} has not the type of {sample!r}")
        elif isinstance(sample, dict):
            self._objects(place, sample, actual)
        elif isinstance(sample, list):
            self._lists(place, key, sample, actual)
        elif self._differ(key, sample, actual):
            self.differences.append(f"{place}: {actual!r} instead of {sample!r}")

    def _objects(self, place: str, sample: dict[str, Any], actual: dict[str, Any]) -> None:
        for key in dict.fromkeys((*sample, *actual)):
            inner = f"{place}.{key}" if place else key
            if key not in actual:
                self.differences.append(f"{inner}: missing")
            elif key in sample:
                self.members(inner, sample[key], actual[key])
            elif inner not in MAY_BE_ADDED or (key in PARENTS and sample.get("callType") != "Consult"):
                self.differences.append(f"{inner}: not in the sample")

    def _lists(self, place: str, key: str, sample: list[Any], actual: list[Any]) -> None:
        if key in SETS:
            if sorted(sample) != sorted(actual):
                missing, added = set(sample) - set(actual), set(actual) - set(sample)
                self.differences.append(f"{place}: {sorted(missing)} missing, {sorted(added)} not in the sample")
            return
        if len(sample) != len(actual):
            self.differences.append(f"{place}: {len(actual)} items instead of {len(sample)}")
        for index, (one, other) in enumerate(zip(sample, actual, strict=False)):
            self.members(f"{place}[{index}]", one, other)

    def _differ(self, key: str, sample: Any, actual: Any) -> bool:
        if key == "duration" and not self.exact_duration:
            return not actual.isdecimal()
        if key in BOUND:
            return self.bindings.differ("connId" if key == "connId" else "call", sample, actual)
        if key in BOUND_URIS:
            return self._uris_differ(key, sample, actual)
        return bool(sample != actual)

    def _uris_differ(self, key: str, sample: str, actual: str) -> bool:
        """Uris agree if their ids are bound to each other and their paths, without the host, are the same."""
        one, other = _LAST_SEGMENT.match(_without_host(sample)), _LAST_SEGMENT.match(_without_host(actual))
        if one is None or other is None or one[1] != other[1]:
            return True
        absolute = sample.startswith("http") == actual.startswith("http")
        return not absolute or self.bindings.differ("device" if key == "deviceUri" else "call", one[2], other[2])


def _without_host(uri: str) -> str:
    return re.sub(r"^https?://[^/]+", "", uri)
