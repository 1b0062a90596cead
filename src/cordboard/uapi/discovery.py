"""Discovery: which services there are, as an XRDS document for those who look for it (voipnow-uapi §1.1). Dry."""

from __future__ import annotations

from xml.sax.saxutils import escape

PATH = "/uapi/unifiedapi.xrds"
MEDIA_TYPE = "application/xrds+xml"
SERVICES = {
    "phoneCalls": "/uapi/phoneCalls/{userId}/{extensionNumber}/{phoneCallId}/",
    "extensions": "/uapi/extensions/{userId}/{extensionNumber}/",
    "cdr": "/uapi/cdr/",
}
"""Templates of their addresses. Faxes are left out: there are none here."""


def document(base: str) -> bytes:
    """The document of a site whose addresses begin with ``base``."""
    services = "".join(
        f"<Service><Type>{kind}</Type><Uri>{escape(base + template)}</Uri></Service>"
        for kind, template in SERVICES.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<xrds:XRDS xmlns:xrds="xri://$xrds" xmlns="xri://$xrd*($v*2.0)"><XRD>{services}</XRD></xrds:XRDS>\n'
    ).encode()
