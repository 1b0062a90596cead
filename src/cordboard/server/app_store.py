"""The file beside a configuration that keeps apps: read when it has changed, written by ``cordboard apps add``.

It is TOML with ``[[apps]]``, as in a configuration. An app is added in one write at its end, so what people wrote into
it stays as it is. Deliberately absent: what may stand in it (``config_apps``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import structlog

from cordboard.people.directory import Directory
from cordboard.server.apps import App
from cordboard.server.config_apps import read_store

_log = structlog.get_logger()


class AppStore:
    """Reads the file again when it is another one than before. Meant to be called from a thread."""

    def __init__(self, path: Path, directory: Directory, configured: Mapping[str, App]) -> None:
        self._path = path
        self._directory = directory
        self._configured = configured
        self._seen: tuple[int, ...] | None = ()

    def changed(self) -> dict[str, App] | None:
        """The apps in it; None if it is as it was, or has mistakes, which are logged: then the former ones stay."""
        seen = self._look()
        if seen == self._seen:
            return None
        self._seen = seen
        apps, mistakes = read_store(self._path, self._directory, self._configured)
        if mistakes:
            _log.error("apps were not read", mistakes=[str(mistake) for mistake in mistakes])
            return None
        return {app.client_id: app for app in apps}

    def _look(self) -> tuple[int, ...] | None:
        """What tells this file from what it becomes; None if it is not there."""
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns


def lines(client_id: str, secret_hash: str, user: str, level: str, redirect_uris: tuple[str, ...], name: str) -> str:
    """An app as it stands in a file."""
    parts = [f"client_id = {_text(client_id)}", f"client_secret_hash = {_text(secret_hash)}", f"user = {_text(user)}"]
    parts += [f"level = {_text(level)}"] if level != "user" else []
    parts += [f"redirect_uris = [{', '.join(map(_text, redirect_uris))}]"] if redirect_uris else []
    parts += [f"name = {_text(name)}"] if name else []
    return "\n".join(["[[apps]]", *parts, ""])


def append(path: Path, app: str) -> None:
    """Add an app to a file, which is made if it is not there, for its owner's eyes only. Raises OSError."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, f"\n{app}".encode())
    finally:
        os.close(file)


def _text(value: str) -> str:
    """A basic string of TOML: JSON's, but that names have no control characters, so that nothing else needs care."""
    return json.dumps(value, ensure_ascii=False)
