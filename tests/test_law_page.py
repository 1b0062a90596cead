"""docs/law.md: every scenario is told somewhere or said to be open, and the casts are those that are walked."""

import re
from pathlib import Path

from tests.kit.explorer_casts import CASTS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "law.md").read_text(encoding="utf-8")
SCENARIOS = (
    *(1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 14, 18, 19, 20, 21, 22, 23, 24, 27, 28, 29, 30, 31, 32, 34, 38, 39, 40, 42),
    *(44, 45, 46, 47, 48, 50, 51, 52, 53, 54, 55, 56, 57, 59, 60, 61, 62, 63, 66, 67, 68, 69, 72, 73, 74, 75, 76, 79),
    *(80, 83, 84, 85, 86, 87, 88, 89),
)
"""The numbers of call-semantics §4."""
OPEN = {59}
ROWS = [(int(number), told) for number, told in re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)]


def test_every_scenario_is_there() -> None:
    assert tuple(number for number, _ in ROWS) == SCENARIOS
    assert {number for number, told in ROWS if told.startswith("open: ")} == OPEN


def test_each_story_says_which_scenario_it_tells() -> None:
    told = [
        (number, link) for number, where in ROWS for link in re.findall(r"\((\.\./tests/transcripts/[^)]+)\)", where)
    ]
    assert len(told) > 60
    for number, link in told:
        beginning = (ROOT / "docs" / link).read_text(encoding="utf-8").partition("\n\n")[0]
        assert re.search(rf"#{number}\b", beginning), f"{link} does not say that it tells #{number}"


def test_each_test_that_tells_a_scenario_is_there() -> None:
    told = re.findall(r"\[`(test_\w+)`\]\(([^)]+)\)", PAGE)
    assert len(told) >= 15
    for name, link in told:
        assert f"def {name}(" in (ROOT / "docs" / link).read_text(encoding="utf-8")


def test_the_casts_are_those_that_are_walked() -> None:
    """``make explore EXPLORE_FLAGS='--cast NAME'`` prints the numbers of a new one."""
    rows = re.findall(r"^\| ([a-z ,]+) \| (\d+) \| (\d) \| [\d,]+ \| [\d,]+ \|$", PAGE, re.MULTILINE)
    assert rows == [(cast.name, str(cast.depth), str(cast.faults)) for cast in CASTS.values()]
