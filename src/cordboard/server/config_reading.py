"""Reads tables into structs field by field, so that every mistake is found, and words the mistakes.

Types, ranges and defaults are those of the structs (``config``); nothing here knows a setting by name. Deliberately
absent: rules that span tables.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_type_hints

import msgspec
from msgspec import inspect

ENVIRONMENT = "environment"
_PREFIX = "CORDBOARD_"
_SECRET = ("password", "password_hash", "secret", "secret_hash", "pin")
"""How the names of settings end that are shown to nobody."""

S = TypeVar("S", bound=msgspec.Struct)


class Mistake(msgspec.Struct, frozen=True):
    """One mistake: where (``file``, ``key``; "" is the file as a whole), what was found, what is accepted."""

    file: str
    key: str
    found: str
    accepted: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        return f"{place}: found {self.found}; accepted: {self.accepted}"


class Mistakes(msgspec.Struct, frozen=True):
    """All mistakes of one configuration: settings first, then people."""

    all: tuple[Mistake, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.all))


class Reader:
    """Collects mistakes while it turns tables into structs. A value that is wrong is replaced by its default."""

    def __init__(self, file: str, environ: Mapping[str, str]) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []
        self._environ = {key: value for key, value in environ.items() if key.startswith(_PREFIX) and "__" in key}

    def mistake(self, key: str, found: object, accepted: str, file: str = "") -> None:
        """Note a wrong value; UNSET means that there is none."""
        self.report(key, _shown(key, found), accepted, file)

    def report(self, key: str, found: str, accepted: str, file: str = "") -> None:
        """Note a mistake in words of one's own."""
        self.mistakes.append(Mistake(file or self.file, key, found, accepted))

    def is_mistaken(self, key: str) -> bool:
        """Whether a mistake is known for exactly this key, so that what follows from it need not be told."""
        return any(mistake.key == key for mistake in self.mistakes)

    def settings(self, kind: type[S], document: dict[str, Any], others: Iterable[str]) -> S:
        """The settings in ``document`` and the environment; ``others`` are the top-level keys that are not settings."""
        result = self.table(kind, document, "", others)
        for variable in self._environ:
            self.mistake(variable, self._environ[variable], _variables_like(variable, kind), ENVIRONMENT)
        return result

    def table(self, kind: type[S], table: object, key: str, others: Iterable[str] = ()) -> S:
        """``table`` as a ``kind``: each key checked on its own, unknown and missing ones reported."""
        if not isinstance(table, dict):
            self.mistake(key, table, "a table")
            table = {}
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        hints = get_type_hints(kind, include_extras=True)
        values: dict[str, Any] = {}
        for name in [name for name in table if name not in fields and name not in others]:
            self.report(_below(key, name), "an unknown key", _known_keys(name, [*fields, *others]))
        for name, field in fields.items():
            found = self._field(hints[name], table.get(name, msgspec.UNSET), _below(key, name))
            if found is not msgspec.UNSET:
                values[name] = found
            elif field.required:
                if name not in table:
                    self.mistake(_below(key, name), msgspec.UNSET, _accepted(hints[name]))
                values[name] = ""
        return kind(**values)

    def _field(self, hint: Any, value: object, key: str) -> object:
        """The value of one key, UNSET if there is none or it is wrong."""
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            return self.table(hint, {} if value is msgspec.UNSET else value, key)
        variable = _variable(key)
        if variable in self._environ:
            return self._from_environment(hint, variable, self._environ.pop(variable))
        if value is msgspec.UNSET:
            return value
        return self._converted(hint, value, key, strict=True, file=self.file)

    def _from_environment(self, hint: Any, variable: str, text: str) -> object:
        value: object = text
        if isinstance(inspect.type_info(hint), inspect.VarTupleType):
            value = [part.strip() for part in text.split(",") if part.strip()]
        return self._converted(hint, value, variable, strict=False, file=ENVIRONMENT)

    def _converted(self, hint: Any, value: object, key: str, *, strict: bool, file: str) -> object:
        try:
            return msgspec.convert(value, hint, strict=strict)
        except msgspec.ValidationError:
            self.mistake(key, value, _accepted(hint), file)
            return msgspec.UNSET


def nearest(word: str, known: Iterable[str]) -> str:
    """A question that offers the known word most like ``word``, or ""."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""


def _below(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _variable(key: str) -> str:
    return _PREFIX + key.upper().replace(".", "__")


def _variables_like(variable: str, kind: type[msgspec.Struct]) -> str:
    known = [_variable(key) for key in _keys(kind, "")]
    return "a variable named for a setting, such as CORDBOARD_SERVER__LISTEN" + nearest(variable, known)


def _keys(kind: type[msgspec.Struct], above: str) -> list[str]:
    keys = []
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            keys += _keys(hint, _below(above, name))
        else:
            keys.append(_below(above, name))
    return keys


def _known_keys(name: str, known: list[str]) -> str:
    return "the keys " + ", ".join(known) + nearest(name, known)


def _shown(key: str, value: object) -> str:
    """What was found, short enough to read; passwords are not shown."""
    if key.rpartition(".")[2].rpartition("__")[2].lower().endswith(_SECRET):
        return "a value (not shown)"
    if value is msgspec.UNSET:
        return "nothing"
    text = str(value) if isinstance(value, float) else msgspec.json.encode(value, enc_hook=str).decode()
    return text if len(text) <= 80 else text[:77] + "..."


def _accepted(hint: Any) -> str:
    return _described(inspect.type_info(hint))


def _described(info: inspect.Type) -> str:
    match info:
        case inspect.Metadata(type=inner, extra_json_schema=extra):
            return str((extra or {}).get("description") or _described(inner))
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number" + _range(info)
        case inspect.FloatType():
            return "a number" + _range(info)
        case inspect.LiteralType(values=values):
            return " or ".join(f'"{value}"' if isinstance(value, str) else str(value) for value in values)
        case inspect.VarTupleType(item_type=item):
            return "a list, each item " + _described(item)
        case inspect.StrType(min_length=1):
            return "a text that is not empty"
        case inspect.StrType():
            return "a text"
        case _:
            raise AssertionError(f"no words for {info}")


def _range(info: inspect.IntType | inspect.FloatType) -> str:
    low = f" above {info.gt:g}" if info.gt is not None else f" from {info.ge}" if info.ge is not None else ""
    return low + (f" up to {info.le:.15g}" if info.le is not None else "")
