"""One run: a site, lanes that live their stories on it, an audience, a nemesis; then the checker."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import msgspec
from tests.chaos import accounts, records
from tests.chaos.asking import User
from tests.chaos.audience import Audience
from tests.chaos.checker import Verdict, judge
from tests.chaos.lane import Lane, Phones
from tests.chaos.nemesis import FILLING, Nemesis
from tests.chaos.notebook import Notebook
from tests.chaos.records import Began, Ended, Told
from tests.chaos.site import Site
from tests.chaos.watching import Watcher

LANES = (("5000", "5001", "5002"), ("5003", "5004", "5005"), ("5006", "5007", "5008"))
"""Numbers of examples/demo.toml."""
_LAB_S = 30.0


class Plan(msgspec.Struct, frozen=True):
    """What a run is made of."""

    seed: int
    seconds: float
    nemeses: tuple[str, ...]
    lanes: int = 2
    sessions_survive: bool = True
    journal: bool = True
    """Without one a server that is killed has forgotten everything, which the checker must find."""


class Outcome(msgspec.Struct, frozen=True):
    verdict: Verdict
    stories: int
    troubles: int
    record: Path
    can_fill: bool


def run(plan: Plan, node: str, folder: Path) -> Outcome:
    """``folder`` gets the logs and the record."""
    folder.mkdir(parents=True, exist_ok=True)
    site = Site(folder, {} if plan.journal else {"CORDBOARD_JOURNAL__PATH": ":memory:"})
    if not site.disk.can_fill:
        plan = msgspec.structs.replace(plan, nemeses=tuple(kind for kind in plan.nemeses if kind not in FILLING))
    notebook = Notebook()
    try:
        _live(plan, node, site, notebook)
        site.close(notebook.fail)
    except BaseException:
        site.kill()
        raise
    finally:
        record = folder / "run.jsonl"
        records.save(notebook.lines, record)
    for complaint in site.complaints():
        notebook.fail(complaint)
    records.save(notebook.lines, record)
    stories = sum(isinstance(line, Told) for line in notebook.lines)
    troubles = sum(isinstance(line, records.Trouble) for line in notebook.lines)
    return Outcome(judge(notebook.lines), stories, troubles, record, can_fill=site.disk.can_fill)


def _live(plan: Plan, node: str, site: Site, notebook: Notebook) -> None:
    lanes = LANES[: plan.lanes]
    notebook.write(Began(plan.seed, plan.nemeses, lanes, plan.sessions_survive))
    users = [number for lane in lanes for number in lane[1:]]
    with contextlib.ExitStack() as closing:
        audience = Audience(node, site.clients.url, users, notebook)
        closing.callback(audience.close)
        audience.wait_until_they_listen()
        watcher = Watcher(_lab(site, closing), frozenset(number for lane in lanes for number in lane), notebook)
        playing = [_lane(index, numbers, site, notebook) for index, numbers in enumerate(lanes)]
        for lane in playing:
            closing.callback(lane.close)
        nemeses = [Nemesis(site, notebook, plan.seed, kinds) for kinds in apart(plan.nemeses)]
        watcher.start()
        closing.callback(watcher.stop)
        for lane in playing:
            lane.start(plan.seed)
        for nemesis in nemeses:
            nemesis.start()
        try:
            time.sleep(plan.seconds)
        finally:
            for nemesis in nemeses:
                nemesis.stop()
            for lane in playing:
                lane.stop()
        audience.wait_until_all_is_heard()
        calls = {number: _left(site, number, notebook) for number in users}
        for detail in accounts.read(site.disk.journal) if plan.journal else ():
            notebook.write(detail)
        notebook.write(Ended(notebook.now(), watcher.look(), calls))


def _lane(index: int, numbers: tuple[str, str, str], site: Site, notebook: Notebook) -> Lane:
    a, b = (User(number, site.client(number), notebook) for number in numbers[1:])
    phones = Phones(httpx.Client(base_url=site.exchange.url, timeout=_LAB_S, trust_env=False), notebook)
    return Lane(index, numbers, (a, b), phones, notebook)


def _lab(site: Site, closing: contextlib.ExitStack) -> httpx.Client:
    return closing.enter_context(httpx.Client(base_url=site.exchange.url, timeout=_LAB_S, trust_env=False))


def _left(site: Site, number: str, notebook: Notebook) -> int:
    user = User(number, site.client(number), notebook)
    try:
        return len(user.calls())
    finally:
        user.close()


def report(plan: Plan, outcome: Outcome) -> str:
    """What to print about a run."""
    verdict = outcome.verdict
    lived = f"{outcome.stories} stories, {outcome.troubles} troubles, {verdict.calls} calls"
    asked = f"{verdict.accepted} commands accepted, {verdict.refused} refused"
    lines = [f"seed {plan.seed}: {lived}, {asked}, {verdict.notifications} notifications"]
    left_out = sorted(FILLING & set(plan.nemeses))
    if left_out and not outcome.can_fill:
        lines.append(f"  {', '.join(left_out)} left out: no small disk may be mounted here")
    lines += [f"  WRONG: {one}" for one in verdict.wrong[:50]]
    if len(verdict.wrong) > 50:
        lines.append(f"  … and {len(verdict.wrong) - 50} more")
    if verdict.wrong:
        lines.append(f"  record: {outcome.record}; again: python -m tests.chaos {again(plan)}")
    return "\n".join(lines)


def again(plan: Plan) -> str:
    """The options that repeat a run."""
    nemeses = ",".join(plan.nemeses) or "''"
    without = "" if plan.journal else " --without-journal"
    return f"--runs 1 --seed {plan.seed} --seconds {plan.seconds:g} --lanes {plan.lanes} --nemeses {nemeses}{without}"


def apart(nemeses: Sequence[str]) -> list[tuple[str, ...]]:
    """What is done at the same time: harm to clients' connections, and all other harm."""
    clients = tuple(kind for kind in nemeses if kind.endswith("-clients"))
    return [clients, tuple(kind for kind in nemeses if kind not in clients)]


def kinds(names: str, known: Sequence[str]) -> tuple[str, ...]:
    """Names with commas between them. Raises ValueError for one that is not known."""
    found = tuple(name for name in names.split(",") if name)
    for name in found:
        if name not in known:
            raise ValueError(f"there is no nemesis {name!r}; there are {', '.join(known)}")
    return found
