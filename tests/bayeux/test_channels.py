"""The grammar of names and patterns, and what covers what."""

from __future__ import annotations

import pytest

from cordboard.bayeux.channels import covering, is_channel, is_meta, is_subscription


@pytest.mark.parametrize("name", ["/a", "/v2/me/calls", "/a-_!~()$@/b", "/with space/#+.{}", "/notifications/services"])
def test_a_well_formed_channel_is_one_and_can_be_subscribed(name: str) -> None:
    assert is_channel(name)
    assert is_subscription(name)


@pytest.mark.parametrize(
    "name", ["", "/", "a", "a/b", "/a/", "//", "/a//b", "/ä", "/a\n", "/a/*/b", "/**/a", "/a*", "/***"]
)
def test_what_is_ill_formed_is_neither(name: str) -> None:
    assert not is_channel(name)
    assert not is_subscription(name)


@pytest.mark.parametrize("name", ["/*", "/**", "/a/*", "/v2/me/**"])
def test_a_pattern_can_be_subscribed_but_is_no_channel(name: str) -> None:
    assert is_subscription(name)
    assert not is_channel(name)


@pytest.mark.parametrize(
    ("name", "meta"),
    [("/meta", True), ("/meta/connect", True), ("/meta/**", True), ("/metal", False), ("/a/meta", False)],
)
def test_the_meta_channels_are_those_below_meta(name: str, meta: bool) -> None:
    assert is_meta(name) is meta


def test_a_channel_is_covered_by_itself_and_by_the_patterns_above_it() -> None:
    assert set(covering("/v2/me/calls")) == {"/v2/me/calls", "/v2/me/*", "/v2/me/**", "/v2/**", "/**"}
    assert set(covering("/a")) == {"/a", "/*", "/**"}
