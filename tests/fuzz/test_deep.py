"""``make fuzz`` finds what there is to feed, and feeds it."""

from __future__ import annotations

import random

import pytest
from tests.fuzz import deep, test_bayeux


def test_all_tests_of_the_doors_are_fed() -> None:
    written = {name for name in vars(test_bayeux) if name.startswith("test_")}
    assert set(deep.targets(test_bayeux)) == written
    assert len(written) >= 6


def test_bytes_are_fed_until_the_time_is_over() -> None:
    fed: list[bytes] = []
    assert deep.blindly(fed.append, 0.01, random.Random(1)) == len(fed) > 0


def test_a_failure_is_not_swallowed() -> None:
    def fail(data: bytes) -> None:
        raise AssertionError(data)

    with pytest.raises(AssertionError):
        deep.blindly(fail, 1.0, random.Random(1))


def test_without_atheris_every_target_gets_its_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FUZZ_S", "0")
    monkeypatch.setattr(deep, "find_spec", lambda name: None)
    assert deep.main([]) == 0
    assert capsys.readouterr().out.count("0 s, random bytes") == len(deep.targets(test_bayeux))
