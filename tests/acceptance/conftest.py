"""Fixtures of the acceptance tests: the real process, the npm client, and a stage for both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance import npm_packages
from tests.acceptance.desktops import Drivers, ProcessDriver
from tests.acceptance.server_process import ServerProcess, serving
from tests.acceptance.stage import Stage


@pytest.fixture(scope="session")
def drivers() -> Iterator[Drivers]:
    """Node processes that run npm CometD clients; skips where node is missing."""
    node = npm_packages.node()
    drivers = Drivers(lambda: ProcessDriver([node, "desktop.js"]))
    yield drivers
    drivers.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A process of its own for each module; it must end well and have logged no error."""
    with serving(tmp_path_factory.mktemp("server") / "log") as server:
        yield server


@pytest.fixture(params=["websocket", "long-polling"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stage(server: ServerProcess, drivers: Drivers, transport: str) -> Iterator[Stage]:
    stage = Stage(server, drivers, transport)
    yield stage
    stage.close()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A file for the log of a server that a test starts itself."""
    return tmp_path / "log"
