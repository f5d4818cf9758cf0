"""The peer of scripts/bench: one piece of the work done by diffusers on PyTorch, on the CPU, timed as `limner bench` does.

Networks are built from the model folder's configurations and filled with small random numbers, as no speed depends on
the values; `start` alone loads the folder's own weights. Both memory layouts are tried, and the faster one is used.
Prints one JSON object. With --paced it first says that it is ready, then answers each line of its standard input with
one timed round, and prints the object when the input ends.

    peer_diffusers.py --model full-size-model --part unet --size 512 --precision bf16 --repeat 5

Parts: start    from the process's start to the end of the UNet's first step
       unet     one pass of the UNet with --batch images (3, the branches of guidance)
       encode, decode    the autoencoder
       text     the text tower, one sentence
       tune     a step of the instructed branch alone: forward, and backward to the instruction
       sketch   StableDiffusionInstructPix2PixPipeline, --steps steps
       tuning   VISII's loop, --tune-steps steps: three branches with autograd through the guided prediction, MSE to the
                noise, AdamW on the instruction's rows; and the fixed probe that Limner's tuning looks at, at its cost
"""

import argparse
import json
import math
import os
import resource
import statistics
import sys
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
for name in ("TRANSFORMERS_VERBOSITY", "DIFFUSERS_VERBOSITY"):
    os.environ.setdefault(name, "error")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import diffusers  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402

SHORTEST_ROUND = 0.25
PROBE_SAMPLES, PROBE_INTERVAL, SAMPLES = 8, 10, 64
TICK = os.sysconf("SC_CLK_TCK")


def process_age():
    """Seconds since this process was started."""
    fields = Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / TICK


