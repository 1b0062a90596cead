"""The benchmark on Asterisk, for a moment: product and script make the same transfers, and calls come at a rate."""

from __future__ import annotations

import pytest
from tests.kit.outside import cannot_run

from bench import asterisk as bench
from bench.asterisk import Asked, load, timing
from tools.asterisk import Asterisk


@pytest.mark.usefixtures("asterisk")
def test_transfers_of_product_and_script_are_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_WARM_UP", 1)
    found = bench.run(Asked(transfers=3, hold_s=0.0))
    assert not found.absent
    assert [row.name for row in found.rows] == [*timing.NAMES.values(), timing.ANEW, timing.DURABLE]
    for row in found.rows:
        assert 0 < row.raw.p50_ms <= row.raw.p99_ms < 1_000
        assert 0 < row.product.p50_ms <= row.product.p99_ms < 1_000


async def test_every_call_is_handed_over_and_hung_up(asterisk: Asterisk) -> None:
    if not load.is_possible():
        cannot_run("SIPp (Debian: sip-tester) is needed for calls at a rate")
    held = await load.hold(3.0, 2.0)
    assert held.calls == 6
    assert held.asterisk_s > 0
    assert asterisk.alive
