"""How many labels are still wrong, in the words the screens and programs use.

The number and its interval are told by `app.audit.estimates`; here they are put into words, with
what they are based on and what they do not say.
"""

from __future__ import annotations

from app.insights.health import Band, Health, Known, band_of
from app.noise.limits import clopper_pearson
from app.shares import percent

FEWEST_RECHECKS = 20

BAND_WORDS = {
    Band.SAFE: "safe to train on",
    Band.MANAGEABLE: "manageable: you can train, with care",
    Band.MITIGATE: "mitigate before training",
    Band.BROKEN: "broken: fix the source first",
}


def headline(health: Health) -> str:
    """The sentence that tells what is left."""
    row = health.row
    match health.known:
        case Known.NOTHING:
            return "No example here has a label yet."
        case Known.IN_HAND:
            return (
                "You hold examples that you have not answered. What the random checks say is "
                "shown once you have answered them, or left the desk."
            )
        case Known.CONFLICT:
            return (
                "The random checks do not behave as random ones would, so no number can be told. "
                "Somebody may have edited the history, or draws were dropped."
            )
        case Known.ALL_READ:
            return "Every label was looked at: none is left that your reviewers would change."
        case Known.UNCHECKED:
            return f"Nothing is known yet: none of {row.pool:,} labels was checked at random."
        case Known.EARLY:
            return (
                f"Too early to say: {row.draws:,} random "
                f"{'check' if row.draws == 1 else 'checks'} only rule out more than "
                f"{percent(health.high)}."
            )
        case Known.TOLD:
            return (
                f"Wrong labels left: about {row.middle:,} (between {row.low:,} and {row.high:,})."
            )


def basis(health: Health) -> str:
    """How sure it is, and what it rests on."""
    words = (
        "95% sure, valid at every moment you look. Based on "
        f"{health.row.draws:,} random checks hidden in the queue."
    )
    return words if health.known is Known.TOLD else ""


def what_counts(health: Health) -> str:
    """What the number is of, and what is not in it."""
    if health.confirmations > 1:
        return (
            "We count labels that two of your reviewers would change. "
            "Errors both miss are not in this number."
        )
    return (
        "We count labels that your reviewer would change. What one reviewer misses, or changes "
        "wrongly, is in this number too: with a second reader it is nearer to the truth."
    )


def verdict(health: Health) -> str:
    """What the share means; "Probably" where the interval crosses a border."""
    if health.known is not Known.TOLD:
        return ""
    words = BAND_WORDS[band_of(health.share)]
    sure = band_of(health.low) is band_of(health.high)
    return f"{words[0].upper()}{words[1:]}." if sure else f"Probably {words}."


def held_back(health: Health) -> str:
    """Answers that are open widen the interval."""
    row = health.row
    if not row.open_answers or health.in_hand:
        return ""
    one = row.open_answers == 1
    words = f"{row.open_answers:,} {'example was' if one else 'examples were'} handed out and "
    words += f"{'is' if one else 'are'} not decided"
    if row.open_draws:
        words += f", {row.open_draws:,} of them random checks"
    return f"{words}: {'it counts' if one else 'they count'} as left until then."


def stop_words(health: Health) -> str:
    """Whether to stop; only what the bound says."""
    target = percent(health.target)
    if health.in_hand:
        return ""
    if health.may_stop:
        return (
            f"You can stop: at most {percent(health.high)} of labels are still wrong "
            f"(target {target}, 95% sure)."
        )
    if health.chosen and health.row.unseen:
        return "Random checks keep finding errors the ranking does not see."
    return ""


def proof_words(health: Health) -> str:
    """What it costs to be certain of the target, told before it is chosen."""
    target = percent(health.target)
    if health.in_hand:
        return ""
    if health.known is Known.ALL_READ or health.shown:
        return f"The checks so far show that at most {target} of labels are wrong."
    if not health.needed:
        return (
            f"Once the open answers are decided, the checks may show that at most {target} of "
            "labels are wrong."
        )
    return (
        f"To show that at most {target} of labels are wrong takes about {health.needed:,} more "
        "random checks if none of them finds a wrong one, and more if some do. Review what the "
        "ranking puts first until about a quarter of that is left, then prove it."
    )


def rechecked_words(health: Health) -> str:
    """Errors inside what was decided: the second number."""
    reads, other = health.row.rechecks, health.row.overturned
    if not reads or health.in_hand:
        return ""
    words = (
        f"{reads:,} decided {'example was' if reads == 1 else 'examples were'} read again at "
        f"random: {other:,} came out otherwise"
    )
    if reads < FEWEST_RECHECKS:
        return f"{words}. Too few to say more."
    low, high = clopper_pearson(other, reads)
    return f"{words}. Between {percent(low)} and {percent(high)} of what was decided may differ."


SAYINGS = (headline, basis, held_back, verdict, stop_words, rechecked_words, what_counts)


def told(health: Health) -> list[str]:
    """Everything there is to say, a sentence or two each, the number first."""
    return [line for saying in SAYINGS if (line := saying(health))]
