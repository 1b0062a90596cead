"""The generated pages tell what the server does now, and tell all of it."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import pytest
from tools.publish import contract, operations_pages, pages, procedures_page, resources_page, situations, telling
from tools.publish.stage import Asked, Notified, Stage

from cordboard.calls import permits
from cordboard.calls.model import CallState, Operation, Taking
from cordboard.gws.requests import CALL_BODIES

TEXTS = pages.texts()
SERVED = [name for family in contract.FAMILIES for name in family.operations if operations_pages.served(name)]


def test_the_pages_are_up_to_date() -> None:
    assert pages.stale(TEXTS) == [], "run make docs"


def test_the_pages_are_the_same_each_time() -> None:
    assert pages.texts() == TEXTS


def test_writing_mends_what_is_out_of_date_and_removes_what_is_no_longer_made(tmp_path: Path) -> None:
    pages.write(tmp_path)
    assert pages.write(tmp_path) == []
    (tmp_path / "permits.md").write_text("otherwise")
    (tmp_path / "operations" / "Fly.md").write_text(TEXTS["operations/Hold.md"])
    (tmp_path / "lab.md").write_text("written by people")
    assert pages.write(tmp_path) == ["operations/Fly.md", "permits.md"]
    assert pages.stale(TEXTS, tmp_path) == []
    assert (tmp_path / "lab.md").exists()


def test_every_operation_that_the_server_knows_has_a_page() -> None:
    assert set(CALL_BODIES) <= set(SERVED)


def test_every_operation_of_the_interface_is_served_and_has_a_page() -> None:
    assert contract.missing() == []
    assert {name for family in contract.FAMILIES for name in family.operations} == set(SERVED)


def test_no_name_is_both_an_operation_and_none() -> None:
    named = [name for family in contract.FAMILIES for name in family.operations]
    assert len(named) == len(set(named))
    assert not set(named) & set(contract.NOT_OPERATIONS)
    assert set(telling.OPERATIONS) <= set(named)


@pytest.mark.parametrize("name", SERVED)
def test_the_example_of_an_operation_is_about_that_operation(name: str) -> None:
    scenes = telling.tell(telling.OPERATIONS[name])
    asked = scenes.first[0]
    assert isinstance(asked, Asked)
    assert (asked.body["operationName"], asked.status) == (name, 200)
    told = [happening for happening in scenes.first if isinstance(happening, Notified)]
    shown = re.findall(r"^\*\*\d+\*\* · to (\d+)$", TEXTS[f"operations/{name}.md"], re.MULTILINE)
    assert shown[: len(told)] == [one.number for one in told]


@pytest.mark.parametrize("name", SERVED)
def test_the_json_on_a_page_is_json_and_its_ids_are_named(name: str) -> None:
    blocks = re.findall(r"^```json\n(.*?)^```", TEXTS[f"operations/{name}.md"], re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 2
    for block in blocks:
        json.loads(block)
        assert "01ABCDEFGHJKMNPQRSTVWXYZ" not in block


def test_what_a_story_plays_before_its_request_is_said() -> None:
    assert [name for name, story in telling.OPERATIONS.items() if bool(story.play) is not bool(story.say)] == []


def test_a_story_that_is_refused_makes_no_page() -> None:
    story = telling.Story(what="", situation="ringing", ask="5005 Hold A")
    with pytest.raises(ValueError, match="refused in a story"):
        telling.tell(story)


def test_a_refusal_that_is_accepted_makes_no_page() -> None:
    story = telling.Story(what="", situation="ringing", ask="5005 Answer A")
    with pytest.raises(ValueError, match="not refused"):
        telling.refuse(story, telling.Refused("", story.ask))


def test_the_words_of_a_situation_tell_exactly_the_cells_that_are_offered() -> None:
    """Each set of cells comes apart into products that give the very same cells again."""
    for state in situations.STATES:
        rows = situations.offers(state)
        for operation in Operation:
            chosen = {cell for cell, offered in rows.items() if operation in offered}
            told = [
                cell
                for product in situations.products(chosen)
                for cell in rows
                if all(value in values for value, values in zip(cell, product, strict=True))
            ]
            assert sorted(map(str, told)) == sorted(map(str, chosen))
            assert bool(situations.when(rows, operation)) == bool(chosen)


def test_every_state_that_offers_anything_is_on_the_page_of_the_table() -> None:
    offering = {key[0] for key, offered in permits.TABLE.items() if offered}
    assert offering == set(situations.STATES)
    for operation in set().union(*permits.TABLE_CLEAR.values()) - permits.USER_DATA - permits.STARTS:
        assert f"`{operation.value}`" in TEXTS["permits.md"]


def test_every_operation_that_no_list_names_is_on_the_page_of_the_table() -> None:
    section = TEXTS["permits.md"].partition("## What no list names\n")[2].partition("\n## ")[0]
    for operation in (*permits.UNLISTED, *Taking):
        assert f"`{operation.value}`" in section


def test_pictures_tell_every_notification_of_their_stories() -> None:
    for procedure in procedures_page.procedures():
        stage = Stage(procedure.features, procedure.rules)
        stage.play(*procedure.before)
        told = [one for one in stage.play(*procedure.play) if isinstance(one, Notified)]
        assert told, procedure.title
        section = TEXTS["procedures.md"].partition(f"## {procedure.title}\n")[2].partition("\n## ")[0]
        assert section.count("C-)D") == len(told)
        lanes = set(re.findall(r"participant ([A-Z]\d*)", section))
        assert set(re.findall(r"^    ([CDPS]\d*)-", section, re.MULTILINE)) <= lanes


def test_every_resource_that_can_be_read_is_on_its_page() -> None:
    gws = Stage().gws
    methods = {
        **gws._plain,
        **{f"{path}/{{id}}": table for path, table in gws._with_id.items()},
        **{f"{above}{{id}}/{name}": table for above, below in gws._below.items() for name, table in below.items()},
    }
    readable = {path for path, table in methods.items() if "GET" in table}
    told = {resource.pattern for resource in resources_page.resources()}
    assert told <= readable
    assert {
        path for path in readable if path.removeprefix("/me") not in {one.removeprefix("/me") for one in told}
    } == set()
    for pattern in told:
        assert f"## {pattern}\n" in TEXTS["resources.md"]


def test_what_a_stage_can_not_play_is_said() -> None:
    stage = Stage()
    with pytest.raises(ValueError, match="can't play"):
        stage.play("sing")
    with pytest.raises(ValueError, match="nobody's"):
        stage.play("999 Dial calls to=5001")
    with pytest.raises(ValueError, match="5000 answer"):
        stage.play("phone 5000 answer")


def test_the_table_has_the_dimensions_that_the_pages_speak_of() -> None:
    first, *rest = inspect.signature(permits.row).parameters
    assert first == "state"
    assert (*rest, "recording") == situations.DIMENSIONS
    assert all(len(key) == len(rest) + 1 and isinstance(key[0], CallState) for key in permits.TABLE)
