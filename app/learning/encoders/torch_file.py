"""Arrays out of a PyTorch file, read as data: nothing in it is ever called or imported.

Such files are pickles, and a pickle is a program. This reader walks the few instructions that an
ordered dict of plain tensors is written with, on a stack of its own, and refuses every other.
"""

from __future__ import annotations

import io
import pickletools
import struct
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

_MAGIC = 0x1950A86A20F9469CFC6C
_KINDS = {"torch FloatStorage": "<f4", "torch LongStorage": "<i8"}
_DICT = "collections OrderedDict"
_TENSOR = "torch._utils _rebuild_tensor_v2"
_NAMES = frozenset({_DICT, _TENSOR, *_KINDS})
_MOST_BYTES = 1 << 30
_WHOLE_NUMBERS = ("BININT", "BININT1", "BININT2", "LONG1")
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_PLAIN = frozenset([*_WHOLE_NUMBERS, "BINUNICODE", *_CONSTANTS])


@dataclass(frozen=True)
class _Name:
    """A name that the file would have imported."""

    name: str


@dataclass(frozen=True)
class _Storage:
    """Numbers that lie behind the pickles, by their key."""

    kind: str
    key: str
    size: int


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


Numbers: TypeAlias = NDArray[np.float32] | NDArray[np.int64]

_MARK = object()
"""Where a tuple or a list of items began on the stack."""


