"""The two servers of ``operations``: the product with people at its desks, and the floor made in its image.

Deliberately absent: rounds and figures (``operations``, ``load``).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench import desks, measuring
from bench.desks import Desk, Request, post
from bench.floor import Recording, Step
from bench.lines import HttpLine, LineError
from bench.load import Load

HOST = "127.0.0.1"
_PASSWORD = "cordboard"
_ROOT = Path(__file__).resolve().parent.parent
_QUIET_S = 0.15
_RECORD_S = 1.0
_LISTENING = re.compile(r"listening on http://127\.0\.0\.1:(\d+)")
_CALL = b"/api/v2/me/calls/"
_ID_LENGTH = 32


@contextlib.contextmanager
def process(arguments: Sequence[str], core: int | None) -> Iterator[tuple[int, int]]:
    """A server process on a core of its own: its id, and its port once it listens. It ends with the block."""
    environment = {**os.environ, "PYTHONPATH": f"{_ROOT / 'src'}{os.pathsep}{_ROOT}"}
    command = [sys.executable, *arguments]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as started:
        try:
            measuring.pin(started.pid, core)
            assert started.stdout is not None
            found = _LISTENING.search(started.stdout.readline())
            if found is None:
                raise LineError(f"{' '.join(command)} does not listen")
            yield started.pid, int(found[1])
        finally:
            started.terminate()


def configuration(desk_count: int, journal: str = ":memory:") -> str:
    """The product's configuration: everybody at the desks, and the lab that moves the callers."""
    everybody = [number for desk in range(desk_count) for number in msgspec.structs.astuple(desks.people(desk))]
    users = "".join(
        f'[[users]]\nname = "{number}"\nnumber = "{number}"\npassword = "{_PASSWORD}"\n' for number in everybody
    )
    settings = f'[server]\nlisten = "{HOST}:0"\n[journal]\npath = "{journal}"\n'
    return f'{settings}[switch]\nkind = "virtual"\n[switch.virtual]\nlab = true\n{users}'


# -- the product -------------------------------------------------------------------------------------------------------


async def open_product(port: int, desk_count: int) -> list[Desk]:
    """Desks with their desktops subscribed. How many notifications each step brings is found out at the first."""
    opened = [await _open_desk(port, desk) for desk in range(desk_count)]
    counts = await _learn(opened[0], desks.people(0), port)
    for desk in opened:
        desk.requests = tuple(
            msgspec.structs.replace(request, messages=count)
            for request, count in zip(desk.requests, counts, strict=True)
        )
    return opened


async def _open_desk(port: int, number: int) -> Desk:
    people = desks.people(number)
    line = HttpLine()
    await asyncio.get_running_loop().create_connection(lambda: line, HOST, port)
    authorization = b"Basic " + base64.b64encode(f"{people.agent}:{_PASSWORD}".encode())
    cookie = await log_in(line, authorization)
    behaviour = b'{"on_ring":"answer","after_ms":0}'
    path = f"/lab/v1/phones/{people.target}/behaviour".encode()
    status, _, body = await line.ask(post(path, _host(port), behaviour).replace(b"POST", b"PUT", 1))
    line.close()
    if status != 200:
        raise LineError(f"the lab answered {status} {body!r}")
    desk = Desk(_requests(people, port, authorization, cookie))
    await desk.connect(HOST, port)
    for desktop in desk.desktops:
        sent = b"Authorization: %b\r\nCookie: %b\r\n" % (authorization, cookie)
        await desktop.open(HOST, port, "/api/v2/notifications", sent)
        await desktop.subscribe()
    return desk


async def log_in(line: HttpLine, authorization: bytes) -> bytes:
    """A session's cookie, as a client has it after its first request."""
    status, head, _ = await line.ask(b"GET /api/v2/me HTTP/1.1\r\nHost: x\r\nAuthorization: %b\r\n\r\n" % authorization)
    found = re.search(rb"set-cookie: (JSESSIONID=[^;]+)", head, re.IGNORECASE)
    if status != 200 or found is None:
        raise LineError(f"no session: {status} {head!r}")
    return found[1]


def _host(port: int) -> bytes:
    return f"Host: {HOST}:{port}\r\n".encode()


