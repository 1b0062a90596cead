"""A desktop that lost an answer asks again with the same key: the same answer, and nothing happens twice
(call-semantics decision 9, #32)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.acceptance.refused import is_error
from tests.acceptance.stage import Stage
from tests.acceptance.telling import CONSULT_TALKING, DIALING, NOTHING, TALKING, Told
from tests.acceptance.test_two_step_transfer import both_are_released, customer_and_colleague_talk, reach_consult

pytestmark = pytest.mark.acceptance


def post(stage: Stage, number: str, path: str, key: str, **body: Any) -> httpx.Response:
    """The key is the test's own: tests of one module share a server that remembers."""
    headers = {"idempotency-KEY": f"{stage.transport} {key}"}
    return stage.agents[number].client.post(f"/api/v2{path}", json=body, headers=headers)


def test_a_completion_that_is_repeated_is_done_once(stage: Stage) -> None:
    reach_consult(stage)
    stage.ask("5001", "B", "Answer")
    stage.told("5001", Told("B", "Established", ("5005",), TALKING, dnis="5001", type="Consult"))
    stage.told("5005", Told("B", "Established", ("5001",), CONSULT_TALKING, dnis="5001", type="Consult", parent="A"))
    path = f"/me/calls/{stage.ids['B']}"
    answers = [post(stage, "5005", path, "key-1", operationName="CompleteTransfer") for _ in range(3)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, b'{"statusCode":0}')}
    is_error(post(stage, "5005", path, "key-2", operationName="CompleteTransfer"), 404, 6)
    is_error(post(stage, "5005", path, "key-1", operationName="Hangup"), 422, 10)
    both_are_released(stage)
    stage.told(
        "5001",
        Told("B", "Released", ("5005",), NOTHING, dnis="5001", type="Consult"),
        Told("A", "Established", ("5000",), TALKING, dnis="5005"),
    )
    stage.told("5000", Told("A", "Established", ("5001",), TALKING, dnis="5005", change="ParticipantsUpdated"))
    customer_and_colleague_talk(stage)


def test_a_call_that_is_dialled_again_with_its_key_is_dialled_once(stage: Stage) -> None:
    stage.enter("5000")
    path = f"/me/devices/{stage.agents['5000'].device_id}/calls"
    asked = {"operationName": "Dial", "destination": {"phoneNumber": "5005"}}
    for _ in range(2):
        assert post(stage, "5000", path, "dial-1", **asked).content == b'{"statusCode":0}'
    assert len(stage.agents["5000"].get("/me/calls")["uris"]) == 1
    stage.told("5000", Told("A", "Dialing", ("5005",), DIALING, dnis="5005"))
    stage.nobody_is_told_more()


def test_a_refusal_is_repeated_even_if_it_would_be_accepted_by_now(stage: Stage) -> None:
    stage.enter("5000")
    device = f"/me/devices/{stage.agents['5000'].device_id}"
    refused = post(stage, "5000", device, "off", operationName="DoNotDisturbOff")
    is_error(refused, 400, 2)
    stage.nobody_is_told_more()
    assert post(stage, "5000", device, "off", operationName="DoNotDisturbOff").content == refused.content
    is_error(post(stage, "5000", device, "k" * 256, operationName="DoNotDisturbOn"), 400, 10)
    stage.nobody_is_told_more()
