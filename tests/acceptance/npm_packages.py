"""Whether the npm packages that the acceptance tests need are there, in tests/acceptance/node_modules."""

from __future__ import annotations

from pathlib import Path

from tests.kit.outside import cannot_run as cannot_run
from tests.kit.outside import required as required

from bench import npm

HERE = Path(__file__).parent


def node() -> str:
    """The path of node, with the packages installed."""
    try:
        found = npm.node()
        npm.install(HERE)
    except npm.CannotInstallError as error:
        cannot_run(f"{error} to run the npm clients" if "needed" in str(error) else str(error))
    return found
