"""A small company: agents 5000, 5001, 5005, a supervisor 5900, an administrator 5999, one public number.

Agents 5002 and 5003 may record.
"""

from __future__ import annotations

from cordboard.people.directory import Directory
from cordboard.people.model import RECORDING_FEATURE, VOICE_FEATURE, Device, Tenant, TrunkNumber, User

TENANT = Tenant("3", "Default Organization", "0003")
PUBLIC = "3235742879"


def user(number: str, *roles: str, device_id: str = "", features: tuple[str, ...] = ()) -> User:
    """A user whose name and number are the same, as in the demo."""
    return User(
        id=f"{int(number):032x}",
        name=number,
        password_hash="",
        device=Device(device_id or f"11111111-2222-3333-4444-{int(number):012d}", number),
        tenant=TENANT,
        roles=roles or ("agent",),
        first_name="Ann",
        last_name=number,
        email=f"{number}@example.org",
        features=(VOICE_FEATURE, *features),
    )


AGENT = user("5005", device_id="efe1ab32-53f9-43ce-b65e-5768c61f7d4a")
PETER = user("5000")
OLGA = user("5001")
SUPERVISOR = user("5900", "agent", "supervisor", features=("api-supervisor-monitoring",))
ADMIN = user("5999", "admin")
CLERK = user("15000", device_id="631608b3-ceb1-472b-ba05-2ae39555b0d1")
RECORDER = user("5002", features=("api-voice", RECORDING_FEATURE))
PEOPLE = (
    *(AGENT, PETER, OLGA, SUPERVISOR, ADMIN, CLERK, user("15001"), user("15002"), RECORDER),
    user("5003", features=("api-voice", RECORDING_FEATURE)),
)


def directory() -> Directory:
    return Directory(PEOPLE, [TENANT], [TrunkNumber(PUBLIC, "Somebody outside")])
