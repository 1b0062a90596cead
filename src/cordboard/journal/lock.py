"""The file beside a journal, ``…-lock``: who writes to it, and up to where it had been written.

The lock is the operating system's, so a server that is killed holds none. The number up to which everything is durable
is noted after each commit. The note is not waited for, so it may be old after a power failure, but it never says too
much: a journal that ends before it has lost something, such as the end of its ``-wal``, and we do not silently go on.
Deliberately absent: what is in the journal.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from cordboard.journal.failures import DamagedError, InUseError, of_os


def beside(path: Path, what: str) -> Path:
    """A file that belongs to a journal: ``lock``, ``wal``, ``new``."""
    return path.with_name(f"{path.name}-{what}")


class Lock:
    """Held from before the journal is looked at until it is closed."""

    def __init__(self, path: Path) -> None:
        """Raises InUseError, or InaccessibleError."""
        self._path = path
        self._journal = ""
        try:
            self._file = os.open(beside(path, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise of_os(beside(path, "lock"), error) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            process = self._words()[:1]
            os.close(self._file)
            whose = f"process {process[0]}" if process else "another process"
            raise InUseError(f"{path}: {whose} is writing to it; a journal has one server") from None

    def check(self, journal: str, last: int) -> None:
        """The journal that is there, and its last number. Raises DamagedError if that is not all."""
        written = _noted(self._words(), journal)
        if written > last:
            raise DamagedError(
                f"{self._path}: it ends with {last}, but was written up to {written}: was {self._path.name}-wal "
                f"lost or cut off? If this is a copy from earlier that is meant to be here, remove "
                f"{self._path.name}-lock, and what came later will never have been"
            )
        self._journal = journal

    def written(self) -> int:
        """Up to where whichever journal was here had been written, as far as that is known."""
        words = self._words()
        return _noted(words, words[1]) if len(words) == 3 else 0

    def note(self, last: int) -> None:
        """Everything up to ``last`` is durable. Without space for that the note is old, which does no harm."""
        with contextlib.suppress(OSError):
            os.pwrite(self._file, f"{os.getpid():10} {self._journal} {last:020}\n".encode(), 0)

    def release(self) -> None:
        os.close(self._file)

    def _words(self) -> list[str]:
        return _split(os.pread(self._file, 100, 0))


def noted(path: Path, journal: str) -> int:
    """Up to where this journal had been written, as far as that is known; for whoever only reads."""
    try:
        return _noted(_split(beside(path, "lock").read_bytes()), journal)
    except OSError:
        return 0


def _split(text: bytes) -> list[str]:
    return text.decode("ascii", "replace").split()


def _noted(words: list[str], journal: str) -> int:
    return int(words[2]) if len(words) == 3 and words[1] == journal and words[2].isdecimal() else 0
