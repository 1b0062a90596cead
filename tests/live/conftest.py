"""Fixtures of the live tests: an Asterisk for the session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.kit.outside import cannot_run
from tools.asterisk import Asterisk, CannotBringError


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for the Asterisk is live."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and "asterisk" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session")
def asterisk() -> Iterator[Asterisk]:
    """One for all tests, configured by examples/asterisk; whoever kills it restarts it."""
    try:
        asterisk = Asterisk.start()
    except CannotBringError as error:
        cannot_run(f"an Asterisk is needed for live tests: {error}")
    yield asterisk
    asterisk.stop()
