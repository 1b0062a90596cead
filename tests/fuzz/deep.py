"""``make fuzz``: the tests of this folder, each for as long as it is told, led by coverage where atheris can be had.

Both ways the bytes go through Hypothesis, which makes batches, frames and headers of them; a failure is printed as the
test would print it. Without atheris the bytes are random.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from types import ModuleType

BYTES_MAX = 2_048


def targets(module: ModuleType) -> dict[str, Callable[[bytes], object]]:
    """The tests of a module that Hypothesis feeds, by name, each as a function of bytes."""
    found = {name: getattr(test, "hypothesis", None) for name, test in vars(module).items() if name.startswith("test_")}
    return {name: handle.fuzz_one_input for name, handle in found.items() if handle is not None}


def blindly(target: Callable[[bytes], object], seconds: float, rng: random.Random) -> int:
    """Feed random bytes until the time is over; how many inputs that were."""
    end = time.monotonic() + seconds
    count = 0
    while time.monotonic() < end:
        target(rng.randbytes(rng.randrange(BYTES_MAX)))
        count += 1
    return count


def led_by_coverage(name: str, seconds: int) -> None:
    """Feed what atheris comes up with; it ends the process by itself."""
    import atheris

    with atheris.instrument_imports(include=["cordboard"]):
        from tests.fuzz import test_bayeux

    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", f"-max_len={BYTES_MAX}"], targets(test_bayeux)[name])
    atheris.Fuzz()


def main(arguments: list[str]) -> int:
    """Without arguments all of them, one after the other, FUZZ_S seconds each; with a name that one alone."""
    seconds = int(os.environ.get("FUZZ_S", "60"))
    led = find_spec("atheris") is not None
    if arguments and led:
        led_by_coverage(arguments[0], seconds)
    from tests.fuzz import test_bayeux

    failed = 0
    for name, target in targets(test_bayeux).items():
        sys.stdout.write(f"{name}: {seconds} s, {'led by coverage' if led else 'random bytes'}\n")
        sys.stdout.flush()
        if led:
            failed += subprocess.run([sys.executable, "-m", "tests.fuzz.deep", name], check=False).returncode != 0
        else:
            blindly(target, seconds, random.Random())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
