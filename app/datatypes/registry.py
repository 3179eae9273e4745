"""Every data type, in the order in which it is offered."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.datatypes.data_type import StoredContent, TypeOfData
from app.datatypes.image import IMAGE
from app.datatypes.tabular import TABULAR
from app.datatypes.text import TEXT
from app.db.words import DataType

TYPES: Mapping[DataType, TypeOfData] = MappingProxyType(
    {one.name: one for one in (TEXT, IMAGE, TABULAR)}
)
WORDS: Mapping[DataType, str] = MappingProxyType({one.name: one.words for one in TYPES.values()})
_BESIDE = frozenset({"meta", "lang"})


def type_named(name: DataType | str) -> TypeOfData:
    try:
        return TYPES[DataType(name)]
    except (KeyError, ValueError):
        raise LookupError(f"No data type is called {name!r}: see app/datatypes") from None


def type_stored(content: StoredContent) -> TypeOfData:
    """The type whose content is stored so; where nothing is left of it, an empty text."""
    for one in TYPES.values():
        if content.get(one.stored_as):
            return one
    strange = content.keys() - _BESIDE - {one.stored_as for one in TYPES.values()}
    if strange:
        raise LookupError(f"No data type is stored as {', '.join(sorted(strange))}")
    return TEXT
