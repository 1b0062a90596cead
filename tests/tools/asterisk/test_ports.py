"""Slots of ports that no two runs have at once."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

import pytest
from tools.asterisk.ports import Slot

from tools.asterisk import ports


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks of their own, and ports that no live test uses."""
    monkeypatch.setattr(ports.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(ports, "_FIRST", 19_000)
    monkeypatch.setattr(ports, "_SLOT", 100)
    monkeypatch.setattr(ports, "_SLOTS", 3)


def test_two_at_once_have_different_ports_and_released_ones_come_back() -> None:
    first, second = Slot(), Slot()
    assert first.ports.rtp_last < second.ports.sip
    again = first.ports
    first.release()
    third = Slot()
    assert third.ports == again
    second.release()
    third.release()


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_ports_that_a_stranger_uses_are_passed_over(kind: socket.SocketKind) -> None:
    free = Slot()
    free.release()
    with contextlib.closing(socket.socket(socket.AF_INET, kind)) as stranger:
        stranger.bind(("127.0.0.1", free.ports.sip))
        if kind is socket.SOCK_STREAM:
            stranger.listen()
        other = Slot()
        assert other.ports.sip == free.ports.sip + 100
        other.release()


def test_when_all_are_taken_it_says_so() -> None:
    slots = [Slot() for _ in range(3)]
    with pytest.raises(OSError, match="none of 3 slots of ports from 19000 on is free"):
        Slot()
    for slot in slots:
        slot.release()


def test_ports_that_are_taken_are_named() -> None:
    slot = Slot()
    with contextlib.closing(socket.socket()) as stranger:
        stranger.bind(("127.0.0.1", slot.ports.http))
        stranger.listen()
        assert ports.taken("127.0.0.1", slot.ports) == [slot.ports.http]
        assert ports.taken("127.0.0.2", slot.ports) == [slot.ports.http]
    slot.release()


def test_an_address_that_is_not_ours_is_an_error_of_its_own() -> None:
    with pytest.raises(OSError, match="annot assign requested address"):
        ports.taken("203.0.113.9", ports.Ports())
