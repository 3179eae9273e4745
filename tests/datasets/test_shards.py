"""Datasets of Hugging Face come in as what they are: saved folders, and Parquet shards."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from sqlalchemy import select

from app.db.engine import reading
from app.db.tables.datasets import Example, Project
from app.db.words import DataType, ImportState
from tests.datasets.doors import Door, Sent, by_api, each_door
from tests.releases.shelves import by_command as release_by_command
from tests.releases.shelves import csv_rows, relabel_as
from tests.web.cast import Cast
from tests.web.console import command

CLASS = {"_type": "ClassLabel", "names": ["neg", "pos, really", 'say "so"']}
VALUE = {"_type": "Value", "dtype": "string"}
FEATURES: Mapping[str, Any] = {"text": VALUE, "label": CLASS}
TRAIN = {"text": ["good film", "bad film", "so, so"], "label": [1, 0, 2]}
TEST = {"text": ["never again"], "label": [0]}


def table(columns: Mapping[str, Any], features: Mapping[str, Any] | None = FEATURES) -> pa.Table:
    said = {} if features is None else {"huggingface": json.dumps({"info": {"features": features}})}
    return pa.table(dict(columns)).replace_schema_metadata(said or None)


def stream(made: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, made.schema, **options) as writer:
        writer.write_table(made)
    return sink.getvalue()


def parquet(made: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(made, sink)
    return sink.getvalue()


def saved(
    shards: Sequence[pa.Table], features: Any = FEATURES, split: str | None = None, **state: Any
) -> dict[str, bytes]:
    """The files of one folder as `Dataset.save_to_disk` writes them."""
    names = [f"data-{at:05}-of-{len(shards):05}.arrow" for at in range(len(shards))]
    told = {"_data_files": [{"filename": name} for name in names], "_fingerprint": "a8a8cc041a25d8"}
    told |= {"_format_columns": None, "_format_type": None, "_split": split, **state}
    files = {name: stream(one) for name, one in zip(names, shards, strict=True)}
    files["state.json"] = json.dumps(told, indent=2).encode()
    info = {"citation": "", "description": "", "features": features, "homepage": "", "license": ""}
    return files | {"dataset_info.json": json.dumps(info, indent=2).encode()}


def in_splits(**splits: Mapping[str, bytes]) -> dict[str, bytes]:
    files = {f"{split}/{name}": one for split, some in splits.items() for name, one in some.items()}
    return {"dataset_dict.json": json.dumps({"splits": [*splits]}).encode(), **files}


def zipped(files: Mapping[str, bytes], top: str = "") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(top + name, content)
    return target.getvalue()


def unpacked(files: Mapping[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


BOTH = in_splits(
    train=saved([table({name: some[:2] for name, some in TRAIN.items()}),
                 table({name: some[2:] for name, some in TRAIN.items()})]),
    unseen=saved([table(TEST)]),
)  # fmt: skip
CAME = [
    ("good film", "pos, really", "train"),
    ("bad film", "neg", "train"),
    ("so, so", 'say "so"', "train"),
    ("never again", "neg", "unseen"),
]


@each_door
@pytest.mark.parametrize("top", ["", "my set/"])
def test_a_saved_folder(cast: Cast, door: Door, top: str) -> None:
    came = door(cast, Sent("set.zip", zipped(BOTH, top)))
    assert came.state is ImportState.DONE, came.shown
    found = [(row.content, row.given, row.columns["split"]) for row in came.rows]
    assert found == CAME
    assert "Hugging Face datasets, 4 rows" in came.shown
    assert came.labels == CLASS["names"]


def test_a_folder_at_the_command(cast: Cast, tmp_path: Path) -> None:
    place = unpacked(BOTH, tmp_path / "film reviews")
    said = command(cast, "import", "films", str(place), "--yes")
    assert "4 of 4 rows" in said
    with reading(cast.engine) as session:
        project = session.scalars(select(Project).where(Project.slug == "films")).one()
        assert project.data_type is DataType.TEXT
        mine = select(Example).where(Example.project_id == project.id)
        rows = session.scalars(mine.order_by(Example.row))
        assert [(row.content["text"], row.split) for row in rows.all()] == [
            (text, split) for text, _, split in CAME
        ]


@each_door
def test_one_split_alone_and_what_was_cached(cast: Cast, door: Door) -> None:
    files = saved([table(TRAIN)]) | {"cache-0123456789.arrow": stream(table(TEST))}
    came = door(cast, Sent("set.zip", zipped(files)))
    assert came.given == ["pos, really", "neg", 'say "so"'], came.shown
    assert "split" not in came.rows[0].columns


@each_door
@pytest.mark.parametrize("readme", [True, False])
def test_parquet_shards_as_the_hub_has_them(cast: Cast, door: Door, readme: bool) -> None:
    files = {
        "data/train-00000-of-00002.parquet": parquet(table({k: v[:2] for k, v in TRAIN.items()})),
        "data/train-00001-of-00002-0a1b2c3d4e5f6a7b.parquet": parquet(
            table({k: v[2:] for k, v in TRAIN.items()})
        ),
        "data/unseen-00000-of-00001.parquet": parquet(table(TEST)),
        ".gitattributes": b"*.parquet filter=lfs",
    }
    card = {"README.md": b"---\nconfigs:\n- config_name: default\n---\n# Films\n"}
    came = door(cast, Sent("set.zip", zipped(files | (card if readme else {}))))
    assert came.state is ImportState.DONE, came.shown
    assert [(row.content, row.given, row.columns["split"]) for row in came.rows] == CAME


@each_door
def test_one_arrow_file(cast: Cast, door: Door) -> None:
    for content in (stream(table(TRAIN)), file_of(table(TRAIN))):
        came = door(cast, Sent("data-00000-of-00001.arrow", content))
        assert came.given == ["pos, really", "neg", 'say "so"'], came.shown


def file_of(made: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, made.schema) as writer:
        writer.write_table(made)
    return sink.getvalue()


@each_door
def test_several_datasets_are_a_question(cast: Cast, door: Door) -> None:
    files = {
        "en/train-00000-of-00001.parquet": parquet(table(TRAIN)),
        "de/train-00000-of-00001.parquet": parquet(table(TEST)),
    }
    asked = door(cast, Sent("set.zip", zipped(files), answers=False))
    assert (asked.state, asked.open) == (ImportState.STAGED, {"W178"})
    came = door(cast, Sent("set.zip", zipped(files), {"choices": {"W178": "en"}}))
    assert len(came.rows) == 3, came.shown


def picture(color: int) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (5, 4), (color, 2, 3)).save(target, "PNG")
    return target.getvalue()


PICTURES = {
    "image": {"_type": "Image"},
    "label": {"_type": "ClassLabel", "names": ["cat", "dog"]},
}
SHOTS = pa.array(
    [
        {"bytes": picture(10), "path": "a.png"},
        {"bytes": picture(20), "path": None},
        {"bytes": b"no picture", "path": "c.png"},
        None,
    ],
    pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
)


@each_door
@pytest.mark.parametrize("kind", ["saved", "shards", "parquet"])
def test_pictures_stand_in_the_rows(cast: Cast, door: Door, kind: str) -> None:
    made = table({"image": SHOTS, "label": [1, 0, 1, 0]}, PICTURES)
    name, content = {
        "saved": ("set.zip", zipped(saved([made], PICTURES))),
        "shards": ("set.zip", zipped({"data/test-00000-of-00001.parquet": parquet(made)})),
        "parquet": ("set.parquet", parquet(made)),
    }[kind]
    came = door(cast, Sent(name, content, data_type=DataType.IMAGE))
    assert came.state is ImportState.DONE, came.shown
    assert came.given == ["dog", "cat"]
    assert [row.columns["image"] for row in came.rows] == ["a.png", "image 2"]
    assert (came.codes["E220"], came.codes["E301"]) == (1, 1)
    shown = [json.loads(row.content) for row in came.rows]
    assert [(one["width"], one["height"]) for one in shown] == [(5, 4), (5, 4)]
    assert shown[0]["original"] != shown[1]["original"]


def test_a_folder_of_pictures_makes_a_project_of_pictures(cast: Cast, tmp_path: Path) -> None:
    made = table({"image": SHOTS, "label": [1, 0, 1, 0]}, PICTURES)
    place = unpacked(saved([made], PICTURES), tmp_path / "pets")
    command(cast, "import", "pets", str(place), "--yes")
    one = tmp_path / "more.parquet"
    one.write_bytes(parquet(made))
    command(cast, "import", "more pets", str(one), "--yes")
    with reading(cast.engine) as session:
        types = session.scalars(select(Project.data_type).where(Project.slug.like("%pets")))
        assert types.all() == [DataType.IMAGE, DataType.IMAGE]


@each_door
def test_names_of_pictures_that_lie_beside_the_rows(cast: Cast, door: Door) -> None:
    shots = pa.array([{"bytes": None, "path": f"/home/me/set/images/{n}.png"} for n in (1, 2)])
    made = table({"image": shots, "label": [1, 0]}, PICTURES)
    files = saved([made], PICTURES) | {f"images/{n}.png": picture(n) for n in (1, 2)}
    came = door(cast, Sent("set.zip", zipped(files), data_type=DataType.IMAGE))
    assert came.given == ["dog", "cat"], came.shown


@each_door
def test_splits_whose_columns_differ(cast: Cast, door: Door) -> None:
    """Numbers that stand for other names in another split never mix."""
    turned = {"text": VALUE, "label": {"_type": "ClassLabel", "names": ["pos, really", "neg"]}}
    more = {"text": ["turned round", "and again"], "label": [0, 1], "note": ["x", None]}
    files = in_splits(train=saved([table(TRAIN)]), test=saved([table(more, turned)], turned))
    came = door(cast, Sent("set.zip", zipped(files)))
    assert came.given == ["pos, really", "neg", 'say "so"', "pos, really", "neg"], came.shown
    assert [row.columns.get("note") for row in came.rows] == [None, None, None, "x", None]


@each_door
def test_labels_as_words_in_one_split_and_numbers_in_another(cast: Cast, door: Door) -> None:
    words = table({"text": ["spelled out"], "label": ["neg"]}, {"text": VALUE, "label": VALUE})
    files = in_splits(train=saved([table(TRAIN)]), test=saved([words], {"text": VALUE}))
    came = door(cast, Sent("set.zip", zipped(files)))
    assert came.given == ["pos, really", "neg", 'say "so"', "neg"], came.shown


@each_door
def test_labels_that_are_missing(cast: Cast, door: Door) -> None:
    made = table({"text": ["a b", "c d", "e f"], "label": pa.array([None, -1, 0], pa.int64())})
    said = {"choices": {"E301": "unlabeled"}}
    came = door(cast, Sent("set.zip", zipped(saved([made])), said))
    assert came.given == [None, None, "neg"], came.shown


@each_door
def test_lists_of_labels(cast: Cast, door: Door) -> None:
    several = {"text": VALUE, "labels": {"_type": "Sequence", "feature": CLASS, "length": -1}}
    made = table({"text": ["a b", "c d", "e f"], "labels": [[2], [0, 1], [0]]}, several)
    came = door(cast, Sent("set.zip", zipped(saved([made], several))))
    assert came.given == ['say "so"', "neg"], came.shown
    assert came.codes["E310"] == 1


@each_door
def test_columns_of_columns(cast: Cast, door: Door) -> None:
    features = {"dialog": [{"who": VALUE, "said": VALUE}], "text": VALUE, "label": CLASS}
    dialog = [[{"who": "a", "said": "hi"}], []]
    made = table({"dialog": dialog, "text": ["a b", "c d"], "label": [0, 1]}, features)
    came = door(cast, Sent("set.zip", zipped(saved([made], features))))
    assert came.given == ["neg", "pos, really"], came.shown
    assert json.loads(came.rows[0].columns["dialog"] or "") == dialog[0]


@each_door
def test_no_rows_at_all(cast: Cast, door: Door) -> None:
    nothing = table({"text": pa.array([], pa.string()), "label": pa.array([], pa.int64())})
    came = door(cast, Sent("set.zip", zipped(in_splits(train=saved([nothing])))))
    assert came.codes == {"E106": 1}
    files = in_splits(train=saved([nothing]), test=saved([table(TEST)]))
    assert door(cast, Sent("set.zip", zipped(files))).given == ["neg"]


def bent(made: bytes, was: bytes, becomes: bytes) -> bytes:
    """The same file with other bytes in one place."""
    assert made.count(was) == 1 and len(was) == len(becomes)
    return made.replace(was, becomes)


def places(*ends: int) -> bytes:
    """Where the texts of a column end, as Arrow keeps it."""
    return struct.pack(f"<{len(ends)}i", *ends)


def of_text(text: list[str]) -> pa.Table:
    return table({"text": text, "label": [1, 0, 2]}, None)


LATIN = of_text(["good film", "cafXY!", "so, so"])
WORDS = of_text(["good film", "bad film", "so, so"])
ENDS = places(9, 17, 23)
TWICE = pa.StructArray.from_arrays([pa.array([1, 2, 3])] * 2, ["z", "z"])
NOWHERE = pa.array([1, 2, 3]).view(pa.timestamp("ns", tz="No/Where"))
LYING: Mapping[str, tuple[str, bytes, str]] = {
    "latin": ("x.arrow", bent(stream(LATIN), b"cafXY!", b"caf\xe9\xe8!"), "E130"),
    "latin Parquet": ("x.parquet", parquet(LATIN).replace(b"cafXY!", b"caf\xe9\xe8!"), "E130"),
    "a text beyond": ("x.arrow", bent(stream(WORDS), ENDS, places(9, 900, 23)), "E130"),
    "a text before": ("x.arrow", bent(stream(WORDS), ENDS, places(9, -90, 23)), "E130"),
    "the last beyond": ("x.arrow", bent(stream(WORDS), ENDS, places(9, 17, 9000)), "E137"),
    "a word that is not there": (
        "x.arrow",
        stream(table({"text": ["a", "b"], "label": pa.DictionaryArray.from_arrays(
            pa.array([0, 9], pa.int8()), pa.array(["x", "y"]), safe=False)}, None)),
        "E130",
    ),
    "a name": ("x.arrow", stream(WORDS).replace(b"label", b"la\xff\xfel"), "E137"),
    "a time nowhere": (
        "x.arrow",
        stream(table({**TRAIN, "at": pa.StructArray.from_arrays([NOWHERE], ["z"])}, None)),
        "E130",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LYING)
@each_door
def test_values_that_are_not_what_the_file_says(cast: Cast, door: Door, case: str) -> None:
    """Neither bytes of something else nor an error that only a log explains."""
    name, content, code = LYING[case]
    came = door(cast, Sent(name, content))
    assert (came.codes.get(code), came.rows) == (1, []), came.shown


@each_door
def test_two_fields_of_one_name_in_a_column(cast: Cast, door: Door) -> None:
    came = door(cast, Sent("x.arrow", stream(table({**TRAIN, "pair": TWICE}))))
    assert came.given == ["pos, really", "neg", 'say "so"'], came.shown


@each_door
def test_features_that_are_too_deep_are_none(cast: Cast, door: Door) -> None:
    made = table(TRAIN, None).replace_schema_metadata({"huggingface": "[" * 9000})
    assert door(cast, Sent("x.arrow", stream(made))).given == ["1", "0", "2"]


@each_door
def test_more_rows_than_a_file_has_bytes_for(cast: Cast, door: Door) -> None:
    made = stream(pa.table({"text": pa.nulls(2_000_000_000)}))
    came = door(cast, Sent("x.arrow", made))
    assert came.codes.get("E142") == 1, came.shown


@each_door
def test_small_shards_that_unpack_to_much_together(cast: Cast, door: Door) -> None:
    big = stream(table(TRAIN)) + bytes(12 << 20)
    files = {f"train-{at:05}-of-00009.arrow": big for at in range(9)}
    came = door(cast, Sent("set.zip", zipped(files)))
    assert came.codes == {"E216": 1}, came.shown


@each_door
@pytest.mark.parametrize("how", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_damaged_shard_in_a_zip(cast: Cast, door: Door, how: int) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", how) as archive:
        for name in ("test.arrow", "train.arrow"):
            archive.writestr(name, stream(table(TRAIN)))
    whole = target.getvalue()
    inside = whole[:60] + b"\xff" * 30 + whole[90:]
    assert door(cast, Sent("set.zip", inside)).codes == {"E116": 1}
    other = whole.replace(b"test.arrow", b"best.arrow", 1)  # not as its directory has it
    assert door(cast, Sent("other.zip", other)).codes == {"E213": 1}


BROKEN: Mapping[str, tuple[Mapping[str, bytes], str]] = {
    "cut off": ({**saved([table(TRAIN)]), "data-00000-of-00001.arrow": stream(table(TRAIN))[:90]},
                "E137"),
    "no arrow": ({**saved([table(TRAIN)]), "data-00000-of-00001.arrow": b"x" * 500}, "E137"),
    "pointer": ({"data-00000-of-00001.arrow": b"version https://git-lfs.github.com/spec/v1\n"},
                "E138"),
    "pointer to Parquet": ({f"train-0000{n}-of-00002.parquet": b"version https://git-lfs.x/1\n"
                            for n in (0, 1)}, "E138"),
    "no Parquet": ({f"train-0000{n}-of-00002.parquet": b"x" * 500 for n in (0, 1)}, "E131"),
    "a choice of rows": (saved([table(TRAIN)], _indices_data_files=[{"filename": "i.arrow"}]),
                         "E139"),
    "a shard is missing": ({name: one for name, one in saved([table(TRAIN)] * 2).items()
                            if "00001-" not in name},
                           "E140"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
@each_door
def test_what_is_broken_is_said(cast: Cast, door: Door, case: str) -> None:
    files, code = BROKEN[case]
    came = door(cast, Sent("set.zip", zipped(files)))
    assert came.codes == {code: 1}, came.shown


@each_door
def test_a_compressed_arrow_file(cast: Cast, door: Door) -> None:
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    came = door(cast, Sent("x.arrow", stream(table(TRAIN), options=options)))
    assert came.given == ["pos, really", "neg", 'say "so"'], came.shown


def test_out_again_with_the_classes_as_numbers(cast: Cast, tmp_path: Path) -> None:
    came = by_api(cast, Sent("set.zip", zipped(BOTH)))
    relabel_as(cast, came.project, "neg", example="row-1")
    made = release_by_command(cast, came.project, tmp_path, "parquet")
    out = pq.read_table(made / "data.parquet")
    assert out["label"].to_pylist() == [0, 0, 2, 0]
    assert out.schema.field("label").type == pa.int64()
    assert out["split"].to_pylist() == ["train", "train", "train", "unseen"]
    assert b"ClassLabel" in out.schema.metadata[b"huggingface"]
    rows = csv_rows(release_by_command(cast, came.project, tmp_path, "csv"))
    assert [row["relabel_given"] for row in rows] == ["1", "0", "2", "0"]
