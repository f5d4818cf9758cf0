import inspect
import multiprocessing
import random
import time
from functools import partial

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from PIL import Image

from limner_training import export, model, runlog, train, tune_check, vae
from limner_training.__main__ import arguments, checked, tokens
from limner_training.data import Photos, misplaced

SHAPE = model.Shape(
    channels=(8, 16),
    plain_levels=1,
    groups=4,
    heads=2,
    text_width=16,
    text_layers=1,
    code_rows=4,
    pool_heads=2,
    encoder_channels=(4, 8),
    encoder_width=8,
    vae_channels=(12, 16),
    vae_groups=2,
)
SETTINGS = train.Settings(plan=((0.5, 32, 2), (1.0, 64, 1)), ring=2)


def autoencoder(folder, photos, steps=3):
    run = runlog.Run(folder, "vae", 10)
    network = vae.train(
        photos, run, channels=SHAPE.vae_channels, groups=SHAPE.vae_groups, batch=2, size=32, max_steps=steps
    )
    network.save_pretrained(folder / "vae")
    return network


def trainer(folder, photo_folder, minutes=10.0):
    photos = Photos(photo_folder)
    network = autoencoder(folder, photos)
    tok = tokens(folder / "tokenizer", 0)
    torch.manual_seed(0)
    return train.Trainer(
        network, tok, photos, runlog.Run(folder, "unet", minutes), train.networks(SHAPE, tok), SETTINGS
    )


def test_crops_have_the_wanted_shape_and_range(photo_folder):
    x, sitter = Photos(photo_folder).crops(3, 32, random.Random(0))
    assert x.shape == (3, 3, 32, 32) and 0 <= x.min() and x.max() <= 1
    assert torch.equal(sitter, torch.ones(3, 1, 32, 32))


def test_a_mask_goes_with_its_photo_and_moves_the_sitter_elsewhere(tmp_path):
    for name in ("photos", "masks"):
        (tmp_path / name).mkdir()
    half = np.kron([[1, 0]], np.ones((64, 32)))
    Image.fromarray(np.stack([half * 255, half * 0, half * 0], -1).astype("uint8")).save(tmp_path / "photos" / "a.png")
    Image.fromarray((half * 255).astype("uint8")).save(tmp_path / "masks" / "a.png")
    x, sitter = Photos(tmp_path / "photos", masks=tmp_path / "masks").crops(200, 16, random.Random(3))
    here = (sitter > 0.99).expand_as(x)
    red = torch.cat([torch.ones_like(sitter), torch.zeros_like(sitter), torch.zeros_like(sitter)], 1)
    assert here.any() and not here.all() and (x - red)[here].abs().mean() < 0.25
    lit = [p[:, q[0] < 0.01].mean() for p, q in zip(x, sitter) if (q < 0.01).any()]
    assert sum(v > 0.1 for v in lit) > 10 and sum(v < 0.1 for v in lit) > len(lit) / 2


@pytest.mark.parametrize(
    "given, wrong", [("masks --photos a", "needs --masks"), ("held-out --photos a b --out c", "takes one folder")]
)
def test_a_command_says_what_it_needs(given, wrong, capsys):
    with pytest.raises(SystemExit):
        checked(arguments(), given.split())
    assert wrong in capsys.readouterr().err


def test_a_rendered_sitter_is_drawn_at_random_and_again_the_same():
    from limner_training import sitters

    one, again, other = (sitters.person(random.Random(n)) for n in (1, 1, 2))
    assert one == again and one != other


