"""What reviewers decided is applied."""

from app.training.remedies.remedy import Remedy, Simplicity, after_review

RELABEL = Remedy(
    "relabel",
    "Relabel",
    "Every decision applied: labels changed, removed examples left out.",
    Simplicity.RELABEL,
    labels=after_review,
)
