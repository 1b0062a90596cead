"""The three lines that README.md and `make run` tell a newcomer to try."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from typing import Any

import pytest
from tests.acceptance import npm_packages
from tests.acceptance.server_process import ROOT, ServerProcess

pytestmark = pytest.mark.acceptance


def lines(page: str) -> list[str]:
    return re.findall(r"^ *(curl .*)$", (ROOT / page).read_text("utf-8"), re.MULTILINE)


def typed(line: str, server: ServerProcess) -> Any:
    done = subprocess.run(
        shlex.split(
            line.replace("http://127.0.0.1:8080", server.url).replace("curl ", "curl --silent --show-error ", 1)
        ),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.parametrize("page", ["README.md", "examples/try.txt"])
def test_they_do_what_is_said(server: ServerProcess, page: str) -> None:
    if shutil.which("curl") is None:
        npm_packages.cannot_run("curl is needed to type in what the pages tell to try")
    dialled, calls, phone = (typed(line, server) for line in lines(page))
    assert (dialled["number"], dialled["state"]) == ("5000", "dialing")
    assert calls["statusCode"] == 0
    assert [call["state"] for call in calls["calls"]] == ["Ringing"]
    assert "Answer" in calls["calls"][0]["capabilities"]
    assert phone["hears"] == ["ringback"]
    with server.client() as client:
        assert client.post("/lab/v1/reset").status_code == 200
