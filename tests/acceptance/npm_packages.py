"""Brings the npm packages that package-lock.json pins, by their hashes, into tests/acceptance/node_modules."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

HERE = Path(__file__).parent
_MODULES = HERE / "node_modules"
_STAMP = _MODULES / ".made-from"
_INSTALL_S = 300


def required() -> bool:
    """Whether a test that can't run is a failure, as in CI."""
    return os.environ.get("CORDBOARD_REQUIRE_LIVE") == "1"


def cannot_run(why: str) -> NoReturn:
    """Skip with a reason, or fail where nothing may be skipped."""
    if required():
        pytest.fail(f"{why} (CORDBOARD_REQUIRE_LIVE=1)", pytrace=False)
    pytest.skip(why)


def node() -> str:
    """The path of node, with the packages installed."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found is None or npm is None:
        cannot_run("node and npm are needed to run the npm CometD client")
    why = _install(npm)
    if why is not None:
        cannot_run(why)
    return found


def _install(npm: str) -> str | None:
    """``npm ci`` unless these very pins are there; why it could not be done, or None."""
    lock = HERE / "package-lock.json"
    # One test run at a time installs; the others wait and find it done.
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        pins = hashlib.sha256(held.read() + (HERE / "package.json").read_bytes()).hexdigest()
        if _STAMP.exists() and _STAMP.read_text("ascii") == pins:
            return None
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=HERE,
            capture_output=True,
            text=True,
            timeout=_INSTALL_S,
            check=False,
        )
        if done.returncode != 0:
            return f"npm ci failed: {done.stderr.strip()}"
        _STAMP.write_text(pins, "ascii")
        return None
