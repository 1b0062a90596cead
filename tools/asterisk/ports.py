"""Ports for an Asterisk: the usual ones, or some that no other run on this machine has.

Free ones come in slots of a thousand below those that the kernel hands out by itself. A slot is held by a lock on a
file, which goes with the process that took it, so runs side by side never meet.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

_FIRST = 20_000
_SLOT = 1_000
_SLOTS = 12


@dataclass(frozen=True)
class Ports:
    """SIP over UDP and TCP, HTTP for ARI and browsers, AMI, where SIP of the trunk is expected, and RTP's range."""

    sip: int = 5060
    http: int = 8088
    ami: int = 5038
    trunk: int = 5090
    rtp_first: int = 10_000
    rtp_last: int = 10_999


class Slot:
    """Ports that are ours until `release`."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        folder = Path(tempfile.gettempdir()) / f"cordboard-ports-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        for number in range(_SLOTS):
            file = (folder / str(number)).open("w")
            ports = _of_slot(number)
            if _locked(file) and not taken(address, ports):
                self._file = file
                self.ports = ports
                return
            file.close()
        raise OSError(f"none of {_SLOTS} slots of ports from {_FIRST} on is free")

    def release(self) -> None:
        self._file.close()


def taken(address: str, ports: Ports) -> list[int]:
    """Those that somebody else listens on; ``address`` is for phones."""
    ours = ((address, ports.sip), ("127.0.0.1", ports.http), ("127.0.0.1", ports.ami))
    return [port for address, port in ours if not _is_free(address, port)]


def _of_slot(number: int) -> Ports:
    first = _FIRST + number * _SLOT
    return Ports(first, first + 1, first + 2, first + 3, first + 10, first + _SLOT - 1)


def _locked(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_free(address: str, port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return False
                raise
    return True
