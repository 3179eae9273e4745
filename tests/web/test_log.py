"""The log of a project: of one person, of one kind of act, led on from and taken back there."""

from __future__ import annotations

import re

from app.accounts.activity import ActivityKind
from app.db.words import EventKind, Status
from app.insights.activity_kinds import GROUPS
from tests.web.cast import Actor, Cast
from tests.web.seeded import answer, claim, open_batch, seed, statements
from tests.web.test_disagreements import case_of, disagree, rule_on, status

LOG = "/p/support-intents/log"


def numbers(actor: Actor, query: str) -> list[str]:
    """The numbers in the log of every line, page after page."""
    path, seen = LOG + query, []
    while path:
        page = actor.get(path)
        assert page.status_code == 200, page.text
        seen += re.findall(r'<td class="number quiet hide-small">(\d+)</td>', page.text)
        found = re.search(r'href="([^"]+)" rel="next"', page.text)
        path = found[1].replace("&amp;", "&") if found else ""
    return seen


def test_every_kind_of_act_is_in_one_group_of_the_filter() -> None:
    acts = [kind for group in GROUPS.values() for kind in group.acts]
    events = [kind for group in GROUPS.values() for kind in group.events]
    assert sorted(acts) == sorted(ActivityKind)
    assert sorted(events) == sorted(EventKind)


def test_the_log_is_read_of_one_person_and_of_one_kind_of_act(cast: Cast) -> None:
    seed(cast, count=120)
    batch = open_batch(cast, size=120, audit_share=0)
    said: dict[str, list[int]] = {"reviewer": [], "second": []}
    for actor, name, rounds in ((cast.reviewer, "reviewer", 14), (cast.second, "second", 1)):
        for _ in range(rounds):
            for card in claim(actor, batch, 8):
                cast.step(seconds=3)
                said[name].append(answer(actor, card["lease"])["seq"])
    for actor, name in ((cast.reviewer, "reviewer"), (cast.second, "second")):
        lines = numbers(cast.lead, f"?who={actor.person.id}&what=answers")
        assert lines == [str(seq) for seq in sorted(said[name], reverse=True)]
    assert numbers(cast.lead, "?what=bulk") == []
    assert numbers(cast.lead, f"?who={cast.second.person.id}&what=rulings") == []
    page = cast.lead.get(f"{LOG}?who={cast.second.person.id}").text
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert "<bdi>Second</bdi>" in table and "<bdi>Reviewer</bdi>" not in table


def test_who_and_what_that_are_not_of_this_project_are_not_found(cast: Cast) -> None:
    seed(cast)
    assert cast.lead.get(f"{LOG}?who={cast.stranger.person.id}").status_code == 404
    assert cast.lead.get(f"{LOG}?who=999999").status_code == 404
    assert cast.lead.get(f"{LOG}?what=everything").status_code == 404
    assert cast.lead.get(f"{LOG}?who=&what=").status_code == 200


def test_a_line_leads_to_what_it_is_about(cast: Cast) -> None:
    seed(cast)
    form = {"by": "priority", "size": "5", "name": "First look"}
    cast.lead.post("/p/support-intents/batches/new", data=form)
    page = cast.lead.get(f"{LOG}?what=batches").text
    assert '<a href="/p/support-intents/batches/1"><bdi>Made batch 1</bdi></a>' in page


def test_an_own_ruling_is_taken_back_from_the_log(cast: Cast) -> None:
    example = disagree(cast, seed(cast))
    case = case_of(cast, example)
    rule_on(cast, case, "confirm")
    undo = f'action="/p/support-intents/disagreements/{case}/undo"'
    assert undo in cast.lead.get(f"{LOG}?what=rulings").text
    assert undo not in cast.admin.get(f"{LOG}?what=rulings").text, "another's ruling"
    cast.lead.post(f"/p/support-intents/disagreements/{case}/undo", data={})
    assert status(cast, example) is Status.DISAGREEMENT
    assert undo not in cast.lead.get(f"{LOG}?what=rulings").text


def test_a_ruling_that_was_taken_back_offers_nothing_though_its_case_stays_settled(
    cast: Cast,
) -> None:
    example = disagree(cast, seed(cast))
    case = case_of(cast, example)
    rule_on(cast, case, "confirm")
    decide = f"/p/support-intents/examples/{example}/decide"
    again = cast.admin.post(decide, data={"answer": "confirm", "how": "ruling", "key": "2"})
    assert again.status_code == 303, again.text
    undo = f'action="/p/support-intents/disagreements/{case}/undo'
    assert undo in cast.lead.get(f"{LOG}?what=rulings").text
    back = cast.lead.post(f"/p/support-intents/disagreements/{case}/undo", data={})
    assert back.status_code == 303 and status(cast, example) is Status.CONFIRMED
    assert undo not in cast.lead.get(f"/p/support-intents/disagreements/{case}").text
    assert undo not in cast.lead.get(f"{LOG}?what=rulings").text


def test_a_project_that_was_put_away_is_brought_back_from_the_log(cast: Cast) -> None:
    seed(cast)
    cast.lead.post("/p/support-intents/settings/archive", data={"archived": "true"})
    page = cast.lead.get(LOG).text
    assert "put away" in page
    assert page.count('action="/p/support-intents/settings/archive"') == 1
    back = cast.lead.post("/p/support-intents/settings/archive", data={"archived": "false"})
    assert back.status_code == 303
    after = cast.lead.get(LOG).text
    assert "brought back" in after
    assert 'action="/p/support-intents/settings/archive"' not in after


def test_the_log_costs_the_same_for_few_lines_and_for_many(cast: Cast) -> None:
    seeded = seed(cast)
    rule_on(cast, case_of(cast, disagree(cast, seeded)), "confirm")
    with statements(cast.engine) as few:
        cast.lead.get(LOG)
    for _ in range(3):
        rule_on(cast, case_of(cast, disagree(cast, seeded)), "confirm")
    with statements(cast.engine) as many:
        cast.lead.get(LOG)
    assert len(few) == len(many)
