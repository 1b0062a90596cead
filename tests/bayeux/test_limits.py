"""The limits that are made of others."""

from __future__ import annotations

import pytest

from cordboard.bayeux.limits import BayeuxLimits


def test_a_session_without_a_connect_lives_for_interval_and_max_interval() -> None:
    assert BayeuxLimits().grace_s == pytest.approx(10.0)
    assert BayeuxLimits(interval_ms=2_000, max_interval_s=7.5).grace_s == pytest.approx(9.5)
