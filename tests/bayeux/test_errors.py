"""Every error text has the form that bayeux §1.1 prescribes."""

from __future__ import annotations

import re

import pytest

from cordboard.bayeux.errors import BayeuxError


@pytest.mark.parametrize("error", list(BayeuxError))
def test_an_error_is_code_arguments_text(error: BayeuxError) -> None:
    assert re.fullmatch(r"[345]\d\d:([a-z,_-]*|{}):[a-z_]+", error)
