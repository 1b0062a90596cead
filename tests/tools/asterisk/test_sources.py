"""apt's sources are understood in both ways to write them."""

from __future__ import annotations

from pathlib import Path

from tools.asterisk.sources import Source

from tools.asterisk import sources

STANZAS = """\
# What the installer wrote.
Types: deb deb-src
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main
 contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Types: deb-src
URIs: http://mirror.example/debian
Suites: bookworm
Components: main

Enabled: no
Types: deb
URIs: http://mirror.example/elsewhere
Suites: bookworm
Components: main
"""

LINES = """\
# deb http://mirror.example/debian trixie main
deb-src http://mirror.example/debian trixie main
deb http://mirror.example/debian-security trixie-security main
deb [arch=amd64 signed-by=/keys/debian.gpg] http://mirror.example/debian/ trixie main contrib # the archive
"""


def test_stanzas_are_read_with_comments_long_fields_and_switched_off_ones() -> None:
    archive, security = sources.from_stanzas(STANZAS)
    assert archive == Source(
        "http://mirror.example/debian",
        ("bookworm", "bookworm-updates"),
        ("main", "contrib"),
        "/usr/share/keyrings/debian-archive-keyring.gpg",
    )
    assert archive.is_the_archive
    assert not security.is_the_archive


def test_keys_that_are_written_into_a_stanza_are_not_a_path() -> None:
    text = "Types: deb\nURIs: http://a.example/debian\nSuites: sid\nComponents: main\nSigned-By:\n -----BEGIN\n .\n"
    (source,) = sources.from_stanzas(text)
    assert source.signed_by == ""


def test_lines_are_read_with_options_and_comments() -> None:
    security, archive = sources.from_lines(LINES)
    assert archive == Source("http://mirror.example/debian", ("trixie",), ("main", "contrib"), "/keys/debian.gpg")
    assert archive.is_the_archive
    assert not security.is_the_archive


def test_archives_of_others_are_passed_over() -> None:
    (source,) = sources.from_lines("deb https://apt.example.org/debian stable-thing main")
    assert not source.is_the_archive
    (source,) = sources.from_lines("deb https://packages.example.org/tool stable main")
    assert not source.is_the_archive


def test_a_folder_is_read_stanzas_first(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text(LINES, "utf-8")
    found = sources.read(tmp_path)
    assert found
    assert found.suites == ("trixie",)
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "debian.sources").write_text(STANZAS, "utf-8")
    found = sources.read(tmp_path)
    assert found
    assert found.suites == ("bookworm", "bookworm-updates")


def test_a_folder_without_the_archive_has_none(tmp_path: Path) -> None:
    assert sources.read(tmp_path) is None


def test_another_suite_is_asked_for_at_the_same_place_and_must_be_signed() -> None:
    archive = Source("http://mirror.example/debian", ("bookworm",), ("main",))
    assert sources.line(archive, "forky") == (
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example/debian forky main\n"
    )
