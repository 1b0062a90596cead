"""Which servers can be measured, and what is said where they can't; the pins of those from npm."""

from __future__ import annotations

import json
from typing import NoReturn

import pytest

from bench import npm, peers


def test_nothing_is_installed_when_nobody_else_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npm, "install", lambda _folder: pytest.fail("installed"))
    assert peers.available(()) == ((), "")


def test_without_node_ours_is_measured_alone_and_the_report_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> NoReturn:
        raise npm.CannotInstallError("node and npm are needed")

    monkeypatch.setattr(npm, "node", missing)
    assert peers.available(peers.NAMES) == ((), "no other server was measured: node and npm are needed")


def test_every_package_has_its_hash_and_none_an_address() -> None:
    lock = json.loads((peers.PEERS / "package-lock.json").read_text("utf-8"))["packages"]
    packages = {path: package for path, package in lock.items() if path}
    assert packages["node_modules/faye"]["version"] == "1.4.3"
    assert packages["node_modules/cometd-nodejs-server"]["version"] == "1.2.1"
    for path, package in packages.items():
        assert package["integrity"].startswith("sha512-"), path
        assert "resolved" not in package, path
