"""``cordboard apps add`` and ``cordboard apps list``: what they do and say.

Deliberately absent: the command line itself (``__main__``), the file (``app_store``).
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from cordboard.server import app_store, ids
from cordboard.server.apps import App
from cordboard.server.config import Config
from cordboard.server.config_apps import read_apps, read_store
from cordboard.server.config_reading import Mistake, Mistakes, Reader
from cordboard.server.passwords import slow_hash

_OPTIONS = {"redirect_uris": "redirect-uri"}


class Wanted(msgspec.Struct, frozen=True):
    """What the command line says of a new app. Nothing of it is checked yet."""

    user: str
    name: str = ""
    level: str = "user"
    redirect_uris: tuple[str, ...] = ()


def add(config: Config, file: Path, wanted: Wanted) -> str | Mistakes:
    """Register an app with an id and a secret that are made now, and tell them. ``file`` is the configuration. Raises
    OSError if the store can't be written."""
    client_id, secret = ids.app_id(), ids.access_token()
    text = app_store.lines(client_id, slow_hash(secret), wanted.user, wanted.level, wanted.redirect_uris, wanted.name)
    mistakes = _mistakes(text, config)
    if mistakes:
        return Mistakes(mistakes)
    shown = f"client_id:     {client_id}\nclient_secret: {secret}\nThe secret is not shown again; its hash is kept.\n"
    if config.apps_file is None:
        return f"Add these lines to {file} and start the server again:\n\n{text}\n{shown}"
    app_store.append(config.apps_file, text)
    return f"Registered in {config.apps_file}; a server that is running knows it at once.\n\n{shown}"


def listed(config: Config, file: Path) -> str:
    """All apps, a paragraph each: those of the configuration first."""
    found = [_paragraph(app, file) for app in config.apps]
    if config.apps_file is not None:
        own = {app.client_id: app for app in config.apps}
        stored, _ = read_store(config.apps_file, config.directory, own)
        found += [_paragraph(app, config.apps_file) for app in stored]
    return "\n".join(found) or "No apps are registered.\n"


def _paragraph(app: App, file: Path) -> str:
    lines = [f"{app.client_id}: {app.title}", f"  speaks for {app.user.name} (id {app.user.id}), level {app.level}"]
    lines += [f"  sends people back to {uri}" for uri in app.redirect_uris]
    return "\n".join([*lines, f"  in {file}", ""])


def _mistakes(text: str, config: Config) -> tuple[Mistake, ...]:
    """What is wrong with a new app, in the words of the command line."""
    try:
        document = tomllib.loads(text.encode().decode())
    except (UnicodeEncodeError, tomllib.TOMLDecodeError):
        return (Mistake("command line", "", "a character that can't be written", "texts in UTF-8, on one line"),)
    reader = Reader("command line", {})
    read_apps(reader, document["apps"], config.directory)
    return tuple(msgspec.structs.replace(mistake, key=_option(mistake.key)) for mistake in reader.mistakes)


def _option(key: str) -> str:
    name = key.rpartition(".")[2]
    return f"--{_OPTIONS.get(name, name)}"
