"""``python -m tools.ari_events FOLDER [--check]``: write the event types anew from Asterisk's rest-api/*.json.

``FOLDER`` is where Asterisk keeps its description, such as /usr/share/asterisk/rest-api.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.ari_events.writing import TARGET, module, read_models


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.ari_events", description=__doc__)
    parser.add_argument("folder", type=Path, help="where Asterisk's events.json and its neighbours lie")
    parser.add_argument("--check", action="store_true", help="write nothing; say whether the file is up to date")
    arguments = parser.parse_args()
    try:
        text = module(read_models(arguments.folder))
    except OSError as error:
        print(f"{error.filename}: {error.strerror}; is {arguments.folder} Asterisk's rest-api folder?", file=sys.stderr)
        return 2
    if TARGET.read_text(encoding="utf-8") == text:
        print(f"{TARGET} is up to date")
        return 0
    if arguments.check:
        print(f"{TARGET} is out of date", file=sys.stderr)
        return 1
    TARGET.write_text(text, encoding="utf-8")
    print(f"wrote {TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
