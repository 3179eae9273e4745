"""An image: a file of its own, which a row names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypedDict

from app.datatypes.column_role import ColumnRole, Part
from app.datatypes.data_type import (
    SMALL_TILES,
    Glimpse,
    Made,
    RowAtHand,
    ShownContent,
    StoredContent,
    TypeOfData,
)
from app.db.words import DataType


class StoredImage(TypedDict):
    """Two blobs by their SHA-256: the image as it is shown, and as it came."""

    image: str
    original: str
    width: int
    height: int


def _made(row: RowAtHand, columns: Sequence[str]) -> Made | None:
    name = row.picked(columns[0])
    if not name:
        return None
    stored = row.image(name)
    return Made(stored, str(stored["original"]).encode())


def _shown(example_id: int, stored: StoredContent, unusual: Collection[str]) -> ShownContent:
    return {
        "type": DataType.IMAGE,
        "url": f"/media/{example_id}",
        "width": stored.get("width"),
        "height": stored.get("height"),
    }


def _glimpse(content: ShownContent) -> Glimpse:
    return {"url": content["url"], "width": content["width"], "height": content["height"]}


IMAGE = TypeOfData(
    name=DataType.IMAGE,
    choice="An image",
    hint="From a ZIP file or a folder, named by a column.",
    words="Images",
    noun="picture",
    role=ColumnRole(
        "image",
        Part.CONTENT,
        "Image file name",
        "Column with image file names.",
        (
            *("image", "file", "filename", "file_name", "path", "img", "image_path"),
            *("image_file", "picture"),
        ),
    ),
    stored_as="image",
    made=_made,
    shown=_shown,
    glimpse=_glimpse,
    in_words=lambda content: "",
    learned_as=DataType.IMAGE,
    tiles=SMALL_TILES,
    column="Image",
    files="images",
    pictures=True,
)
