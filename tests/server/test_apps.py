"""The register: configured apps and stored ones."""

from __future__ import annotations

import msgspec
from tests.kit.oauth import ANNA, BOARD, CRM

from cordboard.people.model import Account
from cordboard.server.apps import App, Register


def test_an_app_has_an_account_and_a_title() -> None:
    assert BOARD.account == Account(ANNA, "organization", "board")
    assert (CRM.title, BOARD.title) == ("The <CRM>", "board")


def test_configured_apps_are_found() -> None:
    register = Register([CRM])
    register.refresh()
    assert register.find("crm") is CRM
    assert register.find("nobody") is None
    assert register.decoy == CRM.secret_hash
    assert not register.is_stored
    assert Register([]).decoy == ""


def test_stored_ones_come_and_go_and_never_replace_a_configured_one() -> None:
    other = msgspec.structs.replace(CRM, name="Other")
    found: list[dict[str, App] | None] = [{"board": BOARD, "crm": other}, None, {}]
    register = Register([CRM], lambda: found.pop(0))
    assert register.is_stored
    assert register.find("board") is None
    seen = []
    while found:
        register.refresh()
        seen.append(register.find("board"))
    assert seen == [BOARD, BOARD, None]
    assert register.find("crm") is CRM
