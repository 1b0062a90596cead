"""Copies a configuration and gives it folders, ports and an address of its own.

The files are those that an operator copies, unchanged but for a few values: a run must try what people use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from tools.asterisk.ports import Ports

EXAMPLE = Path(__file__).parents[2] / "examples" / "asterisk"

# What asterisk.conf calls the folders that one Asterisk has for itself.
_FOLDERS = {
    "astetcdir": "etc",
    "astvarlibdir": "lib",
    "astdbdir": "lib",
    "astkeydir": "lib",
    "astspooldir": "spool",
    "astrundir": "run",
    "astlogdir": "log",
    "astcachedir": "cache",
}

# Asterisk calls it an error when one of these is missing, and goes on with its defaults. Packages bring them; a folder
# of our own has them empty, so that an error in the log is one.
_EMPTY = ("acl", "ccss", "cel", "features", "pjproject", "stasis", "udptl", "websocket_client")


class NotThereError(Exception):
    """A value was to be replaced in a configuration that does not have it."""


def modules() -> list[str]:
    """The modules that the example loads."""
    return re.findall(r"^load = (\S+)", (EXAMPLE / "modules.conf").read_text("utf-8"), re.MULTILINE)


def write(
    base: Path,
    ports: Ports,
    *,
    example: Path = EXAMPLE,
    address: str = "127.0.0.1",
    overlay: Mapping[str, str] | None = None,
    outside: Mapping[str, Path | None] | None = None,
) -> Path:
    """Make ``base`` ready for an Asterisk; returns its asterisk.conf.

    ``overlay`` is text that goes to the end of the file it is named by; ``outside`` names folders that are not in
    ``base``, by the keys of asterisk.conf.
    """
    for name in _FOLDERS.values():
        (base / name).mkdir(parents=True, exist_ok=True)
    (base / "lib" / "keys").mkdir(exist_ok=True)
    (base / "spool" / "recording").mkdir(exist_ok=True)  # recordings fail without it
    etc = base / "etc"
    texts = {f"{name}.conf": "" for name in _EMPTY}
    texts |= {file.name: file.read_text("utf-8") for file in sorted(example.glob("*.conf"))}
    for name, values in _values(base, ports, address).items():
        if name in texts:
            texts[name] = replaced(texts[name], values)
    texts["asterisk.conf"] = _directories(base, outside or {}) + texts.get("asterisk.conf", "")
    for name, text in (overlay or {}).items():
        texts[name] = f"{texts.get(name, '')}\n{text}\n"
    for name, text in texts.items():
        (etc / name).write_text(text, "utf-8")
    return etc / "asterisk.conf"


def _values(base: Path, ports: Ports, address: str) -> dict[str, dict[tuple[str, str], str]]:
    return {
        "pjsip.conf": {("udp", "bind"): f"{address}:{ports.sip}", ("tcp", "bind"): f"{address}:{ports.sip}"},
        "pjsip_wizard.conf": {("trunk", "remote_hosts"): f"127.0.0.1:{ports.trunk}"},
        "http.conf": {("general", "bindport"): str(ports.http)},
        "manager.conf": {("general", "port"): str(ports.ami)},
        "rtp.conf": {("general", "rtpstart"): str(ports.rtp_first), ("general", "rtpend"): str(ports.rtp_last)},
        "musiconhold.conf": {("default", "directory"): str(base / "moh")},
    }


def replaced(text: str, values: Mapping[tuple[str, str], str]) -> str:
    """``text`` with other values for (section, key). Raises NotThereError for what it does not have."""
    section, lines, left = "", [], dict(values)
    for line in text.splitlines():
        header = re.match(r"\[([^]]+)\]", line)
        entry = re.match(r"([A-Za-z0-9_/]+)(\s*=>?\s*)[^;]*?(\s*;.*)?$", line)
        if header:
            section = header[1]
        if entry and (section, entry[1]) in values:
            left.pop((section, entry[1]), None)
            line = f"{entry[1]}{entry[2]}{values[section, entry[1]]}{entry[3] or ''}"  # noqa: PLW2901
        lines.append(line)
    if left:
        raise NotThereError(f"nothing to replace for {sorted(left)}")
    return "\n".join(lines) + "\n"


def _directories(base: Path, outside: Mapping[str, Path | None]) -> str:
    folders = {**{key: base / name for key, name in _FOLDERS.items()}, **outside}
    lines = [f"{key} => {folder}" for key, folder in folders.items() if folder]
    return "\n".join(["[directories]", *lines, "", ""])
