"""The page on which a person allows an app to speak for them or not, and the page that says why there is none.

Plain HTML: it works without script and by keyboard alone, is read aloud in a sensible order, and says in words what is
wrong. Deliberately absent: who may allow what (``oauth_consent``).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from urllib.parse import urlsplit

import msgspec

_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}label{display:block;margin-top:1rem;font-weight:600}"
    "input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:1px solid #595959;border-radius:.25rem}"
    "button{font:inherit;padding:.6rem 1.4rem;margin:1.5rem .75rem 0 0;border:2px solid #0b4f8a;border-radius:.25rem;"
    "background:#fff;color:#0b4f8a}button[value=allow]{background:#0b4f8a;color:#fff}"
    ":focus-visible{outline:3px solid #b35900;outline-offset:2px}"
    "#problem{border-left:.4rem solid #a40000;padding:.5rem 1rem;background:#fdeaea}"
)
_STYLE_DIGEST = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{style}</style></head><body><main>
{content}
</main></body></html>
"""

_CONSENT = """<h1>Allow {app} to make calls for you?</h1>
{problem}<p>The app <strong>{app}</strong>, registered for {owner}, asks for your permission.</p>
<h2>What it could do</h2>
<ul>
<li>see your telephone calls</li>
<li>make calls with your telephone, and hold, transfer, record and end them</li>
</ul>
<p>It never learns your password. You will be sent on to <strong>{target}</strong>.</p>
<h2>Your decision</h2>
<form method="post">
{hidden}
<label for="name">Your name</label>
<input id="name" name="name" value="{name}" autocomplete="username" autocapitalize="none" spellcheck="false" \
required{invalid}>
<label for="password">Your password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required{invalid}>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny" formnovalidate>Deny</button>
</form>"""

_PROBLEM = """<h1>This can’t go on</h1>
<p id="problem" role="alert">{words}</p>
<p>Please go back to the app that sent you here. Nothing has been allowed.</p>"""


class Consent(msgspec.Struct, frozen=True):
    """What the page shows. ``hidden`` is what the form brings back; ``problem`` says why it is shown again."""

    app: str
    owner: str
    target: str
    hidden: tuple[tuple[str, str], ...]
    name: str = ""
    problem: str = ""

    def page(self) -> bytes:
        problem = f'<p id="problem" role="alert">{escape(self.problem)}</p>\n' if self.problem else ""
        content = _CONSENT.format(
            app=escape(self.app),
            owner=escape(self.owner),
            target=escape(origin_of(self.target)),
            problem=problem,
            hidden="\n".join(
                f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in self.hidden
            ),
            name=escape(self.name),
            invalid=' aria-invalid="true" aria-describedby="problem"' if self.problem else "",
        )
        return _whole(f"{'Problem: ' if self.problem else ''}Allow {self.app}?", content)


def problem_page(words: str) -> bytes:
    """Instead of the page, where nobody can be asked and nobody sent back."""
    return _whole("Problem: this can’t go on", _PROBLEM.format(words=escape(words)))


def headers(target: str = "") -> Iterable[tuple[bytes, bytes]]:
    """What keeps the page from being framed, filled with anything, kept or told about. ``target`` is where its form may
    lead besides to us: browsers count the redirection that follows."""
    form_action = f"'self' {origin_of(target)}" if target else "'none'"
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; form-action {form_action}; frame-ancestors 'none'; "
        "base-uri 'none'"
    )
    return (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", policy.encode()),
        (b"x-frame-options", b"DENY"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"no-store"),
    )


def origin_of(uri: str) -> str:
    """Where an address leads, without what is to be said there."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _whole(title: str, content: str) -> bytes:
    return _PAGE.format(title=escape(title), style=_STYLE, content=content).encode()
