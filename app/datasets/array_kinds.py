"""The kinds of arrays a user may bring: a record each, read by pages, programs and checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class ArrayKind:
    """One kind; its name is also that of the array in an .npz."""

    name: str
    words: str
    columns_are_labels: bool = False  # then they have names, which stand for labels
    beside_examples: bool = False  # may come with the file it belongs to
    may_be_partial: bool = False  # of use even where some examples have no row


PRED_PROBS = ArrayKind("pred_probs", "Probabilities", columns_are_labels=True, beside_examples=True)
EMBEDDINGS = ArrayKind("embeddings", "Embeddings", beside_examples=True)
LOSSES = ArrayKind("losses", "Losses by epoch", may_be_partial=True)

ARRAY_KINDS: Mapping[str, ArrayKind] = MappingProxyType(
    {kind.name: kind for kind in (PRED_PROBS, EMBEDDINGS, LOSSES)}
)
