import math
import random

import pytest
import torch
import torch.nn.functional as F

from limner_training import losses, operators, styles


def scene(size=64):
    ramp = torch.linspace(0, 1, size)
    photo = torch.stack([ramp.expand(size, -1), ramp[:, None].expand(-1, size), torch.full((size, size), 0.5)])[
        None
    ].clone()
    photo[:, :, 20:40, 20:40] = 0.1
    return photo


def one(**changes):
    return styles.batch([styles.NEUTRAL | changes])


def test_a_random_style_stays_within_its_ranges():
    rng = random.Random(0)
    for _ in range(500):
        _, style = styles.sample(rng)
        for name, (low, high) in styles.PARAMETERS.items():
            assert low - 1e-6 <= style[name] <= high + 1e-6, name


def test_drawings_are_finite_and_in_range():
    rng = random.Random(1)
    photo = scene().expand(24, -1, -1, -1)
    out = operators.draw(photo, styles.batch([styles.sample(rng)[1] for _ in range(24)]))
    assert out.isfinite().all() and out.min() >= 0 and out.max() <= 1


@pytest.mark.parametrize("name", ["line", "ink", "dodge", "tone", "local", "stipple", "thread"])
def test_each_operator_lays_ink_on_the_paper(name):
    assert operators.draw(scene(), one(**{name: 1.0})).mean() < 0.98


def test_no_operator_leaves_the_paper_bare():
    assert torch.equal(operators.draw(scene(), one()), torch.ones(1, 3, 64, 64))


def test_the_same_picture_and_style_give_the_same_drawing():
    style = styles.batch([styles.sample(random.Random(5))[1]])
    assert torch.equal(operators.draw(scene(), style), operators.draw(scene(), style))


def test_the_plain_identity_returns_the_photo():
    assert torch.allclose(operators.draw(scene(), one(plain=1.0, plain_colour=1.0)), scene(), atol=1e-5)


def test_inverting_turns_light_to_dark():
    out = operators.draw(scene(), one(plain=1.0, plain_colour=1.0, plain_invert=1.0))
    assert torch.allclose(out, 1 - scene(), atol=1e-5)


def test_a_blur_keeps_a_flat_picture():
    flat = torch.full((2, 3, 32, 32), 0.4)
    assert torch.allclose(operators.gaussian(flat, torch.tensor([1.0, 4.0]).view(2, 1, 1, 1)), flat, atol=1e-5)


def test_a_line_follows_an_edge_and_not_a_flat_field():
    step = torch.ones(1, 3, 48, 48)
    step[..., 24:] = 0.2
    out = operators.draw(step, one(line=1.0, line_floor=0.0))
    assert out[..., 23:28].min() < 0.3 and out[..., :10].min() > 0.97


def test_a_red_filter_and_pale_skin_lighten_what_is_red_alone():
    photo = torch.full((1, 3, 24, 24), 0.4)
    photo[:, 0, :, 12:] = 0.7
    plain = operators.seen(photo, one())
    for change in ({"filter": 1.0}, {"skin": 1.0}):
        lifted = operators.seen(photo, one(**change)) - plain
        assert lifted[..., 18:].min() > 0.1 and lifted[..., :6].abs().max() < 0.03


def test_the_tone_curve_bares_the_light_and_fills_the_dark():
    cover = torch.tensor([0.1, 0.5, 0.9]).view(1, 1, 1, 3)
    out = operators.curve(cover, one(curve=1.0, curve_low=0.2, curve_high=0.8)).flatten()
    assert torch.allclose(out, torch.tensor([0.0, 0.5, 1.0]), atol=1e-6)


def test_local_tone_evens_out_wide_light():
    ramp = torch.linspace(0.2, 0.8, 96).expand(1, 3, 96, 96)
    out = operators.draw(ramp, one(local=1.0))[..., 24:72, 24:72]
    assert out.max() - out.min() < 0.2


def test_local_contrast_asks_for_strokes_wherever_they_lie():
    stripes = (torch.arange(32) % 4 < 2).float().expand(1, 4, 32, 32)
    assert losses.contrast_l1(stripes.roll(1, 3), stripes) < 0.05 < losses.contrast_l1(stripes * 0.5, stripes)


