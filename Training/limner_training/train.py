"""Trains text tower, instruction encoder and UNet together on latents of photos and of their drawings.

Each step takes some fresh duos and some earlier ones from a ring of encoded duos, with new words, and with new noise
unless it placed their strokes. A duo is two photos drawn in one style: what one of them tells the instruction encoder,
the other one is drawn by. The loss is v-MSE plus, on the predicted clean latent, L1, that of its differences and of its
local contrast, and structural dissimilarity of its brightness, at every noise level. Ends when the budget of minutes is
used.

On a CPU, several single-threaded workers step on the same weights in shared memory without waiting for one another
(Hogwild, Niu et al. 2011): a core that is busy with something else then slows one worker only. The runs are seeded
but, with more than one worker, not repeatable to the bit.
"""

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch
import torch.multiprocessing as multiprocessing
from diffusers import AutoencoderKL
from diffusers.models.attention_processor import AttnProcessor
from safetensors.torch import load_file
from torch.nn.functional import avg_pool2d

from . import model as parts
from . import operators, sentences, styles
from .data import Photos, misplaced, weather
from .losses import contrast_l1, dissimilarity, edge_l1, l1
from .runlog import Run, held_rate, reduced
from .vae import LATENTS, brightness, white


@dataclass
class Settings:
    """What a run needs to know; sizes are pixels."""

    seed: int = 0
    peak: float = 6e-4
    # (until this share of the budget, size, duos in a batch): small pictures first, then larger ones among them.
    plan: tuple[tuple[float, int, int], ...] = ((0.8, 96, 4), (1.0, 192, 2))
    rehearsal: float = 0.5
    fresh: float = 0.34
    ring: int = 1024
    # How often an instruction is a sentence; else the instruction encoder gives it.
    sentence_share: float = 0.25
    instruction_pace: float = 1.5
    foreign_tail: float = 0.2
    row_noise: float = 0.2
    last_step_share: float = 0.96
    late_share: float = 0.02
    # The squared error's weight at the last timestep: it fades whatever is not quite sure.
    square: float = 0.3
    structure: float = 0.5
    decay: float = 0.999


class Duo(NamedTuple):
    """Two photos drawn in one style, encoded: [2, LATENTS, H, W] each."""

    photo: torch.Tensor
    # The drawings, and the same as the instruction encoder sees them, at times out of place.
    clean: torch.Tensor
    shown: torch.Tensor
    # The noise that their strokes lie along, if they have any.
    noise: torch.Tensor | None
    family: str
    style: dict[str, float]


@dataclass
class Ring:
    """The newest encoded duos of one size."""

    capacity: int
    items: list = field(default_factory=list)
    at: int = 0

    def add(self, item) -> None:
        if len(self.items) < self.capacity:
            self.items.append(item)
        else:
            self.items[self.at] = item
        self.at = (self.at + 1) % self.capacity


def networks(shape: parts.Shape, tokenizer) -> torch.nn.ModuleDict:
    """UNet, text tower and instruction encoder, untrained."""
    nets = torch.nn.ModuleDict(
        {
            "unet": parts.unet(shape),
            "text": parts.text_tower(shape, len(tokenizer), tokenizer.bos_token_id, tokenizer.eos_token_id),
            "encoder": parts.InstructionEncoder(
                shape.encoder_channels, shape.encoder_width, shape.code_rows, shape.text_width
            ),
        }
    )
    # Measured on a CPU in bf16: a quarter faster than channels_last with fused attention, whose backward is slow there.
    nets["unet"].set_attn_processor(AttnProcessor())
    return nets


# The folders of an exported model and the networks that they hold.
_EXPORTED = {"unet": "unet", "text_encoder": "text", "instruction_encoder": "encoder"}


def weights(source: str | Path) -> dict[str, torch.Tensor]:
    """The weights of a run's checkpoint (averaged) or of an exported model's folder, by the names of `networks`."""
    source = Path(source)
    if source.is_file():
        return torch.load(source, map_location="cpu", weights_only=True)["average"]
    found = {}
    for folder, name in _EXPORTED.items():
        for path in (source / folder).glob("*.safetensors"):
            found |= {f"{name}.{key}": value for key, value in load_file(path).items()}
    if not found:
        raise ValueError(f"{source} is neither a checkpoint nor the folder of an exported model")
    return found


