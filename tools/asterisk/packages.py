"""Which of Debian's packages make an Asterisk that runs in a folder, and which of their versions were tried.

The list is what `ld.so --list` asks for on behalf of the program and of the modules in examples/asterisk/modules.conf,
and voices for announcements. Whatever else the packages depend on (databases, Lua, calendars) stays where it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

# The suite that is becoming the next Debian; the stable one has no Asterisk.
SUITE = "forky"

NAMES = (
    "asterisk",
    "asterisk-core-sounds-en-gsm",
    "asterisk-modules",
    "libbsd0",
    "libc6",
    "libcap2",
    "libcrypt1",
    "libedit2",
    "libgcc-s1",
    "libgsm1",
    "libjansson4",
    "libmd0",
    "libnspr4",
    "libnss3",
    "libopus0",
    "libsqlite3-0",
    "libsrtp2-1",
    "libssl3t64",
    "libstdc++6",
    "libsystemd0",
    "libtinfo6",
    "liburiparser1",
    "libuuid1",
    "libxml2-16",
    "libxslt1.1",
    "libzstd1",
    "zlib1g",
)

PINS = Path(__file__).parent / "pins.txt"


@dataclass(frozen=True)
class Package:
    """A package file: its name, its version and its architecture as its file is named by, and its checksum."""

    name: str
    version: str
    architecture: str
    sha256: str

    @classmethod
    def of_file(cls, name: str, sha256: str) -> Package:
        parts = name.removesuffix(".deb").split("_")
        return cls(parts[0], parts[1].replace("%3a", ":"), parts[2], sha256)


class ForgedError(Exception):
    """A package has the version that was tried, but is another file."""


def read_pins(text: str) -> list[Package]:
    return [Package(*line.split()) for line in text.splitlines() if line and not line.startswith("#")]


def write_pins(packages: list[Package]) -> str:
    lines = [f"{package.name} {package.version} {package.architecture} {package.sha256}\n" for package in packages]
    return "# name, version, architecture, SHA-256; made by `python -m tools.asterisk bring --pin`\n" + "".join(lines)


def compare(fetched: list[Package], pins: list[Package]) -> list[str]:
    """What to say about packages that are not the very ones that were tried. Raises ForgedError."""
    tried = {(pin.name, pin.architecture): pin for pin in pins}
    remarks = []
    strangers = 0
    for package in fetched:
        pin = tried.get((package.name, package.architecture))
        if pin is None:
            strangers += 1
        elif pin.version != package.version:
            remarks.append(f"{package.name} {package.version}, tried was {pin.version}")
        elif pin.sha256 != package.sha256:
            raise ForgedError(f"{package.name} {package.version} is not the file that was tried: {package.sha256}")
    return [*remarks, f"{strangers} packages were never tried"] if strangers else remarks


def release(version: str) -> tuple[int, ...]:
    """The numbers in what `asterisk -V` prints: `Asterisk 22.10.1~dfsg…` is (22, 10, 1)."""
    found = re.search(r"Asterisk (?:certified[/-])?(\d+(?:\.\d+)*)", version)
    return tuple(int(part) for part in found[1].split(".")) if found else ()
