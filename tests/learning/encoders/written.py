"""A PyTorch file of the older kind, written by hand: tests need no PyTorch."""

import struct

import numpy as np

_KINDS = {"<f4": b"FloatStorage", "<i8": b"LongStorage"}


def word(text):
    """The instruction that puts a text on the stack."""
    return b"X" + struct.pack("<I", len(text.encode())) + text.encode()


def number(value):
    return b"J" + struct.pack("<i", value)


def pickled(*instructions):
    return b"\x80\x02" + b"".join(instructions) + b"."


BEGINNING = (
    pickled(b"\x8a\x0a" + (0x1950A86A20F9469CFC6C).to_bytes(10, "little"))
    + pickled(number(1001))
    + pickled(b"}")
)


def tensor(key, array, *, strides=None, size=None):
    """Instructions that make one tensor of a storage."""
    kind = _KINDS[array.dtype.str]
    steps = strides or [stride // array.itemsize for stride in array.strides]
    sizes = b"".join(map(number, array.shape))
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n(("
        + word("storage")
        + b"ctorch\n"
        + kind
        + b"\n"
        + word(key)
        + word("cpu")
        + number(array.size if size is None else size)
        + b"NtQ"
        + number(0)
        + b"(" + sizes + b"t(" + b"".join(map(number, steps)) + b"t"
        + b"\x89ccollections\nOrderedDict\n)RtR"
    )  # fmt: skip


def torch_file(arrays, *, instructions=None):
    """Named arrays; `instructions` stand in the place of those that would make the dict."""
    items = b"".join(word(name) + tensor(name, array) for name, array in arrays.items())
    named = instructions or b"ccollections\nOrderedDict\n)R(" + items + b"u}b"
    keys = b"](" + b"".join(map(word, arrays)) + b"e"
    numbers = b"".join(struct.pack("<q", one.size) + one.tobytes("A") for one in arrays.values())
    return BEGINNING + pickled(named) + pickled(keys) + numbers


def example():
    return {
        "weight": np.arange(6, dtype="<f4").reshape(2, 3),
        "count": np.array([7], dtype="<i8"),
    }
