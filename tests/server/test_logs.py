"""Log lines: one event, one line, in the form that was asked for."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from cordboard.server import logs
from cordboard.server.config import Log


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_json_lines_carry_event_level_time_and_values() -> None:
    stream = io.StringIO()
    logs.set_up(Log(format="json"), stream)
    structlog.get_logger().warning("order failed", order=7, why=ValueError("x"))
    (line,) = stream.getvalue().splitlines()
    found = json.loads(line)
    assert found.pop("timestamp").endswith("Z")
    assert found == {"event": "order failed", "level": "warning", "order": 7, "why": "ValueError('x')"}


def test_libraries_that_log_the_standard_way_come_out_alike() -> None:
    stream = io.StringIO()
    logs.set_up(Log(format="json"), stream)
    logging.getLogger("library").error("broken %s", "pipe")
    found = json.loads(stream.getvalue())
    assert (found["event"], found["level"]) == ("broken pipe", "error")


def test_a_library_that_tells_tokens_at_debug_is_not_listened_to() -> None:
    stream = io.StringIO()
    logs.set_up(Log(level="debug", format="json"), stream)
    for level in (logging.DEBUG, logging.INFO, logging.WARNING):
        logging.getLogger("oauthlib.oauth2.rfc6749").log(level, "a line")
    assert [json.loads(line)["level"] for line in stream.getvalue().splitlines()] == ["warning"]


def test_an_exception_is_part_of_its_line() -> None:
    stream = io.StringIO()
    logs.set_up(Log(format="json"), stream)
    try:
        raise ValueError("odd")
    except ValueError:
        structlog.get_logger().exception("input stopped")
    (line,) = stream.getvalue().splitlines()
    assert "ValueError: odd" in json.loads(line)["exception"]


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_does_not_tell_what_variables_hold(form: str) -> None:
    def connect(password: str) -> None:
        raise OSError(f"refused for {len(password)} reasons")

    stream = Terminal()
    logs.set_up(Log(format=form), stream)  # type: ignore[arg-type]
    try:
        connect("".join(("ge", "heim")))
    except OSError:
        structlog.get_logger().exception("no link")
    assert "refused for 6 reasons" in stream.getvalue()
    assert "geheim" not in stream.getvalue()


@pytest.mark.parametrize(
    ("stream", "form", "is_json"),
    [
        (io.StringIO(), "auto", True),
        (Terminal(), "auto", False),
        (Terminal(), "json", True),
        (io.StringIO(), "console", False),
    ],
)
def test_auto_is_json_unless_a_person_watches(stream: io.StringIO, form: str, is_json: bool) -> None:
    logs.set_up(Log(format=form), stream)  # type: ignore[arg-type]
    structlog.get_logger().info("ready")
    assert "ready" in stream.getvalue()
    assert stream.getvalue().startswith("{") == is_json


def test_lines_below_the_level_are_left_out() -> None:
    stream = io.StringIO()
    logs.set_up(Log(level="warning", format="json"), stream)
    structlog.get_logger().info("ready")
    logging.getLogger("library").info("ready")
    assert stream.getvalue() == ""
