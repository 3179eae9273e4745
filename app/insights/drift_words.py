"""Whether the data moved, or its labels, in the words of screens and programs."""

from __future__ import annotations

from dataclasses import dataclass

from app.audit.study.report import Moved, Movement
from app.noise.limits import FEWEST, wilson
from app.noise.moves import MOVES, Content, Move, Often
from app.shares import percent, whole_percent

QUESTION = "Has the data moved?"

NOT_KEPT = (
    "Rows of an older look were not compared by date and split. Look again, and they will be."
)
NO_VECTORS = (
    "The ranking kept no vectors, so contents cannot be compared. Score the project again, or push "
    "embeddings."
)
NO_DATES = (
    "No column holds dates, so recent rows cannot be compared with older ones. Import a column "
    "with the date of each row."
)
NO_SPLITS = (
    "Rows come in one split, or none is named. Say at the import which column holds the split."
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison: what it is called, and what was found in one or two sentences."""

    move: Move
    title: str
    words: str


def comparisons(movement: Movement) -> list[Comparison]:
    return [
        Comparison(Move(one.move), MOVES[Move(one.move)].title, words_of(one))
        for one in movement.found
    ]


def cannot(movement: Movement | None) -> list[str]:
    """What could not be compared, why, and what to do."""
    if movement is None:
        return [NOT_KEPT]
    said = [] if movement.vectors else [NO_VECTORS]
    if movement.unclear:
        names = ", ".join(movement.unclear)
        said.append(
            f"{names}: dates such as 04/05/2023 may be day or month first, so they were not used. "
            "Write them as 2023-05-04 and import again."
        )
    elif not movement.dates:
        said.append(NO_DATES)
    if movement.dates and not any(one.by == "date" for one in movement.found):
        said.append(f"{', '.join(movement.dates)}: too many rows of one day to part recent ones.")
    if movement.splits < 2:
        said.append(NO_SPLITS)
    return said


def lines(movement: Movement | None) -> list[str]:
    """Everything that is said, in the order of the card."""
    found = comparisons(movement) if movement is not None else []
    return [*(f"{one.title}. {one.words}" for one in found), *cannot(movement)]


def words_of(one: Moved) -> str:
    """What differs and what does not, and what to do."""
    record = MOVES[Move(one.move)]
    found = _content(one) + _errors(one)
    if record.meaning and Often(one.errors) is Often.UNKNOWN:
        found += f". {record.meaning[0].upper()}{record.meaning[1:]}"
    elif record.meaning:
        found += f": {record.meaning}"
    advice = record.by_date if one.by == "date" else record.by_split
    return f"{found}. {advice}".rstrip()


def _sides(one: Moved) -> tuple[str, str]:
    if one.by == "split":
        others = f"those of “{one.against}”" if one.against else "those of the other splits"
        return f"Rows of the split “{one.side}”", others
    return (
        f"Rows since {one.side} ({one.column}, read as {one.read_as})",
        "those before",
    )


def _content(one: Moved) -> str:
    rows, others = _sides(one)
    content = Content(one.content)
    if content is Content.TOO_FEW or one.told_apart is None or one.shows is None:
        return (
            f"{rows} cannot be compared with {others} by content: it takes 50 different ones with "
            f"a vector on each side, and there are {one.rows:,} and {one.others:,}"
        )
    if content is Content.ALIKE:
        return (
            f"{rows}: no difference found from {others}; one that can be told apart in "
            f"{whole_percent(one.shows)} of tries would probably have shown"
        )
    tries = f"told apart in {whole_percent(one.told_apart)} of tries, chance is 50%"
    if content is Content.LITTLE:
        return f"{rows} differ from {others} too little to act on ({tries})"
    return f"{rows} differ from {others} ({tries})"


def _errors(one: Moved) -> str:
    """Starts with the word that joins it to what was said of the content."""
    often = Often(one.errors)
    if often is Often.UNKNOWN and min(one.checks, one.other_checks) < FEWEST:
        return (
            f"; {one.checks:,} and {one.other_checks:,} random checks are too few to say whose "
            f"labels are wrong more often ({FEWEST} on each side are needed)"
        )
    rate, other = _rate(one.wrong, one.checks), _rate(one.other_wrong, one.other_checks)
    counts = (
        f"({rate[0]} of {one.checks:,} random checks, {rate[1]}, against {other[0]} of "
        f"{one.other_checks:,}, {other[1]})"
    )
    if often is Often.UNKNOWN:
        return f"; whether their labels are wrong more often is not clear yet {counts}"
    differs = Content(one.content) is Content.DIFFERS
    if often is Often.AS_OFTEN:
        joined = ", but their labels" if differs else ", and their labels"
    else:
        joined = ", and their labels" if differs else ", but their labels"
    return f"{joined} are wrong {often.value} {counts}"


def _rate(wrong: int, checks: int) -> tuple[str, str]:
    """The share, and its limits."""
    low, high = wilson(wrong, checks)
    return percent(wrong / checks), f"{percent(low).removesuffix('%')}–{percent(high)}"
