"""Settings: defaults, overrides, ranges; and the files that examples promise to be right."""

from pathlib import Path
from typing import Any

import pytest

from cordboard.agents.model import BUILT_IN_STATES
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.session import Transport
from cordboard.calls.records import Rules
from cordboard.server import idempotency
from cordboard.server.auth import Limits
from cordboard.server.config import Calls, Config, Recordings, Voicemail, load, read
from cordboard.server.config_reading import Mistakes

EXAMPLES = Path(__file__).parents[2] / "examples"


def right(document: dict[str, Any], **environ: str) -> Config:
    found = read(document, environ, "test.toml")
    assert isinstance(found, Config), str(found)
    return found


def wrong(document: dict[str, Any], **environ: str) -> list[str]:
    found = read(document, environ, "test.toml")
    assert isinstance(found, Mistakes)
    return [str(mistake) for mistake in found.all]


def test_an_empty_file_means_the_defaults() -> None:
    config = right({})
    assert (config.server.host, config.server.port) == ("127.0.0.1", 8080)
    assert config.server.external_url == "http://127.0.0.1:8080"
    assert config.switch.kind == "virtual"
    assert config.switch.virtual.lab is False
    assert config.directory.users == ()


def test_the_defaults_of_calls_are_those_of_its_rules() -> None:
    assert right({}).rules() == Rules()


@pytest.mark.parametrize(("release", "clear"), [("8.5.2", False), ("8.5.202", True)])
def test_the_release_decides_whether_calls_can_be_cleared(release: str, clear: bool) -> None:
    """call-semantics decision 11"""
    assert right({"gws": {"release": release}}).rules() == Rules(clear_from_ringing=clear)


def test_the_defaults_of_cometd_are_those_of_its_limits() -> None:
    assert right({}).cometd.limits() == BayeuxLimits()
    assert right({"cometd": {"sessions_per_user_max": 3}}).cometd.limits().sessions_per_identity_max == 3


def test_long_polling_is_served_whatever_else_is() -> None:
    assert right({}).cometd.transports() == tuple(Transport)
    fewer = right({"cometd": {"websocket": False, "callback_polling": False}}).cometd
    assert fewer.transports() == (Transport.LONG_POLLING,)


def test_the_defaults_of_http_sessions_are_those_of_their_limits() -> None:
    assert right({}).gws.sessions() == Limits()
    assert right({"gws": {"session_timeout_s": 3}}).gws.sessions() == Limits(session_timeout_s=3.0)


def test_the_defaults_of_idempotency_are_those_of_its_limits() -> None:
    assert right({}).gws.idempotency() == idempotency.Limits()
    found = right({"gws": {"idempotency_kept_s": 3}}).gws.idempotency()
    assert found == idempotency.Limits(idempotency_kept_s=3.0)


def test_rules_follow_the_file() -> None:
    config = right({"calls": {"hops_max": 3, "no_answer_timeout_s": 1}})
    assert config.calls == Calls(hops_max=3, no_answer_timeout_s=1.0)
    assert config.rules() == Rules(hops_max=3, no_answer_timeout_s=1.0)


@pytest.mark.parametrize(
    ("listen", "host", "port", "url"),
    [
        ("0.0.0.0:80", "0.0.0.0", 80, "http://0.0.0.0:80"),
        ("[::1]:65535", "::1", 65535, "http://[::1]:65535"),
        ("localhost:0", "localhost", 0, ""),
    ],
)
def test_listen_is_parted_and_gives_the_external_url(listen: str, host: str, port: int, url: str) -> None:
    server = right({"server": {"listen": listen}}).server
    assert (server.host, server.port, server.external_url) == (host, port, url)


NO_JOURNAL = {"journal": {"path": ":memory:"}}


def test_recordings_last_as_long_as_the_process_unless_they_have_a_folder() -> None:
    assert right(NO_JOURNAL).recordings == Recordings(path="", kept_max=10_000, kept_bytes_max=1 << 30)
    found = right({"recordings": {"path": "here"}}, CORDBOARD_RECORDINGS__KEPT_MAX="3").recordings
    assert found == Recordings(path="here", kept_max=3)
    assert right({"calls": {"recording_max_s": 60}}).rules().recording_max_s == 60.0
    assert len(wrong({"recordings": {"kept_max": 0, "kept_bytes_max": 1, "folder": "x"}})) == 3


