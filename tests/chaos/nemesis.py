"""The nemesis: does harm, writes down what and when, and undoes it. Its choices follow from the seed."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence

import httpx
from tests.chaos.notebook import Notebook
from tests.chaos.records import Trouble
from tests.chaos.site import Site

QUIET_S = (0.5, 4.0)
SHORT_S = (0.2, 3.0)
MOMENT_S = (0.0, 0.3)
FROZEN_S = 9.0
"""Longer than either side of a link waits for the other."""
READY_S = 120.0
"""Another nemesis may start servers meanwhile, one after the other, on a machine that is busy with everything else."""
EXIT_DAMAGED = 5


class Nemesis:
    """Does one harm after the other until ``stop``; afterwards all is well again."""

    def __init__(self, site: Site, notebook: Notebook, seed: int, kinds: Sequence[str]) -> None:
        self._site = site
        self._notebook = notebook
        self._random = random.Random(f"nemesis {seed} {kinds}")
        self._kinds = kinds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while self._kinds and not self._stopped.wait(self._random.uniform(*QUIET_S)):
            kind = self._random.choice(self._kinds)
            began = self._notebook.now()
            try:
                HARMS[kind](self)
                self._wait_until_ready()
            except Exception as error:  # noqa: BLE001  # whatever went wrong is for the record
                self._notebook.fail(f"after {kind} at {began:.2f} s: {type(error).__name__}: {error}")
            self._notebook.write(Trouble(began, self._notebook.now(), kind))

    def _while(self) -> None:
        time.sleep(self._random.uniform(*SHORT_S))

    def _wait_until_ready(self, status: int = 200) -> None:
        """Until the server says that calls can be made, or that they can't; it is asked directly."""
        deadline = time.monotonic() + READY_S
        told = "no answer"
        while True:
            try:
                with self._site.server.client() as client:
                    answer = client.get("/readyz")
                told = answer.text
                if answer.status_code == status:
                    return
            except httpx.TransportError:
                pass  # another nemesis is at work
            assert time.monotonic() < deadline, f"/readyz does not become {status}: {told}"
            time.sleep(0.05)

    # -- harms -----------------------------------------------------------------------------------------------------

    def drop_clients(self) -> None:
        self._site.clients.drop()

    def cut_clients(self) -> None:
        self._site.clients.cut()
        self._while()
        self._site.clients.mend()

    def drop_link(self) -> None:
        self._site.link.drop()

    def cut_link(self) -> None:
        self._site.link.cut()
        self._while()
        self._site.link.mend()

    def pause_server(self) -> None:
        self._site.server.pause()
        self._while()
        self._site.server.go_on()

    def pause_exchange(self) -> None:
        self._site.exchange.pause()
        self._while()
        self._site.exchange.go_on()

    def freeze_server(self) -> None:
        """Until the exchange has given it up, and orders are overdue."""
        self._site.server.pause()
        time.sleep(FROZEN_S)
        self._site.server.go_on()

    def freeze_exchange(self) -> None:
        self._site.exchange.pause()
        time.sleep(FROZEN_S)
        self._site.exchange.go_on()

    def stop_server(self) -> None:
        """SIGTERM, as for a new version."""
        code = self._site.server.end()
        assert code == 0, f"the server ended with {code}"
        self._site.start_again()

    def kill_server(self) -> None:
        self._site.server.kill()
        self._site.start_again()

    def kill_server_twice(self) -> None:
        self._site.server.kill()
        self._site.start_again()
        self._site.server.kill()
        self._site.start_again()

    def kill_paused_server(self) -> None:
        """What it wrote before the pause may be half done for a while."""
        self._site.server.pause()
        self._while()
        self._site.server.kill()
        self._site.start_again()

    def kill_exchange(self) -> None:
        """All calls are gone, and everybody is to be told so once; people begin anew."""
        self._site.kill_exchange()

    def kill_both(self) -> None:
        """As when the machine loses power, but that the disk keeps what it was given."""
        self._site.server.kill()
        self._site.kill_exchange()
        self._site.start_again()

    def hold_up_journal(self) -> None:
        """Commits take long, and the link ends meanwhile: what was ordered before it must not leave after it."""
        with self._site.disk.held_up():
            time.sleep(self._random.uniform(*MOMENT_S))
            self._site.link.drop()
            self._while()

    def fill_disk(self) -> None:
        """New commands are refused meanwhile, and the server says why (docs/durability.md)."""
        disk = self._site.disk
        disk.fill()
        try:
            self._while()
            disk.fill()  # whoever made room in between has it no more
            self._wait_until_ready(503)
        finally:
            disk.free()

    def start_on_full_disk(self) -> None:
        """The next server finds no space: it shows what there is, and goes on when there is some."""
        disk = self._site.disk
        disk.fill()
        try:
            self._site.server.kill()
            disk.fill()
            self._site.start_again()
            self._wait_until_ready(503)
            self._while()
        finally:
            disk.free()

    def damage_journal(self) -> None:
        """The server refuses it, changes nothing, and starts with the copy."""
        site = self._site
        site.server.kill()
        copy = site.folder_for("copy")
        site.disk.copy(copy)
        where = site.disk.damage_the_last_page()
        before = site.disk.contents()
        code, said = site.refused()
        if code != EXIT_DAMAGED or "cordboard.db" not in said or "Traceback" in said:
            self._notebook.fail(f"with a damaged page in {where} the server ended with {code}: {said}")
        elif site.disk.contents() != before:
            self._notebook.fail(f"the server changed a journal that it refused, damaged in {where}")
        site.disk.restore(copy)
        site.start_again()


HARMS: dict[str, Callable[[Nemesis], None]] = {
    "drop-clients": Nemesis.drop_clients,
    "cut-clients": Nemesis.cut_clients,
    "drop-link": Nemesis.drop_link,
    "cut-link": Nemesis.cut_link,
    "pause-server": Nemesis.pause_server,
    "pause-exchange": Nemesis.pause_exchange,
    "freeze-server": Nemesis.freeze_server,
    "freeze-exchange": Nemesis.freeze_exchange,
    "stop-server": Nemesis.stop_server,
    "kill-server": Nemesis.kill_server,
    "kill-server-twice": Nemesis.kill_server_twice,
    "kill-paused-server": Nemesis.kill_paused_server,
    "kill-exchange": Nemesis.kill_exchange,
    "kill-both": Nemesis.kill_both,
    "hold-up-journal": Nemesis.hold_up_journal,
    "fill-disk": Nemesis.fill_disk,
    "start-on-full-disk": Nemesis.start_on_full_disk,
    "damage-journal": Nemesis.damage_journal,
}
"""By the names of the command line."""

FILLING = frozenset({"fill-disk", "start-on-full-disk"})
"""Those that need a small disk."""
