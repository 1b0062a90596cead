"""Fixtures of the live tests: an Asterisk for the session, and telephones for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.acceptance import npm_packages
from tests.acceptance.desktops import Drivers, ProcessDriver
from tests.kit.outside import cannot_run, required
from tests.live.floor import Floor
from tests.live.floor import floor as make_floor
from tests.live.phones import Phones, needed
from tests.live.site import Site
from tests.live.stage import LiveStage

from tools.asterisk import Asterisk, CannotBringError, bring

_LOG_SHOWN = 8_000
_FIRST = {"test_stories.py": 0, "test_ari_switch.py": 1, "test_link.py": 2, "test_answering_fails.py": 3}
"""In this order; whoever begins with the stories gets the short file besides (see pytest-xdist's ``loadfile``)."""


def _on_asterisk(items: list[pytest.Item]) -> list[pytest.Item]:
    here = Path(__file__).parent
    return [
        item for item in items if item.path.is_relative_to(here) and "asterisk" in getattr(item, "fixturenames", ())
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for the Asterisk is live. What takes longest begins first: files are run side by side."""
    for item in _on_asterisk(items):
        item.add_marker(pytest.mark.live)
    items.sort(key=lambda item: _FIRST.get(item.path.name, len(_FIRST)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Bring it before the first test: one can see that it is being done; if it can't be, that is said once a file."""
    items = _on_asterisk(session.items)
    if not items or session.config.option.collectonly or required():
        return
    try:
        bring()
    except CannotBringError as error:
        for item in items:
            item.add_marker(pytest.mark.skip(f"an Asterisk is needed for live tests: {error}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """What fails shows what the telephones saw and heard, and what the server did last."""
    report: Any = yield
    if report.when == "call" and report.failed:
        given = getattr(item, "funcargs", {})
        for phone in given.get("desks", ()):
            report.sections.append((f"telephone {phone.number}", phone.told()))
        if isinstance(site := given.get("site"), Site):
            report.sections.append(("end of the server's log", site.server.log_text()[-_LOG_SHOWN:]))
    return report  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def asterisk() -> Iterator[Asterisk]:
    """One for all tests, configured by examples/asterisk; whoever kills it restarts it."""
    try:
        asterisk = Asterisk.start()
    except CannotBringError as error:
        cannot_run(f"an Asterisk is needed for live tests: {error}")
    yield asterisk
    asterisk.stop()


@pytest_asyncio.fixture
async def phones(asterisk: Asterisk) -> AsyncIterator[Phones]:
    """Where telephones are added, registered with the Asterisk, and who ends them."""
    needed()
    async with Phones(f"{asterisk.address}:{asterisk.sip_port}") as phones:
        yield phones


@pytest.fixture(scope="session")
def drivers() -> Iterator[Drivers]:
    """Node processes that run npm CometD clients; skips where node is missing."""
    node = npm_packages.node()
    drivers = Drivers(lambda: ProcessDriver([node, "desktop.js"]))
    yield drivers
    drivers.close()


@pytest.fixture(scope="module")
def floor(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """A server on the Asterisk, and telephones; for all stories of a file."""
    needed()
    with make_floor(asterisk, tmp_path_factory.mktemp("floor")) as floor:
        yield floor


@pytest.fixture
def stage(floor: Floor, drivers: Drivers) -> Iterator[LiveStage]:
    """A story of its own: nobody may have been in silence in it, and nothing is left of it."""
    stage = LiveStage(floor, drivers)
    yield stage
    try:
        stage.nobody_was_in_silence()
    finally:
        stage.close()
