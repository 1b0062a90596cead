"""examples/asterisk.toml and examples/asterisk tell the same story."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from cordboard.server import config

EXAMPLES = Path(__file__).parents[2] / "examples"
FOLDER = EXAMPLES / "asterisk"
OURS: dict[str, Any] = tomllib.loads((EXAMPLES / "asterisk.toml").read_text("utf-8"))
DEMO: dict[str, Any] = tomllib.loads((EXAMPLES / "demo.toml").read_text("utf-8"))
SWITCH: dict[str, str] = OURS["switch"]["asterisk"]


def text(name: str) -> str:
    """A file without its comments."""
    return re.sub(r"\s*;.*", "", (FOLDER / name).read_text("utf-8"))


def sections(name: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for header, body in re.findall(r"^\[([^]]+)\][^\n]*\n((?:(?!\[).*\n?)*)", text(name), re.MULTILINE):
        found[header] = dict(re.findall(r"^([A-Za-z_/]+) =>? ?(.*)$", body, re.MULTILINE))
    return found


def test_everybody_has_a_telephone_and_every_telephone_somebody() -> None:
    wizards = sections("pjsip_wizard.conf")
    phones = {name: values for name, values in wizards.items() if "inbound_auth/username" in values}
    assert {user["number"] for user in OURS["users"]} == set(phones)
    assert all(values["inbound_auth/username"] == name for name, values in phones.items())
    assert set(wizards) - set(phones) == {"phone", "browser", "trunk"}


def test_the_people_are_those_of_the_demo_and_one_with_a_browser() -> None:
    demo = [user["name"] for user in DEMO["users"]]
    assert [user for user in OURS["users"] if user["name"] != "15010"] == DEMO["users"]
    assert "15010" not in demo
    assert OURS["tenants"] == DEMO["tenants"]


def test_addresses_names_and_passwords_are_the_same_on_both_sides() -> None:
    http, ari, manager = (sections(f"{name}.conf") for name in ("http", "ari", "manager"))
    assert SWITCH["url"] == f"http://{http['general']['bindaddr']}:{http['general']['bindport']}/ari"
    assert ari[SWITCH["user"]]["password"] == SWITCH["password"]
    assert SWITCH["ami"] == f"{manager['general']['bindaddr']}:{manager['general']['port']}"
    assert manager[SWITCH["ami_user"]]["secret"] == SWITCH["ami_password"]
    assert SWITCH["music"] in sections("musiconhold.conf")
    assert SWITCH["trunk"].rpartition("@")[2] in sections("pjsip_wizard.conf")


def test_calls_are_handed_to_the_application() -> None:
    handed = re.findall(r"Stasis\((\w+),(\w+),", text("extensions.conf"))
    assert handed == [(SWITCH["application"], "phone"), (SWITCH["application"], "trunk")]
    contexts = {values["endpoint/context"] for values in sections("pjsip_wizard.conf").values() if "type" in values}
    assert contexts <= set(sections("extensions.conf"))


def test_every_file_says_what_it_is_for() -> None:
    for file in FOLDER.iterdir():
        lines = file.read_text("utf-8").splitlines()
        assert lines[0].startswith("; "), file
        assert max(map(len, lines)) <= 120, file


def test_the_configuration_is_accepted() -> None:
    loaded = config.load(EXAMPLES / "asterisk.toml", {})
    assert isinstance(loaded, config.Config), loaded
    assert loaded.switch.kind == "asterisk"
