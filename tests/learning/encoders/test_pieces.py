import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.learning.encoders.pieces import BEGIN, END, UNKNOWN, Pieces, read_pieces

PIECES = [
    *[("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0)],
    *[("▁", -2.0), ("▁wrong", -3.0), ("▁wr", -4.0), ("ong", -4.0), ("la", -5.0), ("bel", -5.0)],
    *[("l", -6.0), ("a", -6.0), ("b", -6.0), ("é", -7.0)],
]
NAMES = [name for name, _ in PIECES]


def named(text, most=100):
    return [NAMES[number] for number in Pieces(PIECES).numbers(text, most=most)]


def test_the_likeliest_split_wins():
    assert named("wrong label") == ["<s>", "▁wrong", "▁", "la", "bel", "</s>"]


def test_a_character_that_no_piece_knows_is_unknown_and_the_rest_is_read():
    assert named("la☃") == ["<s>", "▁", "la", "<unk>", "</s>"]


def test_forms_of_one_letter_are_one_and_spaces_do_not_count():
    assert named("e\u0301") == named("\u00a0 é\u200b\n") == ["<s>", "▁", "é", "</s>"]


@pytest.mark.parametrize("text", ["", "   ", "\u200b"])
def test_a_text_without_a_word_is_one_unknown_piece(text):
    assert Pieces(PIECES).numbers(text, most=9) == [BEGIN, UNKNOWN, END]


@given(st.text(), st.integers(3, 20))
def test_every_text_begins_and_ends_and_keeps_its_bound(text, most):
    numbers = Pieces(PIECES).numbers(text, most=most)
    assert (numbers[0], numbers[-1]) == (BEGIN, END)
    assert 3 <= len(numbers) <= most


def message(field, content):
    return bytes([field << 3 | 2, len(content)]) + content


def test_a_model_file_is_read_and_anything_else_refused():
    content = b"".join(
        message(1, message(1, name.encode()) + b"\x15" + struct.pack("<f", score))
        for name, score in PIECES
    )
    other_fields = message(2, b"anything") + b"\x18\x96\x01"
    read = read_pieces(content + other_fields)
    assert read.numbers("wrong", most=9) == Pieces(PIECES).numbers("wrong", most=9)
    for broken in (b"", b"\xff\xff", content[:-3], b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"):
        with pytest.raises(ValueError, match=r"SentencePiece|protocol"):
            read_pieces(broken)


def test_a_piece_that_spans_words_is_refused():
    with pytest.raises(ValueError, match="words"):
        Pieces([*PIECES, ("a▁b", -1.0)])
