"""Ids have the shapes that clients know, and differ."""

import re
from collections.abc import Callable

import pytest

from cordboard.server import ids


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (ids.call_id_prefix, r"0[0-9A-Z]{25}"),
        (ids.conn_id_prefix, r"00[0-9a-f]{6}"),
        (ids.client_id, r"[0-9A-Za-z]{26}"),
        (ids.session_id, r"[0-9A-F]{32}"),
        (ids.access_token, r"[0-9A-Za-z_-]{43}"),
        (ids.app_id, r"[0-9A-Za-z]{20}"),
        (lambda: ids.csrf_token(ids.session_id()), r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ],
)
def test_shape_and_difference(make: Callable[[], str], shape: str) -> None:
    made = {make() for _ in range(20)}
    assert len(made) == 20
    assert all(re.fullmatch(shape, text) for text in made)


def test_forms_are_signed_with_a_key_of_256_bits() -> None:
    keys = {ids.form_key() for _ in range(20)}
    assert (len(keys), {len(key) for key in keys}) == (20, {32})
