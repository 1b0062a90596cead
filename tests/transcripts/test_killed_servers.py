"""Every story in this folder, with a server that is killed at every input of every line of it: it reads the same.

The law of calls holds after each line. ``tests.kit.mortal`` says when servers die, ``tests.kit.reading`` what may read
otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import count, product
from pathlib import Path

import pytest
from tests.kit.mortal import Death, Witness, told
from tests.kit.reading import differences
from tests.transcripts.test_transcripts import STORIES

OTHERWISE = {
    "call_waiting": "whose call was held by a telephone and whose was taken back is told in another order",
    "monitoring_switch_fails": "how often the switch has failed is counted anew",
    "recording_fails": "what the switch refused is tried again at once, and not after a pause",
    "recording_late": "an order that the switch was late with is lost with the link",
    "switch_refuses_drop": "what the switch refused is tried again at once, and not after a pause",
}
"""Stories that may go another way, and why: for them only the law has to hold."""


def deaths() -> Iterator[Iterator[Death]]:
    """At the first input of each line, at the second, and so on: once, or again when the next server has just begun."""
    for ordered, times in product((False, True), (1, 2)):
        yield (Death(first, ordered, times) for first in count(1))


def happened(witness: Witness) -> dict[tuple[str, str], list[object]]:
    """What the UnifiedAPI tells of, for each party of each phone call."""
    happenings = defaultdict[tuple[str, str], list[object]](list)
    for one in witness.mortal.happenings:
        happenings[one.number, one.phone_call].append((one.kind, one.answered, one.outgoing))
    return happenings


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_the_story_goes_on_as_if_nothing_had_happened(story: Path) -> None:
    written = story.read_text()
    text, alive = told(written)
    assert differences(written, text) == []
    alive.end()
    wrong = list[str]()
    for series in deaths():
        for death in series:
            text, witness = told(written, death)
            witness.end()
            if not witness.mortal.deaths:
                break
            found = differences(written, text)
            if happened(witness) != happened(alive):
                found.append("something else is told by the UnifiedAPI")
            if not witness.raced:
                wrong += [f"{death}: {one}" for one in found]
    assert bool(wrong) is (story.stem in OTHERWISE), "\n".join(wrong)
