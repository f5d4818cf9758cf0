#!/usr/bin/env python3
"""Write sampler trajectories that golden.safetensors has not: sampler-extra.safetensors and sampler-extra.json.

Each case is a scheduler class of diffusers with a configuration, run for several numbers of steps on the same random
model outputs; the last ones are `Other.from_config(...)` of one DDIM configuration, for each class.
Needs torch, diffusers and safetensors from PyPI; seeded; no network; a few seconds.
"""
import json, os, warnings
warnings.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
import torch, diffusers
from safetensors.torch import save_file
from diffusers import (DDIMScheduler, EulerDiscreteScheduler, EulerAncestralDiscreteScheduler,
                       DPMSolverMultistepScheduler, PNDMScheduler)
import diffusers.schedulers.scheduling_euler_ancestral_discrete as ancestral

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = [1, 2, 5, 20]
generator = torch.Generator().manual_seed(20261124)
SHAPE = (1, 2, 3, 4)
x0 = torch.randn(SHAPE, generator=generator)
outputs = [torch.randn(SHAPE, generator=generator) for _ in range(32)]
noises = [torch.randn(SHAPE, generator=generator) for _ in range(32)]

BASE = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000, steps_offset=1)
V, ZERO, TRAILING = dict(prediction_type="v_prediction"), dict(rescale_betas_zero_snr=True), dict(timestep_spacing="trailing")
LINSPACE, LEADING, KARRAS = dict(timestep_spacing="linspace"), dict(timestep_spacing="leading"), dict(use_karras_sigmas=True)
DDIM, EULER, ANCESTRAL = DDIMScheduler, EulerDiscreteScheduler, EulerAncestralDiscreteScheduler
DPM, PNDM = DPMSolverMultistepScheduler, PNDMScheduler
NOCLIP, SKIP = dict(clip_sample=False), dict(skip_prk_steps=True)
CASES = {
    "ddim.v.zero.trailing": (DDIM, {**NOCLIP, **V, **ZERO, **TRAILING}, {}),
    "ddim.v.zero.trailing.eta": (DDIM, {**NOCLIP, **V, **ZERO, **TRAILING}, dict(eta=0.7)),
    "ddim.linspace": (DDIM, {**NOCLIP, **LINSPACE, "set_alpha_to_one": False}, {}),
    "ddim.clip": (DDIM, dict(clip_sample_range=1.5), {}),
    "ddim.sample": (DDIM, {**NOCLIP, "prediction_type": "sample"}, {}),
    "ddim.cosine": (DDIM, {**NOCLIP, "beta_schedule": "squaredcos_cap_v2"}, {}),
    "ddim.linear": (DDIM, {**NOCLIP, "beta_schedule": "linear"}, {}),
    "euler.v.trailing": (EULER, {**V, **TRAILING}, {}),
    "euler.v.zero.trailing": (EULER, {**V, **ZERO, **TRAILING}, {}),
    "euler.zero": (EULER, {**ZERO}, {}),
    "euler.sigma_min": (EULER, dict(final_sigmas_type="sigma_min"), {}),
    "euler.continuous": (EULER, {**V, **KARRAS, "timestep_type": "continuous", "sigma_min": 0.002, "sigma_max": 700.0}, {}),
    "euler.exponential": (EULER, dict(use_exponential_sigmas=True), {}),
    "euler.sample": (EULER, dict(prediction_type="sample"), {}),
    "ancestral.v.trailing": (ANCESTRAL, {**V, **TRAILING}, {}),
    "ancestral.v.zero.leading": (ANCESTRAL, {**V, **ZERO, **LEADING}, {}),
    "dpm.v.trailing": (DPM, {**V, **TRAILING}, {}),
    "dpm.v.zero.trailing": (DPM, {**V, **ZERO, **TRAILING}, {}),
    "dpm.leading": (DPM, {**LEADING}, {}),
    "dpm.euler_at_final": (DPM, dict(euler_at_final=True, final_sigmas_type="sigma_min", lower_order_final=False), {}),
    "dpm.sigma_min": (DPM, dict(final_sigmas_type="sigma_min"), {}),
    "dpm.heun": (DPM, dict(solver_type="heun"), {}),
    "dpm.heun.karras": (DPM, {**KARRAS, "solver_type": "heun"}, {}),
    "dpm.order1": (DPM, dict(solver_order=1), {}),
    "dpm.order3": (DPM, dict(solver_order=3), {}),
    "dpm.order3.karras": (DPM, {**KARRAS, "solver_order": 3, "lower_order_final": False}, {}),
    "dpm.exponential": (DPM, dict(use_exponential_sigmas=True), {}),
    "dpm.cosine.clipped": (DPM, dict(beta_schedule="squaredcos_cap_v2", lambda_min_clipped=-5.1), {}),
    "dpm.sample": (DPM, dict(prediction_type="sample"), {}),
    "pndm.linspace": (PNDM, {**SKIP, **LINSPACE}, {}),
    "pndm.trailing": (PNDM, {**SKIP, **TRAILING, "set_alpha_to_one": True}, {}),
    "pndm.v": (PNDM, {**SKIP, **V}, {}),
    "pndm.prk": (PNDM, {}, {}),
}
SOURCE = DDIM(**{**BASE, **NOCLIP, **V, **ZERO, **TRAILING, "set_alpha_to_one": False})
FROM = {"from.ddim": DDIM, "from.euler": EULER, "from.euler-ancestral": ANCESTRAL, "from.dpmpp-2m": DPM,
        "from.dpmpp-2m-karras": DPM, "from.pndm": PNDM}

