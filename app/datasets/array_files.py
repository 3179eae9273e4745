"""NumPy files of strangers: our own look at the header before NumPy allocates anything."""

from __future__ import annotations

import ast
import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.datasets.array_kinds import ArrayKind
from app.datasets.decoding import refuse_bomb
from app.datasets.findings import Stop, excerpt_of
from app.datasets.zips import open_zip, read_entry

_MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 10_000
_MOST_BYTES = 1 << 30
_LARGEST_EXACT = 2.0**53
Array = NDArray[Any]


def read_npy(content: bytes, name: str) -> Array:
    """An array of plain numbers or text whose header tells the truth about its size."""
    kind, shape, fortran, start = _header(content, name)
    if kind.hasobject:
        raise Stop("E241", excerpt=name)
    if kind.fields is not None or kind.subdtype is not None:
        raise Stop("E508", excerpt=name, kind="a structured array")
    count = 1
    for length in shape:
        count *= length
    if count * kind.itemsize != len(content) - start:
        reason = (
            f"its header tells of {count * kind.itemsize:,} bytes, the file has "
            f"{len(content) - start:,}"
        )
        raise Stop("E242", excerpt=name, reason=reason)
    values: Array = np.frombuffer(content, dtype=kind, offset=start)
    return values.reshape(shape, order="F" if fortran else "C")


def _header(content: bytes, name: str) -> tuple[np.dtype[Any], tuple[int, ...], bool, int]:
    if not content.startswith(_MAGIC) or len(content) < 12:
        raise Stop("E242", excerpt=name, reason="it does not begin like a NumPy file")
    version = content[6]
    if version not in (1, 2):
        raise Stop("E242", excerpt=name, reason=f"version {version} of the format is not read")
    size, start = (struct.unpack_from("<H", content, 8)[0], 10)
    if version == 2:
        size, start = struct.unpack_from("<I", content, 8)[0], 12
    header = content[start : start + size]
    if size > _LONGEST_HEADER or len(header) < size:
        raise Stop("E242", excerpt=name, reason="its header is cut off or too long")
    try:
        said = ast.literal_eval(header.decode("latin-1").strip())
        kind = np.dtype(said["descr"])
        shape = tuple(said["shape"])
        fortran = said["fortran_order"] is True
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError) as error:
        raise Stop("E242", excerpt=name, reason="its header cannot be read") from error
    if not all(isinstance(length, int) and length >= 0 for length in shape) or len(shape) > 8:
        raise Stop("E242", excerpt=name, reason="its shape makes no sense")
    return kind, shape, fortran, start + size


def read_npz(path: Path, kind: ArrayKind) -> dict[str, Array]:
    """The arrays of an .npz, which are exactly the ones that are wanted."""
    allowed = {kind.name, "ids"} | ({"classes"} if kind.columns_are_labels else set())
    expected = ", ".join(sorted(allowed - {"ids"})) + " and optionally ids"
    try:
        archive, files = open_zip(path)
    except Stop as stop:
        if stop.code in ("E216", "E212"):
            raise
        named = excerpt_of(str(stop.fields.get("excerpt", path.name)))
        reason = {
            "E218": f"the name {named} is there twice",
            "E106": "it is empty",
        }.get(stop.code, str(stop.fields.get("reason", f"the name {named} is not safe")))
        raise Stop("E243", excerpt="The .npz", reason=reason, expected=expected) from stop
    names = [info.orig_filename.removesuffix(".npy") for info in files]
    extra = sorted(set(names) - allowed)
    missing = sorted(allowed - {"ids"} - set(names))
    if extra or missing:
        words = [f"{', '.join(extra)} does not belong there"] if extra else []
        words += [f"{', '.join(missing)} is missing"] if missing else []
        reason = " and ".join(words)
        raise Stop("E243", excerpt="The .npz", reason=excerpt_of(reason), expected=expected)
    arrays = {}
    for name, info in zip(names, files, strict=True):
        refuse_bomb(info.file_size, info.compress_size, name=name)
        content = read_entry(archive, info, most=_MOST_BYTES)
        if content is None:
            raise Stop("E242", excerpt=name, reason="it is damaged or too large")
        arrays[name] = read_npy(content, name)
    return arrays


def as_numbers(values: Array, name: str) -> NDArray[np.float32]:
    """Two dimensions of numbers, in this machine's order of bytes and rows."""
    if values.ndim != 2 or values.dtype.kind not in "fiub":
        kind = f"{values.ndim} dimensions of {values.dtype}"
        raise Stop("E508", excerpt=name, kind=kind)
    return np.ascontiguousarray(values, dtype=np.float32)


def as_texts(values: Array, name: str) -> list[str]:
    """Names or ids, as text."""
    if values.ndim != 1:
        raise Stop("E512", excerpt=name, kind=f"{values.ndim} dimensions")
    if values.dtype.kind == "S":
        try:
            return [value.decode("utf-8") for value in values.tolist()]
        except UnicodeDecodeError as error:
            raise Stop("E512", excerpt=name, kind="text that is not UTF-8") from error
    if values.dtype.kind == "f":
        return _whole_texts(values, name)
    if values.dtype.kind not in "Uiub":
        raise Stop("E512", excerpt=name, kind=str(values.dtype))
    return [str(value) for value in values.tolist()]


def _whole_texts(values: Array, name: str) -> list[str]:
    """Numbers that were read as fractions, because one was missing or by another tool: 1.0 is 1.

    Only if all are whole and exact as they are; else nobody knows what they were.
    """
    numbers = values.astype(np.float64)
    sound = np.isfinite(numbers) & (np.abs(numbers) <= _LARGEST_EXACT)
    whole = sound & (numbers == np.floor(np.where(sound, numbers, 0.0)))
    if not whole.all():
        first = numbers[~whole][0]
        kind = f"{values.dtype} with {first:g}, which is no whole number"
        raise Stop("E512", excerpt=name, kind=kind)
    return [str(int(value)) for value in numbers.tolist()]


def write_npz(path: Path, arrays: dict[str, Array]) -> None:
    """Store arrays unpacked, the same bytes for the same arrays."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, values in arrays.items():
            target = io.BytesIO()
            np.lib.format.write_array(target, values, allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            with archive.open(info, "w", force_zip64=True) as file:
                file.write(target.getbuffer())
