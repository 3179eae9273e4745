"""The companions by name. A new one is a file beside this one, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.releases.companions.arrays import ARRAYS
from app.releases.companions.companion import Companion
from app.releases.companions.dataset_card import DATASET_CARD
from app.releases.companions.label_studio import LABEL_STUDIO
from app.releases.companions.tables import CHANGES, SOFT, WEIGHTS

COMPANIONS: Mapping[str, Companion] = MappingProxyType(
    {known.name: known for known in (CHANGES, WEIGHTS, SOFT, DATASET_CARD, LABEL_STUDIO, ARRAYS)}
)


def companion_named(name: str) -> Companion:
    try:
        return COMPANIONS[name]
    except KeyError:
        known = " or ".join(COMPANIONS)
        raise ValueError(f"there is no companion {name!r}: choose {known}") from None
