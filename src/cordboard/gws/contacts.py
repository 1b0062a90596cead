"""Contacts: the directory in which people look for somebody to call (gws-v2 §1.5, §2). Users of one's own tenant.

Queues and contacts of one's own making are types that exist and that nobody here has. Business units are not ours: a
client that names one gets everybody. Nothing here changes, so what is listed is made once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from cordboard.gws.resources import ContactResource
from cordboard.gws.views import Views
from cordboard.people.directory import Directory
from cordboard.people.model import User

FILTER = "NamesOrPhoneNumberMatches"
FILTER_PARAMETERS_MAX = 20
"""How many texts a contact may have to match, each of them somewhere."""
_USER = "User"
_TYPES = (_USER, "Queue", "Custom")
_ORDERS = ("Ascending", "Descending")
_SORTED_BY: dict[str, Callable[[ContactResource], str]] = {
    "name": lambda contact: contact.name.casefold(),
    "userName": lambda contact: contact.user_name.casefold(),
    "firstName": lambda contact: contact.first_name.casefold(),
    "lastName": lambda contact: contact.last_name.casefold(),
}


class _Listed(msgspec.Struct, frozen=True):
    """A contact, and its fields as they are searched."""

    contact: ContactResource
    words: tuple[str, ...]
    number: str


class Contacts:
    """Finds contacts. Parameters that nobody knows are ignored."""

    def __init__(self, directory: Directory, views: Views) -> None:
        self._of_tenant: dict[str, list[_Listed]] = {}
        self._by_id: dict[tuple[str, str], ContactResource] = {}
        for user in directory.users:
            contact = views.contact(user)
            words = (user.first_name, user.last_name, user.name, user.device.number)
            listed = _Listed(contact, tuple(word.casefold() for word in words), user.device.number)
            self._of_tenant.setdefault(user.tenant.id, []).append(listed)
            self._by_id[user.tenant.id, user.id] = contact

    def contact(self, asker: User, contact_id: str, parameters: Mapping[str, str]) -> ContactResource | None:
        found = self._by_id.get((asker.tenant.id, contact_id))
        return found if _one_of(parameters, "type", _TYPES, _USER) == _USER else None

    def find(self, asker: User, parameters: Mapping[str, str]) -> list[ContactResource]:
        """All that match, in the order asked for. Raises ValueError with what is wrong with a parameter."""
        if _one_of(parameters, "type", _TYPES, _USER) != _USER:
            return []
        wanted = _filters(parameters)
        found = [one.contact for one in self._of_tenant[asker.tenant.id] if all(fits(one) for fits in wanted)]
        by = _one_of(parameters, "sortBy", tuple(_SORTED_BY), "")
        descending = _one_of(parameters, "order", _ORDERS, _ORDERS[0]) == _ORDERS[1]
        if by:
            found.sort(key=_SORTED_BY[by], reverse=descending)
        return found


def _filters(parameters: Mapping[str, str]) -> list[Callable[[_Listed], bool]]:
    """What a contact must fit, all of it."""
    filters: list[Callable[[_Listed], bool]] = []
    names, numbers, roles = (_list(parameters, name) for name in ("name", "phoneNumber", "roles"))
    if names:
        filters.append(lambda one: one.contact.name in names)
    if numbers and "*" not in numbers:
        filters.append(lambda one: one.number in numbers)
    if roles:
        filters.append(lambda one: not roles.isdisjoint(one.contact.roles))
    if _one_of(parameters, "filterName", (FILTER,), ""):
        patterns = {pattern.casefold().strip() for pattern in _list(parameters, "filterParameters")}
        if len(patterns) > FILTER_PARAMETERS_MAX:
            raise ValueError(f"filterParameters has at most {FILTER_PARAMETERS_MAX} parameters.")
        filters += [_matching(pattern) for pattern in patterns]
    return filters


def _matching(pattern: str) -> Callable[[_Listed], bool]:
    return lambda one: any(is_like(word, pattern) for word in one.words)


def is_like(text: str, pattern: str) -> bool:
    """Whether the whole text is as the pattern says; ``*`` in it stands for any text."""
    first, *middle = pattern.split("*")
    if not middle:
        return text == pattern
    if not text.startswith(first):
        return False
    *middle, last = middle
    place = len(first)
    for part in middle:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(text) - len(last) >= place and text.endswith(last)


def _list(parameters: Mapping[str, str], name: str) -> set[str]:
    return {part for part in parameters.get(name, "").split(",") if part}


def _one_of(parameters: Mapping[str, str], name: str, known: Iterable[str], default: str) -> str:
    value = parameters.get(name, "") or default
    if value != default and value not in known:
        raise ValueError(f"{name} must be {' or '.join(known)}.")
    return value
