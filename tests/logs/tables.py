"""The made-up tables that the boosting libraries learn from."""

from __future__ import annotations

from typing import Any


def classes(count: int, seed: int, kinds: int = 2) -> tuple[Any, Any]:
    """Return (count, 6) features and class numbers below `kinds`, noisy enough that a fit has something to overdo."""
    import numpy as np

    make = np.random.default_rng(seed)
    x = make.normal(size=(count, 6))
    score = x[:, 0] + 0.7 * x[:, 1] * x[:, 2] - 0.4 * np.abs(x[:, 3]) + 0.6 * make.normal(size=count)
    return x, np.digitize(score, np.quantile(score, [i / kinds for i in range(1, kinds)]))
