"""People are values: they compare by what they are and do not change."""

import pytest

from cordboard.people.model import MONITORING_FEATURE, Account, Device, Tenant, TrunkNumber, User


def test_users_compare_by_value_and_are_agents_unless_said_otherwise() -> None:
    first, second = (User("1", "anna", "hash", Device("d", "5005"), Tenant("3", "North")) for _ in range(2))
    assert first == second
    assert first.roles == ("agent",)
    assert first.features == ("api-voice",)


@pytest.mark.parametrize("value", [Device("d", "5005"), Tenant("3", "North"), TrunkNumber("3334444")])
def test_values_are_frozen(value: Device | Tenant | TrunkNumber) -> None:
    field = value.__struct_fields__[0]
    with pytest.raises(AttributeError):
        setattr(value, field, "other")


@pytest.mark.parametrize(
    ("roles", "features", "supervises"),
    [
        (("agent", "supervisor"), ("api-voice", MONITORING_FEATURE), True),
        (("agent", "supervisor"), ("api-voice",), False),
        (("agent",), (MONITORING_FEATURE,), False),
        (("admin",), (MONITORING_FEATURE,), False),
    ],
)
def test_a_supervisor_needs_the_role_and_the_feature(
    roles: tuple[str, ...], features: tuple[str, ...], supervises: bool
) -> None:
    user = User("1", "anna", "hash", Device("d", "5005"), Tenant("3", "North"), roles=roles, features=features)
    assert user.supervises is supervises


def test_an_account_reaches_its_user_unless_said_otherwise() -> None:
    user = User("1", "anna", "hash", Device("d", "5005"), Tenant("3", "North"))
    assert Account(user) == Account(user, "user", "")
