"""What goes wrong when something is to be kept."""

from __future__ import annotations


class CannotKeepError(Exception):
    """A place to keep something in can't be had; the message says which, why, and what to change."""
