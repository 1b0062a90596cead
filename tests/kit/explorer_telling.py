"""A path through the explorer's worlds in the words of the transcripts, so that it can be told again and kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

from tests.kit.explorer_inputs import Ask, Cast, Deliver, Input, Press, Take, Wait
from tests.kit.telling import DIVIDER, Teller

from cordboard.calls.records import Rules


@dataclass(slots=True)
class Happening:
    """One input; the kind of order that was made to fail by it; and how many reports were delivered with it because
    they change nothing."""

    step: Input
    failing: str = ""
    routine: int = 0


def lines_of(cast: Cast, path: list[Happening]) -> list[str]:
    """The whole story as a transcript, told by replaying it."""
    teller = Teller(cast.rules)
    told = _rules(cast.rules)
    told += cast.story
    for line in cast.story:
        teller.play(line)
    told += [DIVIDER, "", "hold reports"]
    teller.play("hold reports")
    for happening in path:
        for line in _words(teller, happening):
            told.append(line)
            try:
                said = teller.play(line)
            except Exception as error:  # noqa: BLE001 - the story ends where the house breaks
                return [*told, DIVIDER, f"# {type(error).__name__}: {error}"]
        told += [DIVIDER, *said, ""]
    return told


def _rules(rules: Rules) -> list[str]:
    changed = [name for name in rules.__struct_fields__ if getattr(rules, name) != getattr(Rules(), name)]
    words = [f"{name}={str(getattr(rules, name)).lower()}" for name in changed]
    return [f"rules {' '.join(words)}", ""] if words else []


def _words(teller: Teller, happening: Happening) -> list[str]:
    lines = [f"fault fail {happening.failing}"] if happening.failing else []
    match happening.step:
        case Ask(command):
            lines.append(_command(teller, command))
        case Take(command):
            name, letter = type(command).__name__, teller.letter(command.call)
            lines.append(f"{command.asker} {name} {command.whose} {letter}")
        case Press(number, action):
            fields = [
                f"{name}={getattr(action, name)}" for name in ("line", "to") if getattr(action, name, None) is not None
            ]
            lines.append(" ".join(["phone", number, type(action).__name__.lower(), *fields]))
        case Deliver():
            lines.append("deliver")
        case Wait(seconds):
            lines.append(f"wait {seconds:g}")
        case never:
            assert_never(never)
    if happening.routine:
        lines.append(f"deliver {happening.routine}")
    return lines


def _command(teller: Teller, command: Any) -> str:
    words = [command.asker, type(command).__name__, teller.letter(command.call)]
    for name in command.__struct_fields__:
        value = getattr(command, name)
        if name in ("asker", "call") or not value:
            continue
        if name in ("consult", "other"):
            value = teller.letter(value)
        if isinstance(value, dict):
            value = ",".join(f"{key}:{value[key]}" for key in value)
        words.append(f"{'data' if name == 'user_data' else name}={value}")
    return " ".join(words)
