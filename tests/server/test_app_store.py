"""The file beside the configuration: read again when it has changed, added to without touching what is there."""

from __future__ import annotations

from pathlib import Path

import structlog
from tests.kit.oauth import ANNA, CRM

from cordboard.people.directory import Directory
from cordboard.server.app_store import AppStore, append, lines

DIRECTORY = Directory([ANNA], [ANNA.tenant], [])
HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$uF0FUpYBXbXQCMSMuB8cdw"


def app(client_id: str, name: str = "", *uris: str, level: str = "user") -> str:
    return lines(client_id, HASH, "anna", level, uris, name)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "apps.toml"
    store = AppStore(file, DIRECTORY, {})
    assert store.changed() == {}
    assert store.changed() is None
    append(file, app("a"))
    append(file, app("b", 'A "name" \\ ü', "https://x/y", "https://z", level="administrator"))
    found = store.changed()
    assert found is not None
    assert list(found) == ["a", "b"]
    assert (found["b"].name, found["b"].level, found["b"].redirect_uris) == (
        *('A "name" \\ ü', "administrator"),
        ("https://x/y", "https://z"),
    )
    assert found["a"].secret_hash == HASH
    assert store.changed() is None
    file.unlink()
    assert store.changed() == {}


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    append(tmp_path / "apps.toml", app("a"))
    assert (tmp_path / "apps.toml").stat().st_mode & 0o777 == 0o600


def test_what_people_wrote_stays(tmp_path: Path) -> None:
    file = tmp_path / "apps.toml"
    file.write_text("# ours")
    append(file, app("a"))
    assert file.read_text().startswith("# ours\n[[apps]]\n")


def test_a_file_with_mistakes_changes_nothing_and_is_logged(tmp_path: Path) -> None:
    file = tmp_path / "apps.toml"
    append(file, app("crm"))
    with structlog.testing.capture_logs() as logged:
        assert AppStore(file, DIRECTORY, {"crm": CRM}).changed() is None
    (line,) = logged
    assert (line["event"], line["log_level"]) == ("apps were not read", "error")
    assert "a client_id of its own" in line["mistakes"][0]
