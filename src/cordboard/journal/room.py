"""Room for the write-ahead log, made at once: as long as a file grows, the file system writes down with each commit how
long it is, and that is a second wait for the disk.

SQLite goes back to the beginning of its log whenever that has been put into the database, and leaves the file as long
as it is. So this helps for the first few thousand commits of a run, which are all that a quiet site has in an hour.
Deliberately absent: whether it has to be: nothing depends on it.
"""

from __future__ import annotations

import os
from pathlib import Path

_PIECE = bytes(1 << 20)
_SHARE = 16
"""So many times what is taken has to be free."""


def make_room(file: Path, size: int) -> None:
    """Zeros up to ``size`` behind what is there, which SQLite takes for what is left of an earlier log. Not on a disk
    that is nearly full; and what fails leaves everything as it was."""
    try:
        wal = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        there, disk = os.fstat(wal).st_size, os.fstatvfs(wal)
        if disk.f_bavail * disk.f_frsize < _SHARE * size:
            return
        try:
            for begin in range(there, size, len(_PIECE)):
                os.pwrite(wal, _PIECE[: size - begin], begin)
            os.fsync(wal)
        except OSError:
            os.ftruncate(wal, there)
    finally:
        os.close(wal)
