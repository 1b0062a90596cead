"""Structured log lines: one event, one line, on standard error; JSON for machines, columns for people at a terminal.

Lines of libraries that use the standard ``logging`` come out in the same form. Deliberately absent: what is logged.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import msgspec
import structlog
from structlog.typing import Processor

from cordboard.server.config import Log

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def set_up(settings: Log, stream: TextIO | None = None) -> None:
    """Send every log line to ``stream`` (standard error) as ``[log]`` says. The last call counts."""
    stream = sys.stderr if stream is None else stream
    level = _LEVELS[settings.level]
    plain = settings.format == "json" or (settings.format == "auto" and not stream.isatty())
    ending = _json_ending() if plain else _console_ending()
    structlog.configure(
        processors=[*_SHARED, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # At debug it tells codes and tokens.
    logging.getLogger("oauthlib").setLevel(logging.WARNING)


def _json_ending() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_as_json)]


def _console_ending() -> list[Processor]:
    """Tracebacks without the values of variables: passwords are among them."""
    return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]


def _as_json(event: object, **_: object) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()