def processor_time():
    """Seconds of this process, of all cores for whoever, and stolen by the host."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]
    return usage.ru_utime + usage.ru_stime, busy / TICK, ticks[7] / TICK


def forget_peak():
    Path("/proc/self/clear_refs").write_text("5")


def peak_mib():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def timed(work, times):
    """One round, with the fields of `limner bench`."""
    before, begun = processor_time(), time.perf_counter()
    for _ in range(times):
        work()
    wall, after = time.perf_counter() - begun, processor_time()
    own = after[0] - before[0]
    others = max(0, after[1] - before[1] - own) + after[2] - before[2]
    return {"seconds": wall / times, "cpu_seconds": own / times, "other_cores": others / wall,
            "disturbed": others > 0.1 * wall + 0.02}


class Bench:
    """The networks of one model folder, and the pieces of work on them."""

    def __init__(self, options):
        self.options = options
        self.folder = Path(options.model)
        self.type = {"f32": torch.float32, "bf16": torch.bfloat16}[options.precision]
        defaults = self.folder / "limner.json"
        self.defaults = json.loads(defaults.read_text()) if defaults.exists() else {}
        self.stride = 2 ** (len(self.config("vae")["block_out_channels"]) - 1)
        self.latent = options.size // self.stride
        self.width = self.config("unet")["cross_attention_dim"]
        self.format = torch.contiguous_format
        self.networks = []

    def config(self, part):
        return json.loads((self.folder / part / "config.json").read_text())

    def guidance(self):
        return self.defaults.get("text_guidance", 7.5), self.defaults.get("image_guidance", 1.5)

    def built(self, make):
        """The network that `make` makes, with random weights made in its own type."""
        with torch.device("meta"):
            network = make()
        network = network.to(self.type).to_empty(device="cpu").eval().requires_grad_(False)
        generator = torch.Generator().manual_seed(1)
        for name, values in network.named_parameters():
            if values.dim() > 1:
                values.normal_(0, 0.02, generator=generator)
            else:
                values.fill_(1 if name.endswith("weight") else 0)
        for name, values in network.named_buffers():
            if name.endswith("position_ids"):
                values.copy_(torch.arange(values.numel()).reshape(values.shape))
        self.networks.append(network)
        return network

    def unet(self):
        return self.built(lambda: diffusers.UNet2DConditionModel.from_config(self.config("unet")))

    def autoencoder(self):
        return self.built(lambda: diffusers.AutoencoderKL.from_config(self.config("vae")))

    def text_tower(self):
        config = transformers.CLIPTextConfig(**self.config("text_encoder"))
        return self.built(lambda: transformers.CLIPTextModel(config))

    def ids(self, count):
        return torch.randint(0, self.config("text_encoder")["vocab_size"], (count, 77))

    def maps(self, count, channels, side):
        return torch.randn(count, channels, side, side).to(self.type)

    def laid_out(self, values):
        return values.contiguous(memory_format=self.format)

    def use(self, layout):
        self.format = layout
        for network in self.networks:
            network.to(memory_format=layout)

    # Each part returns the work and a shorter piece of it that stands for it when layouts are compared.

    def part_unet(self):
        unet, count = self.unet(), self.options.batch
        latents, rows = self.maps(count, 8, self.latent), torch.randn(count, 77, self.width).to(self.type)

        def work():
            with torch.inference_mode():
                unet(self.laid_out(latents), torch.tensor(500), rows)

        return work, work

    def part_encode(self):
        autoencoder, picture = self.autoencoder(), self.maps(1, 3, self.options.size)

        def work():
            with torch.inference_mode():
                autoencoder.encode(self.laid_out(picture)).latent_dist.mode()

        return work, work

    def part_decode(self):
        autoencoder, latents = self.autoencoder(), self.maps(1, 4, self.latent)

        def work():
            with torch.inference_mode():
                autoencoder.decode(self.laid_out(latents))

        return work, work

    def part_text(self):
        tower, ids = self.text_tower(), self.ids(1)

        def work():
            with torch.inference_mode():
                tower(ids)

        return work, work

    def part_tune(self):
        unet = self.unet()
        latents, noise = self.maps(1, 8, self.latent), self.maps(1, 4, self.latent)
        rows = torch.randn(1, 77, self.width).to(self.type).requires_grad_(True)

        def work():
            rows.grad = None
            prediction = unet(self.laid_out(latents), torch.tensor(500), rows).sample
            torch.nn.functional.mse_loss(prediction.float(), noise.float()).backward()

        return work, work

    def part_sketch(self):
        from PIL import Image

        side, (text, image) = self.options.size, self.guidance()
        index = json.loads((self.folder / "model_index.json").read_text())
        scheduler = getattr(diffusers, index["scheduler"][1]).from_config(
            json.loads((self.folder / "scheduler" / "scheduler_config.json").read_text()))
        tower = self.text_tower()
        pipe = diffusers.StableDiffusionInstructPix2PixPipeline(
            vae=self.autoencoder(), text_encoder=tower, tokenizer=None, unet=self.unet(), scheduler=scheduler,
            safety_checker=None, feature_extractor=None, requires_safety_checker=False)
        pipe.set_progress_bar_config(disable=True)
        photo = Image.frombytes("RGB", (side, side), os.urandom(3 * side * side))
        ids = self.ids(2)

        def draw(steps):
            with torch.inference_mode():
                rows = tower(ids)[0]
                pipe(prompt_embeds=rows[:1], negative_prompt_embeds=rows[1:], image=photo, num_inference_steps=steps,
                     guidance_scale=text, image_guidance_scale=image, generator=torch.Generator().manual_seed(0))

        steps = self.options.steps or self.defaults.get("steps", 20)
        return lambda: draw(steps), lambda: draw(1)

    def part_tuning(self):
        unet, autoencoder, tower = self.unet(), self.autoencoder(), self.text_tower()
        pictures, ids = self.maps(2, 3, self.options.size), self.ids(2)
        noises = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2, 0)
        (text, image), shape = self.guidance(), (1, 4, self.latent, self.latent)

        def predict(latents, timestep, rows):
            return unet(self.laid_out(latents), timestep, rows.to(self.type)).sample

        def sample(index, count, sketch):
            timestep = torch.tensor(int((index + 0.5) * 1000 / count))
            kept, noise = float(noises[timestep]), torch.randn(shape).to(self.type)
            return timestep, noise, math.sqrt(kept) * sketch + math.sqrt(1 - kept) * noise

        def tune(steps):
            with torch.no_grad():
                rows, empty = (values[None] for values in tower(ids)[0])
                photo, sketch = (autoencoder.encode(self.laid_out(picture[None])).latent_dist.mode()
                                 for picture in pictures)
                sketch = sketch * autoencoder.config.scaling_factor
                probe = [sample(index, PROBE_SAMPLES, sketch) for index in range(PROBE_SAMPLES)]
                for timestep, _, noisy in probe:  # its constants: the two branches that no instruction changes
                    both = torch.cat([torch.cat([noisy, photo], 1), torch.cat([noisy, torch.zeros_like(photo)], 1)])
                    predict(both, timestep, torch.cat([empty, empty]))
            rows = rows.float().clone().requires_grad_(True)
            optimizer = torch.optim.AdamW([rows], lr=1e-3)

            def look():
                with torch.no_grad():
                    for timestep, _, noisy in probe:
                        predict(torch.cat([noisy, photo], 1), timestep, rows)

            look()
            for step in range(steps):
                timestep, noise, noisy = sample(step % SAMPLES, SAMPLES, sketch)
                joined, blind = torch.cat([noisy, photo], 1), torch.cat([noisy, torch.zeros_like(photo)], 1)
                branches = predict(torch.cat([joined, joined, blind]), timestep, torch.cat([rows, empty, empty]))
                instructed, pictured, unconditional = branches.float().chunk(3)
                guided = unconditional + image * (pictured - unconditional) + text * (instructed - pictured)
                optimizer.zero_grad()
                torch.nn.functional.mse_loss(guided, noise.float()).backward()
                optimizer.step()
                if (step + 1) % PROBE_INTERVAL == 0 or step + 1 == steps:
                    look()

        def one_step():
            rows = torch.randn(3, 77, self.width).to(self.type).requires_grad_(True)
            predict(self.maps(3, 8, self.latent), torch.tensor(500), rows).float().square().mean().backward()

        return lambda: tune(self.options.tune_steps), one_step


def start(bench):
    """Loads the folder as a user does and makes the UNet's first step, with the three branches."""
    pipe = diffusers.StableDiffusionInstructPix2PixPipeline.from_pretrained(
        bench.folder, torch_dtype=bench.type, safety_checker=None, local_files_only=True)
    loaded = process_age()
    with torch.inference_mode():
        pipe.unet(bench.maps(3, 8, bench.latent), torch.tensor(500), torch.randn(3, 77, bench.width).to(bench.type))
    return {"loaded_seconds": loaded, "first_step_seconds": process_age(), "peak_mib": peak_mib()}