tensors = {"x0": x0, "outputs": torch.cat(outputs), "noise": torch.cat(noises)}
meta = {"versions": {"torch": torch.__version__, "diffusers": diffusers.__version__}, "steps": STEPS, "cases": {}}

def run(name, scheduler, steps, arguments):
    """One trajectory, or nothing where diffusers itself refuses that number of steps."""
    try:
        scheduler.set_timesteps(steps)
        current, trajectory, scaled = x0 * float(scheduler.init_noise_sigma), [], []
        for index, t in enumerate(scheduler.timesteps):
            scaled.append(scheduler.scale_model_input(current, t))
            extra = dict(arguments)
            if extra.get("eta"): extra["variance_noise"] = noises[index]
            ancestral.randn_tensor = lambda *a, index=index, **k: noises[index]
            current = scheduler.step(outputs[index], t, current, **extra).prev_sample
            trajectory.append(current)
    except (ValueError, IndexError) as error:
        print("left out:", name, steps, repr(error)[:80])
        return None
    put = lambda key, value: tensors.__setitem__(f"{name}.{steps}.{key}", value.to(torch.float32).contiguous().clone())
    put("timesteps", scheduler.timesteps)
    if getattr(scheduler, "sigmas", None) is not None: put("sigmas", scheduler.sigmas)
    put("scaled", torch.cat(scaled)); put("trajectory", torch.cat(trajectory))
    if not torch.isfinite(torch.cat(trajectory)).all(): raise SystemExit(f"not finite: {name} {steps}")
    return float(scheduler.init_noise_sigma)

for name, (cls, kw, arguments) in CASES.items():
    configuration = dict(cls(**{**BASE, **kw}).config)
    sigmas = {s: run(name, cls(**{**BASE, **kw}), s, arguments) for s in STEPS}
    meta["cases"][name] = dict(config={k: v for k, v in configuration.items() if not k.startswith("_use")}
                               | {"_class_name": cls.__name__}, eta=arguments.get("eta", 0.0),
                               initial_sigma={str(s): v for s, v in sigmas.items() if v is not None})
for name, cls in FROM.items():
    extra = KARRAS if name.endswith("karras") else {}
    sigmas = {s: run(name, cls.from_config(SOURCE.config, **extra), s, {}) for s in STEPS}
    meta["cases"][name] = dict(config={k: v for k, v in dict(SOURCE.config).items() if not k.startswith("_use")}
                               | {"_class_name": "DDIMScheduler"}, kind=name[len("from."):], eta=0.0,
                               initial_sigma={str(s): v for s, v in sigmas.items() if v is not None})
save_file(tensors, os.path.join(HERE, "sampler-extra.safetensors"))
json.dump(meta, open(os.path.join(HERE, "sampler-extra.json"), "w"), indent=1)
print(len(tensors), "tensors")
