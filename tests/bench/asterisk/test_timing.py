"""Medians and tails of many transfers."""

from __future__ import annotations

from bench.asterisk.timing import Transfer

from bench.asterisk import timing


def test_quantiles_are_milliseconds() -> None:
    found = timing.quantiles([number / 1_000 for number in range(100, 0, -1)])
    assert (round(found.p50_ms), round(found.p99_ms)) == (51, 100)
    assert timing.quantiles([0.002]) == timing.Quantiles(2.0, 2.0)


def test_rows_compare_the_medians_of_each_kind() -> None:
    products = [Transfer(0.009, 0.003, 0.004)] * 3
    raws = [Transfer(0.003, 0.002, 0.002), Transfer(0.003, 0.002, 0.002), Transfer(1.0, 1.0, 1.0)]
    rows = timing.rows(products, raws, [Transfer(0.003, 0.006, 0.002)])
    assert [row.name for row in rows] == [*timing.NAMES.values(), timing.ANEW]
    assert [round(row.ratio, 2) for row in rows] == [1.5, 2.0, 3.0, 0.5]
    assert rows[0].raw.p99_ms == 1_000