def test_masks_tell_a_rendered_sitter_from_the_background(tmp_path):
    pytest.importorskip("mediapipe")
    from limner_training import sitters

    picture = sitters.EXAMPLES / "pair" / "photo.jpg"
    (tmp_path / "photos").mkdir()
    Image.open(picture).save(tmp_path / "photos" / "a.png")
    assert sitters.write_masks([tmp_path / "photos"], tmp_path / "masks") == 1
    share = np.asarray(Image.open(tmp_path / "masks" / "a.png")) / 255
    h, w = share.shape
    assert share[h // 3 : h // 2, 2 * w // 5 : 3 * w // 5].mean() > 0.95 and share[: h // 12, : w // 8].mean() < 0.05


def test_the_decoder_learns_what_upsampling_alone_cannot_show(tmp_path):
    (tmp_path / "stripes").mkdir()
    stripes = np.kron(np.arange(48) % 3 == 0, np.ones((48, 1))).astype("uint8") * 255
    for name, pixels in (("a.png", stripes), ("b.png", stripes.T)):
        Image.fromarray(pixels).save(tmp_path / "stripes" / name)
    photos = Photos(tmp_path / "stripes")
    before = vae.ceiling(vae.build(SHAPE.vae_channels, SHAPE.vae_groups), photos, size=32, count=8)
    after = vae.ceiling(autoencoder(tmp_path, photos, steps=100).eval(), photos, size=32, count=8)
    assert after["photos"] > before["photos"] + 1


def test_latents_are_the_bands_of_brightness_and_the_mean_colours():
    x = torch.rand(2, 3, 16, 24, generator=torch.Generator().manual_seed(3)) * 2 - 1
    with torch.no_grad():
        z = vae.build((12, 16), 2).encode(x).latent_dist.mode()
    red, green, blue = x.unbind(1)
    bright = 0.299 * red + 0.587 * green + 0.114 * blue
    a, b, c, d = bright[:, ::2, ::2], bright[:, ::2, 1::2], bright[:, 1::2, ::2], bright[:, 1::2, 1::2]
    bands = [1.25 * ((a + b + c + d) / 4 - 0.4), *(5 * x / 4 for x in (a - b + c - d, a + b - c - d, a - b - c + d))]
    colours = [3 * torch.nn.functional.avg_pool2d(x - bright, 2) for x in (blue, red)]
    torch.testing.assert_close(z, torch.stack(bands + colours, 1), atol=5e-3, rtol=0)


def test_an_untrained_decoder_shows_the_mean_colour_of_every_four_pixels():
    x = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(4)) * 2 - 1
    network = vae.build((12, 16), 2)
    with torch.no_grad():
        y = network.decode(network.encode(x).latent_dist.mode()).sample
    mean = torch.nn.functional.avg_pool2d(x, 2).repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(y, mean, atol=5e-3, rtol=0)


def test_training_the_autoencoder_changes_the_decoder_alone(photo_folder, tmp_path):
    torch.manual_seed(0)
    before = dict(vae.build(SHAPE.vae_channels, SHAPE.vae_groups).named_parameters())
    after = autoencoder(tmp_path, Photos(photo_folder)).named_parameters()
    changed = {name.split(".")[0] for name, weight in after if not torch.equal(weight, before[name])}
    assert changed == {"decoder", "post_quant_conv"}


def test_training_steps_change_the_average_and_count_samples(photo_folder, tmp_path):
    t = trainer(tmp_path, photo_folder)
    before = t.average["unet"].conv_in.weight.clone()
    t.train(max_steps=2)
    assert t.counter.value == 8 and not torch.equal(before, t.average["unet"].conv_in.weight)


def test_a_run_resumes_where_it_stopped(photo_folder, tmp_path):
    t = trainer(tmp_path, photo_folder)
    t.train(max_steps=2)
    again = trainer(tmp_path, photo_folder)
    assert again.step == 2 and again.counter.value == 8
    assert torch.equal(again.unet.conv_in.weight, t.unet.conv_in.weight)


def test_a_run_ends_with_its_budget(photo_folder, tmp_path):
    t = trainer(tmp_path, photo_folder, minutes=1e-9)
    t.train()
    assert t.step == 0


@pytest.mark.parametrize("alive", [True, False])
def test_a_worker_ends_with_the_process_that_started_it(photo_folder, tmp_path, monkeypatch, alive):
    t = trainer(tmp_path, photo_folder)
    started = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,), daemon=True)
    started.start()
    if not alive:
        started.kill()
        started.join()
    monkeypatch.setattr(train.multiprocessing, "parent_process", lambda: started)
    t.train(max_steps=2)
    assert t.step == (2 if alive else 0)
    started.kill()


def test_two_workers_share_one_model(photo_folder, tmp_path):
    autoencoder(tmp_path, Photos(photo_folder))
    run = runlog.Run(tmp_path, "unet", 10)
    seen = train.train(
        run, tokens(tmp_path / "tokenizer", 0), partial(Photos, photo_folder), SHAPE, SETTINGS, "cpu", 2, max_steps=3
    )
    assert seen == 24 and torch.load(run.checkpoint, weights_only=True)["step"] == 3


