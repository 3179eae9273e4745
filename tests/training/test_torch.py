"""The versions for PyTorch in docs/robust-losses.md say the same as our own."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from app.training import losses

PAGE = Path(__file__).parents[2] / "docs" / "robust-losses.md"
NAMES = (
    "label_smoothing",
    "soft_bootstrapping",
    "hard_bootstrapping",
    "generalized_cross_entropy",
    "symmetric_cross_entropy",
    "forward_correction",
)
TRANSITION = np.array([[0.8, 0.1, 0.1], [0.0, 1.0, 0.0], [0.3, 0.2, 0.5]])


def snippet() -> str:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return code


def test_the_page_has_a_short_version_of_every_loss() -> None:
    written = re.findall(r"def (\w+)\(.*?\):\n((?:    .*\n)+)", snippet())
    assert [name for name, _ in written] == list(NAMES)
    assert all(body.count("\n") <= 15 for _, body in written)
    compile(snippet(), str(PAGE), "exec")


@pytest.mark.parametrize("name", NAMES)
def test_values_and_gradients_are_ours(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    told: dict[str, object] = {}
    exec(snippet(), told)  # the page's own code
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(6, 3)), np.array([0, 1, 2, 0, 1, 2])
    ours = getattr(losses, name)
    theirs = told[name]
    more = []
    if name == "forward_correction":
        ours, more = ours(TRANSITION), [torch.tensor(TRANSITION)]
    of = torch.tensor(logits, requires_grad=True)
    found = theirs(of, torch.tensor(labels), *more)
    found.sum().backward()
    values, slope = ours(logits, labels)
    assert np.allclose(found.detach().numpy(), values)
    assert np.allclose(of.grad.numpy(), slope)
