"""The filters of the list of examples, as they stand in the address of page and program."""

# Annotations are not postponed here: FastAPI reads those of a class as they are.

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl, urlencode

from fastapi import Depends, Query
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from app.datatypes.hidden_characters import read_back
from app.db.words import Status
from app.errors import Invalid
from app.insights.listing import Asked, Order
from app.ranking.signal_names import Signal
from app.review.batches.filters import Filter, Served
from app.web.payloads import LARGEST_ID, check_text
from app.web.who import Asking

T = TypeVar("T")
OF_THE_LIST = ("sort", "cursor")
LONGEST_FILTER = 4_000  # as text: of the address of a list
_AS_LISTED = "Write it as it stands in the address of the list of examples."


def _blank(value: object) -> object:
    """A field of the form that was left empty asks for nothing."""
    return None if value == "" else value


Perhaps = Annotated[T | None, BeforeValidator(_blank), Query()]
PerhapsId = Perhaps[Annotated[int, Field(ge=0, le=LARGEST_ID)]]
Share = Perhaps[Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]]
Nats = Perhaps[Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]]
Number = Perhaps[Annotated[int, Field(ge=1, le=10**9)]]
Text = Annotated[str, AfterValidator(check_text)]


@dataclass(frozen=True, slots=True)
class FilterQuery:
    """`given` 0: without a label; `quality` below; `difficulty` above; `batch` by its number;
    `signal` that fired."""

    status: Perhaps[Status] = None
    given: PerhapsId = None
    label: PerhapsId = None
    suggested: PerhapsId = None
    quality: Share = None
    difficulty: Nats = None
    q: Annotated[Text, Query(max_length=200)] = ""
    batch: Number = None
    source: PerhapsId = None
    split: Annotated[Text, Query(max_length=80)] = ""
    served: Perhaps[Served] = None
    signal: Perhaps[Signal] = None


def _words(typed: str) -> str:
    """What is searched for: an id may be pasted as a page writes it."""
    return read_back(typed.strip(" ")) if typed.strip() else ""


async def example_filter(query: Annotated[FilterQuery, Depends()], asking: Asking) -> Filter:
    return _filter(query, asking.who.id)


def _filter(query: FilterQuery, viewer: int) -> Filter:
    return Filter(
        query.status,
        query.given,
        query.label,
        query.suggested,
        query.quality,
        query.difficulty,
        _words(query.q),
        query.batch,
        query.source,
        query.split,
        query.served,
        query.signal,
        viewer=viewer,
    )


_QUERY = TypeAdapter(FilterQuery)


def read_filter(text: str, viewer: int) -> Filter | None:
    """The filter as a form or a program sends it: what stands behind `?` in the address."""
    pairs = parse_qsl(text.removeprefix("?"), keep_blank_values=True)
    said = [name for name, _ in pairs]
    twice = next((name for name in said if said.count(name) > 1), None)
    if twice is not None:
        raise Invalid(
            f"The filter {twice!r} is set twice.",
            next_step="Name each filter once.",
            code="repeated_filter",
        )
    parts = {name: value for name, value in pairs if value and name not in OF_THE_LIST}
    unknown = sorted(parts.keys() - FilterQuery.__dataclass_fields__.keys())
    if unknown:
        raise Invalid(f"There is no filter {unknown[0]!r}.", next_step=_AS_LISTED)
    try:
        return _filter(_QUERY.validate_python(parts), viewer) if parts else None
    except ValidationError as problem:
        name = problem.errors()[0]["loc"][0]
        raise Invalid(f"The filter {name!r} is not readable.", next_step=_AS_LISTED) from None


Filtering = Annotated[Filter, Depends(example_filter)]
Sorting = Annotated[Order, Query()]
Cursor = Annotated[str, Query(max_length=80)]


async def page_of_list(sort: Sorting = Order.PRIORITY, cursor: Cursor = "") -> Asked:
    return Asked(sort, cursor)


Paging = Annotated[Asked, Depends(page_of_list)]
NAMES = {"text": "q"}


def parameters(wanted: Filter) -> dict[str, str]:
    """The filters that ask for something, as they stand in the address."""
    return {NAMES.get(name, name): str(getattr(wanted, name)) for name in wanted.named}


def address(path: str, parts: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(parts)}" if parts else path
