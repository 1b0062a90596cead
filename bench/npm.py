"""Brings the npm packages that a folder's package-lock.json pins, by their hashes, into its node_modules."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

_INSTALL_S = 300


class CannotInstallError(Exception):
    """The packages can't be had; the message says why."""


def node() -> str:
    """The path of node. Raises CannotInstallError."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        raise CannotInstallError("node and npm are needed")
    return found


def install(folder: Path) -> None:
    """``npm ci`` unless these very pins are there already. Raises CannotInstallError."""
    npm = shutil.which("npm")
    if npm is None:
        raise CannotInstallError("node and npm are needed")
    stamp = folder / "node_modules" / ".made-from"
    # Whoever comes first installs; the others wait and find it done.
    with (folder / "package-lock.json").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        pins = hashlib.sha256(held.read() + (folder / "package.json").read_bytes()).hexdigest()
        if stamp.exists() and stamp.read_text("ascii") == pins:
            return
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_INSTALL_S,
            check=False,
        )
        if done.returncode != 0:
            raise CannotInstallError(f"npm ci failed: {done.stderr.strip()}")
        stamp.write_text(pins, "ascii")
