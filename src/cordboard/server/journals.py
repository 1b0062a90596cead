"""``cordboard journal list``, ``export`` and ``verify``: what they are asked, do and print.

They only read, also a journal that a server is writing to.
Deliberately absent: the file itself (``cordboard.journal``).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from cordboard.calls.ports import Line
from cordboard.journal.failures import DamagedError, JournalError
from cordboard.journal.reading import Reading

_WIDTH = 100
"""Characters of a body in a list."""
_PROGRESS_PAUSE_S = 0.2
_ERASE_LINE = "\r\x1b[K"

_CODES = """\
Exit codes: 0: done; 2: mistakes in the command line; 3: written by a later version; 5: damaged, truncated, or not a
journal; 6: it can't be read. The journal is never changed, and a server that writes to it is not kept waiting.
docs/durability.md tells what is in it.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command's place on the command line."""
    journal = commands.add_parser("journal", help="list, export or verify what a server has written down")
    doings = journal.add_subparsers(dest="doing", required=True, metavar="list|export|verify")
    listing = _command(doings, "list", "show its lines, one on each line: number, time, kind, size and what is in it")
    export = _command(doings, "export", "print its lines as JSON, one object on each line")
    verify = _command(doings, "verify", "read all of it, and say what is wrong with it")
    for command in (listing, export):
        command.add_argument("--after", type=int, default=0, metavar="N", help="only lines with larger numbers")
        command.add_argument("--kind", action="append", default=[], help="only lines of this kind; repeatable")
    listing.add_argument("--last", type=_count, metavar="N", help="only the last N of them")
    export.add_argument("--rows", action="store_true", help="print what is so now instead: the rows of all tables")
    for command in (listing, export, verify):
        command.add_argument("file", type=Path, metavar="FILE", help="the journal, such as cordboard.db")


def _command(
    doings: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str
) -> argparse.ArgumentParser:
    return doings.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)


def run(asked: argparse.Namespace) -> int:
    """Do what is asked; the exit code."""
    try:
        with Reading(asked.file) as reading:
            if asked.doing == "verify":
                return _verify(reading, asked.file)
            _print(_listed(reading, asked) if asked.doing == "list" else _exported(reading, asked))
    except JournalError as error:
        _Progress().erase()
        sys.stderr.write(f"cordboard: {error}\n")
        return error.exit_code
    except BrokenPipeError:  # whoever reads has read enough, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


# -- list and export ---------------------------------------------------------------------------------------------------


def _listed(reading: Reading, asked: argparse.Namespace) -> Iterator[str]:
    if asked.last is not None and not asked.kind:  # then all before need not be read
        asked.after = max(asked.after, reading.last() - asked.last)
    lines = _chosen(reading, asked)
    for number, line in lines if asked.last is None else deque(lines, maxlen=asked.last):
        text = msgspec.json.encode(readable(line.body)).decode()
        text = text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
        yield f"{number:>13}  {_instant(line.at)}  {line.kind:8} {len(line.body):>7}  {text}"


def _instant(at: float) -> str:
    try:
        moment = datetime.fromtimestamp(at, UTC)
    except (OSError, OverflowError, ValueError):
        return f"{at:24}"
    return f"{moment.isoformat(' ', 'milliseconds').removesuffix('+00:00')}Z"


def _exported(reading: Reading, asked: argparse.Namespace) -> Iterator[str]:
    progress = _Progress(is_shown=not sys.stdout.isatty())
    if asked.rows:
        for table, key, value in reading.rows():
            yield _json({"table": table, "key": readable(key), "value": readable(value)})
        return
    end = reading.last()
    for number, line in _chosen(reading, asked):
        progress.tell(f"line {number} of {end}")
        yield _json({"number": number, "at": line.at, "kind": line.kind, "body": readable(line.body)})
    progress.erase()


def _chosen(reading: Reading, asked: argparse.Namespace) -> Iterator[tuple[int, Line]]:
    kinds = frozenset(asked.kind)
    return ((number, line) for number, line in reading.lines(asked.after) if not kinds or line.kind in kinds)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def readable(packed: bytes) -> Any:
    """What is in a body, a key or a value, for JSON: MessagePack if it is that, otherwise text."""
    try:
        return _plain(msgspec.msgpack.decode(packed))
    except (msgspec.DecodeError, RecursionError, TypeError, ValueError):  # also keys and texts that are none
        return _plain(packed)


def _plain(value: Any) -> Any:
    """Bytes as text if they are that; keys of objects as text."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"base64": value}
    if isinstance(value, msgspec.msgpack.Ext):
        return {"ext": value.code, "base64": value.data}
    if isinstance(value, dict):
        return {key if isinstance(key, str) else str(_plain(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float | None) else str(value)


# -- verify ------------------------------------------------------------------------------------------------------------


def _verify(reading: Reading, file: Path) -> int:
    progress, is_damaged = _Progress(), False
    for flaw in reading.flaws(progress.tell):
        progress.erase()
        _print([f"damaged: {flaw}"])
        is_damaged = True
    progress.erase()
    if is_damaged:
        sys.stderr.write(f"cordboard: {file}: damaged; see above\n")
        return DamagedError.exit_code
    _print([f"{file}: no damage; journal {reading.journal} of site {reading.site!r}, up to {reading.last()}"])
    return 0


class _Progress:
    """How far it is, for whoever watches, a few times a second."""

    def __init__(self, *, is_shown: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        self._is_shown = is_shown and sys.stderr.isatty()
        self._clock = clock
        self._next = clock() + _PROGRESS_PAUSE_S

    def tell(self, what: str) -> None:
        if self._is_shown and self._clock() >= self._next:
            self._next = self._clock() + _PROGRESS_PAUSE_S
            sys.stderr.write(f"{_ERASE_LINE}{what} …")
            sys.stderr.flush()

    def erase(self) -> None:
        if self._is_shown:
            sys.stderr.write(_ERASE_LINE)
            sys.stderr.flush()