def warm_start(nets: torch.nn.ModuleDict, source: str | Path) -> int:
    """Takes over another run's or an exported model's weights where names and shapes fit; returns how many were taken.

    A first layer that has gained inputs keeps the old ones' weights and begins the new ones at zero.
    """
    theirs = weights(source)
    taken = 0
    with torch.no_grad():
        for name, weight in nets.state_dict().items():
            old = theirs.get(name)
            if old is None:
                continue
            if old.shape == weight.shape:
                weight.copy_(old)
            elif old.dim() == 2 and len(old) == len(weight) and old.shape[1] < weight.shape[1]:
                weight.zero_()[:, : old.shape[1]] = old
            else:
                continue
            taken += 1
    return taken


class Trainer:
    """One worker: the networks (shared by all), their average and log (kept by worker 0), a stream of pairs."""

    def __init__(
        self,
        vae: AutoencoderKL,
        tokenizer,
        photos: Photos,
        run: Run,
        nets: torch.nn.ModuleDict,
        settings: Settings,
        device: str = "cpu",
        rank: int = 0,
        counter=None,
    ):
        torch.manual_seed(settings.seed + 7919 * rank)
        self.settings, self.run, self.photos, self.device = settings, run, photos, device
        self.vae = vae.to(device).eval().requires_grad_(False)
        self.tokenizer = tokenizer
        self.networks = nets.to(device)
        self.unet, self.text, self.encoder = nets["unet"], nets["text"], nets["encoder"]
        self.rank, self.counter = rank, counter or multiprocessing.Value("q", 0)
        self.optimizer = torch.optim.AdamW(self._groups(), lr=settings.peak, betas=(0.9, 0.98), weight_decay=1e-2)
        self.alphas = parts.scheduler().alphas_cumprod.to(device)
        self.rings = {size: Ring(settings.ring * 128 * 128 // (size * size)) for _, size, _ in settings.plan}
        self.step = self.fresh_steps = 0
        state = run.load(device)
        if state:
            self._restore(state)
        self.average = copy.deepcopy(self.networks).requires_grad_(False)
        if state:
            self.average.load_state_dict(state["average"])
        self.rng = random.Random((settings.seed * 1_000_003 + self.step) * 64 + rank)
        self.null = self._ids([""])

    def _groups(self) -> list[dict]:
        """What carries the instruction learns faster, for its gradient is small at first."""
        groups = {1.0: [], self.settings.instruction_pace: []}
        for name, weight in self.networks.named_parameters():
            carries = not name.startswith("unet.") or any(
                part in name for part in (".attn2.", "add_embedding", "time_emb_proj")
            )
            groups[self.settings.instruction_pace if carries else 1.0].append(weight)
        return [{"params": weights, "pace": pace} for pace, weights in groups.items()]

    def _restore(self, state: dict) -> None:
        if "optimizer" in state:
            self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]
        if self.rank == 0:
            self.networks.load_state_dict(state["networks"])
            self.counter.value = state["samples"]

    def save(self) -> None:
        self.run.save(
            {
                "networks": self.networks.state_dict(),
                "average": self.average.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "step": self.step,
                "samples": self.counter.value,
            }
        )

    def _ids(self, texts: list[str]) -> torch.Tensor:
        return self.tokenizer(
            texts, padding="max_length", max_length=parts.LENGTH, truncation=True, return_tensors="pt"
        ).input_ids.to(self.device)

    @torch.no_grad()
    def _fresh(self, count: int, size: int) -> None:
        """Encodes new duos into the ring of that size."""
        photo, sitter = self.photos.crops(2 * count, size, self.rng)
        chosen = [styles.sample(self.rng) for _ in range(count)]
        if not self.photos.masked:
            chosen = [(family, style | {"bare": 0.0}) for family, style in chosen]
        noise = torch.randn(2 * count, LATENTS, size // 2, size // 2)
        drawn = operators.draw(photo, styles.batch([s for _, s in chosen for _ in "ab"]), white(noise), sitter)
        photo = torch.cat([weather(p[None], self.rng) for p in photo])
        pictures = (torch.cat([photo, drawn, misplaced(drawn, self.rng)]) * 2 - 1).to(self.device)
        with reduced(self.device):
            z = self.vae.encode(pictures).latent_dist.mode()
        seen, clean, shown = z.float().chunk(3)
        clean, shown = clean * self.vae.config.scaling_factor, shown * self.vae.config.scaling_factor
        for i, (family, style) in enumerate(chosen):
            two = slice(2 * i, 2 * i + 2)
            placed = noise[two].to(self.device) if style["stroke"] > 0 else None
            self.rings[size].add(Duo(seen[two], clean[two], shown[two], placed, family, style))

    def _duos(self, count: int, size: int) -> list[Duo]:
        ring = self.rings[size]
        new = max(1, round(count * self.settings.fresh)) if len(ring.items) >= count else count
        self._fresh(new, size)
        newest = [ring.items[(ring.at - 1 - i) % len(ring.items)] for i in range(new)]
        return newest + self.rng.choices(ring.items, k=count - new)

    def _rows(self, duos: list[Duo], photo: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Instruction rows [2B, 77, D] for the duos' photos [2B, LATENTS, H, W], tails mixed; and the empty sentence's."""
        rng, n = self.rng, 2 * len(duos)
        texts = [sentences.describe(duo.family, duo.style, rng) for duo in duos for _ in "ab"]
        ids = torch.cat([self._ids(texts), self.null])
        rows = self.text(ids).last_hidden_state
        lengths = (ids[:, 1:] == self.tokenizer.eos_token_id).int().argmax(1)
        # The empty sentence is the last donor of a tail, number n.
        content, length, order = rows[:-1].clone(), lengths[:-1].clone(), []
        other = torch.arange(n, device=self.device) ^ 1
        pairs = self.encoder(photo[other], torch.cat([duo.shown for duo in duos])[other])
        for i in range(n):
            told = rng.random() < self.settings.sentence_share
            order.append(rng.randrange(n) if rng.random() < self.settings.foreign_tail else i if told else n)
            if not told:
                length[i] = k = pairs.shape[1]
                content[i, 1 : k + 1] = pairs[i].to(content.dtype)
        content = content + self.settings.row_noise * rng.random() * torch.randn_like(content)
        return parts.swap_tails(content, length, rows[order], lengths[order]), rows[-1:]

    def _time(self) -> int:
        """A timestep; often the last one, where nothing but the instruction tells the style."""
        u = self.rng.random()
        if u < self.settings.last_step_share:
            return 999
        return self.rng.randrange(400 if u < self.settings.last_step_share + self.settings.late_share else 0, 1000)

    def loss(self, count: int, size: int) -> tuple[torch.Tensor, dict[str, float]]:
        """The loss of a batch of `count` duos, with its terms."""
        rng = self.rng
        duos = self._duos(count, size)
        photo, clean = torch.cat([duo.photo for duo in duos]), torch.cat([duo.clean for duo in duos])
        with reduced(self.device):
            rows, null = self._rows(duos, photo)
        drop = [rng.random() for _ in range(len(photo))]
        no_text = torch.tensor([d < 0.05 for d in drop], device=self.device).view(-1, 1, 1)
        no_photo = torch.tensor([0.03 <= d < 0.06 for d in drop], device=self.device).view(-1, 1, 1, 1)
        rows = torch.where(no_text, null, rows)
        photo = photo.masked_fill(no_photo, 0.0)
        t = torch.tensor([self._time() for _ in drop], device=self.device)
        a = self.alphas[t].view(-1, 1, 1, 1)
        noise = torch.cat([torch.randn_like(duo.clean) if duo.noise is None else duo.noise for duo in duos])
        noisy = a.sqrt() * clean + (1 - a).sqrt() * noise
        inputs = torch.cat([noisy, photo], 1)
        with reduced(self.device):
            v = self.unet(inputs, t, rows).sample
        v = v.float()
        guess = a.sqrt() * noisy - (1 - a).sqrt() * v
        mse = (v - (a.sqrt() * noise - (1 - a).sqrt() * clean)).square().mean((1, 2, 3))
        near, edges, contrast = l1(guess, clean), edge_l1(guess, clean), contrast_l1(guess, clean)
        shown, wanted = (brightness(z / self.vae.config.scaling_factor) for z in (guess, clean))
        structure = dissimilarity(shown, wanted) + dissimilarity(avg_pool2d(shown, 2), avg_pool2d(wanted, 2))
        full = (t == 999) & ~no_text.view(-1) & ~no_photo.view(-1)
        terms = {"mse": mse.mean().item(), "l1": near.mean().item(), "edge": edges.mean().item()}
        terms["contrast"] = contrast.mean().item()
        if full.any():
            terms |= {"l1_first": near[full].mean().item(), "structure_first": structure[full].mean().item() / 2}
        square = torch.where(t == 999, self.settings.square, 1.0)
        return (square * mse + near + edges + contrast + self.settings.structure * structure).mean(), terms

    def _average(self) -> None:
        decay = min(self.settings.decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.networks.parameters()), 1 - decay)

    def _place(self, progress: float) -> tuple[int, int]:
        """Size and batch: the plan's entry for now, or at times the one before it."""
        plan = self.settings.plan
        entry = next((i for i, (until, _, _) in enumerate(plan) if progress < until), len(plan) - 1)
        if entry > 0 and self.rng.random() < self.settings.rehearsal:
            entry -= 1
        return plan[entry][1:]

    def train_step(self) -> dict[str, float]:
        """One optimiser step at the size the plan asks for."""
        progress = self.run.progress()
        size, count = self._place(progress)
        for group in self.optimizer.param_groups:
            group["lr"] = group["pace"] * held_rate(progress, self.fresh_steps, self.settings.peak)
        self.fresh_steps += 1
        loss, terms = self.loss(count, size)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.networks.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        with self.counter.get_lock():
            self.counter.value += 2 * count
        if self.rank == 0:
            self._average()
        return {f"{k}_{size}": v for k, v in terms.items()}

    def train(self, max_steps: int | None = None, log_every: int = 50, save_minutes: float = 3) -> None:
        """Trains until the budget is used or the process that started this worker is gone; saves now and then, and at the
        end."""
        sums: dict[str, list[float]] = {}
        saved, parent = self.run.used(), multiprocessing.parent_process()
        while self.run.progress() < 1 and (max_steps is None or self.step < max_steps):
            if parent and not parent.is_alive():
                break
            for k, v in self.train_step().items():
                sums.setdefault(k, []).append(v)
            if self.rank == 0 and self.step % log_every == 0:
                self.run.log(
                    step=self.step, samples=self.counter.value, **{k: sum(v) / len(v) for k, v in sums.items()}
                )
                sums = {}
            if self.rank == 0 and self.run.used() - saved >= save_minutes:
                self.save()
                saved = self.run.used()
        if self.rank == 0:
            self.save()


def _work(
    rank: int,
    vae_folder: str,
    tokenizer,
    load: Callable[[], Photos],
    run: Run,
    nets,
    settings: Settings,
    counter,
    max_steps: int | None,
) -> None:
    torch.set_num_threads(1)
    vae = AutoencoderKL.from_pretrained(vae_folder)
    Trainer(vae, tokenizer, load(), run, nets, settings, "cpu", rank, counter).train(max_steps)


def train(
    run: Run,
    tokenizer,
    load: Callable[[], Photos],
    shape: parts.Shape,
    settings: Settings,
    device: str,
    workers: int,
    max_steps: int | None = None,
    start: str | None = None,
) -> int:
    """Trains to the end of the budget: one process on a GPU, `workers` on a CPU. Returns the samples seen.

    Each worker loads the photos itself, by `load`.
    A new run begins with the weights of the checkpoint or exported model `start` where they fit.
    """
    torch.manual_seed(settings.seed)
    nets = networks(shape, tokenizer)
    if start and not run.checkpoint.exists():
        print(f"{warm_start(nets, start)} weights taken over from {start}")
    vae_folder = str(run.folder / "vae")
    if device != "cpu":
        trainer = Trainer(AutoencoderKL.from_pretrained(vae_folder), tokenizer, load(), run, nets, settings, device)
        trainer.train(max_steps)
        return trainer.counter.value
    nets.share_memory()
    context = multiprocessing.get_context("spawn")
    counter = context.Value("q", 0)
    arguments = (vae_folder, tokenizer, load, run, nets, settings, counter, max_steps)
    processes = [context.Process(target=_work, args=(rank, *arguments)) for rank in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise RuntimeError("a training worker failed; its error is printed above")
    return counter.value
