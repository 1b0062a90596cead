import pytest
from tests.kit.asterisk_dry import Dry
from tests.kit.asterisk_scene import read
from tests.kit.asterisk_things import Channel

from cordboard.calls.model import MonitorKind
from cordboard.calls.orders import DropLeg, HoldLeg, JoinLegs, SpyLeg
from cordboard.calls.reports import LegEnded, OrderDone, OrderFailed
from cordboard.switches.ari.coaching import Coaching, is_coaching
from cordboard.switches.ari.events import AnyMessage
from cordboard.switches.ari.outbox import Job, Outbox
from cordboard.switches.ari.tracker import Line, Stage

COACH = SpyLeg(2, "c", "mix", "a", MonitorKind.COACH)


@pytest.fixture
def dry() -> Dry:
    made = Dry()
    made.up("a", "b", "c")
    made.do(JoinLegs(1, "mix", mixed=("a", "b")))
    made.forget()
    return made


def test_a_coach_is_beside_the_mix_with_a_snooper(dry: Dry) -> None:
    assert dry.do(COACH) == [OrderDone(2)]
    assert dry.asked == [
        "POST bridges/coach-c-1",
        "POST bridges/coach-c-1/addChannel",
        "POST channels/a/snoop",
        "POST bridges/coach-c-1/addChannel",
    ]
    assert (dry.hears("a"), dry.hears("b")) == (["5001", "5002"], ["5000"])


def test_it_is_done_when_they_hear_each_other(dry: Dry) -> None:
    dry.begin(COACH)
    while dry.likeness.channels.get("coach-c-1-snooper") is None:
        dry.step()
    assert dry.heard == []
    dry.pump()
    assert dry.heard == [OrderDone(2)]


def test_a_snooper_ends_with_its_supervisor(dry: Dry) -> None:
    dry.do(COACH)
    assert dry.do(DropLeg(3, "c")) == [OrderDone(3), LegEnded("c")]
    assert [one.id for one in dry.likeness.channels.values()] == ["a", "b"]
    assert list(dry.likeness.bridges) == ["mix~1"]


def test_a_snooper_ends_with_its_target(dry: Dry) -> None:
    dry.do(COACH)
    dry.likeness.hang_up(dry.channel("a"))
    assert dry.pump() == [LegEnded("a")]
    assert dry.do(HoldLeg(3, music=("c",))) == [OrderDone(3)]
    assert dry.hears("c") == ["music"]


def test_the_end_of_a_snooper_that_was_used_is_no_news(dry: Dry) -> None:
    dry.do(COACH)
    dry.driver.hear(_ended("coach-c-1-snooper"), 0.0)
    dry.driver.hear(_ended("coach-x-9-snooper"), 0.0)
    assert dry.pump() == []


def test_a_target_that_is_gone_can_t_be_coached(dry: Dry) -> None:
    dry.begin(COACH)
    dry.likeness.hang_up(dry.channel("a"))
    reports = dry.pump()
    assert reports[-1] == OrderFailed(2, "POST channels/a/snoop: 404 Channel not found")


@pytest.mark.parametrize("kind", ["ChannelDestroyed", "StasisEnd"])
def test_a_snooper_that_is_gone_before_it_is_used_fails(dry: Dry, kind: str) -> None:
    dry.begin(COACH)
    dry.driver.hear(_ended("coach-c-1-snooper", kind), 0.0)
    reports = dry.pump()
    assert OrderFailed(2, "the target is gone") in reports


def test_a_supervisor_that_goes_on_meanwhile_is_where_it_is_wanted(dry: Dry) -> None:
    dry.begin(COACH, HoldLeg(3, music=("c",)))
    assert dry.pump() == [OrderDone(2), OrderDone(3)]
    assert dry.hears("c") == ["music"]
    assert "coach-c-1-snooper" not in dry.likeness.channels


def test_a_snooper_that_comes_late_is_hung_up(dry: Dry) -> None:
    dry.do(COACH)
    dry.likeness.said.append({"type": "StasisStart", "channel": dry.likeness.channels["coach-c-1-snooper"].shown()})
    dry.pump()
    assert "coach-c-1-snooper" in dry.likeness.channels, "this one is used"
    dry.driver._coaching.forget()
    dry.likeness.said.append({"type": "StasisStart", "channel": dry.likeness.channels["coach-c-1-snooper"].shown()})
    dry.pump()
    assert "coach-c-1-snooper" not in dry.likeness.channels


def _ended(channel: str, kind: str = "ChannelDestroyed") -> AnyMessage:
    return read({"type": kind, "channel": Channel(channel, "Snoop/a-0", "", "Up").shown()})


def test_names_of_an_earlier_process_are_known_and_not_given_again() -> None:
    coaching = Coaching(Outbox(), "cordboard")
    coaching.count_from(40)
    coaching.begin(Line("c", "5002", "c", Stage.UP), Line("a", "5000", "a", Stage.UP), Job(Outbox(), 1))
    bridge = coaching.bridge_of(Line("c", "5002", "c", Stage.UP))
    assert (bridge, is_coaching(bridge), is_coaching("mix~1")) == ("coach-c-41", True, False)
