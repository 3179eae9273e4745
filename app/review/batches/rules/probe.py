"""Fresh examples of suspicious groups, mixed and read blind: whether they are slices."""

from __future__ import annotations

from app.audit.study.probes import ask_on
from app.db.words import Mode, Stream
from app.review.batches.picking import shuffled
from app.review.batches.rules.hand import only_named
from app.review.batches.rules.rule import Order, Rule

PROBE = Rule(
    name="probe",
    choice="Probe",
    hint="",
    words="at random among groups",
    title=lambda _, size: f"Probe of groups, {size:,} at first",
    for_lead=lambda _: "Probe of groups, blind",
    candidates=shuffled,
    only=only_named,
    order=Order.FIXED,
    mode=Mode.BLIND,
    stream=Stream.PROBE,
    asks_examples=True,
    also_waiting=True,
    more=ask_on,
    offered=False,
    by_name=False,
)
