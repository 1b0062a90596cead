"""The UnifiedAPI on Asterisk: the printed example, with telephones."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests.acceptance import test_uapi
from tests.acceptance.desktops import Drivers
from tests.live.floor import OUTSIDE, floor
from tests.live.phones import needed
from tests.live.stage import LiveStage

from tools.asterisk import Asterisk


def test_the_printed_example(asterisk: Asterisk, drivers: Drivers, tmp_path: Path) -> None:
    needed()
    with floor(asterisk, tmp_path) as here, closing(LiveStage(here, drivers)) as stage:
        stage.bring("0003*210", "0003*024", OUTSIDE)
        app = test_uapi.App(here.server, stage.lab)
        with closing(app.http):
            test_uapi.test_the_printed_example(app)
