"""Writes a run's averaged weights as a diffusers folder in F16, with the tokenizer files and the service's defaults."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from diffusers import AutoencoderKL, StableDiffusionInstructPix2PixPipeline
from transformers import CLIPTokenizer

from . import model as parts
from .vae import LATENTS

# Defaults of the service for this model; diffusers ignores the file.
DEFAULTS = {
    "steps": 1,
    "text_guidance": 1.0,
    "image_guidance": 1.0,
    "size": 256,
    "tuning": {
        "steps": 40,
        "learning_rate": 0.1,
        "first_timestep": 990,
        "objective": "tone_and_contrast",
        "unit_gradients": True,
        "match_tones": True,
    },
}


def averaged(run: Path, network: torch.nn.Module, name: str) -> torch.nn.Module:
    """The network with the averaged weights of its part of the run's last checkpoint."""
    state = torch.load(run / "unet.pt", map_location="cpu", weights_only=True)["average"]
    network.load_state_dict({k.removeprefix(name): v for k, v in state.items() if k.startswith(name)})
    return network.eval()


def encoder(run: Path, shape: parts.Shape) -> parts.InstructionEncoder:
    """The instruction encoder of the run's last checkpoint, in F32."""
    network = parts.InstructionEncoder(shape.encoder_channels, shape.encoder_width, shape.code_rows, shape.text_width)
    return averaged(run, network, "encoder.")


def pipeline(run: Path, shape: parts.Shape) -> StableDiffusionInstructPix2PixPipeline:
    """The pipeline of the run's last checkpoint, in F32."""
    tokenizer = CLIPTokenizer.from_pretrained(run / "tokenizer")
    tower = parts.text_tower(shape, len(tokenizer), tokenizer.bos_token_id, tokenizer.eos_token_id)
    unet, text = averaged(run, parts.unet(shape), "unet."), averaged(run, tower, "text.")
    return StableDiffusionInstructPix2PixPipeline(
        vae=AutoencoderKL.from_pretrained(run / "vae"),
        text_encoder=text,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=parts.scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def save_encoder(encoder: parts.InstructionEncoder, folder: Path | str) -> None:
    """Writes Limner's own component: config.json and model.safetensors in the encoder's own precision."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "_class_name": "LimnerInstructionEncoder",
        "latent_channels": LATENTS,
        "channels": [c.out_channels for c in encoder.convolutions],
        "hidden_width": encoder.hidden.out_features,
        "rows": encoder.rows,
        "width": encoder.width,
    }
    (folder / "config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    save_file({k: v.contiguous() for k, v in encoder.state_dict().items()}, folder / "model.safetensors")


def export(run: Path, out: Path, shape: parts.Shape, defaults: dict = DEFAULTS) -> None:
    """Writes the folder `out`, each component as a whole; other files there (the model card) are left alone."""
    staging = out.with_name(out.name + ".partial")
    shutil.rmtree(staging, ignore_errors=True)
    pipeline(run, shape).to(torch.float16).save_pretrained(staging, safe_serialization=True)
    save_encoder(encoder(run, shape).to(torch.float16), staging / "instruction_encoder")
    shutil.rmtree(staging / "tokenizer")
    shutil.copytree(run / "tokenizer", staging / "tokenizer")
    for path in staging.glob("*/config.json"):
        settings = json.loads(path.read_text(encoding="utf-8"))
        settings.pop("_name_or_path", None)
        path.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    for path in staging.rglob("*.safetensors"):
        path.chmod(0o644)
    (staging / "limner.json").write_text(json.dumps(defaults, indent=2) + "\n", encoding="utf-8")
    out.mkdir(parents=True, exist_ok=True)
    for item in staging.iterdir():
        target = out / item.name
        shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        item.rename(target)
    staging.rmdir()
