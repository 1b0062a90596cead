"""``[journal]``: where is written down what must not be lost, and how long it stays (docs/durability.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from cordboard.journal.folding import Keep
from cordboard.journal.opening import WAL_BYTES
from cordboard.journal.sqlite import Terms
from cordboard.server.config_switch import Switch

IN_MEMORY = ":memory:"


class Journal(msgspec.Struct, frozen=True):
    """``[journal]``. ``site`` is whose calls it tells of; "": those of the switch."""

    path: Annotated[
        str,
        Meta(
            pattern=r"^[^\x00]+\Z",
            description='a file, such as "cordboard.db"; it lies beside the configuration unless it begins with /; '
            'or ":memory:" for none',
        ),
    ] = "cordboard.db"
    site: Annotated[
        str, Meta(pattern=r"^[^\x00-\x1f\x7f]{0,100}\Z", description="up to 100 characters on one line")
    ] = ""
    keep_days: Annotated[float, Meta(ge=0.05, le=36_500)] = 7.0
    keep_bytes_max: Annotated[int, Meta(ge=16_777_216, le=17_592_186_044_416)] = 4_294_967_296
    fold_interval_s: Annotated[float, Meta(ge=0.1, le=3_600)] = 5.0
    fold_rows_max: Annotated[int, Meta(ge=100, le=10_000_000)] = 20_000
    try_again_s: Annotated[float, Meta(ge=0.01, le=60)] = 0.5
    waiting_bytes_max: Annotated[int, Meta(ge=65_536, le=17_179_869_184)] = 67_108_864

    def file(self, folder: Path) -> Path | None:
        """The file, for a configuration in this folder; None: there is none."""
        return None if self.path == IN_MEMORY else folder / self.path

    def terms(self) -> Terms:
        """The same in the journal's words."""
        keep = Keep(days=self.keep_days, bytes_max=self.keep_bytes_max)
        return Terms(
            self.fold_interval_s, self.fold_rows_max, keep, self.try_again_s, self.waiting_bytes_max, WAL_BYTES
        )


def site_of(journal: Journal, switch: Switch) -> str:
    """Whose calls are written down: a journal says that of itself, and is refused by anybody else."""
    if journal.site or switch.kind == "virtual":
        return journal.site or "virtual"
    return f"asterisk {switch.asterisk.application} at {switch.asterisk.url}"
