"""Pages that promise to be complete are."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cordboard.server.config import Settings

ROOT = Path(__file__).parents[1]
PAGES = [page for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]) if ".venv" not in page.parts]


def settings(table: msgspec.Struct, above: str = "") -> Iterator[tuple[str, str]]:
    for name in table.__struct_fields__:
        value = getattr(table, name)
        if isinstance(value, msgspec.Struct):
            yield from settings(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", msgspec.json.encode(value).decode()


def test_every_setting_is_on_its_page_with_its_default() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z_.]+)` \| `(.+?)` \|", page, re.MULTILINE) == list(settings(Settings()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_code_map_names_what_exists() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z].*?) \|", page, re.MULTILINE)
    assert len(rows) > 20
    missing = []
    for row in rows:
        room = ""
        for name in re.findall(r"`([a-z_/.]+)`", row):
            path = name if "/" in name else f"{room}/{name}"
            room = path.rpartition("/")[0]
            if not any((base / path).exists() for base in (ROOT / "src" / "cordboard", ROOT)):
                missing.append(path)
    assert missing == []


def test_decisions_are_numbered_one_after_the_other() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        assert page.read_text(encoding="utf-8").startswith(f"# {page.name[:4]}: ")
