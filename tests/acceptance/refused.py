"""Bodies that 5007, who talks with 5006, may not send to the call; and what an error looks like (gws-v2 §1.3, §7.3)."""

from __future__ import annotations

import httpx

TOO_LARGE = b'{"operationName":"Hold","x":"' + b"x" * 300_000 + b'"}'
TO = '"destination":{"phoneNumber":'

ON_A_CALL: list[tuple[bytes | str, int, int]] = [
    # not JSON
    ("", 400, 10),
    ("{", 400, 10),
    ("Hold", 400, 10),
    (b"\xff\xfe\x00", 400, 10),
    (b'{"operationName":"Hold\xff"}', 400, 10),
    ('{"operationName":"AttachUserData","userData":{"a":"\\ud800"}}', 400, 10),
    ('{"operationName":"Hold"} and more', 400, 10),
    ("[" * 100_000, 400, 10),
    ('{"a":' * 40_000, 400, 10),
    # wrong types
    ("null", 400, 10),
    ("[]", 400, 10),
    ('"Hold"', 400, 10),
    ('{"operationName":5}', 400, 10),
    ('{"operationName":["Hold"]}', 400, 10),
    ('{"operationName":"InitiateTransfer","destination":"5001"}', 400, 10),
    (f'{{"operationName":"InitiateTransfer",{TO}5001}}}}', 400, 10),
    (f'{{"operationName":"InitiateTransfer",{TO}"5001"}},"userData":"k"}}', 400, 10),
    ('{"operationName":"AttachUserData","userData":["k"]}', 400, 10),
    ('{"operationName":"AttachUserData","userData":' + '{"a":' * 50 + "1" + "}" * 50 + "}", 400, 10),
    ('{"operationName":"SendDtmf","digits":12}', 400, 10),
    ('{"operationName":"SendDtmf","digits":"12?"}', 400, 10),
    # missing
    ("{}", 400, 1),
    ('{"operationName":null}', 400, 1),
    ('{"operationName":"InitiateTransfer"}', 400, 1),
    ('{"operationName":"SingleStepTransfer","destination":{}}', 400, 1),
    ('{"operationName":"AttachUserData"}', 400, 1),
    ('{"operationName":"DeleteUserDataPair"}', 400, 1),
    ('{"operationName":"SendDtmf"}', 400, 1),
    # unknown
    ('{"operationName":"Explode"}', 400, 2),
    ('{"operationName":"hold"}', 400, 2),
    ('{"operationName":""}', 400, 2),
    (f'{{"operationName":"InitiateTransfer",{TO}"9999"}}}}', 400, 10),
    (f'{{"operationName":"SingleStepTransfer",{TO}""}}}}', 400, 10),
    (f'{{"operationName":"InitiateConference",{TO}"5007"}}}}', 400, 10),
    # not in capabilities
    ('{"operationName":"Answer"}', 400, 2),
    ('{"operationName":"Retrieve"}', 400, 2),
    ('{"operationName":"CompleteTransfer"}', 400, 2),
    ('{"operationName":"CompleteTransfer","consultCallUri":"/calls/X"}', 400, 2),
    ('{"operationName":"CompleteConference"}', 400, 2),
    ('{"operationName":"MuteCall"}', 400, 2),
    ('{"operationName":"RemoveParticipantFromConference","participant":"5006"}', 400, 2),
    ('{"operationName":"ClearCall"}', 400, 2),
    ('{"operationName":"Reject"}', 400, 2),
    # too large
    (TOO_LARGE, 413, 10),
]


def is_error(answer: httpx.Response, status: int, code: int) -> None:
    """One error as in gws-v2 §1.3: a code, a message, nothing else."""
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert (answer.status_code, body["statusCode"]) == (status, code), body
    assert set(body) == {"statusCode", "statusMessage"}
    assert body["statusMessage"]
