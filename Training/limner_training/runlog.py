"""A run's folder: JSONL curve, atomic checkpoints, a wall-clock budget that survives interruption."""

import json
import math
import os
import time
from pathlib import Path

import torch


class Run:
    """Counts the minutes a run has used (over all its parts) and keeps its log and checkpoint."""

    def __init__(self, folder: str | Path, name: str, minutes: float):
        self.folder, self.name, self.minutes = Path(folder), name, minutes
        self.folder.mkdir(parents=True, exist_ok=True)
        self._begun, self._before = time.monotonic(), 0.0

    @property
    def checkpoint(self) -> Path:
        return self.folder / f"{self.name}.pt"

    def used(self) -> float:
        """Minutes used so far."""
        return self._before + (time.monotonic() - self._begun) / 60

    def progress(self) -> float:
        """Share of the budget that is used, 0...1."""
        return min(1.0, self.used() / self.minutes)

    def save(self, state: dict) -> None:
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(state | {"minutes": self.used()}, partial)
        os.replace(partial, self.checkpoint)

    def load(self, device: str = "cpu") -> dict | None:
        """The last checkpoint, if there is one; its minutes count as used."""
        if not self.checkpoint.exists():
            return None
        state = torch.load(self.checkpoint, map_location=device, weights_only=True)
        self._before = state["minutes"]
        return state

    def log(self, **values) -> None:
        row = {"minutes": round(self.used(), 2)} | {
            k: round(v, 5) if isinstance(v, float) else v for k, v in values.items()
        }
        with open(self.folder / f"{self.name}.jsonl", "a", encoding="utf-8") as f:
            f.write(json.dumps(row) + "\n")
        print(self.name, row, flush=True)


def rate(progress: float, step: int, peak: float, warmup: int = 100, floor: float = 0.02) -> float:
    """Learning rate: linear warm-up over steps, then cosine over the budget's share."""
    cosine = floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))
    return peak * min(1.0, (step + 1) / warmup) * cosine


def held_rate(progress: float, step: int, peak: float, warmup: int = 60, fall: float = 0.2) -> float:
    """Learning rate: linear warm-up, then the peak, then linear to zero over the last `fall` of the budget."""
    return peak * min(1.0, (step + 1) / warmup) * min(1.0, max(0.0, 1 - progress) / fall)


def device_name(wanted: str) -> str:
    """`auto` means a GPU where there is one."""
    return ("cuda" if torch.cuda.is_available() else "cpu") if wanted == "auto" else wanted


def reduced(device: str) -> torch.autocast:
    """bfloat16 where the device multiplies it by itself; elsewhere it would only be emulated, and float32 stays."""
    able = device != "cpu" or torch.cpu.get_capabilities().get("avx512_bf16", False)
    return torch.autocast(device, torch.bfloat16, enabled=able)
