"""How many of a batch's reads are random draws."""

SHARES = (10, 20, 35, 50)
"""Per cent of random draws a lead may choose from."""


def audit_share(planned_answers: int, draws_needed: int) -> int:
    """The smallest share whose expected draws are as many as a certificate costs at the least.

    Parameters
    ----------
    planned_answers : int
        First reads of the open batches together, at least 0.
    draws_needed : int
        Draws without a hit that show the target, as from `app.noise.stopping.draws_needed`.

    Returns
    -------
    int
        Per cent; the largest where none suffices.
    """
    for share in SHARES:
        if share * planned_answers >= 100 * draws_needed:
            return share
    return SHARES[-1]
