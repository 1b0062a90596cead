"""The UnifiedAPI on Asterisk, with telephones: the printed example, a parked call, a message for a mailbox."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.acceptance import test_uapi
from tests.acceptance.desktops import Drivers
from tests.live.floor import OUTSIDE, floor
from tests.live.phones import needed
from tests.live.stage import LiveStage

from tools.asterisk import Asterisk


@pytest.mark.uapi("2.5 the printed example")
@pytest.mark.parametrize(
    "story",
    [
        test_uapi.test_the_printed_example,
        test_uapi.test_a_call_is_parked_and_got_out_again,
        test_uapi.test_a_message_is_left_and_fetched,
    ],
    ids=lambda story: story.__name__.removeprefix("test_"),
)
def test_stories_with_telephones(
    story: Callable[[test_uapi.App], None], asterisk: Asterisk, drivers: Drivers, tmp_path: Path
) -> None:
    needed()
    with floor(asterisk, tmp_path) as here, closing(LiveStage(here, drivers)) as stage:
        stage.bring("0003*210", "0003*024", OUTSIDE)
        app = test_uapi.App(here.server, stage.lab)
        with closing(app.http):
            story(app)
