"""Nothing is done."""

from app.training.remedies.remedy import Remedy, Simplicity

AS_IT_IS = Remedy(
    "as_it_is",
    "As it is",
    "Cross-entropy on the labels as they stood before review.",
    Simplicity.NOTHING,
)
