"""Command line: `python -m limner_training all --photos DIR --run DIR --minutes N`, then `export` and `check`;
`held-out` makes the data sets that the model is judged on."""

import argparse
import os
import random
from functools import partial
from pathlib import Path

import torch

from . import sentences, styles, tokenizer
from .data import Photos
from .model import Shape
from .runlog import Run, device_name


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="limner_training", description="Trains limner-mini.")
    parser.add_argument("command", choices=["vae", "train", "all", "export", "check", "masks", "rendered", "held-out"])
    parser.add_argument(
        "--run", type=Path, default=Path("run"), help="folder of checkpoints and curves; resumed when it exists"
    )
    parser.add_argument(
        "--photos", type=Path, nargs="+", help="folders of .jpg and .png photographs; check and held-out take one"
    )
    parser.add_argument(
        "--masks", type=Path, help="folder of the sitters' masks: `masks` and `rendered` write it, training reads it"
    )
    parser.add_argument("--count", type=int, default=100, help="rendered: how many sitters")
    parser.add_argument("--minutes", type=float, default=90, help="budget of the networks' training")
    parser.add_argument("--vae-minutes", type=float, default=12, help="budget of the decoder's training")
    parser.add_argument("--start", type=str, help="train: a run's unet.pt or a model's folder, to begin a new run with")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument(
        "--out", type=Path, help="export: the model folder; check: the sheet (.png); held-out: a folder"
    )
    parser.add_argument("--size", type=int, default=256, help="held-out: side of the pictures in pixels")
    parser.add_argument("--model", type=Path, help="check: an exported model folder")
    return parser


def tokens(folder: Path, seed: int) -> tokenizer.CLIPTokenizer:
    """The run's tokenizer, learnt on 20,000 sentences the first time."""
    if (folder / "vocab.json").exists():
        return tokenizer.CLIPTokenizer.from_pretrained(folder)
    rng = random.Random(seed)
    return tokenizer.write(folder, [sentences.describe(*styles.sample(rng), rng) for _ in range(20_000)])


# What a command cannot do without.
NEEDS = {
    "vae": ("photos",),
    "train": ("photos",),
    "all": ("photos",),
    "export": ("out",),
    "check": ("model", "photos", "out"),
    "masks": ("photos", "masks"),
    "rendered": ("out", "masks"),
    "held-out": ("photos", "out"),
}


def checked(parser: argparse.ArgumentParser, given: list[str] | None = None) -> argparse.Namespace:
    """The arguments, with all that their command needs; otherwise the parser says what is wrong and exits."""
    args = parser.parse_args(given)
    missing = [f"--{name}" for name in NEEDS[args.command] if getattr(args, name) is None]
    if missing:
        parser.error(f"{args.command} needs {' and '.join(missing)}")
    if args.command in ("check", "held-out") and len(args.photos) > 1:
        parser.error(f"{args.command} takes one folder of photos")
    return args


def main() -> None:
    args = checked(arguments())
    torch.set_num_threads(args.threads)
    shape, device = Shape(), device_name(args.device)
    if args.command in ("vae", "train", "all"):
        from . import train, vae

        load = partial(Photos, *args.photos, masks=args.masks)
        if args.command != "train":
            photos = load()
            run = Run(args.run, "vae", args.vae_minutes)
            network = vae.train(
                photos, run, channels=shape.vae_channels, groups=shape.vae_groups, seed=args.seed, device=device
            )
            network.save_pretrained(args.run / "vae")
            run.log(ceiling=vae.ceiling(network.cpu().eval(), photos))
        if args.command != "vae":
            train.train(
                Run(args.run, "unet", args.minutes),
                tokens(args.run / "tokenizer", args.seed),
                load,
                shape,
                train.Settings(seed=args.seed),
                device,
                args.threads,
                start=args.start,
            )
    elif args.command == "export":
        from .export import export

        export(args.run, args.out, shape)
    elif args.command == "held-out":
        from . import held_out

        held_out.write(args.photos[0], args.out, args.size)
    elif args.command == "masks":
        from . import sitters

        print(f"{sitters.write_masks(args.photos, args.masks)} masks")
    elif args.command == "rendered":
        from . import sitters

        sitters.write_rendered(args.out, args.masks, args.count, args.seed)
    else:
        from .tune_check import check

        check(args.model, args.photos[0], args.out, args.seed)


if __name__ == "__main__":
    main()
