"""The command line. Deliberately absent: anything that a command does (``server``)."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from cordboard import __version__
from cordboard.server import journals, logs, replaying
from cordboard.server.config import Config, load
from cordboard.server.config_reading import Mistakes
from cordboard.server.config_switch import ADDRESS

EXIT_MISTAKES = 2
EXIT_CANNOT_LISTEN = 1
EXIT_CANNOT_KEEP = 1
_TIMEOUT_MAX_S = 60
_EXCHANGE = "127.0.0.1:8090"

_DESCRIPTION = "An open call-control server for clients of Genesys Web Services v2."
_EPILOG = """\
Any setting can be overridden by an environment variable that names its table and key:
  CORDBOARD_SERVER__LISTEN=0.0.0.0:8080 cordboard serve --config FILE
Exit code 2 means that the command line or the configuration has mistakes; they are all printed.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command in ``arguments`` (``sys.argv``) and return the exit code."""
    asked = _parser().parse_args(arguments)
    if asked.command == "journal":
        return journals.run(asked)
    if asked.command == "replay":
        return replaying.run(asked)
    if asked.command == "exchange" and asked.config is None:
        return _exchange(asked, None)
    config = load(asked.config, os.environ)
    if isinstance(config, Mistakes):
        print(config, file=sys.stderr)
        return EXIT_MISTAKES
    if asked.command == "exchange":
        return _exchange(asked, config)
    if asked.command == "apps":
        return _apps(asked, config)
    if asked.command == "check-config":
        print(_summary(config, asked.config))
        return 0
    if asked.command == "doctor":
        return _examine(config, asked)
    return _serve(config)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cordboard",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"cordboard {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser(
        "serve",
        help="serve until SIGTERM or Ctrl-C",
        description="Serve until SIGTERM or Ctrl-C. Prints 'cordboard listening on http://HOST:PORT' when it accepts"
        " requests; logs to standard error.",
    )
    serve.add_argument("--config", required=True, type=Path, metavar="FILE", help="the configuration, in TOML")
    check = commands.add_parser(
        "check-config",
        help="find every mistake in a configuration",
        description="Read a configuration as serve would, and print a summary, or every mistake with its file, key,"
        " what was found and what is accepted.",
    )
    check.add_argument("config", type=Path, metavar="FILE", help="the configuration, in TOML")
    _add_exchange(commands)
    journals.add_to(commands)
    replaying.add_to(commands)
    _add_doctor(commands)
    _add_apps(commands.add_parser("apps", help="register programs that use the UnifiedAPI, or list them"))
    return parser


def _add_exchange(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    exchange = commands.add_parser(
        "exchange",
        help="run the virtual exchange as a process of its own, until SIGTERM or Ctrl-C",
        description="Run the virtual exchange as a process of its own, so that its calls go on while a server is away."
        " It serves /lab/v1 itself, and has one server at a time, the newest: one whose configuration says exchange ="
        " \"HOST:PORT\" in [switch.virtual]. Prints 'cordboard exchange listening on http://HOST:PORT' when it is"
        " there; logs to standard error.",
    )
    exchange.add_argument(
        "--listen",
        type=_address,
        metavar="HOST:PORT",
        help=f"where; default: exchange in the configuration, else {_EXCHANGE}",
    )
    exchange.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="a server's configuration, for its phones; without one a server brings them when it comes",
    )
    exchange.add_argument(
        "--clients",
        choices=("loopback", "any"),
        help="whom the lab and the link answer; default: lab_clients in the configuration, else loopback",
    )


def _address(text: str) -> str:
    if not re.fullmatch(ADDRESS, text):
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as {_EXCHANGE} or [::1]:8090")
    return text


def _exchange(asked: argparse.Namespace, config: Config | None) -> int:
    from cordboard.server import exchange
    from cordboard.server.listening import CannotListenError

    settings = exchange.Settings.of(config) if config is not None else exchange.Settings()
    clients = asked.clients or settings.clients
    settings = msgspec.structs.replace(settings, clients=clients, listen=asked.listen or settings.listen or _EXCHANGE)
    logs.set_up(settings.log)
    try:
        exchange.run(settings)
    except CannotListenError as error:
        print(f"cordboard: cannot listen on {error}; choose another address with --listen", file=sys.stderr)
        return EXIT_CANNOT_LISTEN
    return 0


def _add_doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    doctor = commands.add_parser(
        "doctor",
        help="look at the Asterisk of a configuration, and say what to change",
        description="Look at the Asterisk of a configuration from outside. Prints one line for each thing it looked at:"
        " ok, unseen, warning or problem; what was found; what to change in which file. Calls that are up, and a server"
        " that drives them, are not disturbed. Exit code 0: no problem; 1: problems; 2: mistakes in the configuration.",
    )
    doctor.add_argument("--config", required=True, type=Path, metavar="FILE", help="the configuration, in TOML")
    doctor.add_argument("--json", action="store_true", help="print all findings as one JSON document")
    doctor.add_argument(
        "--timeout", type=_seconds, default=5.0, metavar="S", help="seconds that one answer may take; default: 5"
    )


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= _TIMEOUT_MAX_S:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and up to {_TIMEOUT_MAX_S}")
    return seconds


def _examine(config: Config, asked: argparse.Namespace) -> int:
    from cordboard.server.doctor import command

    quiet = msgspec.structs.replace(config.log, level="error")
    logs.set_up(quiet)
    return command.run(config, timeout_s=asked.timeout, as_json=asked.json)


def _add_apps(parser: argparse.ArgumentParser) -> None:
    doings = parser.add_subparsers(dest="doing", required=True, metavar="add|list")
    add = doings.add_parser(
        "add",
        help="register an app; its secret is shown once",
        description="Register an app in the file that apps_path in [uapi] names, or, where none is named, print the"
        " lines to add to the configuration. The secret is shown once; what is kept is its hash.",
    )
    add.add_argument("--user", required=True, help="the name or id of the user whom it speaks for")
    add.add_argument("--name", default="", metavar="TEXT", help="what people are told that it is called")
    add.add_argument("--level", default="user", help="how far it reaches: user (default), organization, administrator")
    add.add_argument(
        "--redirect-uri",
        default=[],
        action="append",
        metavar="URI",
        help="where people are sent back to; repeatable",
    )
    listing = doings.add_parser("list", help="list the apps that are registered, without secrets")
    for command in (add, listing):
        command.add_argument("--config", required=True, type=Path, metavar="FILE", help="the configuration, in TOML")


def _apps(asked: argparse.Namespace, config: Config) -> int:
    from cordboard.server import registering

    if asked.doing == "list":
        print(registering.listed(config, asked.config), end="")
        return 0
    wanted = registering.Wanted(asked.user, asked.name, asked.level, tuple(asked.redirect_uri))
    try:
        told = registering.add(config, asked.config, wanted)
    except OSError as error:
        print(f"cordboard: cannot write {error.filename}: {error.strerror}", file=sys.stderr)
        return EXIT_CANNOT_KEEP
    if isinstance(told, Mistakes):
        print(told, file=sys.stderr)
        return EXIT_MISTAKES
    print(told, end="")
    return 0


def _serve(config: Config) -> int:
    from cordboard.journal.failures import JournalError
    from cordboard.server.app import run
    from cordboard.server.keeping import CannotKeepError
    from cordboard.server.listening import CannotListenError

    logs.set_up(config.log)
    try:
        run(config)
    except CannotListenError as error:
        print(f"cordboard: cannot listen on {error}; change listen in [server]", file=sys.stderr)
        return EXIT_CANNOT_LISTEN
    except CannotKeepError as error:
        print(f"cordboard: cannot keep {error}", file=sys.stderr)
        return EXIT_CANNOT_KEEP
    except JournalError as error:
        print(f"cordboard: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _summary(config: Config, path: Path) -> str:
    directory = config.directory
    tenants = ", ".join(tenant.name for tenant in directory.tenants.values())
    return (
        f"{path}: no mistakes\n"
        f"listens on {config.server.listen}, switch {config.switch.kind}\n"
        f"{len(directory.users)} users, {len(directory.trunk_numbers)} trunk numbers, tenants: {tenants}"
    )


if __name__ == "__main__":
    sys.exit(main())
