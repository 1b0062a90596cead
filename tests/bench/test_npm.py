"""Bringing npm packages: once, by their pins, or with a word about why not."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench import npm


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "node_modules").mkdir()
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    return tmp_path


def test_packages_are_brought_once_for_the_same_pins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr("subprocess.run", run)
    npm.install(folder)
    npm.install(folder)
    assert [command[:2] for command in commands] == [["/bin/npm", "ci"]]
    (folder / "package.json").write_text('{"other": 1}')
    npm.install(folder)
    assert len(commands) == 2


def test_what_npm_says_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.run", lambda command, **_: subprocess.CompletedProcess(command, 1, "", "no way\n"))
    with pytest.raises(npm.CannotInstallError, match="npm ci failed: no way"):
        npm.install(folder)
    assert not (folder / "node_modules" / ".made-from").exists()


def test_without_node_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    for bring in (npm.node, lambda: npm.install(tmp_path)):
        with pytest.raises(npm.CannotInstallError, match="node and npm are needed"):
            bring()
