"""Which pages work on a phone; the others ask for a larger screen there."""

from __future__ import annotations

ON_A_PHONE = frozenset(
    {
        "account/me.html",
        "disagreements/case.html",
        "disagreements/disagreements.html",
        "guidelines/guidelines.html",
        "overview/overview.html",
        "projects/projects.html",
        "review/done.html",
        "review/home.html",
        "reviewers/reviewer.html",
    }
)


def works_on_a_phone(template: str) -> bool:
    """Whether a page of the frame was made for 320 px and more; desk and grid have no frame."""
    return template in ON_A_PHONE
