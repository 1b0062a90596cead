"""Call detail records in transcripts: the line ``records`` tells those that were completed since it was asked last."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cordboard.calls.segments import AnyRecord, Asked, Segment, Transfer, View, Way

Letter = Callable[[str], str]


def tell(record: AnyRecord, letter: Letter) -> str:
    words = _segment(record, letter) if isinstance(record, Segment) else _transfer(record, letter)
    return " ".join(word for word in words if word)


def _segment(record: Segment, letter: Letter) -> Iterator[str]:
    """Whoever was turned away has no call, and so no letter."""
    thread = letter(record.thread) if record.views else "-"
    yield f"record {thread} segment {record.number} {record.way.value}"
    yield f"by {record.by}" if record.way is not Way.DIALLED else ""
    yield f"for {record.wanted}" if record.wanted else ""
    yield f"ring {record.ring_s:g} talk {record.talk_s:g} hold {record.hold_s:g} s:"
    yield "; ".join(_view(view, letter) for view in record.views) or "no call"
    recordings = (f"{letter(name.rpartition('-')[0])}-{name.rpartition('-')[2]}" for name in record.recordings)
    yield f"recorded as {' '.join(recordings)}" if record.recordings else ""
    yield f"reason={record.reason.value}" if record.reason.value else ""
    yield "(by itself)" if record.by_itself else ""


def _view(view: View, letter: Letter) -> str:
    return f"{letter(view.call)} with {' '.join(view.peers)}"


def _transfer(record: Transfer, letter: Letter) -> Iterator[str]:
    assert record.result is not None
    on = f"{letter(record.call)}{'+' + letter(record.consult) if record.consult else ''}"
    yield f"record {letter(record.thread)} {record.kind.value} by {record.by} on {on}:"
    yield f"{' '.join(record.whom)} to {record.to or '-'}"
    yield f"joining {letter(record.joined)}" if record.joined else ""
    yield f"by {record.asked.value}" if record.asked is not Asked.COMMAND else ""
    yield f"{record.result.value}"
    yield f"with {record.reached}" if record.reached else ""
    yield f"after {record.ended - record.began:g} s" if record.ended > record.began else ""
    yield f"reason={record.reason.value}" if record.reason.value else ""
    yield f"({record.detail})" if record.detail else ""
