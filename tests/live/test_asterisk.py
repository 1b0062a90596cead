"""The Asterisk that live tests use starts from the example, answers, and goes when it should."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tools.asterisk.ports import Slot

from tools.asterisk import Asterisk, configuring

ROOT = Path(__file__).parents[2]
SECONDS = 10.0

# Where none can be had, the fixture says so; those that start one of their own need no other reason.
pytestmark = [pytest.mark.live, pytest.mark.usefixtures("asterisk")]


@pytest.fixture
def ports() -> Iterator[list[str]]:
    """Arguments for ports that no other run on this machine has meanwhile."""
    slot = Slot()
    own = slot.ports
    rtp = f"{own.rtp_first}-{own.rtp_last}"
    yield ["--sip", str(own.sip), "--http", str(own.http), "--ami", str(own.ami), "--rtp", rtp]
    slot.release()


def info(asterisk: Asterisk) -> dict[str, object]:
    answer = httpx.get(f"{asterisk.ari_url}/asterisk/info", auth=(asterisk.user, asterisk.password), trust_env=False)
    assert answer.status_code == 200
    return dict(answer.json())


def until_gone(process: int) -> None:
    """``process`` is a file descriptor of one, as os.pidfd_open makes it."""
    assert select.select([process], [], [], SECONDS)[0], "the process is still there"
    os.close(process)


def test_it_answers_over_ari_and_has_loaded_all_that_the_example_names(asterisk: Asterisk) -> None:
    assert str(info(asterisk)["system"]["version"]) in asterisk.version  # type: ignore[index]
    shown = asterisk.cli("module show")
    assert [name for name in configuring.modules() if name not in shown] == []


def test_phones_and_the_trunk_are_there(asterisk: Asterisk) -> None:
    shown = asterisk.cli("pjsip show endpoints")
    for number in (*range(15000, 15011), *range(5000, 5010), 5900, "0003*210", "0003*024", "trunk"):
        assert f"Endpoint:  {number} " in shown


def test_music_is_one_clean_tone(asterisk: Asterisk) -> None:
    assert str(asterisk.base / "moh" / "tone") in asterisk.cli("moh show files")


def test_one_of_one_s_own_starts_without_an_error_has_its_overlay_and_comes_back_when_killed() -> None:
    asterisk = Asterisk.start(overlay={"extensions.conf": "[more]\nexten => 1,1,Hangup()"})
    try:
        lines = asterisk.log.read_text("utf-8").splitlines()
        assert [line for line in lines if " ERROR[" in line or " WARNING[" in line] == []
        assert "Hangup()" in asterisk.cli("dialplan show more")
        before = asterisk.pid
        asterisk.kill()
        assert not asterisk.alive
        asterisk.restart()
        assert asterisk.pid != before
        assert info(asterisk)
    finally:
        asterisk.stop()
    assert not asterisk.alive
    assert not asterisk.base.exists()


def test_it_ends_with_the_one_who_started_it() -> None:
    program = "import tools.asterisk as a; it = a.Asterisk.start(); print(it.pid, flush=True); input()"
    owner = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout is not None
        process = os.pidfd_open(int(owner.stdout.readline()))
        owner.kill()
    until_gone(process)


def test_the_command_line_runs_one_beside_a_command_and_ends_both(tmp_path: Path, ports: list[str]) -> None:
    command = [sys.executable, "-m", "tools.asterisk", "run", "--base", str(tmp_path), *ports, "--", "echo", "done"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS * 3, check=False)
    assert done.returncode == 0, done.stderr
    assert "done\n" in done.stdout
    assert f"its log is {tmp_path}/log/messages.log" in done.stdout


def test_the_command_line_ends_on_sigterm(tmp_path: Path, ports: list[str]) -> None:
    command = [sys.executable, "-m", "tools.asterisk", "run", "--base", str(tmp_path), *ports]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while not process.stdout.readline().startswith("its log is"):
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
    assert not list((tmp_path / "run").glob("*.ctl"))
