"""What a column of a file can be for: every role, in the order in which it is offered.

The wizard's page, the API and the command line read this registry. A data type brings the role of
its content; every other role is added here alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.datatypes.column_role import ColumnRole, Part
from app.datatypes.registry import TYPES
from app.db.words import DataType


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


LABEL = ColumnRole(
    "label",
    Part.LABEL,
    "Given label",
    "Column with the given label.",
    _names("label labels class category target intent y gold annotation given_label tag"),
    nested=True,
)
ID = ColumnRole(
    "id",
    Part.KEY,
    "ID",
    "Column with the id.",
    _names("id key example_id uuid idx guid index row_id item_id"),
    nested=True,
)
SOURCE = ColumnRole(
    "source",
    Part.KEPT,
    "Source of the label",
    "Column with who or what gave the label.",
    _names("source annotator annotator_id labeler labeller vendor worker worker_id author"),
    nested=True,
    most_letters=200,
)
SPLIT = ColumnRole(
    "split",
    Part.KEPT,
    "Split",
    "Column with the split: train, test, …",
    _names("split fold subset set partition"),
    nested=True,
    most_letters=80,
)
GROUP = ColumnRole(
    "group",
    Part.KEPT,
    "Group (kept together when models are tested)",
    "Column with what belongs together: patient, session, …",
    _names("group group_id session patient subject user document_id"),
    nested=True,
    most_letters=200,
)
KIND_OF_SOURCE = ColumnRole(
    "origin",
    Part.ORIGIN,
    "Type of the source",
    "Column with the type of the source: annotator, vendor, model, heuristic.",
    _names("source_kind source_type annotator_type labeler_type label_source_type"),
)
DELIVERY = ColumnRole(
    "delivery",
    Part.ORIGIN,
    "Batch the label came in",
    "Column with the batch or delivery that the label came in.",
    _names("label_batch labeling_batch labelling_batch annotation_batch vendor_batch"),
)
GUIDELINE = ColumnRole(
    "guideline",
    Part.ORIGIN,
    "Guideline version",
    "Column with the version of the guideline that the label was given by.",
    _names("guideline guideline_version guidelines guidelines_version instruction_version"),
)
LABELED = ColumnRole(
    "labeled",
    Part.ORIGIN,
    "Date of the label",
    "Column with the day or time at which the label was given.",
    _names("labeled_at labelled_at annotated_at label_date labeled_on annotation_date"),
)
VERSION = ColumnRole(
    "version",
    Part.ORIGIN,
    "Version of the model or prompt",
    "Column with the version of the model or prompt that gave the label.",
    _names("model_version prompt_version label_model llm_version labeling_model"),
)
METADATA = ColumnRole(
    "metadata",
    Part.BESIDE,
    "Shown beside the example",
    "Columns to show beside the example: A,B,C.",
    many=True,
)

_ORIGIN = (KIND_OF_SOURCE, DELIVERY, GUIDELINE, LABELED, VERSION)
CONTENT = tuple(one.role for one in TYPES.values())
ROLES: Mapping[str, ColumnRole] = MappingProxyType(
    {role.name: role for role in (*CONTENT, LABEL, ID, SOURCE, *_ORIGIN, SPLIT, GROUP, METADATA)}
)
TEXTUAL = tuple(role for role in CONTENT if not role.many)
"""Content that is one column: its values are no labels."""
KEPT = tuple(role for role in ROLES.values() if role.part is Part.KEPT)
ORIGIN = tuple(role for role in ROLES.values() if role.part is Part.ORIGIN)


def roles_for(data_type: DataType) -> tuple[ColumnRole, ...]:
    """The roles that columns can have where examples are of this type."""
    others = [role for role in CONTENT if role is not TYPES[data_type].role]
    return tuple(role for role in ROLES.values() if role not in others)
