"""docs/README.md: all documentation, by who is looking for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools.publish.writing import page

NAME = "README.md"
ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_SECTIONS: dict[str, dict[str, str]] = {
    "Begin": {
        "../README.md": "what cordboard is, and two commands to start it",
        "tutorial.md": "hand a call over, with nothing but curl",
        "lab.md": "telephones without telephones: move them, and let the switch misbehave",
    },
    "Write a client, or bring one": {
        "clients.md": "point an existing client at cordboard; what is the same, what differs",
        "operations/README.md": "every operation, with requests, notifications and refusals",
        "resources.md": "what can be read, with examples",
        "permits.md": "what may be asked, and when",
        "procedures.md": "transfers, conferences and the rest as pictures",
        "recordings.md": "who may record, where recordings are kept, and how to get one",
        "bayeux.md": "notifications in detail: what of Bayeux is supported, what differs, how to use the room alone",
        "uapi.md": "the UnifiedAPI: what is there, what differs",
        "uapi-conformance.md": "what the UnifiedAPI asks for, row by row, and the tests that prove it",
        "cdr.md": "call detail records: a segment for each leg, a record for each transfer, one id for all of them",
        "openapi.md": "OpenAPI documents of all interfaces, and the reference page",
        "voicemail.md": "messages that callers leave, and how their owners get them",
        "oauth.md": "how programs get tokens for the UnifiedAPI, by themselves or with somebody's consent",
        "conformance.md": "the samples of the original's documentation, and how they are compared",
    },
    "Run it": {
        "asterisk.md": "real telephones: an Asterisk to try, your own, and a first transferred call",
        "doctor.md": "`cordboard doctor`: what it looks at, what its lines mean, what it tries",
        "configuration.md": "every setting, its default and its range",
        "durability.md": "what is written down, what that promises, and what is not promised",
        "metrics.md": "what is counted for Prometheus, and when to be woken",
        "benchmarks.md": "how fast it is, and how that was measured",
        "../SECURITY.md": "what is protected, and how to report a hole",
        "../CHANGELOG.md": "what came when",
    },
    "Work on it": {
        "../ARCHITECTURE.md": "the rooms, and where to find what",
        "../GLOSSARY.md": "each word and its one meaning",
        "../CONTRIBUTING.md": "how to add something",
        "law.md": "what holds whatever happens, how that is checked, and which story tells what",
    },
}


def text() -> str:
    parts = ["# Documentation"]
    for title, pages in _SECTIONS.items():
        parts += [f"## {title}", "\n".join(f"- [{_title(path)}]({path}): {what}" for path, what in pages.items())]
    parts += ["## Further pages", "\n".join(_others())] if list(_others()) else []
    return page(*parts, "## Decisions", "Why it is so, one page each:", "\n".join(_decisions()))


def _title(path: str) -> str:
    return _TITLES.get(path) or path.rpartition("/")[2].removesuffix(".md").capitalize()


_TITLES = {"../README.md": "Introduction", "operations/README.md": "Operations"}


def _others() -> Iterator[str]:
    """Pages that nobody has put into a section yet: better here than nowhere."""
    listed = {path for pages in _SECTIONS.values() for path in pages}
    for path in sorted(DOCS.glob("*.md")):
        if path.name not in listed and path.name != NAME:
            yield f"- [{_heading(path)}]({path.name})"


def _decisions() -> Iterator[str]:
    for path in sorted((DOCS / "decisions").glob("*.md")):
        yield f"- [{_heading(path)}](decisions/{path.name})"


def _heading(path: Path) -> str:
    return path.read_text("utf-8").splitlines()[0].removeprefix("# ")
