"""The journal's laws: a crash at any moment leaves what came before it, in order, whole, and all that was durable."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kit.journal_script import TERMS, check, entry
from tests.kit.journals import SITE, crashed, files, journal
from tests.kit.outside import cannot_run
from tests.kit.turns import Turns

from cordboard.journal.failures import DamagedError, JournalError
from cordboard.journal.lock import beside
from cordboard.journal.opening import open_journal
from cordboard.journal.reading import Reading
from cordboard.journal.sqlite import Terms

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
EXAMPLES = int(os.environ.get("CORDBOARD_JOURNAL_EXAMPLES", "20"))
KILLS = int(os.environ.get("CORDBOARD_JOURNAL_KILLS", "8"))

PLACES = st.floats(0, 1)
"""Where in a file, as its size depends on which thread was quicker."""


def written(path: Path, turns_of: list[int], *, commits_alone: bool) -> int:
    """Append so many entries in each turn of the loop, leave the journal as a crash would; the last durable number."""
    with journal(path, TERMS) as (opened, turns):
        for count in turns_of:
            for _ in range(count):
                opened.append(*entry(opened.last + 1))
            if commits_alone:
                turns.until(lambda: opened.durable == opened.last)
            else:
                turns.turn()
        turns.until(lambda: opened.durable == opened.last)
        crashed(path, path.parent / "crashed")
        return opened.durable


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.booleans(), PLACES)
def test_cut_anywhere_it_is_a_beginning_of_what_was_written(
    turns_of: list[int], commits_alone: bool, place: float
) -> None:
    """The end of the write-ahead log is lost, from any byte on: what is left is a prefix, and the loss is noticed."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.db"
        durable = written(path, turns_of, commits_alone=commits_alone)
        copy = Path(name) / "crashed" / "a.db"
        wal = beside(copy, "wal")
        os.truncate(wal, int(place * wal.stat().st_size))
        with Reading(copy) as reading:
            last = reading.last()
        if last < durable:
            before = files(copy)
            with pytest.raises(DamagedError, match=f"it ends with {last}, but was written up to {durable}"):
                open_journal(copy, SITE)
            assert files(copy) == before
            beside(copy, "lock").unlink()
        with journal(copy, TERMS) as (again, turns):
            assert again.last == last
            check(again)
            again.append(*entry(again.last + 1))  # and it goes on from there
            turns.until(lambda: again.durable == again.last)
            check(again)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=5), PLACES, st.integers(1, 255))
def test_a_byte_that_changed_is_noticed_or_does_not_matter(turns_of: list[int], place: float, change: int) -> None:
    """Wherever it is: nobody is given anything that was not appended."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.db"
        with journal(path, TERMS) as (opened, turns):
            for count in turns_of:
                for _ in range(count):
                    opened.append(*entry(opened.last + 1))
                turns.until(lambda: opened.durable == opened.last)
            durable = opened.durable
        content = bytearray(path.read_bytes())
        content[min(int(place * len(content)), len(content) - 1)] ^= change
        path.write_bytes(content)
        try:
            with journal(path, TERMS) as (again, _):
                assert again.last == durable
                check(again)
        except JournalError:
            pass


def test_killed_at_any_moment_it_has_all_that_was_acknowledged(tmp_path: Path) -> None:
    path, choice = tmp_path / "a.db", random.Random(7)
    for kill in range(KILLS):
        arguments = [sys.executable, "-m", "tests.kit.journal_script", str(path), str(kill)]
        program = subprocess.Popen(arguments, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
        assert program.stdout is not None
        lines = [program.stdout.readline() for _ in range(choice.randrange(1, 150))]
        program.kill()
        lines += program.stdout.readlines()
        program.stdout.close()
        program.wait()
        acknowledged = [int(line) for line in lines if line.endswith("\n")]
        assert acknowledged == sorted(acknowledged)
        with journal(path, TERMS) as (opened, _):
            assert opened.last >= acknowledged[-1]
            check(opened)
    with Reading(path) as reading:
        assert list(reading.flaws(lambda _: None)) == []


@contextlib.contextmanager
def small_disk(folder: Path, kib: int) -> Iterator[Path]:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        cannot_run("a small disk can only be mounted by root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.skipif(shutil.which("mount") is None or os.geteuid() != 0, reason="a disk can only be mounted by root")
def test_on_a_full_disk_nothing_is_acknowledged_and_nothing_lost(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1_024) as disk:
        ballast, path = disk / "ballast", disk / "a.db"
        ballast.write_bytes(bytes(500 * 1024))
        told: list[str] = []
        opened, turns = open_journal(path, SITE, Terms(try_again_s=0.01)), Turns()
        opened.start(turns.soon, turns.wake, told.append)
        while not told:
            for _ in range(3):
                opened.append(*entry(opened.last + 1))
            turns.until(lambda: opened.durable == opened.last or bool(told))
        assert told == [f"{path}: no space left on the disk"] == [opened.trouble()]
        for _ in range(20):
            opened.append(*entry(opened.last + 1))
        turns.turn()
        stuck = opened.durable
        assert stuck < opened.last
        with journal(crashed(path, tmp_path / "crashed"), TERMS) as (copy, _):
            assert copy.last == stuck
            check(copy)
        ballast.unlink()
        turns.until(lambda: opened.durable == opened.last)
        assert (told[-1], opened.trouble()) == ("", "")
        check(opened)
        opened.close()
        with journal(path) as (again, _):
            check(again)


@pytest.mark.skipif(shutil.which("mount") is None or os.geteuid() != 0, reason="a disk can only be mounted by root")
def test_on_a_full_disk_no_journal_is_made_or_opened(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 256) as disk:
        path, ballast = disk / "a.db", disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb") as file:
            while True:
                file.write(bytes(4_096))
                file.flush()
        with pytest.raises(JournalError, match=r"space|full|disk I/O error") as refused:
            open_journal(path, SITE)
        assert refused.value.exit_code == 6
        assert [file.name for file in disk.iterdir() if file.suffix == ".db"] == []
        ballast.unlink()
        with journal(path) as (opened, turns):
            opened.append(*entry(1))
            turns.until(lambda: opened.durable == opened.last)
