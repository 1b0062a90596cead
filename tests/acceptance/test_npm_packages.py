"""The pins of the npm packages: which ones, by hash, from wherever a machine gets its packages."""

from __future__ import annotations

import json

import pytest
from tests.acceptance import npm_packages

pytestmark = pytest.mark.acceptance

LOCK = json.loads((npm_packages.HERE / "package-lock.json").read_text("utf-8"))["packages"]


def test_every_package_has_its_hash_and_none_an_address() -> None:
    packages = {path: package for path, package in LOCK.items() if path}
    assert {"node_modules/cometd", "node_modules/cometd-nodejs-client", "node_modules/ws"} <= set(packages)
    for path, package in packages.items():
        assert package["integrity"].startswith("sha512-"), path
        assert "resolved" not in package, path


def test_what_is_installed_is_what_is_pinned() -> None:
    npm_packages.node()
    for path, package in LOCK.items():
        if path:
            installed = json.loads((npm_packages.HERE / path / "package.json").read_text("utf-8"))
            assert installed["version"] == package["version"]


def test_without_node_it_is_skipped_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("CORDBOARD_REQUIRE_LIVE", raising=False)
    with pytest.raises(pytest.skip.Exception, match="node and npm are needed"):
        npm_packages.node()


def test_without_node_it_fails_where_nothing_may_be_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("CORDBOARD_REQUIRE_LIVE", "1")
    with pytest.raises(pytest.fail.Exception, match="node and npm are needed"):
        npm_packages.node()
