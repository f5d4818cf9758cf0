"""Losses that both networks share."""

import torch


def edge_l1(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Mean absolute difference of the horizontal and vertical differences, per sample [B]."""
    d = a - b
    return d.diff(dim=3).abs().mean((1, 2, 3)) + d.diff(dim=2).abs().mean((1, 2, 3))


def l1(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Mean absolute difference per sample [B]."""
    return (a - b).abs().mean((1, 2, 3))
