"""Decoding at the door, encoding on the way out."""

from __future__ import annotations

import json

import msgspec
import pytest

from cordboard.bayeux.errors import DoorFault
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import (
    Message,
    Reply,
    RequestAdvice,
    RequestExt,
    decode_batch,
    echoed_id,
    encode_delivery,
    encode_reply,
    with_replay_id,
)

LIMITS = BayeuxLimits(message_bytes_max=400, batch_max=3)


def decode(body: bytes | str) -> list[Message]:
    batch = decode_batch(body, LIMITS)
    assert isinstance(batch, list)
    return batch


def test_an_array_is_decoded_in_order_and_unknown_members_are_ignored() -> None:
    batch = decode(b'[{"channel":"/a","id":"1","whatever":{"x":[1]}},{"channel":"/b","clientId":"c"}]')
    assert [message.channel for message in batch] == ["/a", "/b"]
    assert batch[1].client_id == "c"


@pytest.mark.parametrize(
    "body", [b'{"channel":"/a"}', b' \n[{"channel":"/a"}]', '{"channel":"/a"}', '[{"channel":"/a"}]']
)
def test_bare_objects_and_white_space_and_text_are_accepted(body: bytes | str) -> None:
    assert decode(body) == [Message(channel="/a")]


def test_every_member_has_its_place() -> None:
    body = (
        b'{"channel":"/meta/connect","id":7,"clientId":"c","connectionType":"websocket","advice":{"timeout":0},'
        b'"supportedConnectionTypes":["websocket"],"subscription":["/a"],"ext":{"ack":3,"other":1}}'
    )
    assert decode(body) == [
        Message(
            channel="/meta/connect",
            id=msgspec.Raw(b"7"),
            client_id="c",
            subscription=["/a"],
            connection_type="websocket",
            supported_connection_types=["websocket"],
            advice=RequestAdvice(0),
            ext=RequestExt(ack=3),
        )
    ]


def test_a_member_of_the_wrong_type_spoils_only_its_own_message() -> None:
    batch = decode('[{"channel":"/a","id":"x1"},{"channel":5,"id":"x2","clientId":7,"subscription":{"a":1}},4]')
    assert batch == [
        Message(channel="/a", id=msgspec.Raw(b'"x1"')),
        Message(channel="", id=msgspec.Raw(b'"x2"'), subscription=""),
        Message(),
    ]


def test_wrong_types_in_the_other_members_count_as_absent_or_ill_formed() -> None:
    body = (
        b'{"channel":"/a","connectionType":1,"supportedConnectionTypes":"websocket",'
        b'"advice":"soon","ext":[],"subscription":["/a",1]}'
    )
    assert decode(body) == [Message(channel="/a", connection_type="", advice=RequestAdvice(), subscription="")]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", DoorFault.UNREADABLE),
        (b"hello", DoorFault.UNREADABLE),
        (b"3", DoorFault.UNREADABLE),
        (b'"text"', DoorFault.UNREADABLE),
        (b'[{"channel":"/a"}', DoorFault.UNREADABLE),
        (b'[{"channel":"\xff"}]', DoorFault.UNREADABLE),
        (b"[" * 390, DoorFault.UNREADABLE),
        (b"[]", DoorFault.EMPTY),
        (b"[{},{},{},{}]", DoorFault.TOO_MANY),
        (b'{"channel":"/' + b"a" * 400 + b'"}', DoorFault.TOO_LARGE),
    ],
)
def test_what_cannot_be_answered_message_by_message_is_a_fault(body: bytes, fault: DoorFault) -> None:
    assert decode_batch(body, LIMITS) is fault


def test_depth_is_no_way_in() -> None:
    body = b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert decode_batch(body, BayeuxLimits(message_bytes_max=1_000_000)) is DoorFault.UNREADABLE


@pytest.mark.parametrize("text", [b'"1"', b'"abc-1.2:3_4"', b"12", b"-3", b'""', b"null"])
def test_an_id_is_echoed_as_it_came(text: bytes) -> None:
    (message,) = decode(b'{"channel":"/a","id":' + text + b"}")
    assert bytes(echoed_id(message) or b"") == text


@pytest.mark.parametrize(
    "text", [b'"a b"', b'"<script>"', b"1.5", b"[]", b"{}", b"true", b'"' + b"9" * 65 + b'"', b"9" * 40, b'"\\u0041"']
)
def test_other_ids_are_not(text: bytes) -> None:
    (message,) = decode(b'{"channel":"/a","id":' + text + b"}")
    assert echoed_id(message) is None


@pytest.mark.parametrize("text", [b"9" * 40, b"{}", b"1e300"])
def test_other_ids_are_not_even_beside_a_member_of_the_wrong_type(text: bytes) -> None:
    (message,) = decode(b'{"channel":1,"id":' + text + b"}")
    assert echoed_id(message) is None


def test_no_id_is_no_id() -> None:
    assert echoed_id(Message(channel="/a")) is msgspec.UNSET


def test_a_reply_leaves_out_what_it_does_not_have() -> None:
    reply = Reply(channel="/meta/subscribe", successful=True, id=msgspec.Raw(b'"9"'), client_id="c", subscription="/a")
    assert json.loads(encode_reply(reply)) == {
        "channel": "/meta/subscribe",
        "successful": True,
        "id": "9",
        "clientId": "c",
        "subscription": "/a",
    }


def test_a_delivery_has_channel_and_data() -> None:
    assert encode_delivery("/a", b'{"n":1}') == b'{"channel":"/a","data":{"n":1}}'


@pytest.mark.parametrize(
    ("data", "numbered"),
    [
        (b'{"n":1}', b'{"n":1,"event":{"replayId":7}}'),
        (b"{}", b'{"event":{"replayId":7}}'),
        (b"{ }", b'{"event":{"replayId":7}}'),
        (b"[1]", b"[1]"),
        (b'"}"', b'"}"'),
    ],
)
def test_an_object_has_room_for_the_number_of_its_replay(data: bytes, numbered: bytes) -> None:
    assert with_replay_id(data, 7) == numbered