@pytest.mark.parametrize(
    ("journal", "recordings", "messages"),
    [
        ("cordboard.db", "/etc/board/cordboard-recordings", "/etc/board/cordboard-messages"),
        ("/var/lib/calls", "/var/lib/calls-recordings", "/var/lib/calls-messages"),
    ],
)
def test_with_a_journal_what_is_recorded_lies_beside_it(journal: str, recordings: str, messages: str) -> None:
    config = read({"journal": {"path": journal}}, {}, "board.toml", Path("/etc/board"))
    assert isinstance(config, Config)
    assert (config.recordings.path, config.voicemail.path) == (recordings, messages)


def test_parking_is_part_of_the_rules() -> None:
    rules = right({"parking": {"first": 801, "slots": 3, "timeout_s": 60}}).rules()
    assert (rules.park_first, rules.park_slots, rules.park_timeout_s) == (801, 3, 60.0)
    assert len(wrong({"parking": {"first": 0, "slots": 0, "timeout_s": 9}})) == 3
    assert len(wrong({"parking": {"slots": 1_001, "timeout_s": 3_601}})) == 2


def test_voicemail_has_a_limit_and_a_folder() -> None:
    assert right(NO_JOURNAL).voicemail == Voicemail(max_s=180.0, path="", kept_max=10_000, kept_bytes_max=1 << 30)
    config = right({"voicemail": {"max_s": 60, "path": "there"}})
    assert (config.rules().voicemail_max_s, config.voicemail.path) == (60.0, "there")
    assert len(wrong({"voicemail": {"max_s": 0, "kept_max": 0, "kept_bytes_max": 1}})) == 3


def test_an_external_url_is_kept_without_a_slash_at_its_end() -> None:
    config = right({"server": {"external_url": "https://calls.example.org/gate/"}})
    assert config.server.external_url == "https://calls.example.org/gate"


@pytest.mark.parametrize(
    ("table", "key", "value", "accepted"),
    [
        ("server", "listen", "127.0.0.1", "HOST:PORT"),
        ("server", "listen", "127.0.0.1:65536", "a port from 0"),
        ("server", "listen", "127.0.0.1:80\n", "HOST:PORT"),
        ("server", "listen", 8080, "HOST:PORT"),
        ("server", "external_url", "calls.example.org", "an http:// or https:// address"),
        ("server", "body_bytes_max", 0, "a whole number from 1024 up to 1073741824"),
        ("server", "body_bytes_max", True, "a whole number"),
        ("server", "lab_clients", "all", '"any" or "loopback"'),
        ("calls", "conference_max", 2, "a whole number from 3 up to 1000"),
        ("calls", "recall_tries", -1, "a whole number from 0 up to 100"),
        ("calls", "order_timeout_s", 0, "a number above 0 up to 86400"),
        ("calls", "order_timeout_s", float("nan"), "a number above 0 up to 86400"),
        ("calls", "order_timeout_s", float("inf"), "a number above 0 up to 86400"),
        ("calls", "transfer_fallback", "5000", 'a number of [[users]] or [[trunk_numbers]], or ""'),
        ("calls", "hold_agent_lost", "5000", 'a number of [[users]] or [[trunk_numbers]], or ""'),
        ("gws", "release", "9.0", '"8.5.2" or "8.5.202"'),
        ("gws", "csrf", "yes", "true or false"),
        ("gws", "allowed_origins", ["desk.example.org"], "a list, each item an origin"),
        ("gws", "allowed_origins", "*", "a list, each item an origin"),
        ("cometd", "queue_max", 1.5, "a whole number from 1 up to 1000000"),
        ("log", "level", "loud", '"debug" or "error" or "info" or "warning"'),
    ],
)
def test_a_value_out_of_range_is_one_mistake(table: str, key: str, value: object, accepted: str) -> None:
    (mistake,) = wrong({table: {key: value}})
    assert mistake.startswith(f"test.toml: {table}.{key}: found ")
    assert accepted in mistake


def test_every_mistake_is_told_at_once() -> None:
    mistakes = wrong({"server": {"listen": "x"}, "log": {"level": "y"}, "users": [{}]}, CORDBOARD_GWS__CSRF="z")
    assert [mistake.split(": found")[0] for mistake in mistakes] == [
        "test.toml: server.listen",
        "environment: CORDBOARD_GWS__CSRF",
        "test.toml: log.level",
        "test.toml: users[#1].name",
        "test.toml: users[#1].number",
        "test.toml: users[#1]",
    ]


