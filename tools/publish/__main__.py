"""``python -m tools.publish``: make the generated pages anew. Prints what has changed."""

from __future__ import annotations

from tools.publish import pages


def main() -> None:
    changed = pages.write()
    for name in changed:
        print(f"docs/{name}")
    print(f"{len(changed)} pages written" if changed else "all pages are up to date")


main()
