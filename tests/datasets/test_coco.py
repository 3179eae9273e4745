"""COCO beside its pictures opens as what it is, at every door."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.cli.imports import ImportRequest
from app.db.words import DataType, ImportState
from tests.datasets.doors import Door, Sent, by_page, each_door
from tests.datasets.test_image_doors import packed
from tests.web.cast import Cast

TWO = [("one", "x"), ("two", "y")]
COCO: Mapping[str, Any] = {
    "info": {"year": 2024},
    "images": [
        {"id": 7, "file_name": "0.png", "width": 5, "height": 4},
        {"id": 8, "file_name": "images/1.png"},
        {"id": 9, "file_name": "2.png"},
    ],
    "annotations": [
        {"id": 1, "image_id": 7, "category_id": 1},
        {"id": 2, "image_id": 8, "category_id": 1},
        {"id": 3, "image_id": 8, "category_id": 2},
        {"id": 4, "image_id": 8, "category_id": 2},
        {"id": 5, "image_id": 9, "category_id": 2},
        {"id": 6, "image_id": 99, "category_id": 2},
    ],
    "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog", "supercategory": "pet"}],
}


@each_door
@pytest.mark.parametrize("indent", [None, 2])
def test_coco_beside_its_pictures_opens_as_what_it_is(
    cast: Cast, door: Door, indent: int | None
) -> None:
    media = {"media": ("m.zip", packed("train/0.png", "train/1.png", "train/2.png"))}
    file = json.dumps(COCO, indent=indent).encode()
    came = door(cast, Sent("labels.json", file, {}, media, DataType.IMAGE))
    assert came.state is ImportState.DONE, came.shown
    assert [(row.key, row.given) for row in came.rows] == [("7", "cat"), ("8", "dog"), ("9", "dog")]
    assert (came.codes["W246"], came.codes["W247"], came.codes["W248"]) == (1, 1, 1)
    assert door is by_page or "COCO: 3 images with 5 annotations of 2 categories" in came.shown


def test_coco_on_the_command_line_makes_a_project_of_images(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps(COCO))
    assert ImportRequest("pets", tmp_path / "c.json").data_type is DataType.IMAGE


@each_door
def test_rows_that_begin_like_coco_are_rows(cast: Cast, door: Door) -> None:
    rows = [{"info": {"k": 1}, "text": text, "label": label} for text, label in TWO]
    file = "".join(json.dumps(row) + "\n" for row in rows).encode()
    came = door(cast, Sent("r.jsonl", file))
    assert [(row.content, row.given) for row in came.rows] == TWO
