"""A model with less room for wrong labels."""

from app.training.network import LINEAR, SMALL
from app.training.remedies.remedy import Remedy, Simplicity

LINEAR_MODEL = Remedy(
    "linear_model",
    "Smaller model: linear",
    "The linear head alone, on the labels as they stood before review.",
    Simplicity.REGULARIZE,
    widths=(LINEAR,),
)

SMALL_MODEL = Remedy(
    "small_model",
    "Smaller model: 64 wide",
    "A hidden layer of 64 instead of 512, on the labels as they stood before review.",
    Simplicity.REGULARIZE,
    widths=(SMALL,),
)
