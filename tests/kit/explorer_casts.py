"""The casts that are walked: who is there, where the story begins, what may be asked and pressed.

The **small** casts are {caller, agent, target} from "talking", for one procedure each: small enough for eight inputs
and more. The **wide** ones let everybody do everything, from the middle of each procedure, and go less deep.
"""

from __future__ import annotations

from tests.kit.explorer_inputs import Cast, Keys

from cordboard.calls.model import Number, Operation
from cordboard.calls.records import Rules
from cordboard.switches.virtual import persons

CALLER, AGENT, TARGET, FURTHER = "5000", "5005", "5001", "5900"
_RINGS = "5005 InitiateTransfer A to=5001"
_CONSULTS = (_RINGS, "phone 5001 answer")
TALKING = ("phone 5000 dial to=5005", "5005 Answer A")

_COMMON = frozenset({Operation.HANGUP, Operation.HOLD, Operation.RETRIEVE, Operation.SWAP_CALLS})
_TRANSFER = _COMMON | {Operation.INITIATE_TRANSFER, Operation.COMPLETE_TRANSFER}
_CONFERENCE = _COMMON | {Operation.INITIATE_CONFERENCE, Operation.COMPLETE_CONFERENCE, Operation.REMOVE_PARTICIPANT}
_SINGLE_STEP = _COMMON | {Operation.SINGLE_STEP_TRANSFER, Operation.SINGLE_STEP_CONFERENCE}
_NOT_WALKED = frozenset(
    {
        Operation.DIAL,  # where the stories begin
        Operation.SEND_DTMF,  # changes nothing
        Operation.ATTACH_USER_DATA,  # changes nothing that anything else depends on
        Operation.UPDATE_USER_DATA,
        Operation.DELETE_USER_DATA,
        Operation.DELETE_USER_DATA_PAIR,
    }
)
_RECORDING = frozenset(
    {Operation.START_RECORDING, Operation.PAUSE_RECORDING, Operation.RESUME_RECORDING, Operation.STOP_RECORDING}
)
_MICROPHONES = frozenset({Operation.MUTE_CALL, Operation.UNMUTE_CALL, Operation.HOLD, Operation.RETRIEVE})
EVERYTHING = frozenset(Operation) - _NOT_WALKED
_HANGUP: Keys = frozenset({persons.Hangup})
_ANSWER: Keys = frozenset({persons.Answer, persons.Reject, persons.Hangup})
_ALL_KEYS: Keys = _ANSWER | {persons.Hold, persons.Retrieve, persons.Transfer}


def _rules(**changed: object) -> Rules:
    """The defaults but for two pauses, of which sums are exact."""
    return Rules(placing_pause_s=0.25, drop_pause_s=0.25, **changed)  # type: ignore[arg-type]


def _small(name: str, operations: frozenset[Operation], depth: int, faults: int = 0) -> Cast:
    keys = {CALLER: _HANGUP, AGENT: _HANGUP | {persons.Answer}, TARGET: _ANSWER}
    rules = _rules(consults_max=1)
    return Cast(name, depth, TALKING, {AGENT: operations}, keys, (TARGET,), (CALLER, AGENT, TARGET), rules, faults)


def _microphones(name: str) -> Cast:
    people = (CALLER, AGENT, TARGET)
    used = dict.fromkeys((CALLER, AGENT), _MICROPHONES)
    story = (*TALKING, *_CONSULTS, "5005 CompleteConference B")
    return Cast(name, 5, story, used, {TARGET: _HANGUP}, (), people, _rules(), faults=1)


def _recording(name: str, *story: str, depth: int, faults: int = 0) -> Cast:
    """5002 and 5003 may record; 5002 has been called, and hands over to 5003."""
    me, colleague = "5002", "5003"
    hands_over = {Operation.INITIATE_TRANSFER, Operation.COMPLETE_TRANSFER, Operation.HANGUP}
    used = {me: _RECORDING | hands_over, colleague: _RECORDING}
    keys = {CALLER: _HANGUP, colleague: _HANGUP | {persons.Answer}}
    story = (f"phone {CALLER} dial to={me}", f"{me} Answer A", *story)
    return Cast(name, depth, story, used, keys, (colleague,), (CALLER, me, colleague), _rules(consults_max=1), faults)


def _parking(name: str, depth: int, faults: int = 0) -> Cast:
    """The agent parks the caller; the agent and the target get it out again."""
    keys = {CALLER: _HANGUP, AGENT: _HANGUP | {persons.Answer, persons.Reject}, TARGET: _HANGUP}
    used = {AGENT: frozenset({Operation.PARK, Operation.HOLD}), CALLER: _MICROPHONES}
    people = (CALLER, AGENT, TARGET)
    rules = _rules(recall_tries=1, park_slots=1)
    return Cast(name, depth, TALKING, used, keys, (), people, rules, faults, takers=(AGENT, TARGET))


def _voicemail(name: str, depth: int, faults: int = 0) -> Cast:
    """The agent sends the caller to the target's mailbox; the caller asks the agent into the call again."""
    keys = {CALLER: _HANGUP, AGENT: _ANSWER}
    used = {
        AGENT: frozenset({Operation.TO_VOICEMAIL, Operation.HOLD}),
        CALLER: _SINGLE_STEP - _TRANSFER | {Operation.HOLD},
    }
    people = (CALLER, AGENT, TARGET)
    return Cast(name, depth, TALKING, used, keys, (TARGET, AGENT), people, _rules(recall_tries=1), faults)


