"""Where a process listens."""

import socket

import pytest

from cordboard.server.listening import CannotListenError, address_of, listen


def test_an_address_of_version_six_is_written_in_brackets() -> None:
    assert address_of("::1", 8080) == "http://[::1]:8080"
    assert address_of("127.0.0.1", 8080) == "http://127.0.0.1:8080"


def test_any_free_port() -> None:
    with listen("127.0.0.1", 0) as bound:
        assert bound.getsockname()[1] > 0


def test_an_address_in_use_is_said_plainly() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListenError, match=f"^127.0.0.1:{port}: Address already in use"):
            listen("127.0.0.1", port)
