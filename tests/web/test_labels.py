"""Labels by page and by program: changed, merged, split, retired, brought back."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.db.engine import reading, writing
from app.db.tables.audit import AuditEpoch
from app.db.tables.datasets import Example, Label
from app.db.tables.review import Event
from app.db.words import Status
from tests.web.cast import Cast
from tests.web.seeded import Seeded, answer, claim, open_batch, seed

PAGE = "/p/support-intents/labels"
API = "/api/v1/projects/support-intents/labels"
pytestmark = pytest.mark.usefixtures("no_rechecks")

UGLY = 'كلب \u202e<b>"o\'clock"</b> & Łódź sixty letters and some more of them'


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    return seed(cast, count=8)


def shown(cast: Cast, label: int) -> dict:
    return cast.lead.get(f"{API}/{label}").json()


def label_of(cast: Cast, example: int) -> tuple[Status, int | None]:
    with reading(cast.engine) as session:
        one = session.get_one(Example, example)
        return one.status, one.final_label_id


def test_a_label_has_a_name_for_screens_and_files_keep_theirs(cast: Cast, seeded: Seeded) -> None:
    alpha = seeded.labels[0]
    form = {"display": UGLY, "description": "The <first>.", "synonyms": "one, 1st\nun", "key": "B"}
    sent = cast.lead.post(f"{PAGE}/{alpha}", data=form)
    assert sent.headers["location"] == f"{PAGE}/{alpha}?done=label_changed", sent.text
    one = shown(cast, alpha)
    assert (one["name"], one["display"], one["key"]) == ("alpha", UGLY, "b")
    assert one["synonyms"] == ["one", "1st", "un"] and one["description"] == "The <first>."
    page = cast.lead.get(f"{PAGE}/{alpha}").text
    assert "The &lt;first&gt;." in page and "<b>" not in page and "Łódź" in page
    assert "releases write <span" in page and "<bdi>alpha</bdi></span>" in page
    assert "Łódź" in cast.lead.get(PAGE).text
    log = cast.lead.get("/p/support-intents/log").text
    assert "Changed a label: name on screens, description, other words, key" in log
    back = cast.lead.patch(f"{API}/{alpha}", json={"display": "alpha"}).json()
    assert (back["display"], back["key"], back["synonyms"]) == ("", "b", ["one", "1st", "un"])


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"display": "BETA"}, 409, "label_exists"),
        ({"display": "be\u200bta"}, 409, "label_exists"),
        ({"display": "ｂeta"}, 409, "label_exists"),
        ({"display": "two\nlines"}, 422, "label_name"),
        ({"display": "x" * 201}, 422, "label_name"),
        ({"key": "ab"}, 422, "label_key"),
        ({"key": "é"}, 422, "label_key"),
        ({"key": "a"}, 409, "label_key_taken"),
        ({"key": "Q"}, 409, "label_key_taken"),
        ({"synonyms": ["x\ny"]}, 422, "label_synonyms"),
        ({"synonyms": [str(n) for n in range(51)]}, 422, "label_synonyms"),
        ({"description": "x" * 2_001}, 422, "label_description"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    cast: Cast, seeded: Seeded, change: dict, status: int, code: str
) -> None:
    alpha, beta = seeded.labels
    cast.lead.patch(f"{API}/{beta}", json={"key": "q"})
    refused = cast.lead.patch(f"{API}/{alpha}", json=change)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert refused.json()["next_step"]
    form = {name: "\n".join(v) if isinstance(v, list) else v for name, v in change.items()}
    if code != "label_synonyms" or len(form["synonyms"]) > 10:
        by_page = cast.lead.post(f"{PAGE}/{alpha}", data=form)
        assert by_page.status_code == status and 'role="alert"' in by_page.text
    assert shown(cast, alpha)["display"] == "" == shown(cast, alpha)["key"]


def test_two_leads_at_once_are_told_what_the_other_changed(cast: Cast, seeded: Seeded) -> None:
    alpha = seeded.labels[0]
    before = {"display": "", "description": "", "synonyms": [], "key": ""}
    cast.lead.patch(f"{API}/{alpha}", json={"description": "By the other."})
    mine = {"display": "", "description": "", "synonyms": "", "key": "q"}
    mine["before"] = json.dumps(before)
    assert cast.admin.post(f"{PAGE}/{alpha}", data=mine).status_code == 303
    one = shown(cast, alpha)
    assert (one["description"], one["key"]) == ("By the other.", "q"), "both changes are kept"
    mine |= {"description": "By me."}
    refused = cast.admin.post(f"{PAGE}/{alpha}", data=mine)
    assert refused.status_code == 409
    assert "it is “By the other.” now" in refused.text and "By me." in refused.text
    body = {"description": "Mine.", "before": before}
    assert cast.lead.patch(f"{API}/{alpha}", json=body).json()["code"] == "label_changed"


def test_what_a_lead_left_alone_is_not_judged_though_it_went_elsewhere(
    cast: Cast, seeded: Seeded
) -> None:
    alpha, beta = seeded.labels
    cast.lead.patch(f"{API}/{alpha}", json={"key": "q"})
    saw = {"display": "", "description": "", "synonyms": [], "key": "q"}
    cast.lead.patch(f"{API}/{alpha}", json={"key": ""})
    cast.lead.patch(f"{API}/{beta}", json={"key": "q"})
    mine = {"display": "", "description": "Mine.", "synonyms": "", "key": "q"}
    sent = cast.admin.post(f"{PAGE}/{alpha}", data=mine | {"before": json.dumps(saw)})
    assert sent.status_code == 303, "the key is the other label's, and nobody asked for it here"
    body = {"display": "First", "key": "q", "before": saw}
    assert cast.admin.patch(f"{API}/{alpha}", json=body).status_code == 200
    one = shown(cast, alpha)
    assert (one["description"], one["display"], one["key"]) == ("Mine.", "First", "")


@pytest.mark.parametrize(
    "before",
    [
        "{",
        "5",
        '"key"',
        "[]",
        '{"code": "x"}',
        '{"key": 5}',
        '{"synonyms": "q"}',
        '{"synonyms": 5}',
    ],
)
def test_what_a_page_showed_is_read_as_strictly_as_what_a_program_saw(
    cast: Cast, seeded: Seeded, before: str
) -> None:
    alpha = seeded.labels[0]
    form = {"display": "Typed", "description": "", "synonyms": "x", "key": "q", "before": before}
    refused = cast.lead.post(f"{PAGE}/{alpha}", data=form)
    assert refused.status_code == 422 and "The form is not whole." in refused.text
    assert shown(cast, alpha)["display"] == ""


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"description": "x" * 2_001}, "label_description"),
        ({"synonyms": ["x\ny"]}, "label_synonyms"),
        ({"synonyms": [str(n) for n in range(51)]}, "label_synonyms"),
        ({"code": "x" * 201}, "label_code"),
        ({"code": "x\ny"}, "label_code"),
    ],
)
def test_a_new_label_is_judged_like_a_changed_one(
    cast: Cast, seeded: Seeded, more: dict, code: str
) -> None:
    refused = cast.lead.post(API, json={"name": "gamma", **more})
    assert (refused.status_code, refused.json()["code"]) == (422, code), refused.text
    form = {name: ",".join(v) if isinstance(v, list) else v for name, v in more.items()}
    if "\n" not in "".join(form.values()) and "code" not in form:
        by_page = cast.lead.post(PAGE, data={"name": "gamma", **form})
        assert by_page.status_code == 422 and 'role="alert"' in by_page.text
    if "description" in more:
        split = {"name": "gamma", "examples": seeded.examples[:1], **more}
        refused = cast.lead.post(f"{API}/{seeded.labels[0]}/split", json=split)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert [one["name"] for one in cast.lead.get(API).json()] == ["alpha", "beta"]


def test_a_merge_says_what_follows_and_can_be_taken_back(cast: Cast, seeded: Seeded) -> None:
    alpha, beta = seeded.labels
    batch = open_batch(cast, size=4, audit_share=0)
    first = [card for card in claim(cast.reviewer, batch, 4) if card["given"] == alpha]
    answer(cast.reviewer, first[0]["lease"])
    page = cast.lead.get(f"{PAGE}/{alpha}").text
    assert "It is on 4 examples, 1 of them decided; in 1 answer; and in 1 read" in page
    touched = shown(cast, alpha)["merge_touches"]
    assert (touched["examples"], touched["decided"], touched["answers"]) == (4, 1, 1)
    sent = cast.lead.post(f"{PAGE}/{alpha}/merge", data={"into": beta})
    assert sent.headers["location"].endswith("label_merged")
    assert label_of(cast, first[0]["example"]) == (Status.CONFIRMED, beta)
    assert (shown(cast, alpha)["replaced_by"], shown(cast, beta)["counts"]["given"]) == (beta, 8)
    assert "merged into <bdi>beta</bdi>" in cast.lead.get(PAGE).text
    for refused in (
        cast.lead.post(f"{API}/{alpha}/merge", json={"into": beta}),
        cast.lead.post(f"{API}/{beta}/merge", json={"into": alpha}),
        cast.lead.patch(f"{API}/{alpha}", json={"key": "q"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "label_retired")
    assert cast.lead.post(f"{API}/{beta}/merge", json={"into": beta}).status_code == 422
    assert cast.lead.post(f"{PAGE}/{alpha}/restore").status_code == 303
    assert label_of(cast, first[0]["example"]) == (Status.CONFIRMED, alpha)
    assert (shown(cast, alpha)["retired"], shown(cast, beta)["counts"]["given"]) == (False, 4)
    assert cast.lead.post(f"{API}/{beta}/merge", json={"into": alpha}).status_code == 200
    log = cast.lead.get("/p/support-intents/log").text
    assert "Merged a label into beta: <" in log or "Merged a label into beta:" in log
    assert "Brought a label back:" in log


def test_an_estimate_that_took_two_labels_for_one_begins_anew(cast: Cast, seeded: Seeded) -> None:
    alpha, beta = seeded.labels
    cast.lead.post(f"{API}/{alpha}/merge", json={"into": beta})
    cast.lead.post(f"{API}/{alpha}/restore")
    with reading(cast.engine) as session:
        assert len(session.scalars(select(AuditEpoch)).all()) == 1 + 1
    cast.step(minutes=1)
    cast.lead.post(f"{API}/{alpha}/merge", json={"into": beta})
    cast.step(minutes=1)
    assert cast.lead.post(f"{API}/{alpha}/restore").status_code == 200
    with reading(cast.engine) as session:
        assert len(session.scalars(select(AuditEpoch)).all()) == 2, "none was opened in between"


def test_a_label_that_nothing_carries_goes_alone(cast: Cast, seeded: Seeded) -> None:
    alpha = seeded.labels[0]
    refused = cast.lead.post(f"{API}/{alpha}/retire")
    assert (refused.status_code, refused.json()["code"]) == (409, "label_carried")
    new = cast.lead.post(API, json={"name": "gamma"}).json()["id"]
    assert "Retire it" in cast.lead.get(f"{PAGE}/{new}").text
    assert cast.lead.post(f"{PAGE}/{new}/retire").status_code == 303
    assert (shown(cast, new)["retired"], shown(cast, new)["replaced_by"]) == (True, None)
    assert cast.lead.post(API, json={"name": "GAMMA"}).json()["code"] == "label_exists"
    assert cast.lead.post(f"{API}/{new}/restore").json()["retired"] is False


def test_a_split_asks_people_and_relabels_nothing(cast: Cast, seeded: Seeded) -> None:
    alpha = seeded.labels[0]
    with reading(cast.engine) as session:
        rows = session.execute(select(Example.key, Example.id).order_by(Example.id)).all()
    batch = open_batch(cast, size=1, audit_share=0)
    (held,) = claim(cast.reviewer, batch)
    keys = [key for key, one in rows if one in (held["example"], *seeded.examples[2:5])]
    form = {"name": "alpha, late", "description": "After 8.", "examples": "\n".join(keys)}
    sent = cast.lead.post(f"{PAGE}/{alpha}/split", data=form)
    assert sent.status_code == 303, sent.text
    assert sent.headers["location"] == "/p/support-intents/batches/2?done=label_split"
    with reading(cast.engine) as session:
        made = session.scalars(select(Label).where(Label.name == "alpha, late")).one()
        assert (made.description, made.retired_at) == ("After 8.", None)
        assert not session.scalars(select(Example).where(Example.final_label_id.is_not(None))).all()
    batches = cast.lead.get("/api/v1/projects/support-intents/batches").json()
    assert any(one["size"] == 3 and one["number"] == 2 for one in batches["batches"]), batches
    wrong = cast.lead.post(f"{PAGE}/{alpha}/split", data=form | {"examples": "no such"})
    assert wrong.status_code == 404 and "“no such”" in wrong.text and "After 8." in wrong.text
    none_left = {"name": "delta", "examples": [held["example"]]}
    refused = cast.lead.post(f"{API}/{alpha}/split", json=none_left)
    assert refused.status_code in (409, 422)
    with reading(cast.engine) as session:
        assert not session.scalars(select(Label).where(Label.name == "delta")).all()


def test_a_reference_is_an_example_whose_label_is_final(cast: Cast, seeded: Seeded) -> None:
    alpha, beta = seeded.labels
    batch = open_batch(cast, size=2, audit_share=0)
    card = claim(cast.reviewer, batch)[0]
    url = f"{API}/{alpha}/references/{card['example']}"
    refused = cast.lead.put(url, json={"belongs": "include"})
    assert (refused.status_code, refused.json()["code"]) == (409, "reference_open")
    answer(cast.reviewer, card["lease"])
    assert label_of(cast, card["example"]) == (Status.CONFIRMED, alpha)
    wrong = cast.lead.put(url, json={"belongs": "exclude"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "reference_label")
    listed = cast.lead.put(url, json={"belongs": "include"}).json()["references"]
    assert [(one["example"], one["belongs"]) for one in listed] == [(card["example"], "include")]
    own = cast.lead.get(f"/p/support-intents/examples/{card['example']}").text
    assert f'action="{PAGE}/{alpha}/references"' in own and "belongs to alpha" in own
    other = f"{API}/{beta}/references/{card['example']}"
    assert cast.lead.put(other, json={"belongs": "exclude"}).status_code == 200
    page = cast.lead.get(f"{PAGE}/{alpha}").text
    assert "Belongs here" in page and listed[0]["text"] in page
    told = cast.reviewer.get("/p/support-intents/guidelines").text
    assert listed[0]["text"] in told and "Does not belong here" in told
    news = cast.reviewer.post(
        f"/api/v1/batches/{batch}/claim", json={"want": 1, "guideline": 1}
    ).json()
    assert len(news["guideline"]["references"]) == 2
    form = {"example": listed[0]["key"], "act": "take_out"}
    assert cast.lead.post(f"{PAGE}/{alpha}/references", data=form).status_code == 303
    assert cast.lead.delete(other).json()["references"] == []
    erase = {"confirm": listed[0]["key"]}
    cast.lead.put(url, json={"belongs": "include"})
    erased = cast.lead.post(
        f"/api/v1/projects/support-intents/examples/{card['example']}/erase", json=erase
    )
    assert erased.status_code == 200, erased.text
    assert shown(cast, alpha)["references"] == []


def test_only_leads_change_labels_and_none_in_an_archived_project(
    cast: Cast, seeded: Seeded
) -> None:
    alpha = seeded.labels[0]
    for who in (cast.reviewer, cast.expert, cast.stranger):
        assert who.get(f"{PAGE}/{alpha}").status_code == 404
        assert who.patch(f"{API}/{alpha}", json={"key": "q"}).status_code == 404
        assert who.post(f"{API}/{alpha}/merge", json={"into": alpha}).status_code == 404
    cast.lead.patch("/api/v1/projects/support-intents", json={"archived": True})
    page = cast.lead.get(f"{PAGE}/{alpha}")
    assert page.status_code == 200 and "Save" not in page.text
    refused = cast.lead.patch(f"{API}/{alpha}", json={"key": "q"})
    assert (refused.status_code, refused.json()["code"]) == (409, "archived")


def test_the_list_costs_the_same_for_a_thousand_labels(
    cast: Cast, seeded: Seeded, statements
) -> None:
    with statements() as few:
        cast.lead.get(PAGE)
    with writing(cast.engine) as session:
        session.add_all(
            Label(project_id=cast.project.id, name=f"label {n}", position=n) for n in range(1_000)
        )
    with statements() as many:
        page = cast.lead.get(PAGE)
    assert "label 999" in page.text and len(many) == len(few)


def test_an_event_says_only_what_answers_depend_on(cast: Cast, seeded: Seeded) -> None:
    alpha, beta = seeded.labels
    cast.lead.patch(f"{API}/{alpha}", json={"display": "First", "key": "q"})
    cast.lead.post(f"{API}/{alpha}/merge", json={"into": beta})
    with reading(cast.engine) as session:
        bodies = [json.loads(one) for one in session.scalars(select(Event.body))]
    schemas = [one["data"] for one in bodies if one["kind"] == "schema"]
    assert [label["replaced_by"] for label in schemas[-1]["labels"]] == [beta, None]
    assert "First" not in str(bodies)
