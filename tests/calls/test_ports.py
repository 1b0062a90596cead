"""The ports are kept by those who stand behind them."""

from __future__ import annotations

import inspect

import msgspec
import pytest

from cordboard.calls.ports import Archive, Desk, Journal, Line, Row, Shelf, Switch, packed


class Silent:
    """A switch that does nothing, in the shape that the port asks for."""

    def __init__(self) -> None:
        self.taken: list[object] = []

    async def start(self, hear: object) -> None:
        self.taken.append(hear)

    def submit(self, orders: object) -> None:
        self.taken.append(orders)

    def dealt_with(self, report: object) -> None:
        self.taken.append(report)

    async def stop(self) -> None:
        self.taken.clear()


def functions(port: type) -> dict[str, inspect.Signature]:
    return {name: inspect.signature(f) for name, f in vars(port).items() if inspect.isfunction(f) and name[0] != "_"}


@pytest.mark.parametrize(
    ("port", "names"),
    [
        (Desk, {"now", "ask", "call", "calls_of", "is_linked"}),
        (Switch, {"resume", "start", "submit", "dealt_with", "stop"}),
        (Shelf, {"place", "keep", "lose", "expect", "expected"}),
        (Archive, {"all", "find", "place"}),
        (Journal, {"append", "when_durable", "trouble", "lines", "rows", "close"}),
    ],
)
def test_what_a_port_asks_for(port: type, names: set[str]) -> None:
    assert set(functions(port)) == names


def test_only_starting_and_stopping_a_switch_may_wait() -> None:
    """``submit`` and the desk are plain: nothing is awaited between reading and writing."""
    ports = (Desk, Switch, Shelf, Archive, Journal)
    waits = {name for port in ports for name in functions(port) if inspect.iscoroutinefunction(getattr(port, name))}
    assert waits == {"start", "stop"}


def test_a_switch_of_this_shape_passes_for_one() -> None:
    switch: Switch = Silent()
    switch.submit(())
    assert switch.taken == [()]  # type: ignore[attr-defined]


def test_what_goes_into_a_journal_is_short_in_messagepack() -> None:
    line, row = Line("ask", 1.5, b"\x80"), Row("calls", b"k", None)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode((line, row))) == [["ask", 1.5, b"\x80"], ["calls", b"k", None]]


def test_values_become_messagepack_if_they_are_not() -> None:
    assert [packed(value) for value in (None, b"\x80", False, "a", (1, None))] == [
        *(None, b"\x80", b"\xc2", b"\xa1a", b"\x92\x01\xc0")
    ]
