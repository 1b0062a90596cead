"""``[cdr]``: its defaults are those of the limits, and nothing is out of range unseen."""

from __future__ import annotations

import pytest

from cordboard.cdr.store import Limits
from cordboard.server.config_cdr import Cdr
from cordboard.server.config_reading import Reader


def test_the_defaults_are_those_of_the_limits() -> None:
    assert Cdr().limits() == Limits()
    assert Cdr(kept_max=7).limits() == Limits(kept_max=7)


@pytest.mark.parametrize(
    ("name", "value"), [("keep_days", 0), ("kept_max", 0), ("page_max", 100_001), ("looked_at_max", 0)]
)
def test_values_out_of_range_are_mistakes(name: str, value: object) -> None:
    reader = Reader("f.toml", {})
    reader.table(Cdr, {name: value}, "cdr")
    assert [mistake.key for mistake in reader.mistakes] == [f"cdr.{name}"]
