"""The reference page: OpenAPI documents as plain HTML, without script and with nothing from elsewhere.

Deliberately absent: everything that is not in the documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any, TypeAlias

Json: TypeAlias = "dict[str, Any]"

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}code{background:#f2f2f2;padding:.1em .3em;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;margin:.5rem 0;width:100%}caption{text-align:left;font-weight:600}"
    "th,td{border:1px solid #767676;padding:.25rem .5rem;text-align:left;vertical-align:top}"
    "a{color:#0b4f8a}:focus-visible{outline:3px solid #b35900;outline-offset:2px}"
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Reference: cordboard</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{style}</style></head><body><main>
<h1>Reference</h1>
<p>Every request that this server answers. <a href="/">Back to the front page</a></p>
<nav aria-label="Documents"><ul>
{contents}
</ul></nav>
{sections}
</main></body></html>
"""


def text(documents: Mapping[str, Json]) -> str:
    """The page; ``documents`` by the paths where they are served."""
    contents = (
        f'<li><a href="#{_anchor(path)}">{escape(document["info"]["title"])}</a>'
        f' (<a href="{escape(path)}">OpenAPI document</a>)</li>'
        for path, document in documents.items()
    )
    sections = (line for path, document in documents.items() for line in _section(path, document))
    return _PAGE.format(style=_STYLE, contents="\n".join(contents), sections="\n".join(sections))


def _anchor(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".json")


def _section(path: str, document: Json) -> Iterator[str]:
    base, schemas = document["servers"][0]["url"], document["components"]["schemas"]
    yield f'<h2 id="{_anchor(path)}">{escape(document["info"]["title"])}</h2>'
    yield f"<p>{escape(document['info']['description'])}</p>"
    for place, operations in document["paths"].items():
        for method, operation in operations.items():
            yield f"<h3><code>{method.upper()} {escape(base + place)}</code></h3>"
            yield f"<p>{escape(operation['summary'])}.</p>"
            yield from _operation(operation, _anchor(path))
    yield f"<h2>Shapes: {escape(document['info']['title'])}</h2>"
    for name, schema in schemas.items():
        yield from _shape(name, schema, _anchor(path))


def _operation(operation: Json, prefix: str) -> Iterator[str]:
    parameters = operation["parameters"]
    if parameters:
        rows = [(_code(one["name"]), escape(one["in"]), _type(one["schema"], prefix)) for one in parameters]
        yield _table("Parameters", ("name", "in", "value"), rows)
    if "requestBody" in operation:
        (content,) = operation["requestBody"]["content"].values()
        yield f"<p>Body: {_type(content['schema'], prefix)}</p>"
    answers = []
    for status, answer in operation["responses"].items():
        bodies = (_type(content["schema"], prefix) for content in answer.get("content", {}).values())
        answers.append((_code(status), escape(answer["description"]), ", ".join(bodies) or "none"))
    yield _table("Answers", ("status", "when", "body"), answers)


def _shape(name: str, schema: Json, prefix: str) -> Iterator[str]:
    yield f'<h3 id="{prefix}-{escape(name)}">{escape(name)}</h3>'
    if "description" in schema:
        yield f"<p>{escape(schema['description'])}</p>"
    if not schema.get("properties"):
        yield f"<p>{_type(schema, prefix)}</p>"
        return
    needed = schema.get("required", ())
    rows = [
        (_code(member), _type(inner, prefix), "always" if member in needed else "perhaps")
        for member, inner in schema["properties"].items()
    ]
    yield _table("Members", ("name", "value", "there"), rows)


def _table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; cells are HTML already."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption>\n<tr>{head}</tr>\n{body}\n</table>"


def _type(schema: Json, prefix: str) -> str:
    """What values a schema takes, in words."""
    match schema:
        case {"$ref": str(reference)}:
            name = escape(reference.rpartition("/")[2])
            return f'<a href="#{prefix}-{name}">{name}</a>'
        case {"anyOf": list(choices)}:
            return " or ".join(_type(one, prefix) for one in choices)
        case {"enum": list(values)}:
            return " ".join(_code(value) for value in values)
        case {"const": value}:
            return _code(value)
        case {"type": "array"}:
            return f"list of {_type(schema.get('items', {}), prefix)}"
        case {"type": "object", "properties": dict(members)}:
            return f"object with {' '.join(_code(name) for name in members)}"
        case {"type": [*kinds]}:
            return " or ".join(str(kind) for kind in kinds)
        case {"type": str(kind)}:
            return escape(f"{kind} ({schema['format']})" if "format" in schema else kind)
        case _:
            return "anything"


def _code(value: object) -> str:
    return f"<code>{escape(str(value))}</code>"
