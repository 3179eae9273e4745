"""Loading the code of a process: what comes in stays, so nobody looks through it for garbage.

That looking, and once more at the end, was nearly half of what a short command took.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module


def load(*modules: str) -> None:
    """Have them there; they and all they loaded are left alone from then on."""
    if all(name in sys.modules for name in modules):
        return
    gc.disable()
    try:
        for name in modules:
            import_module(name)
    finally:
        gc.freeze()
        gc.enable()
