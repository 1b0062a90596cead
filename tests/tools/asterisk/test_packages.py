"""What was fetched is compared with what was tried."""

from __future__ import annotations

import pytest
from tools.asterisk.packages import ForgedError, Package

from tools.asterisk import packages

TRIED = [Package("zlib1g", "1:1.3-3", "amd64", "aa"), Package("sounds", "1.6", "all", "bb")]


def test_the_list_names_what_is_pinned_and_nothing_else() -> None:
    pins = packages.read_pins(packages.PINS.read_text("utf-8"))
    assert sorted(pin.name for pin in pins) == sorted(packages.NAMES)
    assert {len(pin.sha256) for pin in pins} == {64}


def test_pins_are_read_as_they_were_written() -> None:
    assert packages.read_pins(packages.write_pins(TRIED)) == TRIED


def test_a_file_tells_its_name_and_version() -> None:
    assert Package.of_file("libnss3_2%3a3.131.1-1_amd64.deb", "cc") == Package("libnss3", "2:3.131.1-1", "amd64", "cc")


def test_the_same_files_call_for_no_remark() -> None:
    assert packages.compare(TRIED, TRIED) == []


def test_a_version_that_moved_and_strangers_are_remarked_upon() -> None:
    fetched = [Package("zlib1g", "1:1.4-1", "amd64", "dd"), Package("sounds", "1.6", "arm64", "ee")]
    assert packages.compare(fetched, TRIED) == ["zlib1g 1:1.4-1, tried was 1:1.3-3", "1 packages were never tried"]


def test_another_file_of_the_same_version_is_refused() -> None:
    with pytest.raises(ForgedError, match=r"zlib1g 1:1\.3-3 is not the file that was tried: ff"):
        packages.compare([Package("zlib1g", "1:1.3-3", "amd64", "ff")], TRIED)


@pytest.mark.parametrize(
    ("printed", "numbers"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1\n", (22, 10, 1)),
        ("Asterisk certified/20.7-cert5", (20, 7)),
        ("Asterisk GIT-master-1234", ()),
        ("", ()),
    ],
)
def test_the_release_is_read_from_what_the_program_prints(printed: str, numbers: tuple[int, ...]) -> None:
    assert packages.release(printed) == numbers
