"""Which services there are (voipnow-uapi §1.1)."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from cordboard.uapi.discovery import PATH, document

_XRD = "{xri://$xrd*($v*2.0)}"


@pytest.mark.uapi("1.1 discovery")
def test_each_service_has_a_template() -> None:
    root = ElementTree.fromstring(document("https://host/a&b"))  # it is our own
    found = {one.findtext(f"{_XRD}Type"): one.findtext(f"{_XRD}Uri") for one in root.iter(f"{_XRD}Service")}
    assert PATH == "/uapi/unifiedapi.xrds"
    assert found == {
        "phoneCalls": "https://host/a&b/uapi/phoneCalls/{userId}/{extensionNumber}/{phoneCallId}/",
        "extensions": "https://host/a&b/uapi/extensions/{userId}/{extensionNumber}/",
        "cdr": "https://host/a&b/uapi/cdr/",
    }
