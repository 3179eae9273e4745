"""Options that say how a batch picks its examples and who reads them, wherever one is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from app.accounts.people import person_by_email
from app.datasets.labels import label_named
from app.db.words import Mode, Routing
from app.errors import Invalid, NotFound
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.registry import rule_by_name
from app.review.batches.views import view_named


@dataclass(frozen=True, slots=True)
class PlanOptions:
    rule: Annotated[
        str,
        typer.Option(
            help="How examples are picked: priority, label, view, audit, …",
            show_default="priority, or what --label, --suggested or --view asks for",
        ),
    ] = ""
    size: Annotated[int, typer.Option(help="How many examples.")] = 100
    label: Annotated[str, typer.Option(help="Given label, by its name.")] = ""
    suggested: Annotated[
        str, typer.Option(help="What the ranking favors instead, of a pair of labels.")
    ] = ""
    view: Annotated[str, typer.Option(help="Saved view, by its name.")] = ""
    most_each: Annotated[
        int | None,
        typer.Option(help="At most so many of each given label.", show_default="no limit"),
    ] = None
    name: Annotated[str, typer.Option(help="Of the batch; else it is named by the rule.")] = ""
    person: Annotated[
        list[str] | None,
        typer.Option(help="Who reads it, by email; repeat it for more.", show_default="everyone"),
    ] = None
    routing: Annotated[Routing, typer.Option(help="Who gets which example.")] = Routing.ANYONE
    reads: Annotated[int, typer.Option(help="Reads an example, 1 to 3.")] = 1
    until_sure: Annotated[
        bool, typer.Option("--until-sure", help="Ask again until it is clear (at most 5).")
    ] = False
    random: Annotated[
        int | None,
        typer.Option(help="Per cent of reads for random checks.", show_default="as advised"),
    ] = None
    mode: Annotated[Mode, typer.Option(help="What reviewers see.")] = Mode.EVERYTHING

    def plan(self, session: Session, project_id: int) -> BatchPlan:
        return BatchPlan(
            name=self.name,
            by=_rule(self),
            size=self.size,
            given_label_id=_label(session, project_id, self.label),
            suggested_id=_label(session, project_id, self.suggested),
            view_id=view_named(session, project_id, self.view).id if self.view else None,
            most_each=self.most_each,
            people=people_by_email(session, self.person or ()),
            routing=self.routing,
            reads=self.reads,
            until_sure=self.until_sure,
            audit_share=self.random,
            mode=self.mode,
        )


def _rule(options: PlanOptions) -> str:
    """The rule that is named, or the one of what is said; all that is said has to fit it."""
    usual = (
        "view"
        if options.view
        else "pair"
        if options.suggested
        else "label"
        if options.label
        else ""
    )
    name = options.rule or usual or "priority"
    rule = rule_by_name(name)
    for said, fits, option in (
        (options.label, rule.asks_label, "--label"),
        (options.suggested, rule.asks_suggested, "--suggested"),
        (options.view, rule.asks_view, "--view"),
    ):
        if said and not fits:
            raise Invalid(
                f"The rule {name} has no use for {option}.",
                next_step=f"Leave out {option}, or say another --rule.",
            )
    return name


def people_by_email(session: Session, emails: list[str] | tuple[()]) -> tuple[int, ...]:
    """Their ids, each once."""
    return tuple(dict.fromkeys(_person(session, email) for email in emails))


def _person(session: Session, email: str) -> int:
    person = person_by_email(session, email)
    if person is None:
        raise NotFound(
            f"Nobody here has the email {email}.",
            next_step="Look at the spelling, or add the person with relabel people add.",
        )
    return person.id


def _label(session: Session, project_id: int, named: str) -> int | None:
    return label_named(session, project_id, named, retired=False).id if named else None
