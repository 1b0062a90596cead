"""Tables become structs; what is wrong becomes words."""

from typing import Annotated, Literal

import msgspec
import pytest

from cordboard.server.config_reading import Mistake, Mistakes, Reader, nearest


class Inner(msgspec.Struct, frozen=True):
    depth: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1


class Outer(msgspec.Struct, frozen=True):
    name: str
    colour: Literal["red", "green"] = "red"
    ratio: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    words: tuple[str, ...] = ()
    title: Annotated[str, msgspec.Meta(min_length=1)] = "none"
    inner: Inner = Inner()
    password: str = ""
    bold: bool = False
    size: Annotated[str, msgspec.Meta(pattern=r"^[SML]\Z", description="S, M or L")] = "M"
    level: Annotated[int, msgspec.Meta(gt=2)] = 3
    status: Literal[401, 403] = 403
    client_secret: str = ""


class Whole(msgspec.Struct, frozen=True):
    outer: Outer = Outer(name="")


def reader(**environ: str) -> Reader:
    return Reader("f.toml", environ)


def told(of: Reader) -> list[str]:
    return [str(mistake) for mistake in of.mistakes]


def test_a_table_becomes_a_struct() -> None:
    found = reader().table(Outer, {"name": "a", "ratio": 2, "words": ["x"], "inner": {"depth": 2}}, "")
    assert found == Outer(name="a", ratio=2.0, words=("x",), inner=Inner(2))


@pytest.mark.parametrize(
    ("table", "mistake"),
    [
        ({}, "f.toml: t.name: found nothing; accepted: a text"),
        ({"name": 1}, "f.toml: t.name: found 1; accepted: a text"),
        ({"name": "a", "colour": "blue"}, 'f.toml: t.colour: found "blue"; accepted: "green" or "red"'),
        ({"name": "a", "ratio": 0}, "f.toml: t.ratio: found 0; accepted: a number above 0"),
        ({"name": "a", "ratio": float("nan")}, "f.toml: t.ratio: found nan; accepted: a number above 0"),
        ({"name": "a", "words": "x"}, 'f.toml: t.words: found "x"; accepted: a list, each item a text'),
        ({"name": "a", "title": ""}, 'f.toml: t.title: found ""; accepted: a text that is not empty'),
        ({"name": "a", "bold": 1}, "f.toml: t.bold: found 1; accepted: true or false"),
        ({"name": "a", "size": "XL"}, 'f.toml: t.size: found "XL"; accepted: S, M or L'),
        ({"name": "a", "level": 2}, "f.toml: t.level: found 2; accepted: a whole number above 2"),
        ({"name": "a", "status": 402}, "f.toml: t.status: found 402; accepted: 401 or 403"),
        ({"name": "a", "client_secret": 1}, "f.toml: t.client_secret: found a value (not shown); accepted: a text"),
        ({"name": "a", "inner": 3}, "f.toml: t.inner: found 3; accepted: a table"),
        (
            {"name": "a", "inner": {"depth": 10}},
            "f.toml: t.inner.depth: found 10; accepted: a whole number from 1 up to 9",
        ),
        ({"name": "a", "password": 12}, "f.toml: t.password: found a value (not shown); accepted: a text"),
        (
            {"name": "a", "inner": {"deph": "pass"}},
            'f.toml: t.inner.deph: found an unknown key; accepted: the keys depth (did you mean "depth"?)',
        ),
    ],
)
def test_a_mistake_names_file_key_found_and_accepted(table: dict[str, object], mistake: str) -> None:
    of = reader()
    of.table(Outer, table, "t")
    assert told(of) == [mistake]
    assert of.is_mistaken(mistake.split(": ")[1])
    assert not of.is_mistaken("t")


def test_a_long_value_is_cut() -> None:
    of = reader()
    of.mistake("key", "x" * 200, "less")
    assert len(of.mistakes[0].found) == 80


def test_the_environment_is_read_by_the_names_of_keys() -> None:
    of = reader(CORDBOARD_NAME="ignored", CORDBOARD_INNER__DEPTH="3", OTHER__DEPTH="4")
    assert of.settings(Outer, {"name": "a", "inner": {"depth": 2}}, ()).inner.depth == 3
    assert told(of) == []


def test_a_list_in_the_environment_is_written_with_commas() -> None:
    of = reader(CORDBOARD_OUTER__WORDS="a, b,,c")
    assert of.settings(Whole, {}, ()).outer.words == ("a", "b", "c")
    assert [mistake.key for mistake in of.mistakes] == ["outer.name"]


def test_a_kind_of_setting_without_words_is_a_bug() -> None:
    class Odd(msgspec.Struct):
        bytes_: bytes = b""

    with pytest.raises(AssertionError, match="no words"):
        reader().table(Odd, {"bytes_": 1}, "")


def test_a_wrong_value_in_the_environment_is_a_mistake_there() -> None:
    of = reader(CORDBOARD_INNER__DEPTH="deep")
    of.settings(Outer, {"name": "a"}, ())
    assert told(of) == ['environment: CORDBOARD_INNER__DEPTH: found "deep"; accepted: a whole number from 1 up to 9']


def test_a_variable_that_names_no_setting_is_a_mistake() -> None:
    of = reader(CORDBOARD_INNER__DEPHT="3")
    of.settings(Outer, {"name": "a"}, ())
    (mistake,) = told(of)
    assert mistake.startswith(
        'environment: CORDBOARD_INNER__DEPHT: found "3"; accepted: a variable named for a setting'
    )
    assert mistake.endswith('(did you mean "CORDBOARD_INNER__DEPTH"?)')


def test_other_keys_are_left_alone_and_offered() -> None:
    of = reader()
    of.settings(Outer, {"name": "a", "users": [], "user": []}, ["users"])
    (mistake,) = told(of)
    assert mistake.startswith("f.toml: user: found an unknown key; accepted: the keys name,")
    assert mistake.endswith('(did you mean "users"?)')


def test_mistakes_are_lines() -> None:
    both = Mistakes((Mistake("f", "", "nothing", "a file"), Mistake("f", "k", "1", "2")))
    assert str(both) == "f: found nothing; accepted: a file\nf: k: found 1; accepted: 2"


def test_nearest_is_silent_when_nothing_is_near() -> None:
    assert nearest("lisen", ["listen", "level"]) == ' (did you mean "listen"?)'
    assert nearest("zzz", ["listen"]) == ""
