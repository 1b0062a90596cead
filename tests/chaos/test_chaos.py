"""A short run in every `make test`; `make chaos` goes on for longer. CORDBOARD_CHAOS_SEED repeats one."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from tests.acceptance import npm_packages
from tests.chaos.__main__ import main
from tests.chaos.nemesis import HARMS
from tests.chaos.run import Plan, again, apart, kinds, report, run

QUICK = tuple(name for name in HARMS if not name.startswith("freeze-"))
BUDGET_S = float(os.environ.get("CORDBOARD_CHAOS_S", "15"))


@pytest.mark.acceptance
def test_nothing_is_lost_and_nothing_done_twice_while_a_nemesis_does_harm(tmp_path: Path) -> None:
    node = npm_packages.node()
    seed = int(os.environ.get("CORDBOARD_CHAOS_SEED") or random.randrange(1_000_000))
    plan = Plan(seed, BUDGET_S, QUICK)
    outcome = run(plan, node, tmp_path)
    assert outcome.verdict.wrong == (), report(plan, outcome)
    assert outcome.stories > 0, report(plan, outcome)
    assert outcome.troubles > 0, report(plan, outcome)


def test_a_run_can_be_repeated() -> None:
    assert again(Plan(7, 15.0, ("drop-link", "cut-link"), 3)) == (
        "--runs 1 --seed 7 --seconds 15 --lanes 3 --nemeses drop-link,cut-link"
    )
    assert again(Plan(7, 0.5, (), 1, journal=False)).endswith("--nemeses '' --without-journal")
    assert kinds("drop-link,cut-link", list(HARMS)) == ("drop-link", "cut-link")
    assert kinds("", list(HARMS)) == ()


def test_clients_are_harmed_at_the_same_time_as_servers() -> None:
    assert apart(("drop-clients", "kill-server", "cut-clients")) == [("drop-clients", "cut-clients"), ("kill-server",)]


@pytest.mark.parametrize("arguments", [["--nemeses", "cut-lnk"], ["--seconds", "soon"], ["--lanes", "0"]])
def test_a_wrong_command_line_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_help_helps(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "--seed N" in capsys.readouterr().out
