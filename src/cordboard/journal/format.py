"""What a journal looks like as a file: tables of SQLite, and what stands in their columns (docs/durability.md).

Whatever was appended while the disk was busy is written as one row of ``log``: one statement, one transaction, one
wait for the disk. So ``log`` has a row for each commit, with the entries in it; ``state`` has the rows, as they were
after the commit that ``meta`` names as ``folded``. SQLite's pages have no checksums; our rows have.
Deliberately absent: reading and writing files.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import msgspec

from cordboard.calls.ports import Line, Row
from cordboard.journal.failures import DamagedError

APPLICATION_ID = 0x43424A4C
"""By which ``file`` and we tell a journal from other databases: "CBJL"."""

FIRST_VERSION = (
    """CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE log (
        last INTEGER PRIMARY KEY, first INTEGER NOT NULL, at REAL NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL
    )""",
    """CREATE TABLE state (
        name TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (name, key)
    ) WITHOUT ROWID""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (FIRST_VERSION, ())
"""What makes version N of version N - 1, beginning with an empty file. Only ever added to."""

VERSION = len(MIGRATIONS)

Entry: TypeAlias = "tuple[tuple[Line, ...], tuple[Row, ...]]"
"""What was appended at once."""

_encoder = msgspec.msgpack.Encoder()
_NIL, _BYTES = 0xC0, frozenset({0xC4, 0xC5, 0xC6})
"""How MessagePack begins where there is nothing, or bytes."""
_CRC_MASK = 0xFFFFFFFF


class _Written(msgspec.Struct, array_like=True):
    """A row in a commit. The value stands there itself, or bytes that are the value: either is MessagePack."""

    table: str
    key: bytes
    value: msgspec.Raw

    def row(self) -> Row:
        value = bytes(self.value)
        if value[0] == _NIL:
            return Row(self.table, self.key, None)
        return Row(self.table, self.key, _bytes(value) if value[0] in _BYTES else value)


_decoder = msgspec.msgpack.Decoder(list[tuple[tuple[Line, ...], tuple[_Written, ...]]])
_bytes = msgspec.msgpack.Decoder(bytes).decode


def encode(entries: Sequence[Entry]) -> bytes:
    """The entries of one commit."""
    return _encoder.encode(entries)


def commit_crc(last: int, body: bytes) -> int:
    """The checksum of one row of ``log``: of what stands in it, and where."""
    return zlib.crc32(body, last & _CRC_MASK)


def row_crc(name: str, key: bytes, value: bytes) -> int:
    """The checksum of one row of ``state``."""
    return zlib.crc32(value, zlib.crc32(key, zlib.crc32(name.encode())))


def length(entry: Entry) -> int:
    """How many numbers it takes: one for each line, and one if it has none."""
    return len(entry[0]) or 1


def decode(path: object, last: int, first: int, body: bytes, crc: int) -> list[Entry]:
    """The entries of a row of ``log``; DamagedError if it is not as it was written."""
    try:
        if commit_crc(last, body) == crc:
            entries = [(lines, tuple([one.row() for one in rows])) for lines, rows in _decoder.decode(body)]
            if sum(map(length, entries)) == last - first + 1:
                return entries
    except (TypeError, ValueError, msgspec.DecodeError):
        pass  # SQLite's columns take values of any type, so a byte that changed may have made one of another
    raise DamagedError(f"{path}: damaged: what was written as {first} to {last} is not what stands there now")


def check_row(path: object, name: str, key: bytes, value: bytes, crc: int) -> None:
    """Raise DamagedError if a row of ``state`` is not as it was written."""
    try:
        is_sound = row_crc(name, key, value) == crc
    except (AttributeError, TypeError):
        is_sound = False
    if not is_sound:
        raise DamagedError(f"{path}: damaged: a row of {name} ({key!r}) is not what was written")


def numbered(first: int, entries: Sequence[Entry]) -> Iterator[tuple[int, Line]]:
    """The lines of a commit with their numbers."""
    for entry in entries:
        yield from enumerate(entry[0], first)
        first += length(entry)
