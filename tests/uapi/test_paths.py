"""Paths are taken apart, however clients write them."""

from __future__ import annotations

import pytest

from cordboard.uapi.paths import Place, read


@pytest.mark.uapi("1.1 two bases", "1.2 last slash", "1.2 encoded paths")
@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/uapi/phoneCalls/12/0003*210/ab", Place("phoneCalls", "12", "0003*210", ("ab",))),
        ("/uapi/phoneCalls/12/0003%2A210/", Place("phoneCalls", "12", "0003*210")),
        ("/unifiedapi/phoneCalls/%40me/@self//", Place("phoneCalls", "@me", "@self")),
        ("/uapi/phoneCalls/@me", Place("phoneCalls", "@me")),
        ("/uapi/cdr", Place("cdr")),
        ("/uapi/a/b/c/d/e", Place("a", "b", "c", ("d", "e"))),
        ("/uapi/", None),
        ("/uapi", None),
        ("/uapis/phoneCalls", None),
    ],
)
def test_a_path_is_read(path: str, place: Place | None) -> None:
    assert read(path) == place
