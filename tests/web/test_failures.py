"""A page that failed says what happened, what is safe, what to do next, and a reference."""

from __future__ import annotations

import re

import pytest
from starlette.requests import Request
from starlette.responses import Response

from app.datasets.labels import NewLabel
from app.db.engine import writing
from app.errors import Conflict
from tests.web.cast import Actor, Cast, put_label

REFERENCE = re.compile(r"<code[^>]*>([0-9A-F]{8})</code>")


def failing(cast: Cast, failure: Exception) -> None:
    """A page that raises this, whatever is asked of it."""

    async def fail(request: Request) -> Response:
        raise failure

    cast.app.router.add_route("/fails", fail, methods=["GET", "POST"])


def test_what_is_not_there_is_said_with_a_way_back(cast: Cast) -> None:
    page = cast.reviewer.get(f"/p/{cast.project.slug}/labels")
    assert page.status_code == 404
    assert "There is nothing here." in page.text
    assert "Nothing was changed. Answers given so far are safe." in page.text
    assert "Check the address." in page.text
    assert REFERENCE.search(page.text)
    assert 'href="/"' in page.text


def test_a_stranger_is_told_nothing_of_answers(cast: Cast) -> None:
    page = cast.anonymous.get("/invite/nonsense")
    assert page.status_code == 404
    assert "Nothing was changed." in page.text
    assert "Answers" not in page.text


def test_a_crash_says_that_it_was_undone_and_offers_another_try(cast: Cast) -> None:
    failing(cast, RuntimeError("the secret inside"))
    page = cast.lead.get("/fails?a=1&b=2")
    assert page.status_code == 500
    assert "what it did was undone" in page.text
    assert "Answers given so far are safe." in page.text
    assert '<a class="button" href="/fails?a=1&amp;b=2">Try again</a>' in page.text
    assert "secret" not in page.text
    assert REFERENCE.search(page.text)


def test_a_form_that_came_too_late_leads_back_to_its_page(cast: Cast) -> None:
    failing(cast, Conflict("Someone was faster."))
    slug = cast.project.slug
    back = f"http://localhost/p/{slug}/batches?before=3"
    form = {"csrf": cast.lead.csrf}
    page = cast.lead.post("/fails", data=form, headers={"referer": back})
    assert page.status_code == 409
    assert "Someone was faster." in page.text
    assert "Nothing of this was stored. Answers given so far are safe." in page.text
    assert "see what changed" in page.text
    assert f'href="/p/{slug}/batches?before=3">Back</a>' in page.text


@pytest.mark.parametrize(
    "referer",
    [
        "https://evil.example/p/x",
        "http://localhost.evil.example/me",
        "http://localhost//evil.example",
        "javascript:alert(1)",
        "http://localhost/nowhere",
        "http://localhost/api/v1/me",
        "http://[",
        "",
    ],
)
def test_back_leads_to_a_page_of_ours_only(cast: Cast, referer: str) -> None:
    failing(cast, Conflict("Someone was faster."))
    page = cast.lead.post("/fails", data={"csrf": cast.lead.csrf}, headers={"referer": referer})
    assert ">Back</a>" not in page.text
    assert page.text.count("href=") == page.text.count('href="/')


def test_a_forged_form_and_a_wrong_field_say_what_to_do(cast: Cast) -> None:
    forged = cast.lead.anew().post("/me/profile", data={"name": "x"})
    assert forged.status_code == 403 and "Reload the page and try again." in forged.text
    wrong = cast.lead.get(f"/p/{cast.project.slug}/examples?quality=7")
    assert wrong.status_code == 422
    assert "quality" in wrong.text and "Correct" in wrong.text


def test_forms_that_are_refused_come_back_as_they_were_typed(cast: Cast) -> None:
    with writing(cast.engine) as session:
        put_label(session, cast.project.id, NewLabel("Cat"), now=cast.now)
    page = cast.lead.post(
        f"/p/{cast.project.slug}/labels", data={"name": "Cat", "description": "of the house"}
    )
    assert page.status_code == 409
    assert "The label Cat is there already." in page.text and "of the house" in page.text


def test_programs_get_the_same_as_json(cast: Cast) -> None:
    reply = cast.lead.get("/api/v1/projects/none")
    assert reply.status_code == 404
    assert set(reply.json()) == {"code", "title", "detail", "next_step", "reference"}


def test_pages_for_a_larger_screen_say_so(cast: Cast) -> None:
    words = "Use a larger screen for this."
    here = f"/p/{cast.project.slug}"

    def says(client: Actor, path: str) -> bool:
        page = client.get(path)
        assert page.status_code == 200, path
        return words in page.text

    for path in ("/", "/me", "/projects", here, f"{here}/disagreements"):
        assert not says(cast.lead, path), path
    for end in ("examples", "batches", "batches/new", "labels", "people", "import", "log"):
        assert says(cast.lead, f"{here}/{end}"), end
    assert says(cast.admin, "/admin/members")
