"""Which documents are published, and as what."""

from __future__ import annotations

import msgspec

from cordboard import __version__
from cordboard.server.openapi import CDR, GWS, PAGE, UAPI, documents, publish


def test_a_door_that_is_shut_has_no_document() -> None:
    assert set(documents(["Ready"], uapi=False)) == {GWS, CDR}
    assert set(documents(["Ready"], uapi=True)) == {GWS, UAPI, CDR}


def test_documents_and_their_page() -> None:
    found = documents(["Ready"], uapi=True)
    published = publish(found)
    assert set(published) == {PAGE, GWS, UAPI, CDR}
    for path, document in found.items():
        assert published[path].media_type == "application/json"
        assert msgspec.json.decode(published[path].content) == document
        assert document["info"]["version"] == __version__
    assert published[PAGE].media_type == "text/html; charset=utf-8"
    assert b"<h1>Reference</h1>" in published[PAGE].content
