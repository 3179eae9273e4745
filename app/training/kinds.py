"""The kinds of noise that can be added."""

from enum import StrEnum


class NoiseKind(StrEnum):
    RANDOM = "random"
    PAIRS = "pairs"
    GROUP = "group"
