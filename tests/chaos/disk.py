"""The disk that a journal lies on: a small one of its own, where that is permitted, so that it can be filled; and what
can be done to files on it while nobody uses them."""

from __future__ import annotations

import shutil
import sqlite3
import struct
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

MIB = 64
_CHUNK = b"\0" * 65_536
_HEADER, _FRAME_HEADER = 32, 24


class Disk:
    """``folder`` is where it is. Where no small disk may be mounted it is an ordinary folder that ``can_fill`` says no
    of."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self._filler = folder / "filler"
        self.can_fill = _mount(folder)

    @property
    def journal(self) -> Path:
        return self.folder / "cordboard.db"

    def fill(self) -> None:
        """To the last byte, as far as nobody else is quicker."""
        try:
            with self._filler.open("ab", buffering=0) as file:
                while True:
                    file.write(_CHUNK)
        except OSError:
            pass

    def free(self) -> None:
        self._filler.unlink(missing_ok=True)

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Whoever writes to the journal waits without an error, as somebody else is at it: SQLite does so for 5 s."""
        with closing(sqlite3.connect(self.journal, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")

    def copy(self, to: Path) -> None:
        """Of the journal, with all that belongs to it; nobody may be using it."""
        to.mkdir()
        for file in self.folder.glob("cordboard.db*"):
            shutil.copy2(file, to / file.name)

    def restore(self, copy: Path) -> None:
        for file in self.folder.glob("cordboard.db*"):
            file.unlink()
        for file in copy.iterdir():
            shutil.copy2(file, self.folder / file.name)

    def contents(self) -> dict[str, bytes]:
        """All that must not change while the journal is refused."""
        kept = ("cordboard.db", "cordboard.db-wal")
        return {name: (self.folder / name).read_bytes() for name in kept if (self.folder / name).exists()}

    def damage_the_last_page(self) -> str:
        """Overwrite the page that was written last; where it was."""
        log = self.folder / "cordboard.db-wal"
        if log.exists() and (frame := last_frame(log.read_bytes())) is not None:
            _overwrite(log, *frame)
            return log.name
        size = self.journal.stat().st_size
        _overwrite(self.journal, size - 4_096, 4_096)
        return self.journal.name

    def close(self) -> None:
        if self.can_fill:
            subprocess.run(["umount", str(self.folder)], check=False, capture_output=True)


def last_frame(log: bytes) -> tuple[int, int] | None:
    """Where the page of the newest frame of a write-ahead log lies, and how long it is: frames behind it are of an
    earlier round and have other salts (SQLite's file format, section 4)."""
    if len(log) < _HEADER:
        return None
    (page,) = struct.unpack_from(">I", log, 8)
    salts, at, found = log[16:24], _HEADER, None
    while at + _FRAME_HEADER + page <= len(log) and log[at + 8 : at + 16] == salts:
        found = (at + _FRAME_HEADER, page)
        at += _FRAME_HEADER + page
    return found


def _overwrite(file: Path, at: int, length: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(at)
        page = opened.read(length)
        opened.seek(at)
        opened.write(bytes(byte ^ 0xA5 for byte in page))


def _mount(folder: Path) -> bool:
    try:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={MIB}m", "tmpfs", str(folder)], check=False, capture_output=True
        )
    except OSError:
        return False
    return done.returncode == 0
