import json
from pathlib import Path

import msgspec
import pytest
from tools.ari_events.writing import TARGET, module, read_models

from cordboard.switches.ari import events

MODELS = {
    "Message": {"subTypes": ["Event"], "properties": {"type": {"type": "string", "required": True}}},
    "Event": {"subTypes": ["Dial", "Nothing"], "properties": {"application": {"type": "string", "required": True}}},
    "Dial": {
        "properties": {
            "type": {"type": "string", "required": True},
            "peer": {"type": "Channel", "required": True},
            "caller": {"type": "Channel"},
            "from": {"type": "string"},
            "count": {"type": "int", "required": True},
            "cause": {"type": "int"},
            "args": {"type": "List[string]"},
            "others": {"type": "List[Channel]"},
        }
    },
    "Nothing": {"properties": {}},
    "Channel": {"properties": {"name": {"type": "string", "required": True}, "self": {"type": "Channel"}}},
    "Unused": {"properties": {}},
    "": {"version": "2.0.0"},
}
FILES = ("events", "channels", "bridges", "recordings", "playbacks", "endpoints", "deviceStates")


def test_a_description_becomes_a_module() -> None:
    text = module(MODELS)
    assert "API version 2.0.0" in text
    assert text.partition("class Channel(")[2] == (
        "msgspec.Struct, frozen=True, kw_only=True, gc=False):\n"
        '    name: str = ""\n'
        "    self: Channel | None = None\n\n\n"
        "class Dial(_Event, frozen=True, kw_only=True, gc=False, tag=True):\n"
        "    peer: Channel\n"
        "    caller: Channel | None = None\n"
        '    from_: str = msgspec.field(default="", name="from")\n'
        "    count: int = 0\n"
        "    cause: int | None = None\n"
        "    args: tuple[str, ...] = ()\n"
        "    others: tuple[Channel, ...] = ()\n\n\n"
        "class Nothing(_Event, frozen=True, kw_only=True, gc=False, tag=True):\n"
        "    pass\n\n\n"
        "AnyMessage: TypeAlias = (\n    Dial\n    | Nothing\n)\n"
    )


def test_the_module_that_was_made_can_be_used() -> None:
    names: dict[str, object] = {"__name__": "made"}
    exec(compile(module(MODELS), "made", "exec"), names)
    kind = names["Dial"]
    assert isinstance(kind, type)
    assert {"peer", "caller", "from_", "application"} <= set(kind.__struct_fields__)  # type: ignore[attr-defined]


def test_the_models_of_all_files_are_read(tmp_path: Path) -> None:
    for name in FILES:
        document = {"apiVersion": "2.0.0", "models": {name: {"properties": {}}}}
        (tmp_path / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    assert read_models(tmp_path) == {"": {"version": "2.0.0"}, **{name: {"properties": {}} for name in FILES}}


def test_a_folder_without_descriptions_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_models(tmp_path)


def test_the_module_in_use_is_one_that_was_made() -> None:
    text = TARGET.read_text(encoding="utf-8")
    assert text.startswith('"""What Asterisk tells over ARI')
    assert {"StasisStart", "ChannelTransfer", "RESTResponse"} <= {kind.__name__ for kind in events.AnyMessage.__args__}
    assert msgspec.json.decode(b'{"name":"n"}', type=events.Endpoint) == events.Endpoint()
