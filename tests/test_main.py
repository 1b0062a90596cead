"""The command line: what it prints and how it ends."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import structlog

from cordboard import __version__
from cordboard.__main__ import main
from cordboard.server.config import Config
from cordboard.server.exchange import Settings
from cordboard.server.keeping import CannotKeepError
from cordboard.server.listening import CannotListenError

DEMO = Path(__file__).parents[1] / "examples" / "demo.toml"


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    file = tmp_path / "wrong.toml"
    file.write_text('[server]\nlisten = "nowhere"\n[log]\nlevel = "loud"\n')
    return file


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Config]]:
    """Stands in for the server, and collects what it was started with."""
    started: list[Config] = []

    def run(config: Config) -> None:
        started.append(config)
        if config.server.port == 1:
            raise CannotListenError("127.0.0.1:1: Permission denied")
        if config.recordings.path:
            raise CannotKeepError(
                f"recordings in {config.recordings.path}: Permission denied; change path in [recordings]"
            )

    module = ModuleType("cordboard.server.app")
    vars(module).update(run=run)
    monkeypatch.setitem(sys.modules, "cordboard.server.app", module)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield started
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_check_config_prints_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-config", str(DEMO)]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith(f"{DEMO}: no mistakes\n")
    assert "23 users, 2 trunk numbers, tenants: Default Organization" in printed.out
    assert printed.err == ""


@pytest.mark.parametrize("command", [["check-config"], ["serve", "--config"], ["doctor", "--config"]])
def test_mistakes_are_all_printed_and_the_exit_code_is_2(
    wrong: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, str(wrong)]) == 2
    printed = capsys.readouterr()
    assert [line.split(": found")[0] for line in printed.err.splitlines()] == [
        f"{wrong}: server.listen",
        f"{wrong}: log.level",
    ]
    assert printed.out == ""


def test_a_missing_file_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-config", str(tmp_path / "none.toml")]) == 2
    assert "none.toml: found No such file" in capsys.readouterr().err


def test_serve_serves_what_the_file_and_the_environment_say(
    served: list[Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORDBOARD_SERVER__LISTEN", "127.0.0.1:2")
    assert main(["serve", "--config", str(DEMO)]) == 0
    (config,) = served
    assert config.server.port == 2


def test_an_address_that_cannot_be_had_is_told(
    served: list[Config], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CORDBOARD_SERVER__LISTEN", "127.0.0.1:1")
    assert main(["serve", "--config", str(DEMO)]) == 1
    assert len(served) == 1
    told = "cordboard: cannot listen on 127.0.0.1:1: Permission denied; change listen in [server]\n"
    assert capsys.readouterr().err == told


def test_a_folder_that_cannot_be_had_is_told(
    served: list[Config], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CORDBOARD_RECORDINGS__PATH", "/proc/recordings")
    assert main(["serve", "--config", str(DEMO)]) == 1
    assert len(served) == 1
    told = "cordboard: cannot keep recordings in /proc/recordings: Permission denied; change path in [recordings]\n"
    assert capsys.readouterr().err == told


@pytest.fixture
def exchanges(served: list[Config], monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Stands in for the exchange, and collects what it was started with."""
    started: list[Settings] = []

    def run(settings: Settings) -> None:
        started.append(settings)
        if settings.listen.endswith(":1"):
            raise CannotListenError("127.0.0.1:1: Permission denied")

    monkeypatch.setattr("cordboard.server.exchange.run", run)
    return started


def test_an_exchange_needs_nothing_to_know(exchanges: list[Settings]) -> None:
    assert main(["exchange"]) == 0
    assert main(["exchange", "--listen", "[::1]:0", "--clients", "any"]) == 0
    assert exchanges == [Settings("127.0.0.1:8090"), Settings("[::1]:0", "any")]


