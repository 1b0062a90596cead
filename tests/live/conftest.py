"""Fixtures of the live tests: an Asterisk for the session, and telephones for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.kit.outside import cannot_run, required
from tests.live.phones import Phones, needed

from tools.asterisk import Asterisk, CannotBringError, bring


def _on_asterisk(items: list[pytest.Item]) -> list[pytest.Item]:
    here = Path(__file__).parent
    return [
        item for item in items if item.path.is_relative_to(here) and "asterisk" in getattr(item, "fixturenames", ())
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for the Asterisk is live."""
    for item in _on_asterisk(items):
        item.add_marker(pytest.mark.live)


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