def test_the_environment_wins_over_the_file() -> None:
    config = right(
        {"server": {"listen": "127.0.0.1:1"}, "switch": {"virtual": {"lab": False}}},
        CORDBOARD_SERVER__LISTEN="127.0.0.1:2",
        CORDBOARD_SWITCH__VIRTUAL__LAB="true",
        CORDBOARD_CALLS__HOPS_MAX="5",
        CORDBOARD_COMETD__TIMEOUT_S="0.5",
        CORDBOARD_GWS__ALLOWED_ORIGINS="https://a.example, https://b.example",
    )
    assert config.server.port == 2
    assert config.switch.virtual.lab is True
    assert config.calls.hops_max == 5
    assert config.cometd.timeout_s == 0.5
    assert config.gws.allowed_origins == ("https://a.example", "https://b.example")


def test_a_fallback_that_somebody_has_is_right() -> None:
    trunk = {"number": "3334444"}
    assert right({"calls": {"transfer_fallback": "3334444"}, "trunk_numbers": [trunk]}).calls.transfer_fallback


def test_agent_states_are_the_built_in_ones_and_those_of_the_file() -> None:
    assert right({}).agent_states == BUILT_IN_STATES
    lunch = {"operation_name": "Lunch", "display_name": "At lunch", "state": "NotReady"}
    assert [*right({"agent_states": [lunch]}).agent_states] == [*BUILT_IN_STATES, "Lunch"]
    (mistake,) = wrong({"agent_states": [lunch | {"state": "Hungry"}]})
    assert mistake.startswith("test.toml: agent_states[#1].state: found")


APP = {"client_id": "crm", "client_secret": "s", "user": "anna"}
ANNA = {"name": "anna", "number": "5005", "password": "x"}


def test_apps_speak_for_users() -> None:
    config = right({"users": [ANNA], "apps": [APP]})
    assert [(app.client_id, app.user.name) for app in config.apps] == [("crm", "anna")]
    assert config.apps_file is None
    (mistake,) = wrong({"apps": [APP]})
    assert mistake == 'test.toml: apps[#1].user: found "anna"; accepted: the name or id of a user'


def test_the_file_with_more_apps_lies_beside_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('[uapi]\napps_path = "apps.toml"\n')
    config = load(file, {})
    assert isinstance(config, Config)
    assert (config.uapi.apps_path, config.apps_file) == ("apps.toml", tmp_path / "apps.toml")
    (tmp_path / "apps.toml").write_text("[[apps]]")
    found = load(file, {})
    assert isinstance(found, Mistakes)
    assert {mistake.file for mistake in found.all} == {str(tmp_path / "apps.toml")}


def test_load_reads_a_file(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('[server]\nlisten = "127.0.0.1:9"\n')
    config = load(file, {})
    assert isinstance(config, Config)
    assert config.server.port == 9


@pytest.mark.parametrize(
    ("content", "accepted"), [(None, "a file that can be read"), (b"a = [", "a TOML document"), (b"\xff", "in UTF-8")]
)
def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path, content: bytes | None, accepted: str) -> None:
    file = tmp_path / "a.toml"
    if content is not None:
        file.write_bytes(content)
    found = load(file, {})
    assert isinstance(found, Mistakes)
    (mistake,) = found.all
    assert (mistake.file, mistake.key) == (str(file), "")
    assert accepted in mistake.accepted


def test_the_demonstration_has_the_people_it_promises() -> None:
    config = load(EXAMPLES / "demo.toml", {})
    assert isinstance(config, Config)
    agents = [str(number) for number in [*range(5000, 5010), *range(15000, 15010)]]
    assert config.directory.numbers == (*agents, "0003*210", "0003*024", "5900", "3235742879", "3334444")
    assert all(user.name == user.device.number and user.tenant.id == "3" for user in config.directory.users)
    john = config.directory.user("12")
    supervisor = config.directory.user_named("5900")
    assert john is not None
    assert john.device.number == "0003*210"
    assert supervisor is not None
    assert "supervisor" in supervisor.roles
    assert config.switch.virtual.lab is True
