"""Which model is better, and what to do about the noise: ``python -m bench.models NAME``.

``ahead``     reads of a test set's differences: do the bounds hold, how many reads decide;
``accuracy``  is the accuracy of one model inside its bounds;
``flip``      is the share of wrong labels at which the order turns covered;
``split``     does the interval of a split's audit hold at every look, with other reads beside it;
``recovery``  is the remedy that is picked a good one.

Not part of the test suite. Prints tables; every world is seeded.
"""

from bench.named import run

if __name__ == "__main__":
    run("bench.models", ("ahead", "accuracy", "flip", "split", "recovery"))
