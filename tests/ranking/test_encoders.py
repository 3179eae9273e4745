"""Every encoder: what its record says holds, and it reads no network and no pickle."""

from __future__ import annotations

import io
import pickle
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine

from app.datasets.blobs import BlobStore
from app.db.engine import reading
from app.db.words import DataType
from app.errors import DataProblem
from app.progress import quiet
from app.ranking.encoders.encoder import Encoder, EncoderFile
from app.ranking.encoders.files import read_files
from app.ranking.encoders.registry import (
    ENCODERS,
    PICTURES,
    SENTENCES,
    encoder_for,
    how_to_gain,
    is_installed,
)
from app.ranking.encoders.runners import RUNNERS
from app.ranking.encoders.vectors import EncodingMeans, encode, in_order, keep, missing, read_kept
from app.ranking.load import Dataset, load
from tests.ranking.filled import fill

TEXTS = [
    "The money I sent has not arrived.",
    "My transfer is still missing.",
    "Which currencies can I hold?",
    "Meine Überweisung ist noch nicht angekommen.",
    "現在の為替レートは？",
    "",
    "x" * 3000,
]


def picture(seed: int, blobs: BlobStore) -> dict[str, Any]:
    pixels = np.random.default_rng(seed).integers(0, 255, (20 + seed, 31, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    name = blobs.put(file.getvalue())
    return {"image": name, "original": name, "width": 31, "height": 20 + seed}


def examples(encoder: Encoder, engine: Engine, blobs: BlobStore) -> Dataset:
    """Seven examples of the kind that the encoder reads; the last but one is empty or broken."""
    if encoder.reads is DataType.TEXT:
        contents: list[dict[str, Any]] = [{"text": text} for text in TEXTS]
    else:
        contents = [picture(seed, blobs) for seed in range(7)]
        contents[5]["image"] = blobs.put(b"this is no picture")
    filled = fill(engine, contents, ["a", "b"] * 3 + ["a"], data_type=encoder.reads)
    with reading(engine) as session:
        return load(session, filled.project_id)


@pytest.fixture(params=list(ENCODERS.values()), ids=list(ENCODERS))
def encoder(request: pytest.FixtureRequest) -> Encoder:
    found: Encoder = request.param
    if not is_installed(found):
        pytest.skip(f"{found.package} {found.version} is not installed: make test installs it")
    return found


@pytest.fixture
def shut_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Who opens a socket or a pickle is refused."""

    def refused(*_: Any, **__: Any) -> Any:
        raise AssertionError("an encoder must read neither the network nor a pickle")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refused)
    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refused)
    yield


def one_database(engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        pytest.skip("encoders touch no database: one is enough")


def test_the_files_are_those_of_the_record(encoder: Encoder) -> None:
    contents = read_files(encoder)
    assert [len(one) for one in contents] == [file.n_bytes for file in encoder.files]
    assert RUNNERS[encoder.name].width == encoder.width
    assert encoder.licence in ("Apache-2.0", "MIT", "BSD-3-Clause")


def test_it_encodes_without_network_or_pickle_and_the_same_bits_on_any_number_of_threads(
    encoder: Encoder, engine: Engine, tmp_path: Path, shut_off: None
) -> None:
    one_database(engine)
    blobs = BlobStore(tmp_path)
    data = examples(encoder, engine, blobs)
    told: list[tuple[str, int, int]] = []
    means = EncodingMeans(blobs, lambda *step: told.append(step), 1)
    vectors = in_order(data, encode(data, encoder, {}, means))
    again = in_order(data, encode(data, encoder, {}, EncodingMeans(blobs, quiet, 3)))
    assert vectors.shape == (7, encoder.width)
    assert np.isfinite(vectors).all()
    assert vectors.tobytes() == again.tobytes()
    lengths = np.linalg.norm(vectors, axis=1)
    assert lengths[5] == 0
    assert (np.delete(lengths, 5) > 0).all()
    assert len({row.tobytes() for row in vectors}) == 7
    assert told[0] == ("encoding", 0, 7)
    assert told[-1] == ("encoding", 7, 7)


def test_what_was_kept_is_not_encoded_again_and_what_left_is_not_kept(
    encoder: Encoder, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_database(engine)
    blobs = BlobStore(tmp_path)
    data = examples(encoder, engine, blobs)
    means = EncodingMeans(blobs, quiet, 1)
    found = encode(data, encoder, {}, means)
    kept = read_kept(blobs, keep(blobs, {**found, "ab" * 32: found[data.content_hashes[0]]}))
    assert missing(data, kept) == []
    monkeypatch.setattr("app.ranking.encoders.vectors.read_files", None)
    again = encode(data, encoder, kept, means)
    assert set(again) == set(data.content_hashes)
    assert in_order(data, again).tobytes() == in_order(data, found).tobytes()


def test_cancelling_stops_it(encoder: Encoder, engine: Engine, tmp_path: Path) -> None:
    one_database(engine)

    def cancelled(step: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    data = examples(encoder, engine, BlobStore(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        encode(data, encoder, {}, EncodingMeans(BlobStore(tmp_path), cancelled, 1))


def test_sentences_that_say_the_same_are_near_in_any_language(
    engine: Engine, tmp_path: Path
) -> None:
    one_database(engine)
    if not is_installed(SENTENCES):
        pytest.skip("its package is not installed: make test installs it")
    data = examples(SENTENCES, engine, BlobStore(tmp_path))
    vectors = in_order(
        data, encode(data, SENTENCES, {}, EncodingMeans(BlobStore(tmp_path), quiet, 1))
    )
    near = vectors @ vectors.T
    assert near[0, 1] > near[0, 2]
    assert near[1, 3] > near[1, 2]
    assert near[2, 4] > near[0, 4]


def pretend(folder: Path, encoder: Encoder, content: bytes, version: str) -> None:
    """A package of the encoder's name with other files."""
    about = folder / f"{encoder.package.replace('-', '_')}-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Name: {encoder.package}\nVersion: {version}\n")
    for file in encoder.files:
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / file.path).write_bytes(content)