def _requests(people: desks.People, port: int, authorization: bytes, cookie: bytes) -> list[Request]:
    """The five requests of a transfer. A desktop's library sends its headers, the lab needs none."""
    head = desks.headers(f"{HOST}:{port}", authorization, cookie)
    phone = f"/lab/v1/phones/{people.caller}".encode()

    def lab(body: bytes) -> Request:
        # The desk waits for what comes of it; that the lab does so, too, is no part of an operation.
        return Request(post(phone, _host(port) + b"Prefer: respond-async\r\n", body), None, lab=True, messages=0)

    def operation(body: bytes) -> Request:
        before, _, after = post(_CALL + b"\0", head, body).partition(b"\0")
        return Request(before, after, lab=False, messages=0)

    to = b'"destination":{"phoneNumber":"%b"}' % people.target.encode()
    return [
        lab(b'{"do":"dial","to":"%b"}' % people.agent.encode()),
        operation(b'{"operationName":"Answer"}'),
        operation(b'{"operationName":"InitiateTransfer",%b}' % to),
        operation(b'{"operationName":"CompleteTransfer"}'),
        lab(b'{"do":"hangup"}'),
    ]


async def _learn(desk: Desk, people: desks.People, port: int) -> list[int]:
    """Make a transfer slowly: how many notifications each step brings. Caller and target must hear each other then."""
    first, second = desk.desktops
    counts, call = [], b""
    for number, request in enumerate(desk.requests):
        before = first.messages
        status, _, body = await (desk.lab if request.lab else desk.http).ask(request.written(call))
        await asyncio.sleep(_QUIET_S)
        if status != 200 or first.messages != second.messages:
            raise LineError(f"step {number + 1}: {status} {body!r}, {first.messages} and {second.messages} told")
        if number == 0:
            call = desks.call_id(first.last)
        if number == 3:
            await _check_transfer(desk.lab, people, port)
        counts.append(first.messages - before)
    desk.forget()
    return counts


async def _check_transfer(lab: HttpLine, people: desks.People, port: int) -> None:
    for number, other in ((people.caller, people.target), (people.target, people.caller), (people.agent, "")):
        _, _, body = await lab.ask(b"GET /lab/v1/phones/%b HTTP/1.1\r\n%b\r\n" % (number.encode(), _host(port)))
        hears = msgspec.json.decode(body)["hears"]
        if hears != ([other] if other else []):
            raise LineError(f"after the transfer {number} hears {hears}")


# -- the floor ---------------------------------------------------------------------------------------------------------


async def record(load: Load) -> Recording:
    """A transfer as the product serves it under load, where several notifications may share a frame."""
    desk = load.desks[0]
    log: list[list[tuple[bytes, ...]]] = []
    desk.log = log
    desk.desktops[0].keep(True)
    load.begin()
    await asyncio.sleep(_RECORD_S)
    await load.finish()
    desk.log = None
    desk.desktops[0].keep(False)
    steps = [
        Step(answer.decode(), tuple(frame.decode() for frame in frames), request.messages)
        for answer, frames, request in zip(desk.answers, usual(log), desk.requests, strict=True)
    ]
    lengths = tuple(_path_length(request) for request in desk.requests)
    return Recording(tuple(steps), len(load.desks), lengths)


def usual(log: Sequence[Sequence[tuple[bytes, ...]]]) -> Sequence[tuple[bytes, ...]]:
    """The last of the transfers whose notifications were spread over frames as they usually are."""
    shapes = [tuple(len(frames) for frames in transfer) for transfer in log]
    shape = Counter(shapes).most_common(1)[0][0]
    return next(transfer for transfer, own in zip(reversed(log), reversed(shapes), strict=True) if own == shape)


def _path_length(request: Request) -> int:
    path = request.head.split(b" ", 2)[1]
    return len(path) + (0 if request.tail is None else _ID_LENGTH)


async def open_floor(port: int, recording: Recording, product: Sequence[Desk]) -> list[Desk]:
    """The same desks with the same requests, but for the paths, which tell the floor whose step it is."""
    opened = []
    for number, original in enumerate(product):
        desk = Desk(
            [_redirected(request, recording.path(number, step)) for step, request in enumerate(original.requests)]
        )
        await desk.connect(HOST, port)
        for desktop in desk.desktops:
            await desktop.open(HOST, port, f"/floor/{number}", b"")
        opened.append(desk)
    return opened


def _redirected(request: Request, path: str) -> Request:
    before, after = (request.head, request.tail or b"")
    rest = before.split(b" ", 2)[2] if request.tail is None else after.removeprefix(b" ")
    return Request(b"POST %b %b" % (path.encode(), rest), None, lab=request.lab, messages=request.messages)
