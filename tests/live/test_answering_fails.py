"""A server that was not told where AMI is can't make a telephone answer, says so, and lets it ring."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.live.floor import Floor
from tests.live.floor import floor as make_floor
from tests.live.phones import needed
from tests.live.stage import LiveStage

from tools.asterisk import Asterisk


@pytest.fixture(scope="module")
def floor(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    needed()
    with make_floor(asterisk, tmp_path_factory.mktemp("floor"), {"CORDBOARD_SWITCH__ASTERISK__AMI": ""}) as floor:
        yield floor


def test_it_is_told_and_the_call_rings_on(stage: LiveStage) -> None:
    stage.enter("5005")
    stage.lab.do("5000", "dial", to="5005")
    (ringing,) = stage.news("5005", "A Ringing")
    stage.ask("5005", "A", "Answer")
    stage.news("5005", "Error 4")
    assert stage.read("5005", "A")["capabilities"] == ringing["capabilities"]
    stage.hears({"5000": ["ringback"]})
    assert stage.lab.phone("5005")["state"] == "ringing"

    stage.lab.do("5005", "answer")
    stage.news("5005", "A Established")
    stage.hears({"5000": ["5005"], "5005": ["5000"]})
    stage.lab.do("5000", "hangup")
    stage.news("5005", "A Released")
    stage.nobody_is_told_more()
