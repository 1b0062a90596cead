"""Numbering: from numbers to Asterisk's endpoints and back. Dry."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cordboard.calls.model import Number
from cordboard.switches.ari.tracker import AnswerMode, Setup

_CHANNEL = re.compile(r"^(?P<tech>[^/]+)/(?P<endpoint>.+)-[0-9a-f]+$")
UNKNOWN_CALLER = "anonymous"
"""The number of a caller from outside who hides it."""


class Numbering:
    """Which telephones there are. ``trunk`` is how a number outside is reached, with ``{number}`` in it; "" if no
    number outside can be."""

    def __init__(self, phones: Iterable[Setup], trunk: str) -> None:
        self._phones = {setup.number: setup for setup in phones}
        self._numbers = {setup.endpoint: setup.number for setup in self._phones.values()}
        self._trunk = trunk

    def phone(self, number: Number) -> Setup | None:
        return self._phones.get(number)

    def is_nailed_up(self, number: Number) -> bool:
        setup = self._phones.get(number)
        return setup is not None and setup.answer is AnswerMode.NAILED_UP

    def reach(self, number: Number) -> Setup | None:
        """How to call a number; None if there is no way."""
        setup = self._phones.get(number)
        if setup is not None or not self._trunk:
            return setup
        return Setup(number, self._trunk.replace("{number}", number), AnswerMode.NOTIFY)

    def caller(self, channel: str, shown: str) -> tuple[Number, bool]:
        """Who is behind a channel of this name, and whether that is outside."""
        match = _CHANNEL.match(channel)
        number = self._numbers.get(f"{match['tech']}/{match['endpoint']}") if match else None
        return (number, False) if number is not None else (shown or UNKNOWN_CALLER, True)
