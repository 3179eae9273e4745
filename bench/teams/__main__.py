"""How teams work together, measured: ``python -m bench.teams NAME``.

``quality``     is a careless reviewer found, and a careful one left alone;
``until_sure``  reads until sure, against three reads of every example;
``routing``     examples to who reads their label best, against whoever comes;
``parallel``    fifty reviewers at once: is an example read too often, is somebody idle.

Not part of the test suite. Prints tables; every world is seeded.
"""

from bench.named import run

if __name__ == "__main__":
    run("bench.teams", ("quality", "until_sure", "routing", "parallel"))
