"""``[journal]``: where it lies, whose it is, and nothing out of range unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from cordboard.journal.opening import WAL_BYTES
from cordboard.journal.sqlite import Terms
from cordboard.server.config_journal import Journal, site_of
from cordboard.server.config_reading import Reader
from cordboard.server.config_switch import Asterisk, Switch


def test_the_defaults_are_those_of_the_journal() -> None:
    assert Journal().terms() == Terms(wal_bytes=WAL_BYTES)
    assert Journal(fold_interval_s=1.0, keep_days=2.0).terms().keep.days == 2.0


def test_it_lies_beside_the_configuration_or_where_it_is_told_to() -> None:
    folder = Path("/etc/cordboard")
    assert Journal().file(folder) == folder / "cordboard.db"
    assert Journal(path="/var/lib/cordboard/a.db").file(folder) == Path("/var/lib/cordboard/a.db")
    assert Journal(path=":memory:").file(folder) is None


def test_it_tells_of_the_calls_of_a_switch_unless_it_is_named() -> None:
    asterisk = Switch(kind="asterisk", asterisk=Asterisk(url="http://pbx:8088/ari", application="one"))
    assert site_of(Journal(), Switch()) == "virtual"
    assert site_of(Journal(), asterisk) == "asterisk one at http://pbx:8088/ari"
    assert site_of(Journal(site="Berlin"), asterisk) == "Berlin"
    assert site_of(Journal(site="Berlin"), Switch()) == "Berlin"


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("path", "", "a file"),
        ("path", "a\0b", "a file"),
        ("site", "two\nlines", "on one line"),
        ("keep_days", 0, "from 0.05"),
        ("keep_bytes_max", 1, "from 16777216"),
        ("fold_interval_s", 3_601, "up to 3600"),
        ("fold_rows_max", 99, "from 100"),
        ("try_again_s", 0, "from 0.01"),
        ("waiting_bytes_max", 1_000, "from 65536"),
    ],
)
def test_values_out_of_range_are_mistakes(name: str, value: object, accepted: str) -> None:
    reader = Reader("f.toml", {})
    reader.table(Journal, {name: value}, "journal")
    (mistake,) = reader.mistakes
    assert mistake.key == f"journal.{name}"
    assert accepted in mistake.accepted
