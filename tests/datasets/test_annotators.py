"""Labels of several annotators in a file: agreement, consensus and annotators once it is ranked."""

from __future__ import annotations

import csv
import io
import re

from app.worker import open_work
from tests.datasets.doors import Door, Sent, each_door
from tests.ranking.filled import sentences
from tests.web.cast import Cast
from tests.web.console import command

SAID = {"source": "annotator", "choices": {"W352": "most"}}


def file_of(count: int) -> bytes:
    """Ann and Bob say the topic, Cy says weather to everything; example e0 has Bob and Cy wrong."""
    texts, topics = sentences(count)
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["id", "text", "label", "annotator"])
    for nth, (text, topic) in enumerate(zip(texts, topics, strict=True)):
        rows.writerow([f"e{nth}", text, topic, "ann"])
        rows.writerow([f"e{nth}", text, topic, "bob"])
        rows.writerow([f"e{nth}", text, "weather", "cy"])
    return out.getvalue().encode()


@each_door
def test_agreement_of_annotators_is_told_at_the_import(cast: Cast, door: Door) -> None:
    came = door(cast, Sent("votes.csv", file_of(60), SAID))
    assert len(came.rows) == 60 and came.codes["W153"] == 60, came.shown
    open_work(cast.engine, cast.app.state.settings).until_idle()
    project = came.project.slug
    told = cast.lead.get(f"/api/v1/projects/{project}/noise").json()["annotators"]
    assert told["examples"] == 60
    cy = sum(topic == "weather" for topic in sentences(60)[1])
    people = {one["name"]: one for one in told["people"]}
    assert people["ann"]["answers"] == cy, "only where the two others agree"
    shown = cast.lead.get(f"/p/{project}/insights/sources").text
    page = " ".join(re.sub(r"<[^>]+>", " ", shown).split())
    assert told["agreed"] in page
    assert told["consensus"] in page
    assert "ann" in page
    assert told["consensus"] in command(cast, "noise", project)
