"""``[[apps]]``: what is made of them and which mistakes are seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.kit.oauth import ANNA, CRM, OLGA

from cordboard.people.directory import Directory
from cordboard.server import passwords
from cordboard.server.apps import App
from cordboard.server.config_apps import read_apps, read_store
from cordboard.server.config_reading import Reader

DIRECTORY = Directory([ANNA, OLGA], [ANNA.tenant], [])
APP: dict[str, Any] = {"client_id": "crm", "client_secret": "s", "user": "anna"}
HASH = passwords.slow_hash("s")


def apps(*tables: Any) -> tuple[list[App], list[str]]:
    reader = Reader("f.toml", {})
    found = read_apps(reader, list(tables), DIRECTORY)
    return found, [str(mistake).removeprefix("f.toml: ") for mistake in reader.mistakes]


def test_an_app_speaks_for_one_user_unless_said_otherwise() -> None:
    (app,), mistakes = apps(APP)
    assert mistakes == []
    assert (app.client_id, app.user, app.level, app.redirect_uris, app.name) == ("crm", ANNA, "user", (), "")
    assert passwords.is_quick(app.secret_hash)
    assert passwords.matches(app.secret_hash, "s")


def test_everything_that_can_be_said() -> None:
    said = {"level": "administrator", "redirect_uris": ["https://x/y?z=%20"], "name": "Ü"}
    (app,), mistakes = apps({"client_id": "crm", "client_secret_hash": HASH, "user": "id-olga", **said})
    assert mistakes == []
    assert (app.user, app.level, app.redirect_uris, app.name) == (OLGA, "administrator", ("https://x/y?z=%20",), "Ü")
    assert app.secret_hash == HASH


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"user": "ann"}, 'apps[#1].user: found "ann"; accepted: the name or id of a user (did you mean "anna"?)'),
        ({"user": 12}, "apps[#1].user: found 12; accepted: a text"),
        ({"client_id": "a b"}, 'apps[#1].client_id: found "a b"; accepted: 1 to 100 letters, digits and _ . ~ -'),
        ({"client_secret": ""}, "apps[#1]: found neither; accepted: one of client_secret (plain text) and "),
        ({"client_secret_hash": HASH}, "apps[#1]: found both; accepted: one of client_secret (plain text) and "),
        ({"client_secret": "a b"}, "apps[#1].client_secret: found a value (not shown); accepted: up to 200"),
        ({"level": "all"}, 'apps[#1].level: found "all"; accepted: "administrator" or "organization" or "user"'),
        ({"redirect_uris": ["x:y"]}, 'apps[#1].redirect_uris: found ["x:y"]; accepted: a list, each item an http://'),
        ({"redirect_uris": ["https://x/%2"]}, 'apps[#1].redirect_uris: found ["https://x/%2"]; '),
        ({"redirect_uris": ["https://x/#y"]}, 'apps[#1].redirect_uris: found ["https://x/#y"]; '),
        ({"redirect_uris": ["https://x; /"]}, 'apps[#1].redirect_uris: found ["https://x; /"]; '),
        ({"name": "a\nb"}, 'apps[#1].name: found "a\\nb"; accepted: up to 100 characters on one line'),
        ({"secret": "x"}, "apps[#1].secret: found an unknown key; "),
    ],
)
def test_mistakes_are_told_one_by_one(change: dict[str, Any], mistake: str) -> None:
    _, (found,) = apps(APP | change)
    assert found.startswith(mistake)


def test_a_hash_must_be_one() -> None:
    _, (found,) = apps({"client_id": "crm", "client_secret_hash": "s", "user": "anna"})
    assert found.startswith("apps[#1].client_secret_hash: found a value (not shown); accepted: an argon2 hash")


def test_ids_are_unique() -> None:
    _, (found,) = apps(APP, APP)
    assert (
        found == 'apps[#2].client_id: found "crm"; accepted: a client_id of its own (apps[#1].client_id has this one)'
    )


def store(tmp_path: Path, text: str) -> tuple[list[str], list[str]]:
    file = tmp_path / "apps.toml"
    file.write_text(text)
    found, mistakes = read_store(file, DIRECTORY, {"crm": CRM})
    return [app.client_id for app in found], [str(mistake).removeprefix(f"{file}: ") for mistake in mistakes]


def test_a_store_holds_apps(tmp_path: Path) -> None:
    text = '[[apps]]\nclient_id = "other"\nclient_secret = "s"\nuser = "anna"\n'
    assert store(tmp_path, text) == (["other"], [])
    assert store(tmp_path, "") == ([], [])
    assert read_store(tmp_path / "none.toml", DIRECTORY, {}) == ([], [])


def test_what_is_wrong_with_a_store(tmp_path: Path) -> None:
    _, (taken,) = store(tmp_path, '[[apps]]\nclient_id = "crm"\nclient_secret = "s"\nuser = "anna"\n')
    assert "a client_id of its own (the configuration has this one)" in taken
    assert store(tmp_path, "x = 1") == ([], ["x: found an unknown key; accepted: [[apps]] only"])
    _, (broken,) = store(tmp_path, "[[apps")
    assert broken.endswith("accepted: a TOML document in UTF-8")
    found, (mistake,) = read_store(tmp_path, DIRECTORY, {})
    assert (found, mistake.accepted) == ([], "a file that can be read")
