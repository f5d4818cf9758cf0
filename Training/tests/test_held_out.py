import numpy as np
import pytest
from PIL import Image

from limner_training import held_out, sitters
from limner_training.held_out import geometry

SIZE = 64


def portrait(shift=0):
    """A toy sitter: a face with dark hair, eyes and mouth before a blue wall, in a dark coat."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    pixels = np.full((SIZE, SIZE, 3), (150, 170, 200), float) - y[..., None]
    pixels[(x - 32) ** 2 + (y - 24 - shift) ** 2 < 300] = (60, 40, 30)
    pixels[((x - 32) / 12) ** 2 + ((y - 28 - shift) / 15) ** 2 < 1] = (215, 165, 140)
    pixels[(np.abs(np.abs(x - 32) - 5) < 2) & (np.abs(y - 26 - shift) < 1)] = (40, 30, 30)
    pixels[(np.abs(x - 32) < 5) & (np.abs(y - 36 - shift) < 1)] = (150, 60, 60)
    pixels[y > 48 + np.abs(x - 32) / 4 + shift] = (30, 32, 40)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def pixels(picture):
    return np.asarray(picture, float)


@pytest.fixture(scope="module", params=held_out.HANDS)
def hand(request):
    return held_out.hand(request.param)


@pytest.fixture(scope="module")
def sitter():
    return geometry.portrait(11, 32)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """What the command writes for 15 toy photos, with toy sitters in the place of rendered ones."""
    photos, out = tmp_path_factory.mktemp("toys"), tmp_path_factory.mktemp("held-out")
    for i in range(held_out.PAIRS):
        portrait(i - 7).save(photos / f"sitter_{i}.png")
    toys = [(f"toy_{i}", portrait(i), dict.fromkeys(held_out.GEOMETRY, portrait())) for i in range(held_out.PAIRS)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geometry, "portraits", lambda size, count: toys[:count])
        held_out.write(photos, out, SIZE)
    return out


def test_a_drawing_has_the_size_and_mode_of_its_photo(hand):
    drawing = hand(portrait())
    assert (drawing.size, drawing.mode) == ((SIZE, SIZE), "RGB")


def test_the_same_photo_is_drawn_the_same_way_twice(hand):
    assert np.array_equal(pixels(hand(portrait())), pixels(hand(portrait())))


def test_a_drawing_is_not_one_colour(hand):
    assert pixels(hand(portrait())).std() > 10


def test_a_drawing_is_not_the_gray_photo(hand):
    gray = pixels(portrait().convert("L").convert("RGB"))
    assert np.abs(pixels(hand(portrait())) - gray).mean() > 20


def test_a_drawing_follows_its_photo(hand):
    assert np.abs(pixels(hand(portrait(0))) - pixels(hand(portrait(6)))).mean() > 2


def test_no_two_hands_draw_alike():
    drawings = [pixels(held_out.hand(name)(portrait())) for name in held_out.HANDS]
    assert min(np.abs(a - b).mean() for i, a in enumerate(drawings) for b in drawings[:i]) > 5


def test_a_tall_picture_is_cut_at_its_foot():
    tall = Image.new("RGB", (20, 50), "black")
    tall.paste("white", (0, 0, 20, 20))
    assert pixels(held_out.head_square(tall, 10)).mean() > 250


def test_a_wide_picture_is_cut_at_both_sides():
    wide = Image.new("RGB", (50, 20), "black")
    wide.paste("white", (15, 0, 35, 20))
    assert pixels(held_out.head_square(wide, 10)).mean() > 250


@pytest.mark.parametrize("family", held_out.GEOMETRY)
def test_a_sitter_of_geometry_is_drawn_in_both_hands(sitter, family):
    _, photo, drawings = sitter
    assert drawings[family].size == photo.size == (32, 32) and pixels(drawings[family]).std() > 10


def test_there_are_enough_sitters_of_geometry(monkeypatch):
    monkeypatch.syspath_prepend(str(sitters.EXAMPLES))
    from portraits.people import MORE, OTHERS, PAIR

    assert len({p.name for p in [PAIR, *OTHERS, *MORE]}) >= held_out.PAIRS


@pytest.mark.parametrize("family", held_out.HANDS + held_out.GEOMETRY)
def test_photos_and_sketches_share_their_stems(folders, family):
    stems = [{p.stem for p in (folders / family / kind).iterdir()} for kind in ("photos", "sketches")]
    assert stems[0] == stems[1] and len(stems[0]) == held_out.PAIRS


def test_the_contact_sheet_shows_every_family(folders):
    rows = 2 * len(held_out.HANDS + held_out.GEOMETRY)
    with Image.open(folders / "sheet.png") as page:
        assert page.size == (held_out.PAIRS * held_out.THUMBNAIL, rows * held_out.THUMBNAIL)


def test_too_few_photos_are_refused(tmp_path):
    portrait().save(tmp_path / "only.png")
    with pytest.raises(ValueError, match="holds 1 photographs; 15 are needed"):
        held_out.write(tmp_path, tmp_path / "out", SIZE)
