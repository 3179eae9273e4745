"""What `datasets` of Hugging Face keeps of a table's columns: classes by number, and pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

Features: TypeAlias = Mapping[str, object]
"""The kind of each column as JSON: {"label": {"_type": "ClassLabel", "names": ["neg", "pos"]}}."""

_LISTS = ("Sequence", "List", "LargeList")


def features_in(metadata: Mapping[bytes, bytes] | None) -> Features:
    """Those that a schema keeps."""
    try:
        told = json.loads((metadata or {})[b"huggingface"])
    except (KeyError, ValueError, RecursionError):
        return {}
    return features_of(told.get("info")) if isinstance(told, dict) else {}


def features_of(info: object) -> Features:
    """Those of a description of a dataset, as `dataset_info.json` is one."""
    features = info.get("features") if isinstance(info, dict) else None
    return features if isinstance(features, dict) else {}


def class_names(features: Features) -> dict[str, tuple[str, ...]]:
    """The names of classes, by column, where each is another."""
    named = {column: _names(feature) for column, feature in features.items()}
    return {column: names for column, names in named.items() if names}


def _names(feature: object) -> tuple[str, ...]:
    """Of a number, or of each number in a list."""
    if isinstance(feature, list) and len(feature) == 1:
        return _names(feature[0])
    if not isinstance(feature, dict):
        return ()
    if feature.get("_type") in _LISTS:
        return _names(feature.get("feature"))
    names = feature.get("names")
    if feature.get("_type") != "ClassLabel" or not isinstance(names, list):
        return ()
    told = tuple(map(str, names))
    return told if len(set(told)) == len(told) else ()


def is_picture(feature: object) -> bool:
    return isinstance(feature, dict) and feature.get("_type") == "Image"
