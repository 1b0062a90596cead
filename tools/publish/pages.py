"""All generated pages: their texts, and what is out of date."""

from __future__ import annotations

from pathlib import Path

from tools.publish import (
    conformance_page,
    guide_page,
    operations_index,
    operations_pages,
    permits_page,
    procedures_page,
    resources_page,
    uapi_conformance_page,
)
from tools.publish.guide_page import DOCS
from tools.publish.writing import GENERATED


def texts() -> dict[str, str]:
    """The generated pages by their paths below docs/."""
    return {
        guide_page.NAME: guide_page.text(),
        permits_page.NAME: permits_page.text(),
        procedures_page.NAME: procedures_page.text(),
        resources_page.NAME: resources_page.text(),
        conformance_page.NAME: conformance_page.text(),
        uapi_conformance_page.NAME: uapi_conformance_page.text(),
        "operations/README.md": operations_index.text(),
        **{f"operations/{name}": text for name, text in operations_pages.texts().items()},
    }


def write(docs: Path = DOCS) -> list[str]:
    """Write what has changed, remove what is no longer made; the paths of both."""
    wanted = texts()
    changed = stale(wanted, docs)
    for name in changed:
        path = docs / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], "utf-8")
        else:
            path.unlink()
    return changed


def stale(wanted: dict[str, str], docs: Path = DOCS) -> list[str]:
    """Pages that are not as they would be made now, or would not be made any more."""
    found = {name for name, text in wanted.items() if _read(docs / name) != text}
    left = {str(path.relative_to(docs)) for path in docs.rglob("*.md") if _read(path).startswith(GENERATED)}
    return sorted(found | (left - wanted.keys()))


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""
