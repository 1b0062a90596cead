"""Gets an Asterisk: the one that is installed, or Debian's, unpacked into a cache folder and not installed.

Nothing on the machine is changed: apt works in private folders, as any user, and nothing that packages would run when
they are installed is run. The second call finds what the first one made.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.asterisk import configuring, packages, sources

PROJECT = Path(__file__).parents[2]
OLDEST = (20,)

# Where programs for administrators lie, which not everybody's PATH names.
_PLACES = "/usr/sbin:/usr/local/sbin"

_APT = """\
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "{folder}/none";
Dir::Etc::preferences "{folder}/none";
Dir::Etc::preferencesparts "{folder}/none";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
// The suite may be older than it says it should get. That it is Debian's is checked all the same.
Acquire::Check-Valid-Until "false";
"""


class CannotBringError(Exception):
    """There is no Asterisk here, and none can be had; says why and what would help."""


class _IncompleteError(Exception):
    """Something that was unpacked asks for a library that was not."""


@dataclass(frozen=True)
class Program:
    """An Asterisk that can be started."""

    command: tuple[str, ...]
    version: str
    # What asterisk.conf must name, where they are not where this Asterisk looks by itself.
    modules: Path | None = None
    data: Path | None = None


def bring(say: Callable[[str], None] | None = None, pin: bool = False) -> Program:
    """The installed Asterisk, the one that was brought before, or a new one. Raises CannotBringError."""
    tell = say or _say
    installed = None if pin else _installed()
    if installed:
        return installed
    folder = cache()
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / "lock"):
        root = folder / "root"
        try:
            if pin or not (root / "complete").exists():
                _fetch(folder, root, tell, pin)
            return _brought(root)
        except _IncompleteError as error:
            raise CannotBringError(f"{error}; remove {folder} to try again") from error


def cache() -> Path:
    """Where it is kept."""
    return Path(os.environ.get("CORDBOARD_ASTERISK_CACHE") or PROJECT / ".asterisk").absolute()


def _say(line: str) -> None:
    print(f"asterisk: {line}", file=sys.stderr, flush=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two runs that begin at the same time bring one Asterisk."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _installed() -> Program | None:
    path = shutil.which("asterisk", path=f"{os.environ.get('PATH', '')}:{_PLACES}")
    if not path:
        return None
    version = subprocess.run([path, "-V"], capture_output=True, text=True, check=False).stdout.strip()
    return Program((path,), version) if packages.release(version) >= OLDEST else None


def _brought(root: Path) -> Program:
    loader = next((root / "usr").glob("lib*/ld-linux*"))
    library = next((root / "usr/lib").glob("*/asterisk/modules"))
    command = (str(loader), "--library-path", str(library.parents[1]), str(root / "usr/sbin/asterisk"))
    version = subprocess.run([*command, "-V"], capture_output=True, text=True, check=False)
    if version.returncode:
        raise _IncompleteError(f"what is in {root} does not start: {version.stderr.strip()}")
    return Program(command, version.stdout.strip(), library, root / "usr/share/asterisk")


# ------------------------------------------------------------------------------------------------------- fetching


def _fetch(folder: Path, root: Path, say: Callable[[str], None], pin: bool) -> None:
    source = _source()
    with tempfile.TemporaryDirectory(dir=folder) as made:
        private = Path(made)
        environment = _private_apt(private, sources.line(source, packages.SUITE))
        say(f"bringing Asterisk from Debian {packages.SUITE} ({source.uri}) to {folder}")
        _apt(environment, ["apt-get", "-qq", "update"], private)
        new = private / "root"
        try:
            _unpack(_judged(_download_named(environment, private), say, pin), new)
        except (subprocess.CalledProcessError, _IncompleteError) as error:
            say(f"the list of packages is out of date ({_last_line(error)}); asking apt for all that it depends on")
            _unpack(_judged(_download_all(environment, private), say, pin), new)
        # A loader knows a version only by its whole path, and `en` is what announcements are looked up by.
        (new / "usr/share/asterisk/sounds/en").symlink_to("en_US_f_Allison")
        (new / "complete").touch()
        shutil.rmtree(root, ignore_errors=True)
        new.rename(root)
    say(f"{_brought(root).version} is in {root}")


def _source() -> sources.Source:
    missing = f"no Asterisk of release {OLDEST[0]} or later is installed"
    for program in ("apt-get", "dpkg-deb"):
        if not shutil.which(program):
            raise CannotBringError(f"{missing}, and without {program} none can be brought")
    source = sources.read(Path("/etc/apt"))
    if source is None:
        raise CannotBringError(f"{missing}, and apt's sources name no Debian archive to bring one from")
    return source


def _private_apt(folder: Path, line: str) -> dict[str, str]:
    for name in ("state/lists/partial", "cache/archives/partial", "none"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(line, "utf-8")
    (folder / "apt.conf").write_text(_APT.format(folder=folder), "utf-8")
    return {**os.environ, "APT_CONFIG": str(folder / "apt.conf"), "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}


def _apt(environment: dict[str, str], command: list[str], folder: Path) -> None:
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    # apt-get calls it a success when an archive could not be reached, and leaves it at a warning.
    if done.returncode or "Failed to fetch" in done.stderr:
        complaint = next((line for line in done.stderr.splitlines() if line[:3] in ("E: ", "W: ")), done.stderr.strip())
        raise CannotBringError(f"{' '.join(command)} failed: {complaint}")


def _download_named(environment: dict[str, str], folder: Path) -> list[Path]:
    folder = folder / "named"
    folder.mkdir()
    subprocess.run(
        ["apt-get", "-qq", "download", *packages.NAMES],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(folder.glob("*.deb"))


def _download_all(environment: dict[str, str], folder: Path) -> list[Path]:
    """With nothing installed as far as this apt knows, it resolves everything down to the C library."""
    wanted = [name for name in packages.NAMES if name.startswith("asterisk")]
    command = ["apt-get", "-qq", "-y", "--no-install-recommends", "--download-only", "install", *wanted]
    _apt(environment, command, folder)
    return sorted((folder / "cache/archives").glob("*.deb"))


def _unpack(files: list[Path], root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for file in files:
        subprocess.run(["dpkg-deb", "-x", str(file), str(root)], check=True, capture_output=True, text=True)
    program = _brought(root)
    assert program.modules is not None
    loader, *path = program.command[:3]
    for name in configuring.modules():
        asked = [loader, "--list", *path, str(program.modules / name)]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        missing = [line.strip() for line in (done.stdout + done.stderr).splitlines() if "not found" in line]
        if done.returncode or missing:
            raise _IncompleteError(f"{name}: {missing or done.stderr}")


def _judged(files: list[Path], say: Callable[[str], None], pin: bool) -> list[Path]:
    fetched = [packages.Package.of_file(file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]
    if pin:
        packages.PINS.write_text(packages.write_pins(fetched), "utf-8")
        say(f"pinned {len(fetched)} packages in {packages.PINS}")
    try:
        remarks = packages.compare(fetched, packages.read_pins(packages.PINS.read_text("utf-8")))
    except packages.ForgedError as error:
        raise CannotBringError(str(error)) from error
    for remark in remarks:
        say(f"note: {remark}")
    return files


def _last_line(error: Exception) -> str:
    text = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
    return (text or "").strip().rpartition("\n")[2]