def test_another_runs_weights_are_a_start_where_they_fit(photo_folder, tmp_path):
    t = trainer(tmp_path, photo_folder)
    t.train(max_steps=1)
    wider = model.Shape(**(SHAPE.to_dict() | {"encoder_width": 12}))
    nets = train.networks(wider, t.tokenizer)
    untrained = nets["encoder"].hidden.weight.clone()
    taken = train.warm_start(nets, str(tmp_path / "unet.pt"))
    assert torch.equal(nets["unet"].conv_in.weight, t.average["unet"].conv_in.weight)
    assert torch.equal(nets["encoder"].hidden.weight, untrained) and 0 < taken < len(nets.state_dict())


def test_an_exported_model_is_a_start(photo_folder, tmp_path):
    t = trainer(tmp_path / "run", photo_folder)
    t.train(max_steps=1)
    export.export(tmp_path / "run", tmp_path / "model", SHAPE)
    nets = train.networks(SHAPE, t.tokenizer)
    assert train.warm_start(nets, tmp_path / "model") == len(nets.state_dict())
    for name, weight in nets.state_dict().items():
        assert torch.allclose(weight, t.average.state_dict()[name], rtol=1e-3, atol=1e-6), name


def test_a_start_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(ValueError, match="neither a checkpoint nor"):
        train.weights(tmp_path)


def test_brightness_undoes_the_encoder():
    x = torch.rand(1, 3, 16, 24, generator=torch.Generator().manual_seed(5)) * 2 - 1
    with torch.no_grad():
        z = vae.build((12, 16), 2).encode(x).latent_dist.mode()
    gray = (x * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    torch.testing.assert_close(vae.brightness(z), gray, atol=5e-3, rtol=0)


def test_noise_over_latents_is_white_over_pixels():
    noise = torch.randn(1, vae.LATENTS, 128, 128, generator=torch.Generator().manual_seed(6))
    x = vae.white(noise)
    assert abs(x.std() - 1) < 0.01 and (x[..., 1:] * x[..., :-1]).mean().abs() < 0.01


def test_an_instruction_tells_the_blocks_how_to_scale(photo_folder, tmp_path):
    unet = model.unet(SHAPE).eval()
    x, t, rows = torch.randn(1, 2 * vae.LATENTS, 16, 16), torch.tensor(999), torch.randn(2, 1, model.LENGTH, 16)
    for name, weight in unet.named_parameters():
        if "attn2" in name:
            torch.nn.init.zeros_(weight)
    with torch.no_grad():
        assert torch.equal(unet(x, t, rows[0]).sample, unet(x, t, rows[1]).sample)
        torch.nn.init.normal_(unet.mid_block.resnets[0].time_emb_proj.weight)
        assert not torch.equal(unet(x, t, rows[0]).sample, unet(x, t, rows[1]).sample)


def test_the_encoder_gives_rows_of_the_towers_size():
    encoder = model.InstructionEncoder((4, 8), 8, 3, 16)
    rows = encoder(*torch.randn(2, 2, vae.LATENTS, 24, 18))
    assert rows.shape == (2, 3, 16) and abs(rows.std().item() - model.ROW_SIZE) < 0.2


def test_the_export_loads_in_diffusers_and_draws(photo_folder, tmp_path):
    t = trainer(tmp_path / "run", photo_folder)
    t.train(max_steps=1)
    export.export(tmp_path / "run", tmp_path / "model", SHAPE)
    pipe = StableDiffusionInstructPix2PixPipeline.from_pretrained(tmp_path / "model", torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    picture = pipe("a pencil sketch", image=torch.rand(1, 3, 32, 48), num_inference_steps=2).images[0]
    assert picture.size == (48, 32)


def test_the_check_can_tune_with_what_the_exported_model_asks_for():
    asked = set(export.DEFAULTS["tuning"]) - {"match_tones"}
    assert asked <= set(inspect.signature(tune_check.tune).parameters)


def test_half_of_the_shown_drawings_are_a_little_out_of_place():
    # A ramp's values are their own places, in sides.
    ramp = torch.linspace(0, 1, 64).expand(200, 3, 64, 64)
    moved = (misplaced(ramp, random.Random(0)) - ramp)[:, 0, 8:-8, 8:-8].square().mean((1, 2)).sqrt()
    bent = moved[moved > 0]
    assert 80 <= len(bent) <= 120
    assert 0.01 < bent.mean() < 0.025 and bent.max() < 0.045
