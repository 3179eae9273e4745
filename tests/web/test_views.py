"""Saved views of the list of examples, and the batches that are made of them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import update

from app.db.engine import writing
from app.db.tables.datasets import Example, Label
from tests.web.cast import Cast
from tests.web.console import command
from tests.web.seeded import Seeded, seed
from tests.web.test_batch_rules import FORM, members

LIST = "/p/support-intents/examples"
VIEWS = "/p/support-intents/views"
API = "/api/v1/projects/support-intents/views"
BATCHES = "/api/v1/projects/support-intents/batches"


def saved(cast: Cast, name: str, filter: str) -> Any:
    reply = cast.lead.post(API, json={"name": name, "filter": filter})
    assert reply.status_code == 201, reply.text
    return reply.json()


def listed(cast: Cast) -> list[dict[str, Any]]:
    views: list[dict[str, Any]] = cast.lead.get(API).json()["views"]
    return views


def log_of(cast: Cast) -> str:
    """What the log says, as it is read."""
    text = re.sub(r"<[^>]*>", " ", cast.lead.get("/p/support-intents/log").text)
    return " ".join(unescape(text).split())


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    return seed(cast, count=20)


def test_what_the_list_is_narrowed_to_is_saved_and_stands_above_it(
    cast: Cast, seeded: Seeded
) -> None:
    beta = seeded.labels[1]
    here = f"given={beta}&quality=0.5"
    page = cast.lead.get(f"{LIST}?{here}").text
    assert "Save this view" in page
    sent = cast.lead.post(VIEWS, data={"name": " Dubious beta ", "filter": here})
    assert sent.status_code == 303, sent.text
    page = unescape(cast.lead.get(sent.headers["location"]).text)
    assert f'href="{LIST}?{here}" title="given: beta, quality < 0.5" aria-current=true' in page
    assert '<bdi>Dubious beta</bdi> <span class="quiet">5</span>' in page
    assert "Save this view" not in page and "Rename" in page
    everywhere = unescape(cast.admin.get(LIST).text)
    assert "Dubious beta" in everywhere, "for every lead of the project"
    assert "Saved a view of the list: Dubious beta" in log_of(cast)
    told = command(cast, "views", "support-intents")
    assert told == "Dubious beta (5): given: beta, quality < 0.5.\n"


def test_a_program_lists_renames_and_deletes(cast: Cast, seeded: Seeded) -> None:
    one, other = saved(cast, "Zebra", "q=one"), saved(cast, "apple", "status=pending")
    assert (one["filter"], one["words"], one["matching"]) == ("q=one", "text: one", 0)
    assert [view["name"] for view in listed(cast)] == ["apple", "Zebra"]
    renamed = cast.lead.patch(f"{API}/{one['id']}", json={"name": "Aardvark"})
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Aardvark")
    assert cast.lead.patch(f"{API}/{one['id']}", json={"name": "AARDVARK"}).status_code == 200
    assert cast.lead.delete(f"{API}/{other['id']}").status_code == 204
    assert [view["name"] for view in listed(cast)] == ["AARDVARK"]
    assert cast.lead.delete(f"{API}/{other['id']}").status_code == 404
    assert command(cast, "views", "support-intents") == "AARDVARK (0): text: one.\n"


def test_pages_rename_and_delete(cast: Cast, seeded: Seeded) -> None:
    view = saved(cast, "Mine", "quality=0.25")["id"]
    sent = cast.lead.post(f"{VIEWS}/{view}", data={"name": "Low"})
    assert sent.headers["location"] == f"{LIST}?done=view_renamed&quality=0.25"
    assert "<bdi>Low</bdi>" in cast.lead.get(sent.headers["location"]).text
    sent = cast.lead.post(f"{VIEWS}/{view}/delete")
    assert sent.headers["location"] == f"{LIST}?done=view_deleted"
    assert listed(cast) == []
    assert "Renamed the view Mine: Low" in log_of(cast)
    assert "Deleted a view of the list: Low" in log_of(cast)


@pytest.mark.parametrize(
    ("name", "filter", "status", "code"),
    [
        ("HARD\u200b ones", "q=x", 409, "view_taken"),
        ("Ｈard  ones", "q=x", 409, "view_taken"),
        ("x" * 81, "q=x", 422, "view_name"),
        (" \u200b ", "q=x", 422, "view_name"),
        ("two\nlines", "q=x", 422, "view_name"),
        ("Other", "sort=row", 422, "no_filter"),
        ("Other", "colour=red", 422, "invalid"),
    ],
)
def test_what_is_no_view_is_refused_at_both_doors(
    cast: Cast, seeded: Seeded, name: str, filter: str, status: int, code: str
) -> None:
    saved(cast, "Hard ones", "difficulty=0.9")
    reply = cast.lead.post(API, json={"name": name, "filter": filter})
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert cast.lead.post(VIEWS, data={"name": name, "filter": filter}).status_code == status
    assert [view["name"] for view in listed(cast)] == ["Hard ones"]


def test_a_name_of_eighty_characters_fits_as_it_was_typed(cast: Cast, seeded: Seeded) -> None:
    for name in ("ß" * 80, "ﷺ" * 80, "العربية <b>&", "👩‍👩‍👧‍👦"):
        assert saved(cast, name, "q=x")["name"] == name
    page = cast.lead.get(LIST).text
    assert "العربية &lt;b&gt;&amp;" in page and "<b>&" not in page


def test_reviewers_neither_see_nor_make_views(cast: Cast, seeded: Seeded) -> None:
    view = saved(cast, "Ours", "q=x")["id"]
    assert cast.reviewer.get(API).status_code == 404
    assert cast.reviewer.post(VIEWS, data={"name": "A", "filter": "q=x"}).status_code == 404
    assert cast.reviewer.post(f"{VIEWS}/{view}/delete").status_code == 404
    assert [one["name"] for one in listed(cast)] == ["Ours"]


def test_a_batch_of_a_view_keeps_what_the_view_was(cast: Cast, seeded: Seeded) -> None:
    beta = seeded.labels[1]
    view = saved(cast, "Dubious beta", f"given={beta}&quality=0.5")["id"]
    form = cast.lead.get("/p/support-intents/batches/new?by=view").text
    assert f'<option value="{view}">Dubious beta</option>' in form
    told = cast.lead.post(f"{BATCHES}/preview", json={"by": "view", "view": view, "size": 100})
    assert told.json()["fits"] == 5
    sent = cast.lead.post(
        "/p/support-intents/batches/new", data=FORM | {"by": "view", "view": str(view)}
    )
    assert sent.status_code == 303, sent.text
    assert sorted(members(cast)) == sorted(seeded.examples[1:10:2])
    cast.lead.post(f"{VIEWS}/{view}", data={"name": "Other"})
    cast.lead.delete(f"{API}/{view}")
    page = unescape(cast.lead.get("/p/support-intents/batches").text)
    assert "View: Dubious beta (given: beta, quality < 0.5)" in page


def test_a_view_is_chosen_by_programs_too(cast: Cast, seeded: Seeded) -> None:
    view = saved(cast, "Low", "quality=0.25")["id"]
    reply = cast.lead.post(BATCHES, json={"by": "view", "view": view, "size": 3})
    assert reply.status_code == 201, reply.text
    assert (reply.json()["rule"], reply.json()["size"]) == ("View: Low (quality < 0.25)", 3)
    assert reply.json()["name"] == "Low (quality < 0.25), 3 of them"
    for plan, status, words in (
        ({}, 422, "No view is chosen."),
        ({"filter": "q=x"}, 422, "No view is chosen."),
        ({"view": view + 999}, 404, "There is no such view any more."),
    ):
        for path in (BATCHES, f"{BATCHES}/preview"):
            reply = cast.lead.post(path, json={"by": "view"} | plan)
            assert (reply.status_code, reply.json()["detail"]) == (status, words)


def test_a_form_without_views_does_not_offer_them(cast: Cast, seeded: Seeded) -> None:
    assert "Saved view" not in cast.lead.get("/p/support-intents/batches/new").text


def test_a_view_of_a_merged_label_finds_both_and_says_so(cast: Cast, seeded: Seeded) -> None:
    alpha, beta = seeded.labels
    saved(cast, "Beta", f"given={beta}")
    merged = cast.lead.post(
        f"/api/v1/projects/support-intents/labels/{beta}/merge", json={"into": alpha}
    )
    assert merged.status_code < 300, merged.text
    (view,) = listed(cast)
    assert view["gone"] == "beta is merged into alpha: it finds both."
    assert view["matching"] == 20
    reply = cast.lead.post(BATCHES, json={"by": "view", "view": view["id"], "size": 100})
    assert (reply.status_code, reply.json()["size"]) == (201, 20)


def test_what_a_view_names_and_is_gone_is_said_in_words(cast: Cast, seeded: Seeded) -> None:
    beta = seeded.labels[1]
    saved(cast, "Gone", f"given=987654&batch=77&source=9&suggested={beta}")
    with writing(cast.engine) as session:
        session.execute(update(Example).values(given_label_id=None))
        session.execute(update(Label).where(Label.id == beta).values(retired_at=cast.now))
    (view,) = listed(cast)
    assert view["gone"] == (
        "A label it names is gone. The label beta is out of use. The source it names is gone. "
        "There is no batch 77."
    )
    page = cast.lead.get(f"{LIST}?{view['filter']}").text
    assert "There is no batch 77." in page


def test_a_renamed_label_keeps_its_views(cast: Cast, seeded: Seeded) -> None:
    beta = seeded.labels[1]
    saved(cast, "Beta", f"given={beta}")
    cast.lead.patch(
        f"/api/v1/projects/support-intents/labels/{beta}", json={"display": "Second letter"}
    )
    (view,) = listed(cast)
    assert (view["words"], view["gone"], view["matching"]) == ("given: Second letter", "", 10)


def test_an_archived_project_saves_no_view(cast: Cast, seeded: Seeded) -> None:
    cast.lead.patch("/api/v1/projects/support-intents", json={"archived": True})
    assert cast.lead.post(API, json={"name": "A", "filter": "q=x"}).status_code == 409
