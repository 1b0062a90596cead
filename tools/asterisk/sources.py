"""Where this machine's apt gets Debian from: its own sources, read and never changed.

Both ways to write them are understood: a stanza in a `.sources` file, a line in a `.list`. The mirror is whatever is
written there; none is named in this project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass(frozen=True)
class Source:
    """One place that packages come from."""

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""

    @property
    def is_the_archive(self) -> bool:
        """Debian's main archive, which holds all suites; security updates and strangers' archives do not."""
        named = any(re.fullmatch(r"[a-z]+(-updates|-backports)?", suite) for suite in self.suites)
        return "main" in self.components and named and "security" not in self.uri and "debian" in self.uri.lower()


def read(folder: Path) -> Source | None:
    """The source for Debian's archive in ``folder``, as /etc/apt is one."""
    files = sorted(folder.glob("sources.list.d/*.sources"))
    stanzas = [source for file in files for source in from_stanzas(file.read_text("utf-8"))]
    files = [folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))]
    lines = [source for file in files if file.exists() for source in from_lines(file.read_text("utf-8"))]
    return next((source for source in [*stanzas, *lines] if source.is_the_archive), None)


def from_stanzas(text: str) -> Iterator[Source]:
    """Of deb822: fields in stanzas that are parted by empty lines; a line that begins with a space goes on."""
    kept = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for stanza in re.split(r"\n\s*\n", kept):
        fields = {
            name.lower(): " ".join(value.split())
            for name, value in re.findall(r"^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)", stanza, re.MULTILINE)
        }
        if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes").lower() not in ("no", "false"):
            yield from _of_fields(fields)


def _of_fields(fields: Mapping[str, str]) -> Iterator[Source]:
    signed_by = fields.get("signed-by", "")
    for uri in fields.get("uris", "").split():
        yield Source(
            uri.rstrip("/"),
            tuple(fields.get("suites", "").split()),
            tuple(fields.get("components", "").split()),
            signed_by if signed_by.startswith("/") else "",
        )


def from_lines(text: str) -> Iterator[Source]:
    """Of lines: `deb [option=value …] uri suite component …`."""
    for line in text.splitlines():
        found = re.match(r"deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s*(?P<rest>[^#]*)", line)
        if found:
            signed_by = re.search(r"signed-by=(/\S+)", found["options"] or "")
            uri = found["uri"].rstrip("/")
            yield Source(uri, (found["suite"],), tuple(found["rest"].split()), signed_by[1] if signed_by else "")


def line(source: Source, suite: str) -> str:
    """What a sources.list says to get ``suite`` from where ``source`` is. Whatever comes must be signed by Debian."""
    return f"deb [signed-by={source.signed_by or KEYRING}] {source.uri} {suite} main\n"
