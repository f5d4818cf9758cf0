"""Losses of both networks, and the objective of tuning."""

import torch
import torch.nn.functional as F


def edge_l1(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Mean absolute difference of the horizontal and vertical differences, per sample [B]."""
    d = a - b
    return d.diff(dim=3).abs().mean((1, 2, 3)) + d.diff(dim=2).abs().mean((1, 2, 3))


def l1(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Mean absolute difference per sample [B]."""
    return (a - b).abs().mean((1, 2, 3))


def contrast_l1(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Mean absolute difference of local contrast, per sample [B]: the root of the mean square, over 9 x 9, of what a
    3 x 3 mean leaves. Strokes whose place nobody can predict are asked to be there all the same, and lines to keep
    their strength; the other losses alone would have both washed out."""
    return (_contrast(a) - _contrast(b)).abs().mean((1, 2, 3))


def _contrast(x: torch.Tensor) -> torch.Tensor:
    return (_mean((x - _mean(x, 3)).square(), 9) + 1e-4).sqrt()


def tone_and_contrast(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The objective of tuning, per sample [B]: L1 of 9 x 9 means, three times local contrast, and a little plain L1."""
    return l1(_mean(a, 9), _mean(b, 9)) + 3 * contrast_l1(a, b) + 0.3 * l1(a, b)


def _mean(x: torch.Tensor, side: int) -> torch.Tensor:
    return F.avg_pool2d(x, side, 1, side // 2, count_include_pad=False)
