"""Messages as telephones on the loopback interface write them."""

from __future__ import annotations

import pytest

from bench.asterisk import sip

INVITE = sip.written(
    "INVITE sip:5000@127.0.0.1:9 SIP/2.0",
    [
        ("Via", "SIP/2.0/UDP 127.0.0.1:7;branch=z9hG4bK1"),
        ("Record-Route", "<sip:127.0.0.1;lr>"),
        ("f", '"A" <sip:a@127.0.0.1>;tag=1'),
        ("To", "<sip:5000@127.0.0.1>"),
        ("i", "call-1"),
        ("CSeq", "1 INVITE"),
    ],
    sip.sound("127.0.0.1", 4_000),
)


def test_a_request_is_read_with_short_names_of_headers_too() -> None:
    message = sip.read(INVITE)
    assert message is not None
    assert (message.status, message.method, message.user) == (0, "INVITE", "5000")
    assert message.header("from") == '"A" <sip:a@127.0.0.1>;tag=1'
    assert message.header("call-id") == "call-1"
    assert message.header("expires") == ""
    assert "m=audio 4000 RTP/AVP 0 101\r\n" in message.body
    assert message.header("content-length") == str(len(message.body))


def test_a_response_goes_back_the_way_the_request_came() -> None:
    request = sip.read(INVITE)
    assert request is not None
    response = sip.read(sip.response(request, "180 Ringing", "t", "<sip:5000@127.0.0.1:9>"))
    assert response is not None
    assert (response.status, response.method) == (180, "INVITE")
    for name in ("via", "record-route", "from", "call-id", "cseq"):
        assert response.header(name) == request.header(name)
    assert response.header("to") == "<sip:5000@127.0.0.1>;tag=t"
    assert response.header("contact") == "<sip:5000@127.0.0.1:9>"


def test_a_tag_that_is_there_stays() -> None:
    data = INVITE.replace(b"To: <sip:5000@127.0.0.1>", b"To: <sip:5000@127.0.0.1>;tag=mine")
    request = sip.read(data)
    assert request is not None
    response = sip.read(sip.response(request, "200 OK", "other"))
    assert response is not None
    assert response.header("to").endswith(";tag=mine")


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\xff\xfe"])
def test_what_is_no_message_is_none(data: bytes) -> None:
    assert sip.read(data) is None


@pytest.mark.parametrize(
    ("contact", "uri"),
    [
        ("<sip:5000@127.0.0.1:9;x=1>;expires=3", "sip:5000@127.0.0.1:9;x=1"),
        ("sip:5000@127.0.0.1;tag=1", "sip:5000@127.0.0.1"),
    ],
)
def test_a_uri_is_found_in_a_header(contact: str, uri: str) -> None:
    assert sip.uri_of(contact) == uri