def read_torch_file(content: bytes) -> dict[str, Numbers]:
    """Tensors by name, as float32 or int64 arrays.

    Raises
    ------
    ValueError
        If the file holds anything but an ordered dict of plain tensors; it says what.
    """
    file = io.BytesIO(content)
    try:
        if _value(file) != _MAGIC:
            raise ValueError("this is not a PyTorch file of the kind before version 1.6")
        for _ in ("version of the form", "sizes of types"):
            _value(file)
        named, keys = _value(file), _value(file)
        if not isinstance(named, dict) or not isinstance(keys, list):
            raise ValueError("a PyTorch file must hold a dict and a list of keys")
        tensors = {str(name): one for name, one in named.items() if isinstance(one, _Tensor)}
        if len(tensors) != len(named):
            raise ValueError("a PyTorch file must hold tensors alone")
        kinds = {one.storage.key: one.storage for one in tensors.values()}
        numbers = {key: _numbers(file, kinds[key]) for key in keys}
        return {name: _array(one, numbers[one.storage.key]) for name, one in tensors.items()}
    except (IndexError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise ValueError("this PyTorch file is broken, or not written by PyTorch") from error


def _numbers(file: BinaryIO, storage: _Storage) -> Numbers:
    (size,) = struct.unpack("<q", file.read(8))
    kind = np.dtype(_KINDS[storage.kind])
    if size != storage.size or not 0 <= size * kind.itemsize <= _MOST_BYTES:
        raise ValueError("the size of a tensor is not the one it was written with")
    return np.frombuffer(file.read(size * kind.itemsize), dtype=kind)


def _array(tensor: _Tensor, numbers: Numbers) -> Numbers:
    """The view of its storage that a tensor is, as an array of its own."""
    sizes = zip(tensor.shape, tensor.strides, strict=True)
    last = tensor.offset + sum((size - 1) * stride for size, stride in sizes)
    if min((tensor.offset, *tensor.shape, *tensor.strides)) < 0 or prod(tensor.shape) == 0:
        raise ValueError("a tensor has no size, or a negative one")
    if last >= len(numbers):
        raise ValueError("a tensor reaches beyond its numbers")
    places = np.full((), tensor.offset, dtype=np.int64)
    for size, stride in zip(tensor.shape, tensor.strides, strict=True):
        places = places[..., None] + np.arange(size) * stride
    return numbers.take(places.reshape(-1)).reshape(tensor.shape)


def _value(file: BinaryIO) -> object:
    """What one pickle of the file stands for."""
    machine = _Machine()
    for instruction, argument, _ in pickletools.genops(file):
        if instruction.name == "STOP":
            return machine.pop()
        machine.step(instruction.name, argument)
    raise ValueError("this PyTorch file ends too early")


class _Machine:
    """A stack, and what was put aside to be named again."""

    def __init__(self) -> None:
        self._stack: list[object] = []
        self._memo: dict[int, object] = {}
        self._steps: dict[str, Callable[[], None]] = {
            "MARK": lambda: self._stack.append(_MARK),
            "EMPTY_DICT": lambda: self._stack.append({}),
            "EMPTY_LIST": lambda: self._stack.append([]),
            "EMPTY_TUPLE": lambda: self._stack.append(()),
            "TUPLE": lambda: self._stack.append(tuple(self._since_the_mark())),
            "TUPLE1": lambda: self._together(1),
            "TUPLE2": lambda: self._together(2),
            "APPENDS": lambda: self._append(self._since_the_mark()),
            "SETITEM": lambda: self._set([self._stack.pop(-2), self._stack.pop()]),
            "SETITEMS": lambda: self._set(self._since_the_mark()),
            "BUILD": self._build,
            "REDUCE": self._reduce,
            "BINPERSID": self._storage,
        }

    def pop(self) -> object:
        return self._stack.pop()

    def step(self, name: str, argument: Any) -> None:
        if name in _PLAIN:
            self._stack.append(_CONSTANTS.get(name, argument))
        elif name in ("BINPUT", "LONG_BINPUT"):
            self._memo[argument] = self._stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            self._stack.append(self._memo[argument])
        elif name == "GLOBAL":
            self._stack.append(_named(argument))
        elif name in self._steps:
            self._steps[name]()
        elif name != "PROTO":
            raise ValueError(f"a PyTorch file must not hold the instruction {name}")

    def _since_the_mark(self) -> list[object]:
        found = []
        while (one := self._stack.pop()) is not _MARK:
            found.append(one)
        return found[::-1]

    def _together(self, count: int) -> None:
        self._stack[-count:] = [tuple(self._stack[-count:])]

    def _append(self, more: list[object]) -> None:
        into = self._stack[-1]
        if not isinstance(into, list):
            raise ValueError("a PyTorch file must append to a list alone")
        into.extend(more)

    def _set(self, pairs: list[object]) -> None:
        into = self._stack[-1]
        if not isinstance(into, dict):
            raise ValueError("a PyTorch file must set items of a dict alone")
        into.update(zip(pairs[::2], pairs[1::2], strict=True))

    def _build(self) -> None:
        """An ordered dict brings attributes of its own; nothing here needs them."""
        self._stack.pop()
        if not isinstance(self._stack[-1], dict):
            raise ValueError("a PyTorch file must not give attributes to anything but a dict")

    def _reduce(self) -> None:
        """The two calls that are known, made by us."""
        arguments, called = self._stack.pop(), self._stack.pop()
        if called == _Name(_DICT) and arguments == ():
            self._stack.append({})
        elif called == _Name(_TENSOR) and isinstance(arguments, tuple):
            self._stack.append(_tensor(*arguments[:4]))
        else:
            raise ValueError("a PyTorch file must make tensors and dicts alone")

    def _storage(self) -> None:
        said = self._stack.pop()
        if not isinstance(said, tuple):
            raise ValueError("a PyTorch file must name plain storages alone")
        word, kind, key, _, size, *_ = said
        if word != "storage" or not isinstance(kind, _Name) or kind.name not in _KINDS:
            raise ValueError("a PyTorch file must name plain storages alone")
        self._stack.append(_Storage(kind.name, str(key), int(size)))


def _tensor(
    storage: object, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]
) -> _Tensor:
    if not isinstance(storage, _Storage):
        raise ValueError("a PyTorch file must make tensors and dicts alone")
    return _Tensor(storage, offset, shape, strides)


def _named(name: str) -> _Name:
    if name not in _NAMES:
        raise ValueError(f"a PyTorch file must not name {name.replace(' ', '.')}")
    return _Name(name)