def faster_layout(bench, piece):
    """Puts the networks into the memory layout in which `piece` is faster, and names it."""
    seconds = {}
    for name, layout in (("channels-first", torch.contiguous_format), ("channels-last", torch.channels_last)):
        bench.use(layout)
        piece()
        seconds[name] = min(timed(piece, 1)["seconds"] for _ in range(2))
    best = min(seconds, key=seconds.get)
    if best == "channels-first":
        bench.use(torch.contiguous_format)
    return best


def measure(bench, options):
    work, piece = getattr(bench, f"part_{options.part}")()
    layout = faster_layout(bench, piece)
    forget_peak()
    whole = options.part in ("sketch", "tuning")
    first = timed(piece if whole else work, 1)["seconds"]
    times = 1 if whole else max(1, math.ceil(SHORTEST_ROUND / first))
    rounds = []
    if options.paced:
        print(json.dumps({"ready": True, "layout": layout}), flush=True)
        for _ in sys.stdin:
            rounds.append(timed(work, times))
            print(json.dumps(rounds[-1]), flush=True)
    else:
        rounds = [timed(work, times) for _ in range(options.repeat)]
    seconds = [round["seconds"] for round in rounds]
    return {"layout": layout, "rounds": rounds, "median_seconds": statistics.median(seconds) if seconds else None,
            "peak_mib": peak_mib()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = ("start", "unet", "encode", "decode", "text", "tune", "sketch", "tuning")
    parser.add_argument("--model", required=True)
    parser.add_argument("--part", choices=parts, required=True)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--precision", choices=("f32", "bf16"), default="f32")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--batch", type=int, default=3)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--tune-steps", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--paced", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    bench = Bench(options)
    found = start(bench) if options.part == "start" else measure(bench, options)
    versions = {module.__name__: module.__version__ for module in (torch, diffusers, transformers)}
    print(json.dumps({"part": options.part, "size": options.size, "precision": options.precision,
                      "threads": options.threads, "versions": versions, **found}), flush=True)


if __name__ == "__main__":
    main()
