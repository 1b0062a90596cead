"""The switch that a configuration asks for."""

from pathlib import Path
from typing import Any

from tests.kit.people import PUBLIC

from cordboard.calls.model import RecordingId
from cordboard.calls.recordings import Recorded
from cordboard.server.config import Config, Mistakes, read
from cordboard.server.switching import AnySwitch, build, lamps, registrations
from cordboard.switches.ari.ami import AmiSettings
from cordboard.switches.ari.client import AriSettings
from cordboard.switches.ari.driver import DriverSettings
from cordboard.switches.ari.switch import AriSwitch
from cordboard.switches.ari.tracker import AnswerMode, Setup
from cordboard.switches.virtual.frames import Plan
from cordboard.switches.virtual.remote import RemoteSwitch
from cordboard.switches.virtual.switch import VirtualSwitch

USERS = [
    {"name": "anna", "number": "5000", "password": "x"},
    {"name": "bert", "number": "5001", "password": "x", "endpoint": "PJSIP/bert", "answer": "nailed_up"},
]


def config(switch: dict[str, Any]) -> Config:
    document = {"users": [dict(user) for user in USERS], "trunk_numbers": [{"number": PUBLIC}], "switch": switch}
    read_ = read(document, {}, "f.toml")
    assert not isinstance(read_, Mistakes), read_
    return read_


class NoShelf:
    """Keeps nothing."""

    def place(self, recording: RecordingId) -> Path:
        raise NotImplementedError

    def keep(self, recorded: Recorded) -> None:
        raise NotImplementedError

    def lose(self, recorded: Recorded, why: str) -> None:
        raise NotImplementedError


def switch_of(settings: dict[str, Any]) -> AnySwitch:
    return build(config(settings), lambda: 0.0, NoShelf())


def test_the_embedded_switch_has_the_telephones_and_the_trunk() -> None:
    switch = switch_of({"virtual": {"lines_per_phone": 2}})
    assert isinstance(switch, VirtualSwitch)
    exchange = switch.link.exchange
    assert exchange.phone("5000").number == "5000"
    assert exchange.phone(PUBLIC).number == PUBLIC


def test_an_exchange_elsewhere_is_told_which_phones_there_are() -> None:
    switch = switch_of({"virtual": {"lines_per_phone": 2, "exchange": "pbx:8090"}})
    assert isinstance(switch, RemoteSwitch)
    assert switch.address == "pbx:8090"
    assert switch._plan == Plan(("5000", "5001"), (PUBLIC,), 2)


def test_asterisk_is_told_how_each_telephone_is_reached(monkeypatch: Any) -> None:
    made: list[Any] = []
    monkeypatch.setattr(
        "cordboard.server.switching.AriSwitch", lambda *parts, **options: made.append((*parts, options))
    )
    switch_of(
        {
            "kind": "asterisk",
            "asterisk": {
                "url": "http://pbx:8088/ari",
                "user": "u",
                "password": "p",
                "application": "app",
                "ami": "pbx:5038",
                "ami_user": "m",
                "ami_password": "n",
                "trunk": "PJSIP/{number}@trunk",
                "answer": "auto",
            },
        }
    )
    ari, driver, clock, ami, shelf, options = made[0]
    assert ari == AriSettings("http://pbx:8088/ari", "u", "p", "app")
    assert ami == AmiSettings("pbx", 5038, "m", "n")
    assert driver == DriverSettings(
        app="app",
        music="default",
        trunk="PJSIP/{number}@trunk",
        nail="*55",
        phones=(
            Setup("5000", "PJSIP/5000", AnswerMode.AUTO),
            Setup("5001", "PJSIP/bert", AnswerMode.NAILED_UP),
        ),
    )
    assert clock() == 0.0
    assert isinstance(shelf, NoShelf)
    assert options == {"unhurried": True}  # there is a journal


def test_without_a_manager_nobody_is_notified() -> None:
    switch = switch_of({"kind": "asterisk", "asterisk": {"password": "p"}})
    assert isinstance(switch, AriSwitch)
    assert switch._ami._settings is None


def test_lamps_are_those_of_sip_telephones_with_a_manager() -> None:
    asterisk = {"password": "p", "ami": "127.0.0.1:5038", "ami_password": "q"}
    made = lamps(config({"kind": "asterisk", "asterisk": asterisk}))
    assert made is not None
    assert (made._endpoints, made._refresh_s) == ({"5000": "5000", "5001": "bert"}, 600.0)
    other = lamps(config({"kind": "asterisk", "asterisk": {**asterisk, "endpoint": "SCCP/{number}"}}))
    assert other is not None
    assert other._endpoints == {"5001": "bert"}
    for without in ({"ami": ""}, {"message_lamps": False}):
        assert lamps(config({"kind": "asterisk", "asterisk": {**asterisk, **without}})) is None
    assert lamps(config({"kind": "virtual", "asterisk": asterisk})) is None


def test_registrations_are_those_of_all_telephones_that_have_to() -> None:
    made = registrations(config({"kind": "asterisk", "asterisk": {"password": "p"}}))
    assert made is not None
    assert (made._endpoints, made._refresh_s) == ({"5000": "PJSIP/5000", "5001": "PJSIP/bert"}, 10.0)
    assert registrations(config({"kind": "virtual"})) is None
