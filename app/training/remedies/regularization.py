"""The network is held back from learning single labels by heart."""

from __future__ import annotations

from app.training.losses import label_smoothing
from app.training.network import Recipe
from app.training.remedies.remedy import Remedy, Simplicity, always

LABEL_SMOOTHING = Remedy(
    "label_smoothing",
    "Label smoothing",
    "The target is 90% label; 10% is spread over all labels.",
    Simplicity.REGULARIZE,
    recipe=always(Recipe(label_smoothing)),
)

WEIGHT_DECAY = Remedy(
    "weight_decay",
    "Weight decay × 10",
    "Weights shrink ten times as fast.",
    Simplicity.REGULARIZE,
    recipe=always(Recipe(weight_decay=10 * Recipe().weight_decay)),
)

DROPOUT = Remedy(
    "dropout",
    "Dropout",
    "Half of what the last layer sees is hidden in each step.",
    Simplicity.REGULARIZE,
    recipe=always(Recipe(dropout=0.5)),
)

EARLY_STOPPING = Remedy(
    "early_stopping",
    "Early stopping",
    "Training ends when checked labels are no longer learned better. Those are not trained on.",
    Simplicity.REGULARIZE,
    recipe=always(Recipe(watched=True)),
)

MIXUP = Remedy(
    "mixup",
    "Mixup",
    "Trained on mixtures of two examples and both their labels (α = 0.2).",
    Simplicity.REGULARIZE,
    recipe=always(Recipe(mixup=0.2)),
)
