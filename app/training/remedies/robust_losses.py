"""Losses that doubt labels."""

from __future__ import annotations

from app.training.losses import (
    forward_correction,
    generalized_cross_entropy,
    hard_bootstrapping,
    soft_bootstrapping,
    symmetric_cross_entropy,
)
from app.training.material import Material
from app.training.network import Recipe
from app.training.remedies.remedy import Remedy, Simplicity, always

BOOTSTRAPPING_SOFT = Remedy(
    "bootstrapping_soft",
    "Bootstrapping, soft",
    "The target is 95% label and 5% what the model gives.",
    Simplicity.ROBUST_LOSS,
    recipe=always(Recipe(soft_bootstrapping)),
)

BOOTSTRAPPING_HARD = Remedy(
    "bootstrapping_hard",
    "Bootstrapping, hard",
    "The target is 80% label and 20% the label the model favors.",
    Simplicity.ROBUST_LOSS,
    recipe=always(Recipe(hard_bootstrapping)),
)

GENERALIZED = Remedy(
    "generalized",
    "Generalized cross-entropy",
    "Labels that look impossible pull little (q = 0.7).",
    Simplicity.ROBUST_LOSS,
    recipe=always(Recipe(generalized_cross_entropy)),
)

SYMMETRIC = Remedy(
    "symmetric",
    "Symmetric cross-entropy",
    "A tenth of cross-entropy plus its reverse (log 0 = −4).",
    Simplicity.ROBUST_LOSS,
    recipe=always(Recipe(symmetric_cross_entropy)),
)


def _forward(of: Material) -> Recipe:
    return Recipe(forward_correction(of.transition))


FORWARD = Remedy(
    "forward",
    "Forward correction",
    "The model learns right labels through the measured chance that each is given as another.",
    Simplicity.ROBUST_LOSS,
    recipe=_forward,
)
