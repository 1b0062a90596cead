"""What is recorded of the product, and the floor's requests made of the product's."""

from __future__ import annotations

import tomllib

from bench.desks import Request

from bench import desks, servers
from cordboard.server.config import Config, read


def test_the_configuration_has_everybody_and_the_lab() -> None:
    config = read(tomllib.loads(servers.configuration(3)), {}, "bench.toml")
    assert isinstance(config, Config)
    assert config.switch.virtual.lab
    assert {desks.people(2).caller, desks.people(0).target} < set(config.directory.numbers)
    assert len(config.directory.users) == 9


def test_a_transfer_is_five_requests_and_three_of_them_are_the_agents() -> None:
    requests = servers._requests(desks.people(0), 80, b"Basic x", b"JSESSIONID=1")
    assert [request.lab for request in requests] == [True, False, False, False, True]
    written = [request.written(b"C" * 32) for request in requests]
    assert all(b"Cookie: JSESSIONID=1\r\n" in text for text in written[1:4])
    assert written[1].startswith(b"POST /api/v2/me/calls/%b HTTP/1.1\r\n" % (b"C" * 32))
    for text in written:
        head, _, body = text.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head


def test_the_floors_requests_are_the_products_but_for_the_path() -> None:
    requests = servers._requests(desks.people(0), 80, b"Basic x", b"JSESSIONID=1")
    for request in requests:
        path = "/floor/0/1/".ljust(servers._path_length(request), "x")
        found = servers._redirected(request, path)
        original = request.written(b"C" * 32)
        redirected = found.written(b"")
        assert len(redirected) == len(original)
        assert redirected.split(b" ", 2)[2] == original.split(b" ", 2)[2]
        assert redirected.split(b" ", 2)[1] == path.encode()
        assert (found.lab, found.messages) == (request.lab, request.messages)


def test_the_usual_way_of_sharing_frames_is_recorded() -> None:
    odd = [(b"1",), (b"2", b"3")]
    usual = [(b"4",), (b"5",)]
    last = [(b"6",), (b"7",)]
    assert servers.usual([usual, last, odd]) is last


def test_requests_know_where_the_call_goes() -> None:
    assert Request(b"a", None, True, 0).written(b"C") == b"a"
    assert Request(b"a", b"b", False, 0).written(b"C") == b"aCb"
