from cordboard.calls.records import MUSIC, NOWHERE
from cordboard.switches.ari.tracker import Line, Mix, Stage, Tracker


def line(leg: str = "a", stage: Stage = Stage.UP) -> Line:
    return Line(leg, "5000", f"channel-{leg}", stage)


def tracker(*lines: Line, mixes: tuple[str, ...] = ("mix",)) -> Tracker:
    made = Tracker()
    for mix in mixes:
        made.open(mix)
    for one in lines:
        made.enter(one)
    return made


def test_a_leg_is_found_by_its_name_and_its_channel() -> None:
    one = line()
    made = tracker(one)
    assert (made.lines["a"], made.channels["channel-a"]) == (one, one)
    assert (one.is_up, one.is_incoming) == (True, False)
    assert line(stage=Stage.OFFERED).is_incoming


def test_a_leg_goes_on_with_another_channel() -> None:
    one = line()
    made = tracker(one)
    one.ending = True
    made.swap(one, "channel-a~1")
    assert (made.channels, one.ending) == ({"channel-a~1": one}, False)
    assert one.channel == "channel-a~1"


def test_a_leg_is_in_one_place_at_most_and_mixes_are_told() -> None:
    one, changed = line(), []
    made = tracker(one, mixes=("mix", "other"))
    made.on_change = changed.append
    made.put(one, "mix")
    assert list(made.mixes["mix"].legs) == ["a"]
    assert not made.mixes["mix"].is_idle
    made.put(one, "other")
    assert (list(made.mixes["mix"].legs), list(made.mixes["other"].legs)) == ([], ["a"])
    made.put(one, MUSIC)
    assert (made.mixes["other"].is_idle, one.place) == (True, MUSIC)
    made.leave(one)
    assert one.place == NOWHERE
    assert changed == ["mix", "mix", "other", "other"]


def test_a_mix_that_is_recorded_is_not_idle() -> None:
    mix = Mix()
    mix.recordings.add("rec")
    assert not mix.is_idle


def test_a_leg_that_is_removed_is_nowhere_to_be_found() -> None:
    one = line()
    made = tracker(one)
    made.put(one, "mix")
    made.remove(one)
    assert (made.lines, made.channels, made.mixes["mix"].legs) == ({}, {}, {})
    made.remove(one)


def test_a_channel_that_carries_another_leg_by_now_stays_with_it() -> None:
    one, other = line(), line("b")
    made = tracker(one)
    other.channel = one.channel
    made.enter(other)
    made.remove(one)
    assert made.channels == {"channel-a": other}


def test_nobody_need_know_of_changes() -> None:
    one = line()
    made = tracker(one)
    made.put(one, "mix")
    assert one.place == "mix"


def test_a_mix_that_is_made_again_has_a_bridge_of_its_own() -> None:
    made = tracker()
    mix = made.mixes["mix"]
    assert (mix.bridge, made.mix_with(mix.bridge), made.bridge_of("mix")) == ("mix~1", "mix", "mix~1")
    assert made.open("mix") is mix, "it could not be made"
    assert made.bridge_of("mix") == "mix~2"
    assert made.bridge_of(MUSIC) == ""


def test_a_bridge_that_was_not_made_by_this_is_the_mix_of_its_name() -> None:
    made = tracker()
    assert (made.mix_with("theirs"), made.mix_with("gone~4")) == ("theirs", "gone")
    assert made.found_mix("theirs", "theirs").bridge == made.bridge_of("theirs") == "theirs"


def test_a_bridge_may_become_another_mix_s_with_all_who_are_in_it() -> None:
    one, other = line(), line("b")
    made = tracker(one, other)
    made.put(one, "mix")
    made.rename("mix", "parent")
    assert (one.place, other.place, list(made.mixes)) == ("parent", NOWHERE, ["parent"])
    assert (made.bridge_of("parent"), made.mix_with("mix~1")) == ("mix~1", "parent")


def test_names_are_counted_on_from_where_no_earlier_process_came_to() -> None:
    tracker = Tracker()
    tracker.count_from(7000)
    tracker.count_from(3)
    assert tracker.open("mix").bridge == "mix~7001"
