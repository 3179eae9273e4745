"""Which features a data type has: its own, or those of the type that it names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.datatypes.registry import type_named
from app.db.words import DataType
from app.ranking.features.feature_maker import FeatureMaker
from app.ranking.features.image import IMAGE
from app.ranking.features.tabular import TABULAR
from app.ranking.features.text import TEXT

FEATURES: Mapping[DataType, FeatureMaker] = MappingProxyType(
    {DataType.TEXT: TEXT, DataType.IMAGE: IMAGE, DataType.TABULAR: TABULAR}
)


def features_of(data_type: DataType) -> FeatureMaker:
    return FEATURES[type_named(data_type).learned_as]
