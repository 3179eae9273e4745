"""A small part of Markdown as blocks and spans. No HTML comes out of it, and none passes through.

Paragraphs, headings, lists, code, bold, italics, links to http and https. What is anything else
stays the text it was. Pages and desk draw the same blocks, each by its own means, which escape.
"""

from __future__ import annotations

import re
from typing import NamedTuple, NotRequired, TypedDict
from urllib.parse import urlsplit


class Span(TypedDict):
    """Some words of one look; what is not there is not so."""

    text: str
    strong: NotRequired[bool]
    em: NotRequired[bool]
    code: NotRequired[bool]
    href: NotRequired[str]


class Block(TypedDict):
    """`kind`: p, h, ul, ol or pre. A list has an item for each of its lines, others have one."""

    kind: str
    items: list[list[Span]]


_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?P<words>\S.*)")
_ITEM = re.compile(r"\s{0,8}(?:(?P<dot>[-*+•])|(?P<number>\d{1,9})[.)])[ \t]+(?P<words>\S.*)")
_FENCE = "```"
_MARKS = re.compile(r"\\[\\`*_\[\]()#+.-]|`|\*\*|\*|\[")


def blocks(text: str) -> list[Block]:
    """The text in its parts, from the top."""
    made: list[_Part] = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    place, fresh = 0, True
    while place < len(lines):
        line = lines[place]
        place += 1
        if line.strip().startswith(_FENCE):
            inside = _fenced(lines, place)
            place += len(inside) + 1
            made.append(_Part("pre", ["\n".join(inside)]))
            fresh = True
        elif not line.strip():
            fresh = True
        else:
            _add(made, line, fresh=fresh)
            fresh = made[-1].kind == "h"
    return [{"kind": one.kind, "items": [_spans(one, item) for item in one.items]} for one in made]


class _Part(NamedTuple):
    """A block whose words are not looked into yet."""

    kind: str
    items: list[str]


def _spans(part: _Part, item: str) -> list[Span]:
    return [{"text": item}] if part.kind == "pre" else spans(item)


def _fenced(lines: list[str], place: int) -> list[str]:
    """The lines up to the next fence, or all that are left."""
    for end in range(place, len(lines)):
        if lines[end].strip() == _FENCE:
            return lines[place:end]
    return lines[place:]


def _add(made: list[_Part], line: str, *, fresh: bool) -> None:
    """One more line: of a new block, or of the last one."""
    heading, item = _HEADING.fullmatch(line), _ITEM.fullmatch(line)
    last = made[-1] if made else None
    if heading:
        made.append(_Part("h", [heading["words"].rstrip("# \t") or heading["words"]]))
    elif item:
        kind = "ul" if item["dot"] else "ol"
        if last is not None and last.kind == kind:
            last.items.append(item["words"])
        else:
            made.append(_Part(kind, [item["words"]]))
    elif fresh or last is None:
        made.append(_Part("p", [line.strip()]))
    else:
        last.items[-1] += "\n" + line.strip()


def spans(text: str) -> list[Span]:
    """One block's words; a mark that nothing closes is the character it is."""
    made: list[Span] = []
    strong = em = False
    place = 0
    ends = {found[0]: found.start() for found in _MARKS.finditer(text)}
    ends |= {mark: text.rfind(mark) for mark in ("`", "](")}
    for found in _MARKS.finditer(text):
        if found.start() < place:
            continue
        _put(made, text[place : found.start()], strong, em)
        mark, place = found[0], found.end()
        if mark[0] == "\\":
            _put(made, mark[1], strong, em)
        elif mark == "`" and ends["`"] >= place:
            end = text.index("`", place)
            made.append({"text": text[place:end], "code": True})
            place = end + 1
        elif mark == "[" and (link := _link(text, place, ends["]("])):
            words, href, place = link
            made.append(_look({"text": words, "href": href}, strong, em))
        elif mark == "**" and (strong or _opens(text, place, ends["**"])):
            strong = not strong
        elif mark == "*" and (em or _opens(text, place, ends["*"])):
            em = not em
        else:
            _put(made, mark, strong, em)
    _put(made, text[place:], strong, em)
    return made


def _opens(text: str, place: int, last: int) -> bool:
    """Whether a mark that ends here begins something: words follow, and it comes once more."""
    return last >= place and not text[place : place + 1].isspace()


def _put(made: list[Span], words: str, strong: bool, em: bool) -> None:
    if not words:
        return
    span = _look({"text": words}, strong, em)
    if made and {**made[-1], "text": ""} == {**span, "text": ""}:
        made[-1]["text"] += words
    else:
        made.append(span)


def _look(span: Span, strong: bool, em: bool) -> Span:
    if strong:
        span["strong"] = True
    if em:
        span["em"] = True
    return span


_LONGEST_LINK = 2_000


def _link(text: str, place: int, last: int) -> tuple[str, str, int] | None:
    """The words, address and end of a link that begins here, if it is one that may be followed."""
    if last < place:
        return None
    middle = text.find("](", place, place + _LONGEST_LINK)
    end = text.find(")", middle, middle + _LONGEST_LINK) if middle >= 0 else -1
    if end < 0:
        return None
    words, href = text[place:middle], text[middle + 2 : end].strip()
    return (words, href, end + 1) if words.strip() and _may_be_followed(href) else None


def _may_be_followed(href: str) -> bool:
    if not href.isascii() or not href.isprintable() or " " in href or "\\" in href:
        return False
    try:
        parts = urlsplit(href)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        return False
