import json

import torch
from diffusers import StableDiffusionInstructPix2PixPipeline

from limner_training import export, model, runlog, train, vae
from limner_training.__main__ import tokens
from limner_training.data import Photos

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
    vae_channels=(8, 8),
    vae_groups=4,
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
    import random

    x = Photos(photo_folder).crops(3, 32, random.Random(0))
    assert x.shape == (3, 3, 32, 32) and 0 <= x.min() and x.max() <= 1


def test_the_autoencoder_learns(photo_folder, tmp_path):
    autoencoder(tmp_path, Photos(photo_folder), steps=150)
    rows = [json.loads(line) for line in open(tmp_path / "vae.jsonl")]
    assert rows[-1]["loss"] < rows[0]["loss"]


def test_polishing_changes_the_decoder_alone(photo_folder, tmp_path):
    photos = Photos(photo_folder)
    network = autoencoder(tmp_path, photos)
    before = {name: weight.clone() for name, weight in network.named_parameters()}
    vae.polish(network, photos, runlog.Run(tmp_path, "polish", 10), batch=2, size=32, max_steps=2)
    changed = {
        name.split(".")[0] for name, weight in network.named_parameters() if not torch.equal(weight, before[name])
    }
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


def test_two_workers_share_one_model(photo_folder, tmp_path):
    autoencoder(tmp_path, Photos(photo_folder))
    run = runlog.Run(tmp_path, "unet", 10)
    seen = train.train(
        run, tokens(tmp_path / "tokenizer", 0), str(photo_folder), SHAPE, SETTINGS, "cpu", 2, max_steps=3
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


def test_an_instruction_tells_the_blocks_how_to_scale(photo_folder, tmp_path):
    unet = model.unet(SHAPE).eval()
    x, t, rows = torch.randn(1, 8, 16, 16), torch.tensor(999), torch.randn(2, 1, model.LENGTH, 16)
    for name, weight in unet.named_parameters():
        if "attn2" in name:
            torch.nn.init.zeros_(weight)
    with torch.no_grad():
        assert torch.equal(unet(x, t, rows[0]).sample, unet(x, t, rows[1]).sample)
        torch.nn.init.normal_(unet.mid_block.resnets[0].time_emb_proj.weight)
        assert not torch.equal(unet(x, t, rows[0]).sample, unet(x, t, rows[1]).sample)


def test_the_encoder_gives_rows_of_the_towers_size():
    encoder = model.InstructionEncoder((4, 8), 8, 3, 16)
    rows = encoder(torch.randn(2, 4, 24, 18), torch.randn(2, 4, 24, 18))
    assert rows.shape == (2, 3, 16) and abs(rows.std().item() - model.ROW_SIZE) < 0.2


def test_the_export_loads_in_diffusers_and_draws(photo_folder, tmp_path):
    t = trainer(tmp_path / "run", photo_folder)
    t.train(max_steps=1)
    export.export(tmp_path / "run", tmp_path / "model", SHAPE)
    pipe = StableDiffusionInstructPix2PixPipeline.from_pretrained(tmp_path / "model", torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    picture = pipe("a pencil sketch", image=torch.rand(1, 3, 32, 48), num_inference_steps=2).images[0]
    assert picture.size == (48, 32)
