"""The parameters of an operation, read from its typed body."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect


class Parameter(msgspec.Struct, frozen=True):
    name: str
    type: str
    required: bool


def of_body(body: type[Any]) -> list[Parameter]:
    """Required ones first."""
    info = inspect.type_info(body)
    assert isinstance(info, inspect.StructType)
    found = [one for field in info.fields for one in _parameters(field.encode_name, field.type, field.required)]
    return sorted(found, key=lambda parameter: not parameter.required)


def _parameters(name: str, kind: inspect.Type, required: bool) -> list[Parameter]:
    if isinstance(kind, inspect.UnionType):
        kind = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
    if isinstance(kind, inspect.StructType):
        inner = [_parameters(f"{name}.{field.encode_name}", field.type, required) for field in kind.fields]
        return [parameter for parameters in inner for parameter in parameters]
    return [Parameter(name, _word(kind), required)]


def _word(kind: inspect.Type) -> str:
    """The name of a JSON type."""
    match kind:
        case inspect.StrType():
            return "string"
        case inspect.BoolType():
            return "boolean"
        case inspect.IntType() | inspect.FloatType():
            return "number"
        case inspect.DictType():
            return "object"
        case inspect.VarTupleType() | inspect.ListType():
            return f"array of {_word(kind.item_type)}s"
        case inspect.EnumType():
            return " or ".join(f'`"{member.value}"`' for member in kind.cls)
        case inspect.LiteralType():
            return " or ".join(f'`"{value}"`' for value in kind.values)
        case _:
            raise TypeError(f"no word for {kind}")
