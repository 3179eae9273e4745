"""The measurements of a folder, each a file with a `main`, run by name."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from importlib import import_module


def run(folder: str, names: Sequence[str]) -> None:
    """As asked on the command line: ``python -m folder NAME --runs 10``."""
    parser = argparse.ArgumentParser(prog=f"python -m {folder}")
    parser.add_argument("name", choices=names)
    parser.add_argument("--runs", type=int, help="runs a setting, as many as promised if not said")
    asked = parser.parse_args()
    began = time.process_time()
    import_module(f"{folder}.{asked.name}").main(asked.runs)
    print(f"{time.process_time() - began:.0f} CPU seconds")