def _picking(name: str, depth: int, faults: int = 0) -> Cast:
    """A call rings at the agent's telephone, and two others want it."""
    keys = {CALLER: _HANGUP, AGENT: _ANSWER, TARGET: _ANSWER}
    people = (CALLER, AGENT, TARGET, FURTHER)
    return Cast(name, depth, TALKING[:1], {}, keys, (), people, _rules(), faults, takers=(TARGET, FURTHER))


def _sources(name: str, depth: int, faults: int = 0) -> Cast:
    """Two telephones ring, and whichever is answered is connected with a third; all of it ends after a while."""
    keys = dict.fromkeys((CALLER, AGENT, TARGET), _ANSWER)
    people, story = (CALLER, AGENT, TARGET), (f"{CALLER} Dial to={TARGET} also={AGENT} lasts_s=90",)
    used = dict.fromkeys((CALLER, AGENT), frozenset({Operation.ANSWER, Operation.DECLINE, Operation.HOLD}))
    return Cast(name, depth, story, used, keys, (), people, _rules(), faults, takers=(FURTHER,))


def _room(name: str, depth: int, faults: int = 0) -> Cast:
    """Somebody is alone in a room, and somebody else is called into it; a third may be asked."""
    keys = dict.fromkeys((CALLER, AGENT), _ANSWER)
    story = (f"500 Invite to={CALLER} room=500", f"phone {CALLER} answer", f"500 Invite to={AGENT} room=500")
    used = {
        CALLER: _SINGLE_STEP,
        AGENT: frozenset({Operation.ANSWER, Operation.DECLINE, Operation.HOLD, Operation.PARK}),
    }
    people = (CALLER, AGENT, TARGET)
    return Cast(name, depth, story, used, keys, (TARGET,), people, _rules(recall_tries=1), faults, takers=(TARGET,))


def _wide(
    name: str, *story: str, depth: int = 2, further: Number = "", supervisor: Number = "", taker: Number = ""
) -> Cast:
    """With ``further`` also under the rules that are not the default, where that number is the fallback."""
    people = (CALLER, AGENT, TARGET, *([further or supervisor] if further or supervisor else []))
    rules = _rules(consults_max=2)
    if further:
        rules = _rules(
            consults_max=2,
            recall_tries=1,
            transfer_fallback=further,
            retrieve_on_consult_failure=True,
            clear_from_ringing=True,
            hops_max=2,
        )
    operations = dict.fromkeys(people, EVERYTHING)
    keys = dict.fromkeys(people, _ALL_KEYS)
    return Cast(
        name,
        depth,
        (*TALKING, *story),
        operations,
        keys,
        (TARGET, AGENT),
        people,
        rules,
        faults=1,
        takers=(taker,) if taker else (),
    )


_LIST = (
    _small("transfer", _TRANSFER, depth=8),
    _small("conference", _CONFERENCE, depth=8),
    _small("single step", _SINGLE_STEP, depth=8),
    _small("transfer, an order fails", _TRANSFER, depth=5, faults=1),
    _small("conference, an order fails", _CONFERENCE, depth=5, faults=1),
    _small("single step, an order fails", _SINGLE_STEP, depth=5, faults=1),
    _microphones("conference, microphones"),
    _recording("recording", depth=8),
    _recording("recording, an order fails", depth=5, faults=1),
    _recording(
        "recording, handed over",
        *("5002 StartRecording A", "5002 InitiateTransfer A to=5003", "phone 5003 answer", "5003 StartRecording B"),
        depth=3,
        faults=1,
    ),
    _parking("parking", depth=7),
    _parking("parking, an order fails", depth=5, faults=1),
    _picking("picking up", depth=6, faults=1),
    _voicemail("voicemail", depth=6),
    _voicemail("voicemail, an order fails", depth=4, faults=1),
    _sources("several sources", depth=6),
    _sources("several sources, an order fails", depth=4, faults=1),
    _room("room", depth=5),
    _room("room, an order fails", depth=3, faults=1),
    _wide("everybody, talking"),
    _wide("everybody, target rings", _RINGS),
    _wide("everybody, consulting", *_CONSULTS),
    _wide("everybody, consulting for a conference", "5005 InitiateConference A to=5001", "phone 5001 answer"),
    _wide("everybody, conference", *_CONSULTS, "5005 CompleteConference B"),
    _wide("everybody, blind transfer", "5005 SingleStepTransfer A to=5001"),
    _wide("everybody, parked", "5005 Park A", taker=TARGET),
    _wide("everybody, third party rings", "5005 SingleStepConference A to=5001"),
    _wide("everybody, monitored", "5900 BargeIn 5005 scope=Agent", supervisor=FURTHER),
    _wide("everybody, monitored consult", "5900 Coach 5001", *_CONSULTS, supervisor=FURTHER),
    _wide("other rules, target rings", _RINGS, further=FURTHER),
    _wide("other rules, blind transfer", "5005 SingleStepTransfer A to=5001", further=FURTHER),
)
CASTS = {cast.name: cast for cast in _LIST}
