"""Every remedy, the simplest first: the only place where they are listed."""

from __future__ import annotations

from collections.abc import Mapping

from app.training.remedies.as_it_is import AS_IT_IS
from app.training.remedies.regularization import (
    DROPOUT,
    EARLY_STOPPING,
    LABEL_SMOOTHING,
    MIXUP,
    WEIGHT_DECAY,
)
from app.training.remedies.relabel import RELABEL
from app.training.remedies.remedy import Remedy
from app.training.remedies.remove_worst import RELABEL_AND_REMOVE, REMOVE_HARD, REMOVE_WORST
from app.training.remedies.robust_losses import (
    BOOTSTRAPPING_HARD,
    BOOTSTRAPPING_SOFT,
    FORWARD,
    GENERALIZED,
    SYMMETRIC,
)
from app.training.remedies.smaller_model import LINEAR_MODEL, SMALL_MODEL

REMEDIES: Mapping[str, Remedy] = {
    remedy.name: remedy
    for remedy in (
        AS_IT_IS,
        RELABEL,
        LINEAR_MODEL,
        SMALL_MODEL,
        LABEL_SMOOTHING,
        WEIGHT_DECAY,
        DROPOUT,
        EARLY_STOPPING,
        MIXUP,
        BOOTSTRAPPING_SOFT,
        BOOTSTRAPPING_HARD,
        GENERALIZED,
        SYMMETRIC,
        FORWARD,
        *REMOVE_WORST,
        *REMOVE_HARD,
        RELABEL_AND_REMOVE,
    )
}
