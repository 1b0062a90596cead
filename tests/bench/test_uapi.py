"""The figures of the UnifiedAPI's benchmark: their arithmetic, not their size."""

from __future__ import annotations

import gc

import pytest
from bench.measuring import Machine
from bench.uapi import Report, Site

from bench import uapi

MACHINE = Machine("a processor", 2, "3.11", "6")


def test_a_report_says_which_aims_are_met() -> None:
    good = str(Report(MACHINE, few_us=50.0, many_us=55.0, genesys_us=100.0, uapi_us=120.0))
    assert "ratio 1.10 (aim: below 1.3; met)" in good
    assert "ratio 1.20 (aim: at most 1.3; met)" in good
    assert str(Report(MACHINE, 50.0, 100.0, 100.0, 140.0)).count("; not met)") == 2


def test_both_apis_do_the_same() -> None:
    heard = []
    for transfer in (Site.transfer, Site.single_step_transfer):
        site = Site(1)
        site.talk("2", "1")
        transfer(site)
        heard.append([[view.call.state for view in site.calls_of(number)] for number in "123"])
    assert heard[0] == heard[1]


def test_everything_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uapi, "MANY", 20)
    report = uapi.run(20)
    assert min(report.few_us, report.many_us, report.genesys_us, report.uapi_us) > 0
    assert gc.get_freeze_count() == 0
