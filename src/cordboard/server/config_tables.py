"""Arrays of tables, such as ``[[users]]``: reading each one, and seeing that what must be somebody's own is.

Deliberately absent: what any of them means (``config_people``, ``config_states``).
"""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from cordboard.server.config_reading import Reader

Id = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9_.@-]{0,64}\Z", description="up to 64 letters, digits and _ . @ -"),
]

Number = Annotated[
    str,
    Meta(
        pattern=r"^\+?[0-9A-Za-z*#._-]{1,40}\Z",
        description="1 to 40 letters, digits and * # . _ - , perhaps after a +",
    ),
]

T = TypeVar("T", bound=msgspec.Struct)


class Tables:
    """An array of tables. ``[[users]]`` number 3 is called ``users[#3]`` in mistakes, counted from 1."""

    def __init__(self, reader: Reader, name: str) -> None:
        self._reader = reader
        self._name = name

    def read(self, kind: type[T], found: object) -> dict[str, T]:
        """The tables as ``kind``, by what they are called in mistakes."""
        if not isinstance(found, list):
            self._reader.mistake(self._name, found, f"tables that begin with [[{self._name}]]")
            return {}
        keys = [f"{self._name}[#{place}]" for place in range(1, len(found) + 1)]
        return {key: self._reader.table(kind, table, key) for key, table in zip(keys, found, strict=True)}


class Own:
    """What only one may have. Empty values are not claimed: they are reported as missing or are not given at all."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._taken: dict[tuple[str, str], str] = {}

    def claim(self, what: str, key: str, value: str) -> bool:
        """Whether ``value`` is this key's own; if not, that is a mistake."""
        if not value:
            return False
        first = self._taken.setdefault((what, value), key)
        if first != key:
            self._reader.mistake(key, value, f"a {what} of its own ({first} has this one)")
        return first == key
