"""The page that people see: what is on it, and what keeps others off it."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from cordboard.server.consent_page import Consent, headers, origin_of, problem_page

ASKED = Consent("<b>CRM", "Ann & Co", "https://crm.example.org:8443/back?x=1", (("state", '"><script>'), ("a", "b")))


class Page(HTMLParser):
    """Tags with their attributes."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_what_it_says() -> None:
    text = ASKED.page().decode()
    assert "<h1>Allow &lt;b&gt;CRM to make calls for you?</h1>" in text
    assert "registered for Ann &amp; Co" in text
    assert "<strong>https://crm.example.org:8443</strong>" in text
    assert 'id="problem"' not in text


def test_every_field_that_is_seen_has_a_label_and_the_form_brings_back_the_rest() -> None:
    page = Page(ASKED.page())
    fields = page.all("input")
    seen = [field for field in fields if field.get("type") != "hidden"]
    assert [label["for"] for label in page.all("label")] == [field["id"] for field in seen] == ["name", "password"]
    assert [field["autocomplete"] for field in seen] == ["username", "current-password"]
    assert [(field["name"], field["value"]) for field in fields if field.get("type") == "hidden"] == list(ASKED.hidden)
    assert [(button["name"], button["value"]) for button in page.all("button")] == [
        ("decision", "allow"),
        ("decision", "deny"),
    ]
    assert page.all("html") == [{"lang": "en"}]
    assert page.all("script") == []
    assert not any("style" in attributes for _, attributes in page.tags)


def test_a_problem_is_said_aloud_and_told_of_the_fields() -> None:
    shown = Consent("CRM", "Ann", "https://x/y", (), 'a"nna', "The name or the password is wrong.")
    page = Page(shown.page())
    assert '<p id="problem" role="alert">The name or the password is wrong.</p>' in shown.page().decode()
    assert "<title>Problem: Allow CRM?</title>" in shown.page().decode()
    described = [field.get("aria-describedby") for field in page.all("input")]
    assert described == ["problem", "problem"]
    assert page.all("input")[0]["value"] == 'a"nna'


def test_where_nobody_can_be_asked_there_is_no_form() -> None:
    page = Page(problem_page("It’s <wrong>."))
    assert page.all("form") == []
    assert "It’s &lt;wrong&gt;." in problem_page("It’s <wrong>.").decode()


@pytest.mark.parametrize(
    ("target", "form_action"),
    [("https://crm.example.org/back?x=1", "'self' https://crm.example.org"), ("", "'none'")],
)
def test_the_policy_lets_the_page_do_what_it_must_only(target: str, form_action: str) -> None:
    found = dict(headers(target))
    policy = dict(part.split(" ", 1) for part in found[b"content-security-policy"].decode().split("; "))
    style = re.search(r"<style>(.*)</style>", ASKED.page().decode())
    assert style is not None
    digest = base64.b64encode(sha256(style[1].encode()).digest()).decode()
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "form-action": form_action,
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    assert (found[b"x-frame-options"], found[b"cache-control"]) == (b"DENY", b"no-store")


def test_an_origin_is_an_address_without_the_rest() -> None:
    assert origin_of("http://[::1]:80/x?y") == "http://[::1]:80"
