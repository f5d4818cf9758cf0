"""Losses of both networks, and the objective of tuning."""

import torch
import torch.nn.functional as F

# Variances well below this count as none.
_STILL = 0.04


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


def dissimilarity(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """1 less the mean structural similarity (Wang et al. 2004; windows of 7 x 7) of pictures in -1...1, per sample [B].

    It asks for paper that is quite even, and for lines of full strength even where their place is not quite known.
    """
    c1, c2 = (2 * 0.01) ** 2, (2 * 0.03) ** 2
    mean_a, mean_b = _mean(a, 7), _mean(b, 7)
    var_a, var_b = _mean(a * a, 7) - mean_a**2, _mean(b * b, 7) - mean_b**2
    both = _mean(a * b, 7) - mean_a * mean_b
    # Brightness is in -1...1, where 0 is a middle gray: the luminance term wants it from black.
    mean_a, mean_b = mean_a + 1, mean_b + 1
    light = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    return 1 - (light * (2 * both + c2) / (var_a + var_b + c2)).mean((1, 2, 3))


def structure(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """1 less the structure term of structural similarity, per sample [B]: over 5 x 5 latents, covariance by variances, each
    summed over the channels. It asks that what changes in one changes in the other, there and as much."""
    mean_a, mean_b = _mean(a, 5), _mean(b, 5)
    both = (_mean(a * b, 5) - mean_a * mean_b).sum(1)
    spread = (_mean(a * a, 5) - mean_a.square() + _mean(b * b, 5) - mean_b.square()).sum(1)
    return 1 - ((2 * both + _STILL) / (spread + _STILL)).mean((1, 2))


def tone_and_contrast(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The objective of tuning, per sample [B]: L1 of 9 x 9 means, three times local contrast, a little plain L1, and
    0.7 times the structure."""
    return l1(_mean(a, 9), _mean(b, 9)) + 3 * contrast_l1(a, b) + 0.3 * l1(a, b) + 0.7 * structure(a, b)


def _mean(x: torch.Tensor, side: int) -> torch.Tensor:
    rows = F.avg_pool2d(x, (side, 1), 1, (side // 2, 0), count_include_pad=False)
    return F.avg_pool2d(rows, (1, side), 1, (0, side // 2), count_include_pad=False)
