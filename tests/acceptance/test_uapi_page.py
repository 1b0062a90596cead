"""What docs/uapi.md tells integrators to paste into a terminal does what the page says (needs bash and curl)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
from tests.acceptance import npm_packages
from tests.acceptance.server_process import ROOT, ServerProcess

pytestmark = pytest.mark.acceptance

PAGE = (ROOT / "docs" / "uapi.md").read_text("utf-8")
BLOCKS = [text for kind, text in re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) if not kind]


def test_the_page_keeps_its_promises(server: ServerProcess) -> None:
    if not (shutil.which("curl") and shutil.which("bash")):
        npm_packages.cannot_run("bash and curl are needed to paste what the page tells to try")
    # A person takes a moment to paste the next block.
    script = "sleep 0.3\n".join(BLOCKS).replace("http://127.0.0.1:8080", server.url)
    ran = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    begun, lab, talking, handed, _, after, ended, gone, records = map(json.loads, ran.stdout.splitlines())
    call = begun[0]["id"]
    assert lab["number"] == "0003*024"
    assert statuses(talking) == {"0003*210": "5", "0003*024": "5"}
    assert handed["id"] == call
    assert statuses(after) == {"0003*210": "5"}
    assert after["entry"][0]["phoneCallView"][0]["destination"] == ["3235742879"]
    assert ended[0]["id"] == call
    assert (gone["entry"], gone["totalResults"]) == ([], 0)
    assert list(records["entry"]) == [call]


def statuses(listed: Any) -> dict[str, str]:
    (call,) = listed["entry"]
    return {view["extension"]: view["status"] for view in call["phoneCallView"]}
