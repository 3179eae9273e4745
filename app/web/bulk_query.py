"""Which group a bulk fix is about, as it stands in the address of page and program."""

# Annotations are not postponed here: FastAPI reads those of a function as they are.

from typing import Annotated

from fastapi import Depends, Query

from app.insights.bulk_groups import OfSlice, OfStudy, Which
from app.web.example_filters import Filtering, PerhapsId, parameters
from app.web.payloads import check_text


async def which_group(
    wanted: Filtering,
    slice: PerhapsId = None,
    place: PerhapsId = None,
    words: Annotated[str, Query(max_length=2_000)] = "",
) -> Which:
    """`slice`: a confirmed slice by its probe; `place` and `words`: a group of the last study;
    else the examples that the filters leave."""
    if slice is not None:
        return OfSlice(slice)
    if place is not None:
        return OfStudy(place, check_text(words))
    return wanted


Grouped = Annotated[Which, Depends(which_group)]


def group_parameters(which: Which) -> dict[str, str]:
    """The group as it stands in the address."""
    if isinstance(which, OfSlice):
        return {"slice": str(which.probe)}
    if isinstance(which, OfStudy):
        return {"place": str(which.place), "words": which.words}
    return parameters(which)
