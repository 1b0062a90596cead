"""The clients that docs/clients.md shows do what the page says, word for word as they are printed."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.acceptance import npm_packages
from tests.acceptance.line_reader import LineReader
from tests.acceptance.server_process import ROOT, ServerProcess

PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
DEADLINE_S = 15.0

pytestmark = pytest.mark.acceptance


def program(language: str, server: ServerProcess) -> str:
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(block).replace("http://127.0.0.1:8080", server.url)


def run(command: Sequence[str], folder: Path, server: ServerProcess, ready: Callable[[str], bool]) -> list[str]:
    """What a client prints that is called once it is ready, and hung up on once it has answered."""
    client = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert client.stdout is not None
    assert client.stderr is not None
    lines, printed = LineReader(client.stdout), list[str]()
    try:
        with server.client() as lab:
            while (line := lines.next(DEADLINE_S)) is not None:
                printed.append(line)
                if ready(line):
                    lab.post("/lab/v1/phones/5000", json={"do": "dial", "to": "5005"}).raise_for_status()
                elif line.startswith("Established"):
                    lab.post("/lab/v1/phones/5000", json={"do": "hangup"}).raise_for_status()
        assert client.wait(DEADLINE_S) == 0
        assert client.stderr.read() == ""
    finally:
        client.kill()
        client.wait(DEADLINE_S)
        client.stderr.close()
        lines.close()
    return printed


def test_the_client_in_python(server: ServerProcess, tmp_path: Path) -> None:
    source = tmp_path / "client.py"
    source.write_text(program("python", server), "utf-8")
    printed = run([sys.executable, "-u", str(source)], tmp_path, server, lambda line: line.startswith("I am"))
    assert printed == [
        "I am 5005 and listen",
        "Ringing with ['5000']",
        "Established with ['5000']",
        "Released with ['5000']",
    ]


def test_the_client_in_javascript(server: ServerProcess) -> None:
    command = [npm_packages.node(), "--input-type=module", "--eval", program("javascript", server)]
    printed = run(command, npm_packages.HERE, server, lambda line: line == "I am listening")
    assert printed[0] == "I am listening"
    assert [line for line in printed if " with " in line] == [
        "Ringing with [ '5000' ]",
        "Established with [ '5000' ]",
        "Released with [ '5000' ]",
    ]
