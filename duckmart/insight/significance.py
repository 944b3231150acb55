"""How surely members differ from the rest: exact p-values, adjusted for how many tests there are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# The share of reported differences that may be chance, at most.
FALSE_DISCOVERY_RATE = 0.05

Counts = Sequence[int] | NDArray[np.int64]


def p_values(
    having: Counts, members: Counts, everyone_having: Counts, everyone: Counts
) -> NDArray[np.float64]:
    """Exact two-sided p-values, one per test: `having` of `members`, `everyone_having` of `everyone`.

    Members are among everyone. If they were a random draw from everyone, how many of them have something
    would be hypergeometric: Fisher's exact test of members against the rest. The p-value is twice the smaller
    tail, at most 1, each tail with the observed count in it: Yates (1984), "Tests of significance for 2 x 2
    contingency tables", Journal of the Royal Statistical Society A 147. Where there is nobody, or nobody
    else, or where all or none have it, nothing can differ and p is 1.
    """
    from scipy.stats import hypergeom  # noqa: PLC0415 - takes a second that the command line need not pay

    a, n, k, total = (
        np.atleast_1d(np.asarray(counts, dtype=np.int64))
        for counts in (having, members, everyone_having, everyone)
    )
    # scipy has no distribution of draws from nobody.
    total = np.maximum(total, 1)
    tails = hypergeom.cdf(a, total, k, n), hypergeom.sf(a - 1, total, k, n)
    return np.asarray(np.minimum(2 * np.minimum(*tails), 1), dtype=np.float64)


def adjusted(p: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """p-values adjusted for all tests made together, in their order: a finding has at most the rate.

    Benjamini and Hochberg (1995), "Controlling the false discovery rate", Journal of the Royal Statistical
    Society B 57. Holds for independent tests and, by Benjamini and Yekutieli (2001), Annals of Statistics 29,
    for positively dependent ones. Where every difference is chance, any finding is as rare as the rate.
    """
    from scipy.stats import false_discovery_control  # noqa: PLC0415

    return np.asarray(false_discovery_control(p, method="bh") if len(p) else p, dtype=np.float64)