def test_a_bare_background_leaves_the_sitter_alone():
    sitter = torch.zeros(1, 1, 64, 64)
    sitter[..., 20:50, 16:48] = 1
    full, bare = (operators.draw(scene(), one(tone=1.0, bare=b), sitter=sitter) for b in (0.0, 1.0))
    assert torch.equal(full[..., 20:50, 16:48], bare[..., 20:50, 16:48])
    away = F.max_pool2d(sitter, 5, 1, 2) == 0
    assert (full[away.expand_as(full)] < 0.9).any() and (bare[away.expand_as(bare)] == 1).all()
    assert torch.equal(operators.draw(scene(), one(tone=1.0, bare=1.0)), full)


def test_strokes_lie_where_the_noise_puts_them_and_keep_the_tone():
    generator = torch.Generator().manual_seed(2)
    gray, style = torch.full((1, 3, 64, 64), 0.5), one(tone=1.0, stroke=1.0, stroke_edge=16.0, stroke_long=2.0)
    first, other = (torch.randn(1, 1, 64, 64, generator=generator) for _ in "ab")
    drawings = [operators.draw(gray, style, noise) for noise in (first, first, other)]
    assert torch.equal(drawings[0], drawings[1]) and not torch.equal(drawings[0], drawings[2])
    assert drawings[0].std() > 0.2 and abs(drawings[0].mean() - operators.draw(gray, style).mean()) < 0.06


def test_strokes_run_along_their_direction():
    noise = torch.randn(1, 1, 96, 96, generator=torch.Generator().manual_seed(3))
    gray = torch.full((1, 3, 96, 96), 0.5)
    level = operators.draw(gray, one(tone=1.0, stroke=1.0, stroke_long=2.0, stroke_turn=0.0), noise)
    assert 2 * level.diff(dim=3).abs().mean() < level.diff(dim=2).abs().mean()


def test_hatching_repeats_at_its_pitch_across_its_direction():
    noise = torch.randn(1, 1, 192, 192, generator=torch.Generator().manual_seed(5))
    gray = torch.full((1, 3, 192, 192), 0.5)
    style = one(tone=1.0, stroke=1.0, stroke_long=6.0, stroke_pitch=6.0, stroke_turn=0.75 * math.pi)
    power = torch.fft.fftshift(torch.fft.fft2(operators.draw(gray, style, noise)[0, 0] - 0.5).abs().square())
    power[96, 96] = 0
    y, x = (power.argmax() // 192 - 96) / 192, (power.argmax() % 192 - 96) / 192
    # Rising strokes change from the upper left to the lower right: both frequencies have one sign.
    assert 5 < 1 / math.hypot(x, y) < 7.5 and 0.6 < y / x < 1.7


def test_a_second_layer_crosses_what_is_dark_alone():
    noise = torch.randn(1, 1, 96, 96, generator=torch.Generator().manual_seed(6))
    for brightness, crossed in ((0.75, False), (0.3, True)):
        gray = torch.full((1, 3, 96, 96), brightness)
        single, double = (
            operators.draw(gray, one(tone=1.0, stroke=1.0, stroke_pitch=4.0, stroke_cross=c), noise) for c in (0.0, 1.0)
        )
        assert ((single - double).max() > 0.3) == crossed


def test_lines_stay_whole_among_strokes_where_the_style_says_so():
    noise = torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(7))
    whole, broken = (
        operators.draw(scene(), one(line=1.0, stroke=1.0, stroke_lines=share), noise) for share in (0.0, 1.0)
    )
    assert torch.equal(whole, operators.draw(scene(), one(line=1.0)))
    assert not torch.equal(broken, whole)


def test_dissimilarity_is_one_less_structural_similarity():
    from skimage.metrics import structural_similarity

    a, b = torch.rand(2, 1, 1, 256, 256, generator=torch.Generator().manual_seed(4))
    b = 0.5 * a + 0.5 * b
    theirs = structural_similarity(
        a[0, 0].double().numpy(), b[0, 0].double().numpy(), data_range=1.0, use_sample_covariance=False
    )
    # Windows that reach over the border are counted here and left out there.
    assert abs(losses.dissimilarity(2 * a - 1, 2 * b - 1).item() - (1 - theirs)) < 2e-3


def test_structure_asks_for_lines_in_their_place_and_of_their_strength():
    lines = (torch.arange(32) % 8 < 2).float().expand(1, 4, 32, 32)
    same, pale, moved = (losses.structure(x, lines).item() for x in (lines, lines * 0.5, lines.roll(4, 3)))
    assert abs(same) < 1e-5 and 0.1 < pale < 0.5 and moved > 1
