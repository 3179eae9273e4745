"""A small part of Markdown: blocks and spans, and never any HTML."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.datasets.markdown import Span, blocks, spans


def words(listed: list[Span]) -> str:
    return "".join(one["text"] for one in listed)


def test_paragraphs_lists_headings_and_code():
    text = (
        "# Lost card #\nThe card **is gone**.\nNot `late`.\n\n- one\n- two\n  lines\n1. first\n"
        "2) second\n\n```\n<b>- raw **as is**\n```\nafter"
    )
    made = blocks(text)
    assert [one["kind"] for one in made] == ["h", "p", "ul", "ol", "pre", "p"]
    assert words(made[0]["items"][0]) == "Lost card"
    assert made[1]["items"] == [
        [
            {"text": "The card "},
            {"text": "is gone", "strong": True},
            {"text": ".\nNot "},
            {"text": "late", "code": True},
            {"text": "."},
        ]
    ]
    assert [words(item) for item in made[2]["items"]] == ["one", "two\nlines"]
    assert [words(item) for item in made[3]["items"]] == ["first", "second"]
    assert made[4]["items"] == [[{"text": "<b>- raw **as is**"}]]


def test_bold_and_italic_stand_in_each_other():
    assert (
        spans("a ***b** c*")
        == [
            {"text": "a "},
            {"text": "b", "strong": True, "em": True},
            {"text": " c", "em": True},
        ]
        or words(spans("a ***b** c*")).count("b") == 1
    )
    assert spans("**x *y* z**") == [
        {"text": "x ", "strong": True},
        {"text": "y", "strong": True, "em": True},
        {"text": " z", "strong": True},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 * 4",
        "card_arrival_late",
        "a ** b",
        "one * only",
        "`open",
        "[words] only",
        "[](http://x)",
    ],
)
def test_what_is_no_mark_stays_as_it_is(text: str):
    assert spans(text) == [{"text": text}]


def test_a_backslash_takes_the_meaning_away():
    assert spans(r"\*not\* \[x](y) \`z") == [{"text": "*not* [x](y) `z"}]


def test_only_links_to_the_web_can_be_followed():
    assert spans("see [the page](https://example.org/a?b=c#d), then") == [
        {"text": "see "},
        {"text": "the page", "href": "https://example.org/a?b=c#d"},
        {"text": ", then"},
    ]


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert`1`",
        "data:text/html,x",
        "//example.org",
        "/p/other",
        "http://",
        "http:\\\\example.org",
        "https://good.org@bad.org/",
        "https://exa mple.org",
        "https://ex\u0430mple.org",
        "java\tscript:alert(1)",
        "vbscript:x",
        "http://[::1",
    ],
)
def test_any_other_address_stays_text(href: str):
    text = f"[words]({href})"
    assert all("href" not in one for one in spans(text))
    assert "words" in words(spans(text))


@given(st.text(alphabet=st.sampled_from("ab *_`[]()#-1.\n\\<&"), max_size=60))
def test_no_letter_is_lost_or_made_up(text: str):
    kept = "".join(words(item) for block in blocks(text) for item in block["items"])
    for letter in "ab<&":
        assert kept.count(letter) <= text.count(letter)
    if "](" not in text and "`" not in text:
        assert kept.count("a") == text.count("a")


@pytest.mark.parametrize("piece", ["*", "**", "[", "`", "[a](", "\\", "- ", "# ", "*a", "\n", "> "])
def test_the_ugliest_text_takes_no_time(piece: str):
    begun = process_time()
    blocks((piece * 20_000)[:20_000])
    assert process_time() - begun < 1
