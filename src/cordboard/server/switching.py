"""Builds the switch that the configuration asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from cordboard.calls.ports import Shelf
from cordboard.people.directory import Directory
from cordboard.people.model import Device
from cordboard.server.config import Config
from cordboard.server.config_switch import Asterisk, Virtual
from cordboard.switches.ari.ami import AmiSettings
from cordboard.switches.ari.client import AriSettings
from cordboard.switches.ari.driver import DriverSettings
from cordboard.switches.ari.lamps import Lamps
from cordboard.switches.ari.registrations import Registrations
from cordboard.switches.ari.switch import AriSwitch
from cordboard.switches.ari.tracker import AnswerMode, Setup
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.frames import Plan
from cordboard.switches.virtual.remote import RemoteSwitch
from cordboard.switches.virtual.switch import VirtualSwitch

AnySwitch: TypeAlias = VirtualSwitch | RemoteSwitch | AriSwitch

_SIP = "PJSIP/"


def build(config: Config, clock: Callable[[], float], shelf: Shelf) -> AnySwitch:
    """The switch, not started."""
    if config.switch.kind == "asterisk":
        return _asterisk(config, clock, shelf)
    virtual = config.switch.virtual
    phones = plan(virtual, config.directory)
    if virtual.exchange:
        return RemoteSwitch(virtual.exchange, phones, clock, shelf)
    exchange = Exchange(phones.numbers, phones.trunk_numbers, phones.lines_per_phone)
    return VirtualSwitch(exchange, clock, shelf)


def plan(settings: Virtual, directory: Directory) -> Plan:
    """The phones of a virtual switch."""
    trunks = tuple(trunk.number for trunk in directory.trunk_numbers)
    outside = frozenset(trunks)
    phones = tuple(number for number in directory.numbers if number not in outside)
    return Plan(phones, trunks, settings.lines_per_phone)


def _asterisk(config: Config, clock: Callable[[], float], shelf: Shelf) -> AriSwitch:
    settings, unhurried = config.switch.asterisk, config.journal_file is not None
    driver = DriverSettings(
        settings.application,
        settings.music,
        settings.trunk,
        settings.nail_number,
        setups(settings, config.directory),
    )
    return AriSwitch(ari_settings(settings), driver, clock, ami_settings(settings), shelf, unhurried=unhurried)


def registrations(config: Config) -> Registrations | None:
    """Of telephones that have to register; those of a virtual switch need not."""
    settings = config.switch.asterisk
    if config.switch.kind != "asterisk":
        return None
    known = {setup.number: setup.endpoint for setup in setups(settings, config.directory)}
    return Registrations(ari_settings(settings), known, settings.registrations_refresh_s)


def lamps(config: Config) -> Lamps | None:
    """Those of telephones that can be told of messages: SIP ones, of an Asterisk whose manager is known."""
    settings = config.switch.asterisk
    ami = ami_settings(settings)
    if config.switch.kind != "asterisk" or ami is None or not settings.message_lamps:
        return None
    known = {setup.number: setup.endpoint for setup in setups(settings, config.directory)}
    names = {number: name.removeprefix(_SIP) for number, name in known.items() if name.startswith(_SIP)}
    return Lamps(ami, names, settings.message_lamps_refresh_s)


def ari_settings(settings: Asterisk) -> AriSettings:
    return AriSettings(settings.url, settings.user, settings.password, settings.application)


def ami_settings(settings: Asterisk) -> AmiSettings | None:
    """Where the manager is, if there is one."""
    if not settings.ami:
        return None
    host, _, port = settings.ami.rpartition(":")
    return AmiSettings(host, int(port), settings.ami_user, settings.ami_password)


def setups(settings: Asterisk, directory: Directory) -> tuple[Setup, ...]:
    """How each telephone is reached."""
    return tuple(_setup(settings, user.device) for user in directory.users)


def _setup(settings: Asterisk, device: Device) -> Setup:
    endpoint = device.endpoint or settings.endpoint.replace("{number}", device.number)
    return Setup(device.number, endpoint, AnswerMode(device.answer or settings.answer))
