"""docs/operations/<Name>.md: a page for each operation that is served."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.publish import summaries
from tools.publish.contract import CALLS, DEVICES, FAMILIES, SUPERVISION, Family, body_of, is_served
from tools.publish.parameters import of_body
from tools.publish.situations import STATES, offers, when
from tools.publish.stage import Asked, Happening, Notified, Stage
from tools.publish.telling import OPERATIONS, PARAMETERS, SITUATIONS, Refused, Scenes, Story, begin, refuse, tell
from tools.publish.writing import json_block, page, placeholders, table, with_names

from cordboard.calls.model import Operation

_NOT_OFFERED_IN = {"ringing": "Ringing", "talking": "Established", "held": "Held"}
_OTHERS = ("other=", "consult=")
_STRANGER = "5002"


def texts() -> dict[str, str]:
    """All pages, by file name."""
    return {f"{name}.md": text(family, name) for family in FAMILIES for name in family.operations if served(name)}


def served(operation: str) -> bool:
    """Whether there is a story, and a server that can play it."""
    family = next(family for family in FAMILIES if operation in family.operations)
    return operation in OPERATIONS and is_served(family, operation)


def text(family: Family, name: str) -> str:
    story = OPERATIONS[name]
    scenes = tell(story)
    return page(
        f"# {name}",
        story.what,
        f"`POST {family.url}` · [all operations](README.md)",
        "## Parameters",
        _parameters(name),
        *_offered(family, name),
        "## Example",
        f"{SITUATIONS[story.situation].say} {story.say}".rstrip(),
        *_request(scenes),
        *_then(story, scenes),
        story.notes,
        "## When it is refused",
        _refusals(family, name, story),
        "What is the same for all operations is told [on their first page](README.md#what-is-refused).",
    )


def _parameters(name: str) -> str:
    found = of_body(body_of(name))
    rows = [[f"`{one.name}`", one.type, "yes" if one.required else "", PARAMETERS[one.name]] for one in found]
    first = ["`operationName`", "string", "yes", f'`"{name}"`']
    return table(["name", "type", "required", "meaning"], [first, *rows])


def _offered(family: Family, name: str) -> Iterator[str]:
    if family in (DEVICES, SUPERVISION):
        yield "## When it is offered"
        yield "While it is in the `capabilities` of one's own device: [the table](../permits.md#devices)."
    if family is not CALLS:
        return
    yield "## When it is offered"
    lines = _lines(Operation(name), clear=False)
    if not lines:
        yield 'With `release = "8.5.202"` under `[gws]`:'
        lines = _lines(Operation(name), clear=True)
    yield table(["state of the call", f"`{name}` is in its `capabilities`"], lines)
    yield "[The whole table](../permits.md)"


def _lines(operation: Operation, *, clear: bool) -> list[list[str]]:
    found = [[state.value, when(offers(state, clear=clear), operation)] for state in STATES]
    for state in STATES:
        beside = when(offers(state, clear=clear, beside=True), operation)
        found.append([f"{state.value}, a supervisor's own call", beside])
    return [line for line in found if line[1]]


def _request(scenes: Scenes) -> Iterator[str]:
    asked = scenes.first[0]
    assert isinstance(asked, Asked)
    names = placeholders(scenes.stage)
    yield "### Request"
    yield f"{asked.number} asks:\n\n```\nPOST {with_names('/api/v2' + asked.path, names)}\n```"
    yield json_block(asked.body, names)
    yield f"The answer, HTTP {asked.status}:"
    yield json_block(asked.answer, names)
    yield "### Notifications"
    yield from _notifications(scenes.first, names)


def _then(story: Story, scenes: Scenes) -> Iterator[str]:
    for (_, say), happenings in zip(story.then, scenes.then, strict=True):
        yield f"### Then: {say}"
        yield from _notifications(happenings, placeholders(scenes.stage))


def _notifications(happenings: Sequence[Happening], names: dict[str, str]) -> Iterator[str]:
    told = [happening for happening in happenings if isinstance(happening, Notified)]
    if not told:
        yield "Nobody is told anything."
        return
    rows = [[str(index), one.number, with_names(summaries.of(one), names)] for index, one in enumerate(told, 1)]
    yield "In this order:"
    yield table(["", "who is told", "what"], rows)
    for index, one in enumerate(told, 1):
        yield f"**{index}** · to {one.number}"
        yield json_block({"channel": one.channel, "data": one.data}, names)


# -- what is refused ---------------------------------------------------------------------------------------------------


def _refusals(family: Family, name: str, story: Story) -> str:
    rows = []
    for why, stage, asked in _refused(family, name, story):
        answer = asked.answer
        message = with_names(answer["statusMessage"], placeholders(stage))
        rows.append([why, str(asked.status), str(answer["statusCode"]), message])
    if not rows:
        return "Never, once it has been understood."
    return table(["when", "HTTP", "statusCode", "statusMessage"], rows)


def _refused(family: Family, name: str, story: Story) -> Iterator[tuple[str, Stage, Asked]]:
    """Requests that were played and refused: those every operation of the family has, then the story's own."""
    for parameter in of_body(body_of(name)):
        if parameter.required:
            yield f"`{parameter.name}` is missing", *_without(story, parameter.name)
    if family is CALLS:
        yield "another user's call, or none at all", *refuse(story, _by_stranger(story))
        for situation in _not_offered(name, story):
            refused = Refused("", _on_the_call(story.ask), situation=situation)
            yield f"it is not offered: the call is {_NOT_OFFERED_IN[situation]}", *refuse(story, refused)
    if "destination.phoneNumber" in (parameter.name for parameter in of_body(body_of(name)) if parameter.required):
        for number, why in (("999", "a number that nobody has"), ("5005", "one's own number")):
            words = [f"to={number}" if word.startswith("to=") else word for word in story.ask.split()]
            yield why, *refuse(story, Refused(why, " ".join(words)))
    for refused in story.refusals:
        yield refused.when, *refuse(story, refused)


def _without(story: Story, parameter: str) -> tuple[Stage, Asked]:
    """The story's request without a parameter."""
    stage = begin(story, story.situation, story.play)
    number, operation, target, *fields = story.ask.split()
    body = stage.asking(operation, fields)
    body.pop(parameter.partition(".")[0])
    answer = stage.post(number, stage.path(number, target), body)
    if answer.status == 200:
        raise ValueError(f"{operation} was accepted without {parameter}")
    return stage, answer


def _by_stranger(story: Story) -> Refused:
    return Refused("", " ".join([_STRANGER, *story.ask.split()[1:]]))


def _on_the_call(ask: str) -> str:
    """The same request on the first call of a story, without naming others."""
    number, operation, _, *fields = ask.split()
    return " ".join([number, operation, "A", *(field for field in fields if not field.startswith(_OTHERS))])


def _not_offered(name: str, story: Story) -> list[str]:
    """A plain situation in which the operation is not offered, if there is one."""
    for situation in _NOT_OFFERED_IN:
        stage = begin(story, situation)
        view = stage.calls_of("5005")[0]
        if Operation(name) not in view.permits:
            return [situation]
    return []
