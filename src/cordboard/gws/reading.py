"""Reading: the GET resources (gws-v2 §2). Nothing here changes anything.

A collection is a list of ``uris`` unless ``fields`` asks for more; ``limit`` and ``offset`` count within it.
Deliberately absent: the form of a resource (``views``), which path leads where (``routes``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from cordboard.agents.model import AgentState, DeviceState
from cordboard.agents.ports import AgentDesk
from cordboard.calls.model import CallView
from cordboard.calls.ports import Desk
from cordboard.gws import answers
from cordboard.gws.answers import Response, StatusCode
from cordboard.gws.contacts import Contacts
from cordboard.gws.listing import collection, part, with_fields
from cordboard.gws.requests import Request
from cordboard.gws.resources import CallResource, DeviceResource, UserResource
from cordboard.gws.views import FEATURES, GwsSettings, Views, agent_state, shown
from cordboard.people.directory import Directory
from cordboard.people.model import User

SECTIONS: dict[str, dict[str, str]] = {"voice": {"wrap-up-time": "0", "business-call": "0"}}
"""The settings of every user, section by section."""


class Reading:
    """Answers GET requests. Every method takes the request and the id in its path ("" if there is none)."""

    def __init__(
        self,
        desk: Desk,
        roster: AgentDesk,
        directory: Directory,
        settings: GwsSettings,
        views: Views,
        states: Mapping[str, AgentState],
    ) -> None:
        self._desk = desk
        self._roster = roster
        self._directory = directory
        self._settings = settings
        self._views = views
        self._states = states
        self._contacts = Contacts(directory, views)

    def me(self, request: Request, _: str) -> Response:
        return answers.content({"user": self._whole_user(request, request.user)})

    def user(self, request: Request, user_id: str) -> Response:
        if user_id != request.user.id and not _has_role(request.user, "admin", "supervisor"):
            return answers.NO_ROLE
        user = self._colleague(request.user, user_id)
        return answers.absent() if user is None else answers.content({"user": self._whole_user(request, user)})

    def users(self, request: Request, _: str) -> Response:
        """Users of one's own tenant, here and below; those of others are as unknown as those who do not exist."""
        if not _has_role(request.user, "admin", "supervisor"):
            return answers.NO_ROLE
        colleagues = self._directory.colleagues(request.user)
        return collection(request, "users", [self._whole_user(request, user) for user in colleagues])

    def user_devices(self, request: Request, user_id: str) -> Response:
        if not _has_role(request.user, "admin"):
            return answers.NO_ROLE
        user = self._colleague(request.user, user_id)
        return answers.absent() if user is None else collection(request, "devices", [self._device(user)])

    def my_devices(self, request: Request, _: str) -> Response:
        return collection(request, "devices", [self._device(request.user)])

    def devices(self, request: Request, _: str) -> Response:
        if not _has_role(request.user, "admin"):
            return answers.NO_ROLE
        colleagues = self._directory.colleagues(request.user)
        return collection(request, "devices", [self._device(user) for user in colleagues])

    def device(self, request: Request, device_id: str) -> Response:
        """One's own device; an administrator may read every one."""
        owner = self._readable_device(request, device_id)
        return answers.absent() if owner is None else answers.content({"device": self._device(owner)})

    def tserver_settings(self, request: Request, device_id: str) -> Response:
        owner = self._readable_device(request, device_id)
        if owner is None:
            return answers.absent()
        return _settings({"phone-number": owner.device.number, "tenant": owner.tenant.name})

    def calls(self, request: Request, _: str) -> Response:
        return collection(request, "calls", self._calls(request.user))

    def call(self, request: Request, call_id: str) -> Response:
        view = self._desk.call(call_id, request.user.device.number)
        if view is None or not shown(view.call):
            return answers.absent()
        return answers.content({"call": self._call(view, self._desk.now())})

    def channels(self, request: Request, _: str) -> Response:
        return collection(request, "channels", [self._views.voice_channel(self._state(request.user))])

    def voice_channel(self, request: Request, _: str) -> Response:
        return answers.content({"channel": self._views.voice_channel(self._state(request.user))})

    def settings(self, _request: Request, _: str) -> Response:
        path = f"{self._views.base}/me/settings"
        sections = [
            {"name": name, "value": values, "uri": f"{path}/{name}", "path": f"/me/settings/{name}"}
            for name, values in SECTIONS.items()
        ]
        return answers.content({"settings": sections, "key": "name"})

    def settings_section(self, _: Request, name: str) -> Response:
        values = SECTIONS.get(name)
        return answers.absent() if values is None else _settings(values)

    def agent_states(self, _request: Request, _: str) -> Response:
        return answers.content({"settings": [agent_state(state) for state in self._states.values()], "key": "name"})

    def contacts(self, request: Request, _: str) -> Response:
        """Whoever can be called. Clients ask without ``fields`` and expect the contacts themselves, and how many."""
        parameters = request.parameters()
        try:
            found = self._contacts.find(request.user, parameters)
            chosen = part(parameters, found)
        except ValueError as mistake:
            return answers.error(StatusCode.OUT_OF_RANGE, str(mistake))
        fields = parameters.get("fields", "*")
        return answers.content({"contacts": with_fields(chosen, fields), "totalCount": len(found)})

    def contact(self, request: Request, contact_id: str) -> Response:
        try:
            found = self._contacts.contact(request.user, contact_id, request.parameters())
        except ValueError as mistake:
            return answers.error(StatusCode.OUT_OF_RANGE, str(mistake))
        return answers.absent() if found is None else answers.content({"contact": found})

    def services(self, request: Request, _: str) -> Response:
        return collection(request, "services", self._views.services(self._desk.is_linked()))

    def service(self, _: Request, service_id: str) -> Response:
        for service in self._views.services(self._desk.is_linked()):
            if service.id == service_id:
                return answers.content({"service": service})
        return answers.absent()

    def features(self, request: Request, _: str) -> Response:
        return collection(request, "features", self._views.features(request.user.features))

    def feature(self, _: Request, name: str) -> Response:
        return answers.content({"feature": self._views.feature(name)}) if name in FEATURES else answers.absent()

    def groups(self, request: Request, _: str) -> Response:
        """Nobody is in a group: clients ask at login and are content with none (gws-v2 §6.1)."""
        return collection(request, "groups", ())

    def version(self, _request: Request, _: str) -> Response:
        return answers.content({"version": self._settings.version})

    def _whole_user(self, request: Request, user: User) -> UserResource:
        """A user with the subresources asked for; names that nobody knows are ignored (gws-v2 §1.5)."""
        resource = self._views.user(user)
        asked = request.parameters().get("subresources", "")
        if not asked:
            return resource
        wanted = set(asked.split(","))
        made = self._subresources(user)
        return msgspec.structs.replace(
            resource, **{name: make() for name, make in made.items() if "*" in wanted or name in wanted}
        )

    def _subresources(self, user: User) -> dict[str, Callable[[], Any]]:
        """What can be embedded in a user. Skills belong to routing, which is not ours: nobody has any."""
        return {
            "devices": lambda: [self._device(user)],
            "calls": lambda: self._calls(user),
            "channels": lambda: [self._views.voice_channel(self._state(user))],
            "features": lambda: self._views.features(user.features),
            "skills": list,
            "settings": lambda: SECTIONS,
        }

    def _readable_device(self, request: Request, device_id: str) -> User | None:
        if device_id == request.user.device.id:
            return request.user
        owner = self._directory.owner_of_device(device_id) if _has_role(request.user, "admin") else None
        return owner if owner is not None and owner.tenant == request.user.tenant else None

    def _colleague(self, asker: User, user_id: str) -> User | None:
        user = self._directory.user(user_id)
        return user if user is not None and user.tenant == asker.tenant else None

    def _device(self, user: User) -> DeviceResource:
        return self._views.device(user, self._state(user))

    def _state(self, user: User) -> DeviceState:
        return self._roster.device(user.device.number)

    def _calls(self, user: User) -> list[CallResource]:
        now = self._desk.now()
        return [self._call(view, now) for view in self._desk.calls_of(user.device.number) if shown(view.call)]

    def _call(self, view: CallView, now: float) -> CallResource:
        return self._views.call(view.call, view.permits, now)


def _has_role(user: User, *roles: str) -> bool:
    return not set(roles).isdisjoint(user.roles)


def _settings(values: Mapping[str, str]) -> Response:
    return answers.content({"settings": [{"name": name, "value": values[name]} for name in values], "key": "name"})
