"""Write the pages that are made from the code: `make docs`, or `python -m docs.generate`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import app.db.tables.all  # noqa: F401  # foreign keys need every table
from docs.generate.api_page import api_page
from docs.generate.commands_page import commands_page
from docs.generate.errors_page import errors_page

FOLDER = Path(__file__).resolve().parents[1]
PAGES: Mapping[str, Callable[[], str]] = {
    "api.md": api_page,
    "commands.md": commands_page,
    "errors.md": errors_page,
}


def main() -> None:
    for name, make in PAGES.items():
        path = FOLDER / name
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        made = make()
        path.write_text(made, encoding="utf-8")
        print(f"docs/{name}: {'as it was' if made == before else 'made anew'}")


if __name__ == "__main__":
    main()
