"""The same as ``mortal`` with a likeness of Asterisk: stories without faults of the switch, told on it.

They may read otherwise than with the embedded exchange. So they are compared with what they are while nobody dies.
"""

from __future__ import annotations

from tests.kit.asterisk_scene import AsteriskScene
from tests.kit.law import Law
from tests.kit.mortal import Death, Dying, witnessed
from tests.kit.telling import Teller

from cordboard.calls.model import Number
from cordboard.calls.records import Rules

_START_S = 0.01
"""A start takes some time: names are made of that."""
_UNTOLD = ("fault ", "switch ", "server ", "hold reports", "deliver")


def can_be_told(story: str) -> bool:
    """Whether nothing is asked of the switch that only the embedded exchange can do."""
    return not any(line.startswith(_UNTOLD) for line in story.splitlines())


class AsteriskMortal(Dying, AsteriskScene):
    """One server after the other; the next one is there at once, and hears what there is."""

    def wait(self, seconds: float, deliver: bool = True) -> None:
        assert deliver
        super().wait(seconds)

    def die(self) -> None:
        self.now += _START_S
        super().die()

    def hears(self, number: Number) -> list[Number]:
        return [one for line in self.likeness.lines(number) for one in sorted(self.likeness.hears(line))]


class AsteriskWitness(Teller):
    """Tells a story there, and sees that the law holds after every line of it."""

    def __init__(self, rules: Rules, death: Death | None = None) -> None:
        self.mortal = AsteriskMortal(rules, death)
        super().__init__(rules, self.mortal)  # type: ignore[arg-type]  # all of a scene that such stories need
        self.law = Law(self.mortal)

    def play(self, line: str) -> list[str]:
        self.mortal.begin_line()
        said = super().play(line)
        self.law.check_events(self.events)
        self.law.check_always()
        return said

    def _recordings(self) -> list[str]:
        return []  # Asterisk's are files

    def _numbers(self) -> list[Number]:
        return list(self.mortal.likeness.phones)


def told(story: str, death: Death | None = None) -> tuple[str, AsteriskWitness]:
    """The story as it reads there with these deaths, and who saw it."""
    return witnessed(story, lambda rules: AsteriskWitness(rules, death))
