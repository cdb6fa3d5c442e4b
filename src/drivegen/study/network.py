"""A plain small U-Net (Ronneberger, Fischer, Brox 2015) and how segmentations are scored. Needs torch."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812  (its usual name)

from drivegen.study.classes import CLASSES, IGNORED


class UNet(nn.Module):
    """Three steps down, three up, with what was seen on the way down laid beside each step up."""

    def __init__(self, classes: int, width: int = 12) -> None:
        super().__init__()
        widths = [width, 2 * width, 4 * width, 8 * width]
        self.down = nn.ModuleList(_pair(a, b) for a, b in zip([3, *widths], widths, strict=False))
        self.up = nn.ModuleList(_pair(a + b, a) for a, b in pairwise(widths))
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, rgb: torch.Tensor) -> torch.Tensor:
        """(batch, 3, h, w) of bytes to (batch, classes, h, w) of scores; any h and w."""
        x = rgb.float() / 127.5 - 1.0
        seen = []
        for i, layer in enumerate(self.down):
            x = layer(x if i == 0 else F.max_pool2d(x, 2))
            seen.append(x)
        for layer, beside in zip(reversed(self.up), reversed(seen[:-1]), strict=True):
            larger = F.interpolate(x, size=beside.shape[-2:], mode="bilinear", align_corners=False)
            x = layer(torch.cat([larger, beside], dim=1))
        scores: torch.Tensor = self.head(x)
        return scores


def _pair(inputs: int, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for a in (inputs, outputs):
        layers += [nn.Conv2d(a, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*layers)


def confusion(truth: torch.Tensor, guess: torch.Tensor) -> torch.Tensor:
    """Pixels by true class (rows) and guessed class (columns)."""
    n = len(CLASSES)
    known = truth != IGNORED
    pairs = truth[known].long() * n + guess[known].long()
    return torch.bincount(pairs, minlength=n * n).reshape(n, n)


def iou(pixels: torch.Tensor) -> np.ndarray:
    """Intersection over union by class; NaN for a class that is neither there nor guessed."""
    hit = pixels.diagonal().double()
    either = pixels.sum(0) + pixels.sum(1) - pixels.diagonal()
    return np.asarray((hit / either).numpy())
