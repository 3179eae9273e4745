"""A project that is archived says so wherever one looks at it, and nowhere else."""

from __future__ import annotations

import pytest

from tests.sweeps.filling import Filler
from tests.sweeps.routes import every_route
from tests.sweeps.told import told
from tests.sweeps.world import World

SAID = "This project is archived"


def pages(world: World, known: dict[str, object]) -> dict[str, str]:
    """The pages of a project, as its lead sees them: their words by their addresses."""
    found = {}
    for route in every_route(world.cast.app):
        if route.method == "GET" and route.path.startswith("/p/{slug}"):
            answer = Filler(known).request(route).send(world.cast.lead)
            if answer.status_code == 200 and "text/html" in answer.headers["content-type"]:
                found[route.path] = answer.text
    return found


@pytest.mark.parametrize("archived", [True, False])
def test_every_page_of_it_says_so(afresh: World, archived: bool) -> None:
    afresh.restore()
    slug = afresh.ours["slug"]
    asked = afresh.cast.lead.patch(f"/api/v1/projects/{slug}", json={"archived": archived})
    assert asked.status_code == 200
    seen = pages(afresh, afresh.ours)
    assert len(seen) > 25
    wrong = [(path, SAID in text) for path, text in seen.items() if (SAID in text) != archived]
    assert not wrong, told(wrong)
    back = f'<a href="/p/{slug}/settings/general">Use it again</a>'
    assert all(back in text for text in seen.values()) == archived
