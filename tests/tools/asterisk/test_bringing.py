"""What is said when there is no Asterisk and none can be had; and that one which is there is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.asterisk.__main__ import main
from tools.asterisk.bringing import CannotBringError, Program

from tools.asterisk import bringing


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on its path, and a cache of its own."""
    monkeypatch.setenv("CORDBOARD_ASTERISK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(bringing, "_PLACES", str(tmp_path / "sbin"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


def program(folder: Path, name: str, prints: str, code: int = 0) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{prints}' >&{2 if code else 1}\nexit {code}\n", "utf-8")
    path.chmod(0o755)
    return path


def test_one_that_is_installed_is_taken(elsewhere: Path) -> None:
    path = program(elsewhere, "asterisk", "Asterisk 20.1.0")
    assert bringing.bring() == Program((str(path),), "Asterisk 20.1.0")


def test_without_apt_it_says_what_is_missing(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program(elsewhere, "asterisk", "Asterisk 18.26.0")
    with pytest.raises(CannotBringError, match="no Asterisk of release 20 or later is installed, and without apt-get"):
        bringing.bring()
    assert main(["bring"]) == 1
    assert capsys.readouterr().err.startswith("asterisk: no Asterisk of release 20")


def test_without_debian_it_says_so(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(elsewhere, "apt-get", "")
    program(elsewhere, "dpkg-deb", "")
    monkeypatch.setattr(bringing.sources, "read", lambda folder: None)
    with pytest.raises(CannotBringError, match="apt's sources name no Debian archive"):
        bringing.bring()


def test_without_a_network_it_says_what_apt_said(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(elsewhere, "apt-get", "W: Failed to fetch it", code=0)
    program(elsewhere, "apt-get", "E: Could not resolve the host", code=100)
    program(elsewhere, "dpkg-deb", "")
    archive = bringing.sources.Source("http://mirror.example/debian", ("sid",), ("main",))
    monkeypatch.setattr(bringing.sources, "read", lambda folder: archive)
    said: list[str] = []

    with pytest.raises(CannotBringError, match="apt-get -qq update failed: E: Could not resolve the host"):
        bringing.bring(said.append)

    assert said == [f"bringing Asterisk from Debian forky (http://mirror.example/debian) to {bringing.cache()}"]
    assert [file.name for file in bringing.cache().iterdir()] == ["lock"]


def test_the_cache_is_in_the_project_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CORDBOARD_ASTERISK_CACHE", raising=False)
    assert bringing.cache() == bringing.PROJECT / ".asterisk"