def test_an_exchange_has_what_the_configuration_says(
    exchanges: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["exchange", "--config", str(DEMO)]) == 0
    monkeypatch.setenv("CORDBOARD_SWITCH__VIRTUAL__EXCHANGE", "127.0.0.1:2")
    monkeypatch.setenv("CORDBOARD_SERVER__LAB_CLIENTS", "any")
    assert main(["exchange", "--config", str(DEMO)]) == 0
    assert main(["exchange", "--config", str(DEMO), "--listen", "127.0.0.1:3", "--clients", "loopback"]) == 0
    assert [(one.listen, one.clients) for one in exchanges] == [
        ("127.0.0.1:8090", "loopback"),
        ("127.0.0.1:2", "any"),
        ("127.0.0.1:3", "loopback"),
    ]
    assert all("5005" in one.plan.numbers for one in exchanges)


def test_what_an_exchange_cannot_have_is_told(
    exchanges: list[Settings], wrong: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["exchange", "--listen", "127.0.0.1:1"]) == 1
    told = "cordboard: cannot listen on 127.0.0.1:1: Permission denied; choose another address with --listen\n"
    assert capsys.readouterr().err == told
    assert main(["exchange", "--config", str(wrong)]) == 2
    assert f"{wrong}: server.listen" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["exchange", "--listen", "nowhere"])
    assert ended.value.code == 2
    assert "'nowhere' is not HOST:PORT, such as 127.0.0.1:8090" in capsys.readouterr().err
    assert len(exchanges) == 1


def test_the_doctor_looks_at_what_the_configuration_names(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], served: list[Config]
) -> None:
    seen: list[object] = []

    def run(config: Config, *, timeout_s: float, as_json: bool) -> int:
        seen.append((config.switch.kind, timeout_s, as_json))
        return 1

    monkeypatch.setattr("cordboard.server.doctor.command.run", run)
    assert main(["doctor", "--config", str(DEMO)]) == 1
    assert main(["doctor", "--config", str(DEMO), "--json", "--timeout", "0.5"]) == 1
    assert seen == [("virtual", 5.0, False), ("virtual", 0.5, True)]
    assert served == []


@pytest.mark.parametrize("seconds", ["0", "61", "soon"])
def test_the_doctor_s_patience_has_limits(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--config", str(DEMO), "--timeout", seconds])
    assert ended.value.code == 2
    assert "--timeout" in capsys.readouterr().err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"cordboard {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["serve"], ["serv"], ["check-config"], ["apps"], ["apps", "add"]])
def test_a_wrong_command_line_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: cordboard")


@pytest.mark.parametrize(
    ("arguments", "told"), [([], "check-config"), (["serve"], "--config FILE"), (["doctor"], "--timeout S")]
)
def test_help_helps(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--help"])
    assert ended.value.code == 0
    assert told in capsys.readouterr().out


def test_apps_are_added_and_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CORDBOARD_UAPI__APPS_PATH", str(tmp_path / "apps.toml"))
    add = ["apps", "add", "--config", str(DEMO), "--user", "5005"]
    more = [
        "--name",
        "My CRM",
        "--level",
        "organization",
        "--redirect-uri",
        "https://a/b",
        "--redirect-uri",
        "http://c",
    ]
    assert main([*add, *more]) == 0
    assert "client_secret: " in capsys.readouterr().out
    assert main(["apps", "list", "--config", str(DEMO)]) == 0
    printed = capsys.readouterr().out
    assert "demo: Demo app\n  speaks for 0003*210 (id 12), level user\n" in printed
    assert ": My CRM\n" in printed
    assert "level organization\n  sends people back to https://a/b\n  sends people back to http://c\n" in printed
    assert main([*add, "--level", "all"]) == 2
    assert capsys.readouterr().err.startswith('command line: --level: found "all"; ')
    monkeypatch.setenv("CORDBOARD_UAPI__APPS_PATH", "/proc/none/apps.toml")
    assert main(add) == 1
    assert capsys.readouterr().err == "cordboard: cannot write /proc/none/apps.toml: No such file or directory\n"


def test_it_runs_as_a_module() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "cordboard", "check-config", str(DEMO)],
        capture_output=True,
        text=True,
        check=False,
        cwd=DEMO.parents[1] / "src",
    )
    assert (ran.returncode, ran.stderr) == (0, "")
