"""From Asterisk's description of ARI (Swagger 1.1) to a module of msgspec structs. Dry but for ``read_models``."""

from __future__ import annotations

import json
import keyword
import re
from pathlib import Path
from typing import Any, TypeAlias

TARGET = Path("src/cordboard/switches/ari/events.py")
_FILES = ("events", "channels", "bridges", "recordings", "playbacks", "endpoints", "deviceStates")
_SCALARS = {
    "string": ("str", '""'),
    "Date": ("str", '""'),
    "int": ("int", "0"),
    "long": ("int", "0"),
    "double": ("float", "0.0"),
    "boolean": ("bool", "False"),
    "object": ("dict[str, Any]", "{}"),
}
_LIST = re.compile(r"^List\[(\w+)\]$")
_HEAD = '''"""What Asterisk tells over ARI: events and what they speak of. Made by ``tools/ari_events``; do not edit.

From Asterisk's own description ({version}). Values only; what an event means is said in ``tracker``.
Fields that are plain values have defaults even where they are required, as older versions leave some out.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec


class _Event(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="type"):
    application: str = ""
    timestamp: str = ""
    asterisk_id: str | None = None
'''

Models: TypeAlias = "dict[str, dict[str, Any]]"


def read_models(folder: Path) -> Models:
    """All models of the description, by name, and the version as ``""``."""
    models: Models = {}
    for name in _FILES:
        document = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        models.update(document["models"])
        models[""] = {"version": document.get("apiVersion", "?")}
    return models


def module(models: Models) -> str:
    """The text of the module, in the agreed style."""
    events = [name for name, model in models.items() if "Event" in _ancestry(models, name)[1:]]
    values = sorted(_needed(models, events))
    parts = [_HEAD.format(version=f"API version {models['']['version']}")]
    parts += [_struct(name, models[name], "msgspec.Struct, frozen=True, kw_only=True, gc=False") for name in values]
    parts += [_struct(name, models[name], "_Event, frozen=True, kw_only=True, gc=False, tag=True") for name in events]
    parts.append(_union(events))
    return "\n\n".join(parts)


def _ancestry(models: Models, name: str) -> list[str]:
    """A model and those that it extends: the description lists children as ``subTypes`` of their parent."""
    found = [name]
    while parent := next((p for p, model in models.items() if found[-1] in model.get("subTypes", ())), ""):
        found.append(parent)
    return found


def _needed(models: Models, names: list[str]) -> set[str]:
    """Models that the named ones are made of."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        for field in models[waiting.pop()].get("properties", {}).values():
            kind = _item(field["type"])
            if kind not in _SCALARS and kind not in found:
                found.add(kind)
                waiting.append(kind)
    return found


def _item(kind: str) -> str:
    match = _LIST.match(kind)
    return match.group(1) if match else kind


def _struct(name: str, model: dict[str, Any], bases: str) -> str:
    fields = [_field(field, what) for field, what in model.get("properties", {}).items() if field != "type"]
    return f"class {name}({bases}):\n" + ("\n".join(f"    {line}" for line in fields) or "    pass") + "\n"


def _field(name: str, what: dict[str, Any]) -> str:
    kind = what["type"]
    if _LIST.match(kind):
        item = _item(kind)
        return f"{name}: tuple[{_SCALARS.get(item, (item,))[0]}, ...] = ()"
    if keyword.iskeyword(name):
        return f'{name}_: str = msgspec.field(default="", name="{name}")'
    if kind in _SCALARS:
        python, default = _SCALARS[kind]
        return f"{name}: {python} = {default}" if what.get("required") else f"{name}: {python} | None = None"
    return f"{name}: {kind}" if what.get("required") else f"{name}: {kind} | None = None"


def _union(names: list[str]) -> str:
    listed = "\n    | ".join(names)
    return f"AnyMessage: TypeAlias = (\n    {listed}\n)\n"
