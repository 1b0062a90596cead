"""The tutorial is typed in, word for word, and what it promises comes true (needs bash and curl)."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.acceptance import npm_packages
from tests.acceptance.server_process import ROOT, ServerProcess

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
HEARD = ["Ringing", "Established", "Held", "Dialing", "Established", "Released", "Released"]
END_S = 60

pytestmark = pytest.mark.acceptance


def until(condition: str) -> str:
    """A line of shell that waits, but not for ever: the whole script has END_S."""
    return f"until {condition}; do sleep 0.05; done"


def typed(address: str, folder: Path) -> tuple[list[str], str]:
    """What each block printed, and what the listener of step 2 heard meanwhile."""
    listener = next(block for block in BLOCKS if block.startswith("ask()"))
    steps = [block for block in BLOCKS if not block.startswith(("ask()", "make"))]
    script = ["touch heard", f"({listener}) > heard 2>&1 &", "LISTENER=$!", "trap 'kill $LISTENER' EXIT"]
    script += [until("grep -q /meta/connect heard")]
    for step in steps:
        # A person takes a moment to type the next line.
        script += ["echo; echo =====", *(f"{line}\nsleep 0.1; echo" for line in whole_lines(step))]
    script += [until(f"[ $(grep -o '\"state\":' heard | wc -l) -ge {len(HEARD)} ]"), "echo; echo =====", "cat heard"]
    ran = subprocess.run(
        ["bash", "-c", "\n".join(script).replace("http://127.0.0.1:8080", address)],
        cwd=folder,
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


def test_the_tutorial_keeps_its_promises(server: ServerProcess, tmp_path: Path) -> None:
    if not (shutil.which("curl") and shutil.which("bash")):
        npm_packages.cannot_run("bash and curl are needed to type the tutorial in")
    printed, heard = typed(server.url, tmp_path)
    assert '"state":"Ringing"' in printed[2]
    assert '"statusCode":2' in printed[3]
    assert '"hears":["5000"]' in printed[5]
    assert '"hears":["music"]' in printed[7]
    assert '"callType":"Consult"' in printed[7]
    assert '"hears":["5001"]' in printed[8]
    # Everything but the one refusal was accepted.
    assert set(re.findall(r'"statusCode":(\d+)', "".join(printed[:3] + printed[4:]))) == {"0"}
    promised = re.findall(r"# (\".*)", BLOCKS[-1])
    shown = re.findall(r'"hears":\[[^]]*\]', printed[-1])
    assert shown == promised
    assert len(promised) == 3
    assert re.findall(r'"state":"(\w+)"', heard) == HEARD
