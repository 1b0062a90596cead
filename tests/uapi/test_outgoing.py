from cordboard.calls.ports import Line, Row
from cordboard.uapi import outgoing
from cordboard.uapi.subscriptions import Message

ONE, TWO, THREE = (Message("s", "a", f"http://there/{number}", id=str(number)) for number in (1, 2, 3))


def test_messages_are_counted_on() -> None:
    lines = [
        *outgoing.lines([ONE], 4, 2.0),
        Line("ask", 2.0, b"of another kind"),
        *outgoing.lines([TWO, THREE], 5, 2.5),
    ]
    assert [(line.kind, line.at) for line in lines] == [
        ("webhook", 2.0),
        ("ask", 2.0),
        ("webhook", 2.5),
        ("webhook", 2.5),
    ]
    assert list(outgoing.after(5, enumerate(lines))) == [TWO, THREE]


def test_so_many_there_have_been() -> None:
    row = outgoing.count_row(7)
    assert (row.table, row.key) == ("webhooks", b"")
    assert isinstance(row, Row)
    assert isinstance(row.value, bytes)
    assert outgoing.read_count(lambda _: [(row.key, row.value)]) == 7  # type: ignore[list-item]
    assert outgoing.read_count(lambda _: ()) == 0
