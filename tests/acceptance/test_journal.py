"""What the process writes down, as an operator sees it: listed while it runs, refused with a code if it is no use."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from tests.acceptance.server_process import DEMO, ServerProcess, command, environment
from tests.acceptance.stage import Lab
from tests.kit.journals import files

pytestmark = pytest.mark.acceptance


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("journal", *map(str, arguments)),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def serve(path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """A server that can't begin."""
    own = {"CORDBOARD_SERVER__LISTEN": "127.0.0.1:0", "CORDBOARD_JOURNAL__PATH": str(path), **settings}
    arguments = command("serve", "--config", str(DEMO))
    return subprocess.run(arguments, env=environment(own), capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The journal of a server that was killed in the middle of a call; it was looked at while the server ran."""
    folder = tmp_path_factory.mktemp("journal")
    path = folder / "a.db"
    server = ServerProcess(folder / "log", {"CORDBOARD_JOURNAL__PATH": str(path)})
    try:
        with server.client() as anybody:
            Lab(anybody).do("5000", "dial", to="5005")
        listed = run("list", path)
        assert (listed.returncode, listed.stderr) == (0, "")
        assert " hear " in listed.stdout
        verified = run("verify", path)
        assert (verified.returncode, verified.stderr) == (0, "")
        assert "no damage" in verified.stdout
        second = serve(path)
        assert second.returncode == 7
        assert "is writing to it; a journal has one server" in second.stderr
        assert "Traceback" not in second.stderr
    finally:
        server.kill()
    return path


@pytest.fixture
def path(killed: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    for file in killed.parent.glob("a.db*"):
        if not file.name.endswith("-shm"):
            shutil.copy(file, tmp_path)
    return tmp_path / "a.db"


def refused(path: Path, code: int, message: str, **settings: str) -> None:
    before = files(path)
    ended = serve(path, **settings)
    assert ended.returncode == code, ended.stderr
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    assert files(path) == before


def test_an_export_has_everything(path: Path) -> None:
    exported = run("export", path)
    lines = [json.loads(line) for line in exported.stdout.splitlines()]
    first = lines[0]["number"]
    assert [line["number"] for line in lines] == list(range(first, first + len(lines)))
    assert lines[0]["at"] * 1000 - first < 60_000, "numbers begin where none before can have been"
    rows = [json.loads(line) for line in run("export", path, "--rows").stdout.splitlines()]
    assert {"calls", "legs"} <= {row["table"] for row in rows}


def test_one_of_another_site(path: Path) -> None:
    refused(path, 4, "of the calls of site 'virtual', and this is 'Berlin'", CORDBOARD_JOURNAL__SITE="Berlin")


def test_one_of_a_later_version(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    refused(path, 3, "later version of cordboard")


def test_one_that_was_cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)
    wal = path.with_name("a.db-wal")
    wal.write_bytes(b"")
    refused(path, 5, "truncated")


def test_one_whose_end_is_lost(path: Path) -> None:
    path.with_name("a.db-wal").unlink()
    refused(path, 5, "but was written up to")
    assert run("verify", path).returncode == 5


def test_one_whose_pages_are_spoiled(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(path.read_bytes())
    content[4_096:] = os.urandom(len(content) - 4_096)
    path.write_bytes(content)
    refused(path, 5, "malformed")
    assert run("verify", path).returncode == 5


def test_one_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere" / "a.db", 6, "No such file or directory")


def test_one_that_is_whole_is_gone_on_with(path: Path) -> None:
    server = ServerProcess(path.with_name("log"), {"CORDBOARD_JOURNAL__PATH": str(path)})
    server.close()
    assert run("verify", path).returncode == 0
