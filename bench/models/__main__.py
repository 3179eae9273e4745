"""Which model is better, and what to do about the noise: ``python -m bench.models NAME``.

``ahead``     reads of a test set's differences: do the bounds hold, how many reads decide;
``accuracy``  is the accuracy of one model inside its bounds;
``flip``      is the share of wrong labels at which the order turns covered;
``recovery``  is the remedy that is picked a good one.

Not part of the test suite. Prints tables; every world is seeded.
"""

from __future__ import annotations

import argparse
import time
from importlib import import_module

NAMES = ("ahead", "accuracy", "flip", "recovery")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.models")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--runs", type=int, help="runs a setting, as many as promised if not said")
    asked = parser.parse_args()
    began = time.process_time()
    import_module(f"bench.models.{asked.name}").main(asked.runs)
    print(f"{time.process_time() - began:.0f} CPU seconds")


if __name__ == "__main__":
    main()
