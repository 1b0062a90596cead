"""``cordboard apps``: what it does and says."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cordboard.server import passwords
from cordboard.server.config import Config, read
from cordboard.server.config_reading import Mistakes
from cordboard.server.registering import Wanted, add, listed

FILE = Path("f.toml")


def config(folder: Path = Path(), **uapi: Any) -> Config:
    users = [{"name": name, "number": name, "password": "x"} for name in ("5000", "5005")]
    apps = [{"client_id": "own", "client_secret": "s", "user": "5000", "redirect_uris": ["https://x/y"]}]
    found = read({"users": users, "apps": apps, "uapi": uapi}, {}, str(FILE), folder)
    assert isinstance(found, Config), str(found)
    return found


def told(text: str | Mistakes) -> tuple[str, str, str]:
    """All of it, the id and the secret."""
    assert isinstance(text, str), str(text)
    found = re.search(r"client_id: +(\S+)\nclient_secret: (\S+)\n", text)
    assert found is not None
    return text, found[1], found[2]


def test_without_a_store_the_lines_to_paste_are_printed() -> None:
    text, client_id, secret = told(add(config(), FILE, Wanted("5005", "My app", "organization", ("https://x/y",))))
    assert text.startswith("Add these lines to f.toml and start the server again:\n\n[[apps]]\n")
    (app,) = tomllib.loads(text[text.index("[[apps]]") : text.index("client_id:  ")])["apps"]
    assert passwords.matches(app.pop("client_secret_hash"), secret)
    assert app == {
        "client_id": client_id,
        "user": "5005",
        "level": "organization",
        "redirect_uris": ["https://x/y"],
        "name": "My app",
    }


def test_with_a_store_it_is_written_there_and_the_secret_nowhere(tmp_path: Path) -> None:
    stored = config(tmp_path, apps_path="apps.toml")
    text, client_id, secret = told(add(stored, FILE, Wanted("5005")))
    file = tmp_path / "apps.toml"
    assert text.startswith(f"Registered in {file}; ")
    assert secret not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    own, other = (user.id for user in stored.directory.users)
    assert listed(stored, FILE) == (
        f"own: own\n  speaks for 5000 (id {own}), level user\n  sends people back to https://x/y\n  in f.toml\n\n"
        f"{client_id}: {client_id}\n  speaks for 5005 (id {other}), level user\n  in {file}\n"
    )


def test_a_store_that_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none"):
        add(config(tmp_path / "none", apps_path="apps.toml"), FILE, Wanted("5005"))


def test_nothing_to_list() -> None:
    found = read({}, {}, "f.toml")
    assert isinstance(found, Config)
    assert listed(found, FILE) == "No apps are registered.\n"


@pytest.mark.parametrize(
    ("wanted", "mistake"),
    [
        (Wanted("500"), 'command line: --user: found "500"; accepted: the name or id of a user (did you mean'),
        (Wanted("5005", level="all"), 'command line: --level: found "all"; '),
        (Wanted("5005", name="a\nb"), 'command line: --name: found "a\\nb"; '),
        (Wanted("5005", name="\x7f"), "command line: found a character that can't be written; "),
        (Wanted("5005", name="\udcff"), "command line: found a character that can't be written; "),
        (Wanted("5005", redirect_uris=("x",)), 'command line: --redirect-uri: found ["x"]; '),
    ],
)
def test_mistakes_are_told_in_the_words_of_the_command_line(wanted: Wanted, mistake: str) -> None:
    found = add(config(), FILE, wanted)
    assert isinstance(found, Mistakes)
    assert str(found).startswith(mistake)
