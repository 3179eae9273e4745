"""How teams work together, measured: ``python -m bench.teams NAME``.

``quality``     is a careless reviewer found, and a careful one left alone;
``until_sure``  reads until sure, against three reads of every example.

Not part of the test suite. Prints tables; every world is seeded.
"""

from __future__ import annotations

import argparse
import time
from importlib import import_module

NAMES = ("quality", "until_sure")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.teams")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--runs", type=int, help="runs a setting, as many as promised if not said")
    asked = parser.parse_args()
    began = time.process_time()
    import_module(f"bench.teams.{asked.name}").main(asked.runs)
    print(f"{time.process_time() - began:.0f} CPU seconds")


if __name__ == "__main__":
    main()
