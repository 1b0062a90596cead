"""NOTIFYs by way of a manager on a socket."""

from collections.abc import AsyncIterator

import pytest
from tests.kit.asterisk_server import PASSWORD, Manager

from cordboard.switches.ari import ami
from cordboard.switches.ari.ami import Ami, AmiSettings


@pytest.fixture
async def manager() -> AsyncIterator[Manager]:
    made = Manager()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def phones(manager: Manager) -> AsyncIterator[Ami]:
    made = Ami(AmiSettings("127.0.0.1", manager.port, "us", PASSWORD))
    yield made
    made.close()


def test_an_action_is_written_without_line_ends_in_its_values() -> None:
    assert ami.written({"Action": "A", "Channel": "x\r\nAction: B"}) == b"Action: A\r\nChannel: xAction: B\r\n\r\n"


def test_a_message_is_read() -> None:
    assert ami.read([b"Response: Success\r\n", b"odd\r\n", b"Message: a: b\xff\r\n"]) == {
        "Response": "Success",
        "odd": "",
        "Message": "a: b\ufffd",
    }


def test_the_password_is_not_shown() -> None:
    assert repr(AmiSettings("pbx", 5038, "us", "geheim")) == "AmiSettings('pbx', 5038, 'us')"


async def test_a_telephone_is_notified_over_a_connection_that_is_kept(manager: Manager, phones: Ami) -> None:
    assert await phones.notify("PJSIP/1-0", "talk") == ""
    assert await phones.notify("PJSIP/1-0", "hold") == ""
    assert manager.logins == 1
    login, first, _ = manager.actions
    assert (login["Username"], login["Events"]) == ("us", "off")
    assert (first["Action"], first["Channel"], first["Variable"]) == ("PJSIPNotify", "PJSIP/1-0", "Event=talk")


async def test_a_telephone_is_told_of_messages(manager: Manager, phones: Ami) -> None:
    assert await phones.message_waiting("5001", 2, 1) == ""
    assert await phones.message_waiting("5001", 0, 3) == ""
    _, some, none = manager.actions
    assert (some["Action"], some["Endpoint"]) == ("PJSIPNotify", "5001")
    head = "Event=message-summary,Content-type=application/simple-message-summary"
    assert some["Variable"] == f"{head},Content=Messages-Waiting: yes,Content=Voice-Message: 2/1"
    assert none["Variable"] == f"{head},Content=Messages-Waiting: no,Content=Voice-Message: 0/3"


async def test_why_it_was_refused_is_told(manager: Manager, phones: Ami) -> None:
    manager.failing = ["No such channel"]
    assert await phones.notify("PJSIP/1-0", "talk") == "No such channel"


async def test_a_wrong_password_is_told_and_tried_again_with_the_next_notice(manager: Manager, phones: Ami) -> None:
    manager.password = "another"
    assert await phones.notify("x", "talk") == "the manager refuses the login of 'us': Authentication failed"
    manager.password = PASSWORD
    assert await phones.notify("x", "talk") == ""


async def test_a_connection_that_was_closed_is_made_again(manager: Manager, phones: Ami) -> None:
    manager.close_after = 2
    assert [await phones.notify("x", "talk") for _ in range(3)] == ["", "", ""]
    assert manager.logins == 3


async def test_a_manager_that_is_not_there_is_told() -> None:
    gone = Manager()
    await gone.start()
    await gone.stop()
    failure = await Ami(AmiSettings("127.0.0.1", gone.port, "us", "x")).notify("x", "talk")
    assert failure.startswith(f"the manager at 127.0.0.1:{gone.port}: ")


async def test_a_manager_that_says_nothing_is_given_up(
    manager: Manager, phones: Ami, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami, "TIMEOUT_S", 0.05)
    manager.mute = True
    assert await phones.notify("x", "talk") == f"the manager at 127.0.0.1:{manager.port}: no answer"


async def test_a_manager_that_says_too_much_is_given_up(
    manager: Manager, phones: Ami, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami, "_LINES_MAX", 1)
    assert "the connection was closed" in await phones.notify("x", "talk")


async def test_without_a_manager_nobody_is_notified() -> None:
    assert "switch.asterisk.ami" in await Ami(None).notify("x", "talk")
    Ami(None).close()
