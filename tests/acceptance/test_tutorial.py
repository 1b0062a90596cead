"""The tutorial is typed in, word for word, and what it promises comes true (needs bash and curl)."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
START_S = 20
END_S = 60

pytestmark = pytest.mark.acceptance


@pytest.fixture
def address() -> Iterator[str]:
    """A server of our own, on any free port; it must end cleanly."""
    environ = os.environ | {"CORDBOARD_SERVER__LISTEN": "127.0.0.1:0", "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "cordboard", "serve", "--config", str(ROOT / "examples" / "demo.toml")]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        found = re.fullmatch(r"cordboard listening on http://(.*)\n", server.stdout.readline())
        assert found is not None
        yield found[1]
        server.send_signal(signal.SIGTERM)
        assert server.wait(START_S) == 0


def typed(address: str) -> tuple[list[str], str]:
    """What each block printed, and what the listener of step 2 heard meanwhile."""
    listener = next(block for block in BLOCKS if block.startswith("ask()"))
    steps = [block for block in BLOCKS if not block.startswith(("ask()", "make"))]
    script = [f"({listener}) > heard 2>&1 &", "LISTENER=$!", "sleep 1"]
    for step in steps:
        script += ["echo; echo =====", *(f"{line}\nsleep 0.2; echo" for line in whole_lines(step))]
    script += ["sleep 0.5", "kill $LISTENER", "echo; echo =====", "cat heard"]
    ran = subprocess.run(
        ["bash", "-c", "cd $(mktemp -d)\n" + "\n".join(script).replace("127.0.0.1:8080", address)],
        capture_output=True,
        text=True,
        timeout=END_S,
        check=False,
    )
    assert ran.stderr == ""
    *printed, heard = ran.stdout.split("\n=====\n")[1:]
    return printed, heard


def whole_lines(block: str) -> list[str]:
    return block.replace("\\\n", "").splitlines()


@pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("bash")) and not os.environ.get("CORDBOARD_REQUIRE_LIVE"),
    reason="bash or curl is missing",
)
def test_the_tutorial_keeps_its_promises(address: str) -> None:
    printed, heard = typed(address)
    assert '"state":"Ringing"' in printed[2]
    assert '"statusCode":2' in printed[3]
    assert '"hears":["5000"]' in printed[5]
    assert '"hears":["music"]' in printed[7]
    assert '"callType":"Consult"' in printed[7]
    assert '"hears":["5001"]' in printed[8]
    promised = re.findall(r"# (\".*)", BLOCKS[-1])
    shown = re.findall(r'"hears":\[[^]]*\]', printed[-1])
    assert shown == promised
    assert len(promised) == 3
    states = re.findall(r'"state":"(\w+)"', heard)
    assert states == ["Ringing", "Established", "Held", "Dialing", "Established", "Released", "Released"]
