"""COCO: one JSON object that lists images, categories, and annotations that tie them together."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import orjson

from app.datasets.decoding import BLOCK, Opened
from app.datasets.findings import BadRow, Findings, Stop
from app.datasets.rows import Table, Values, check_cells

COLUMNS = ("id", "file_name", "category")
_HEAD = 1 << 16
LARGEST = 200 << 20  # bytes; as many as an array of JSON may have
_BEGINS = re.compile(
    rb'\s*\{\s*"(?:info|licenses|images|annotations|categories|type)"\s*:\s*(?:[{"n]|\[\s*[\]{])'
)

Item = Mapping[str, object]


def may_be_coco(head: bytes) -> bool:
    """Whether a file begins as COCO does; `read_coco` looks at the whole."""
    return _BEGINS.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def lists_images(path: Path) -> bool:
    """Whether a file surely is about images, before anybody has read it."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return may_be_coco(head) and b'"file_name"' in head


def read_coco(opened: Opened, findings: Findings) -> Table | None:
    """The images of a COCO file with the category of each as rows; None if it is none."""
    content = bytearray()
    while block := opened.stream.read(BLOCK):
        content += block
        if len(content) > LARGEST:
            return None
    try:
        told = orjson.loads(bytes(content).removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None
    if not isinstance(told, dict) or not _is_coco(told):
        return None
    return rows_of_coco(told, findings)


def rows_of_coco(told: Mapping[str, object], findings: Findings) -> Table:
    """One row an image. Of several annotations the most frequent category counts; it is said."""
    images = _items(told, "images")
    if not images:
        raise Stop("E106")
    names = {str(one.get("id")): str(one.get("name", "")) for one in _items(told, "categories")}
    by_image = _categories(told, names, {str(one.get("id")) for one in images}, findings)
    findings.warn(
        "W246",
        images=len(images),
        categories=len(names),
        annotations=sum(map(len, by_image.values())),
    )
    several = [counts for counts in by_image.values() if len(set(counts)) > 1]
    if several:
        findings.warn("W247", len(several), excerpt=", ".join(dict.fromkeys(several[0])))

    def rows() -> Iterator[tuple[int, Values | BadRow]]:
        for row, image in enumerate(images, start=1):
            values = _row(image, by_image.get(str(image.get("id")), ()))
            try:
                check_cells(row, values)
            except BadRow as bad:
                yield row, bad
            else:
                yield row, values

    return Table(list(COLUMNS), rows(), "coco", encoding="utf-8")


def _is_coco(told: Mapping[str, object]) -> bool:
    images, annotations = told.get("images"), told.get("annotations")
    if not isinstance(images, list) or not isinstance(annotations, list):
        return False
    first = images[0] if images else {}
    return isinstance(first, dict) and "file_name" in first and "categories" in told


def _items(told: Mapping[str, object], name: str) -> Sequence[Item]:
    listed = told.get(name)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _categories(
    told: Mapping[str, object], names: Mapping[str, str], images: set[str], findings: Findings
) -> Mapping[str, list[str]]:
    """The categories that were said of each image, in the order of the file."""
    by_image: dict[str, list[str]] = defaultdict(list)
    astray = 0
    for one in _items(told, "annotations"):
        image, category = str(one.get("image_id")), one.get("category_id")
        if image not in images:
            astray += 1
        elif category is not None:
            by_image[image].append(names.get(str(category)) or str(category))
    if astray:
        findings.warn("W248", astray)
    return by_image


def _row(image: Item, categories: Sequence[str]) -> Values:
    most = Counter(categories).most_common(1)
    key, name = image.get("id"), image.get("file_name")
    return {
        "id": None if key is None else str(key),
        "file_name": name if isinstance(name, str) else None,
        "category": most[0][0] if most else None,
    }
