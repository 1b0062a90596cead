from cordboard.calls.reports import OrderDone, OrderFailed
from cordboard.switches.ari import wire
from cordboard.switches.ari.outbox import Job, Outbox


def test_requests_are_numbered_in_the_order_in_which_they_are_asked() -> None:
    outbox = Outbox()
    outbox.ask(wire.dial("a"))
    outbox.ask(wire.dial("b"))
    assert outbox.requests == [(1, wire.dial("a")), (2, wire.dial("b"))]


def test_an_answer_is_told_once_and_to_whoever_waits_for_it() -> None:
    outbox, told = Outbox(), []
    outbox.ask(wire.dial("a"))
    outbox.ask(wire.dial("b"), lambda status, body: told.append((status, body)))
    for _ in range(2):
        outbox.answered(1, 200, "")
        outbox.answered(2, 404, "gone")
    assert told == [(404, "gone")]


def test_a_notice_is_answered_once() -> None:
    outbox, told = Outbox(), []
    outbox.notify("PJSIP/1-0", "talk", told.append)
    assert outbox.notices == [(1, "PJSIP/1-0", "talk")]
    outbox.notified(1, "no")
    outbox.notified(1, "")
    assert told == ["no"]


def test_an_order_is_done_when_all_its_requests_are() -> None:
    outbox = Outbox()
    outbox.carry_out(9, [wire.dial("a"), wire.hang_up("b", 16)])
    outbox.answered(1, 204, "")
    assert outbox.reports == []
    outbox.answered(2, 404, "")
    assert outbox.reports == [OrderDone(9)]


def test_an_order_without_requests_is_done_at_once() -> None:
    outbox = Outbox()
    outbox.carry_out(9, [])
    assert outbox.reports == [OrderDone(9)]


def test_the_first_failure_is_told_when_all_are_answered_and_after_it_was_put_right() -> None:
    outbox = Outbox()
    outbox.carry_out(9, [wire.dial("a"), wire.dial("b")], lambda why: outbox.ask(wire.hang_up(why, 16)))
    outbox.answered(1, 404, '{"message":"no a"}')
    assert outbox.reports == []
    outbox.answered(2, 409, '{"message":"no b"}')
    why = "POST channels/a/dial: 404 no a"
    assert outbox.reports == [OrderFailed(9, why)]
    assert outbox.requests[-1] == (3, wire.hang_up(why, 16))


def test_nobody_need_put_a_failure_right() -> None:
    outbox = Outbox()
    job = Job(outbox, 9)
    job.wait()
    job.close()
    job.fail("no")
    assert outbox.reports == [OrderFailed(9, "no")]


def test_what_is_forgotten_is_not_answered() -> None:
    outbox, told = Outbox(), []
    outbox.carry_out(9, [])
    outbox.carry_out(10, [wire.dial("a")])
    outbox.notify("b", "talk", told.append)
    outbox.reports.clear()
    assert outbox.forget() == {10}
    assert (outbox.requests, outbox.notices) == ([], [])
    outbox.answered(1, 200, "")
    outbox.notified(2, "")
    assert (outbox.reports, told) == ([], [])
    outbox.ask(wire.dial("a"))
    assert outbox.requests == [(3, wire.dial("a"))], "late answers must not be mistaken for those of new requests"


def test_an_order_that_builds_on_others_is_answered_after_them() -> None:
    outbox = Outbox()
    outbox.carry_out(1, [wire.dial("a")])
    later = Job(outbox, 2)
    later.after([1, 1, 99])
    later.close()
    assert outbox.reports == []
    outbox.answered(1, 204, "")
    assert outbox.reports == [OrderDone(1), OrderDone(2)]


def test_and_fails_if_one_of_them_does() -> None:
    outbox = Outbox()
    outbox.carry_out(1, [wire.dial("a")])
    later = Job(outbox, 2)
    later.after([1])
    later.close()
    outbox.answered(1, 500, "")
    why = "POST channels/a/dial: 500"
    assert outbox.reports == [OrderFailed(1, why), OrderFailed(2, why)]


def test_what_must_be_done_is_asked_again_ever_more_slowly() -> None:
    outbox = Outbox()
    outbox.insist(wire.destroy_bridge("mix~1"))
    asked, pauses = 1, []
    while asked < 12:
        assert len(outbox.requests) == asked
        outbox.answered(asked, 500, "")
        deadline = outbox.next_deadline()
        assert deadline is not None
        pauses.append(round(deadline - outbox.now, 1))
        outbox.tick()
        assert len(outbox.requests) == asked, "it is not due"
        outbox.now = deadline
        outbox.tick()
        asked += 1
    assert (pauses[:3], pauses[-1]) == ([0.2, 0.4, 0.8], 30.0)
    outbox.answered(asked, 404, "")
    assert outbox.next_deadline() is None


def test_what_nobody_wants_any_more_is_not_asked_again() -> None:
    outbox = Outbox()
    outbox.insist(wire.stop_music("a"), lambda: False)
    outbox.answered(1, 500, "")
    outbox.now = 1.0
    outbox.tick()
    assert (len(outbox.requests), outbox.next_deadline()) == (1, None)


def test_after_a_lost_link_what_is_there_is_found_out_otherwise() -> None:
    outbox = Outbox()
    outbox.insist(wire.destroy_bridge("mix~1"))
    outbox.answered(1, 500, "")
    outbox.forget()
    assert outbox.next_deadline() is None


def test_what_is_to_be_done_later_is_done_then_and_not_after_a_lost_link() -> None:
    outbox, done = Outbox(), []
    outbox.later(0.5, lambda: done.append("first"))
    assert outbox.next_deadline() == 0.5
    outbox.tick()
    assert done == []
    outbox.now = 0.5
    outbox.tick()
    outbox.later(0.5, lambda: done.append("second"))
    outbox.forget()
    assert (done, outbox.next_deadline()) == (["first"], None)