def unheard_of(version: str = "1.0") -> Encoder:
    file = EncoderFile("unheard_of/weights.npz", "0" * 64, 3)
    return replace(SENTENCES, package="unheard-of-encoder", version=version, files=(file,))


def test_a_file_that_is_not_the_one_of_the_record_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    encoder = unheard_of()
    pretend(tmp_path, encoder, b"cos\nsystem\n", "1.0")
    assert is_installed(encoder)
    with pytest.raises(DataProblem, match=r"weights\.npz of unheard-of-encoder is not the file"):
        read_files(encoder)
    (tmp_path / encoder.files[0].path).unlink()
    with pytest.raises(DataProblem) as refusal:
        read_files(encoder)
    assert "--force-reinstall unheard-of-encoder==1.0" in refusal.value.next_step


def test_another_version_does_not_count_and_what_is_not_there_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    pretend(tmp_path, unheard_of(), b"", "1.0")
    assert not is_installed(unheard_of("2.0"))
    with pytest.raises(DataProblem) as refusal:
        read_files(replace(unheard_of(), package="was-never-installed"))
    assert "relabel[encoders]" in refusal.value.next_step


def test_every_kind_of_data_has_its_encoder_or_none() -> None:
    assert {kind: encoder_for(kind) for kind in DataType} == {
        DataType.TEXT: SENTENCES,
        DataType.IMAGE: PICTURES,
        DataType.TABULAR: None,
    }
    assert set(RUNNERS) == set(ENCODERS)
    assert how_to_gain(DataType.TABULAR) == ""
    for encoder in ENCODERS.values():
        hint = how_to_gain(encoder.reads)
        assert ("relabel[encoders]" in hint) is not is_installed(encoder)
