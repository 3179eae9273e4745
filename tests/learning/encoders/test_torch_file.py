import pickle

import numpy as np
import pytest

from app.learning.encoders.torch_file import read_torch_file
from tests.learning.encoders.written import BEGINNING, example, pickled, tensor, torch_file, word


def test_tensors_come_out_as_they_were():
    found = read_torch_file(torch_file(example()))
    assert list(found) == ["weight", "count"]
    assert found["weight"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (found["weight"].dtype, found["count"].tolist()) == (np.float32, [7])


def test_a_tensor_that_was_written_column_by_column_is_read_so():
    columns = np.asfortranarray(np.arange(6, dtype="<f4").reshape(2, 3))
    assert read_torch_file(torch_file({"w": columns}))["w"].tolist() == columns.tolist()


@pytest.mark.parametrize(
    ("instructions", "named"),
    [
        (b"cos\nsystem\n(" + word("touch /tmp/made") + b"tR", "os.system"),
        (b"cbuiltins\neval\n(" + word("1") + b"tR", "builtins.eval"),
        (b"ctorch._utils\n_rebuild_parameter\n", "torch._utils._rebuild_parameter"),
        (b"(ios\nsystem\n", "INST"),
        (word("os") + word("system") + b"\x93", "STACK_GLOBAL"),
        (b"ccollections\nOrderedDict\n)\x81", "NEWOBJ"),
        (b"}(dcos\nsystem\n", "DICT"),
        (b"\x82\x01", "EXT1"),
        (b"Ptwo\n", "PERSID"),
        (b"ccollections\nOrderedDict\n(" + word("a") + b"tR", "tensors and dicts alone"),
    ],
)
def test_anything_but_plain_tensors_is_refused_in_words_and_never_run(instructions, named):
    with pytest.raises(ValueError, match=named.replace(".", r"\.")):
        read_torch_file(torch_file(example(), instructions=instructions))


def test_a_pickle_that_would_run_code_runs_none(tmp_path):
    class Trap:
        def __reduce__(self):
            return (type(tmp_path).touch, (tmp_path / "made",))

    trap = pickle.dumps(Trap(), protocol=2)
    for content in (trap, BEGINNING + trap, torch_file(example(), instructions=trap[2:-1])):
        with pytest.raises(ValueError, match="PyTorch file"):
            read_torch_file(content)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04zip", b"\x80", BEGINNING, torch_file(example())[:-3], b"." * 99]
)
def test_what_is_cut_off_or_another_file_is_refused(content):
    with pytest.raises(ValueError):
        read_torch_file(content)


@pytest.mark.parametrize("more", [{"strides": (9, 1)}, {"strides": (-1, 1)}, {"size": 10**9}])
def test_a_tensor_beyond_its_numbers_is_refused(more):
    array = example()["weight"]
    items = (
        b"ccollections\nOrderedDict\n)R(" + word("weight") + tensor("weight", array, **more) + b"u"
    )
    with pytest.raises(ValueError, match="tensor"):
        read_torch_file(torch_file({"weight": array}, instructions=items))


def test_what_is_no_tensor_is_refused():
    items = b"ccollections\nOrderedDict\n)R(" + word("weight") + word("x") + b"u"
    with pytest.raises(ValueError, match="tensors alone"):
        read_torch_file(torch_file({}, instructions=items))
    with pytest.raises(ValueError, match="dict"):
        read_torch_file(BEGINNING + pickled(word("x")) + pickled(b"]"))
