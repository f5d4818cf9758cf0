"""Makes the pictures with colour profiles, the WebPs and the profile bombs beside it. Run: python make_wild_pictures.py

Needs numpy and Pillow with lcms2 and libwebp. As in make_pictures.py, every picture has what it must decode to in
NAME.ppm. The profiles are written here byte by byte (ICC.1:2010): what they mean is known without a colour library,
and what a picture in them looks like in sRGB is what Pillow's ImageCms makes of it, by the perceptual intent.
"""

import io
import struct
import zlib

import numpy
from PIL import Image, ImageCms

from make_pictures import GRAY, HEIGHT, HERE, RGB, RGBA, WIDTH
from make_pictures import chunk, exif_block, jpeg, png, quantised, scene, write_ppm

SRGB = ImageCms.createProfile("sRGB")
P3 = [(0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)]
ADOBE = [(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)]
BT709 = [(0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)]
D50 = (0.96420, 1.0, 0.82491)


# ICC profiles, from the definition.


def fixed(value):
    return struct.pack(">i", round(value * 65536))


def xyz(values):
    return b"XYZ \0\0\0\0" + b"".join(map(fixed, values))


def gamma_curve(power):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(power * 256))


def srgb_curve():
    numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    return b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + b"".join(map(fixed, numbers))


def text(value):
    head = struct.pack(">II2s2sII", 1, 12, b"en", b"US", 2 * len(value), 28)
    return b"mluc\0\0\0\0" + head + value.encode("utf-16-be")


def profile(kind, space, connection, tags):
    tags = [(b"desc", text("made")), (b"cprt", text("none")), (b"wtpt", xyz(D50)), *tags]
    at = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, payload in tags:
        table += struct.pack(">4sII", name, at + len(data), len(payload))
        data += payload + bytes(-len(payload) % 4)
    head = struct.pack(">I4sI4s4s4s", at + len(data), b"none", 0x04200000, kind, space, connection)
    head += struct.pack(">6H4s4sIIIQI", 2026, 1, 1, 0, 0, 0, b"acsp", b"none", 0, 0, 0, 0, 0)
    head += b"".join(map(fixed, D50))
    return head.ljust(128, b"\0") + table + data


def matrix_profile(primaries, curve):
    columns = [(name, xyz(values)) for name, values in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries)]
    curves = [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return profile(b"mntr", b"RGB ", b"XYZ ", columns + curves)


def lab(rgb):
    """CIE L*a*b* by D50 of linear light in BT.709's primaries."""
    relative = numpy.array(rgb) @ numpy.array(BT709) / numpy.array(D50)
    root = numpy.where(relative > 216 / 24389, numpy.cbrt(relative), (24389 / 27 * relative + 16) / 116)
    return [116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])]


def press_profile():
    """Four inks that are no ideal ones: each stops its own light but for a rest, and dirties the others."""
    through = [(0.05, 0.55, 0.75), (0.70, 0.04, 0.45), (0.90, 0.80, 0.05), (0.03, 0.03, 0.03)]
    grid = b""
    for node in numpy.ndindex(2, 2, 2, 2):
        light = numpy.prod([through[ink] for ink in range(4) if node[ink]] or [(0.9, 0.9, 0.88)], axis=0)
        lightness, a, b = lab(light)
        grid += bytes([round(lightness * 2.55), round(a) + 128, round(b) + 128])
    ramp = bytes(range(256))
    unity = b"".join(fixed(float(row == column)) for row in range(3) for column in range(3))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + unity + ramp * 4 + grid + ramp * 3
    return profile(b"prtr", b"CMYK", b"Lab ", [(b"A2B0", table)])


P3_PROFILE = matrix_profile(P3, srgb_curve())
ADOBE_PROFILE = matrix_profile(ADOBE, gamma_curve(563 / 256))
SRGB_PROFILE = matrix_profile(BT709, srgb_curve())
GRAY_PROFILE = profile(b"mntr", b"GRAY", b"XYZ ", [(b"kTRC", gamma_curve(1.0))])
PRESS_PROFILE = press_profile()


# Pictures.


def in_srgb(picture, data):
    source = ImageCms.ImageCmsProfile(io.BytesIO(data))
    return ImageCms.profileToProfile(picture, source, SRGB, ImageCms.Intent.PERCEPTUAL, outputMode="RGB")


def opened(data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def over_white(rgb, alpha):
    opacity = numpy.asarray(alpha)[..., None] / 255
    return numpy.floor(numpy.asarray(rgb) * opacity + 255 * (1 - opacity) + 0.5)


def keep(name, data, expected):
    (HERE / name).write_bytes(data)
    write_ppm(name.split(".")[0], numpy.asarray(expected))


def iccp(data):
    return chunk(b"iCCP", b"made\0\0" + zlib.compress(data, 9))


def app2(data, place, count):
    payload = b"ICC_PROFILE\0" + bytes([place, count]) + data
    return b"\xff\xe2" + struct.pack(">H", len(payload) + 2) + payload


def with_segments(data, segments):
    """The JPEG `data` with segments after its SOI."""
    return data[:2] + b"".join(segments) + data[2:]


def make_profiled(picture, four):
    best = {"quality": 90, "subsampling": 0}
    plain = jpeg(picture, **best)
    keep("profile-p3.jpg", jpeg(picture, icc_profile=P3_PROFILE, **best), in_srgb(opened(plain), P3_PROFILE))
    keep("profile-srgb.jpg", jpeg(picture, icc_profile=SRGB_PROFILE, **best), opened(plain))
    third = len(ADOBE_PROFILE) // 3 + 1
    parts = [app2(ADOBE_PROFILE[third * i : third * (i + 1)], i + 1, 3) for i in range(3)]
    shuffled = with_segments(plain, [parts[2], parts[0], parts[1]])
    keep("profile-in-parts.jpg", shuffled, in_srgb(opened(plain), ADOBE_PROFILE))
    keep("profile-part-missing.jpg", with_segments(plain, [parts[0], parts[2]]), opened(plain))
    keep("profile-for-gray.jpg", jpeg(picture, icc_profile=GRAY_PROFILE, **best), opened(plain))
    inks = Image.fromarray(four, "CMYK")
    profiled = jpeg(inks, quality=90, icc_profile=PRESS_PROFILE)
    keep("profile-inks.jpg", profiled, in_srgb(opened(jpeg(inks, quality=90)), PRESS_PROFILE))
    gray = picture.convert("L")
    plain = jpeg(gray, quality=90)
    keep("profile-gray.jpg", jpeg(gray, quality=90, icc_profile=GRAY_PROFILE), in_srgb(opened(plain), GRAY_PROFILE))


def make_profiled_pngs(colours, opacity):
    samples = quantised(colours, 8)
    picture = Image.fromarray(samples.astype(numpy.uint8))
    keep("profile-adobe.png", png(samples, 8, RGB, [iccp(ADOBE_PROFILE)]), in_srgb(picture, ADOBE_PROFILE))
    interlaced = png(samples, 8, RGB, [iccp(P3_PROFILE)], interlaced=True)
    keep("profile-p3-interlaced.png", interlaced, in_srgb(picture, P3_PROFILE))
    wide = quantised(colours, 16)
    rounded = Image.fromarray(numpy.floor(wide / 257 + 0.5).astype(numpy.uint8))
    keep("profile-p3-wide.png", png(wide, 16, RGB, [iccp(P3_PROFILE)]), in_srgb(rounded, P3_PROFILE))
    alpha = quantised(opacity, 8)
    converted = over_white(in_srgb(picture, ADOBE_PROFILE), alpha[..., 0])
    clear = png(numpy.concatenate([samples, alpha], 2), 8, RGBA, [iccp(ADOBE_PROFILE)])
    keep("profile-adobe-transparent.png", clear, converted)
    gray = samples[..., :1]
    shades = Image.fromarray(gray[..., 0].astype(numpy.uint8))
    keep("profile-gray-png.png", png(gray, 8, GRAY, [iccp(GRAY_PROFILE)]), in_srgb(shades, GRAY_PROFILE))
    # Display P3's numbers for sRGB's red: (234, 51, 35), by the two spaces' definitions.
    red = numpy.tile([234, 51, 35], (HEIGHT, WIDTH, 1))
    keep("profile-p3-red.png", png(red, 8, RGB, [iccp(P3_PROFILE)]), numpy.tile([255, 0, 0], (HEIGHT, WIDTH, 1)))
    # Linear light, by the curve of IEC 61966-2-1.
    linear = samples / 255
    curved = numpy.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    linear_light = chunk(b"gAMA", struct.pack(">I", 100000))
    keep("gamma-linear.png", png(samples, 8, RGB, [linear_light]), numpy.rint(curved * 255))
    keep("gamma-said-to-be-srgb.png", png(samples, 8, RGB, [chunk(b"sRGB", b"\0"), linear_light]), samples)
    keep("gamma-usual.png", png(samples, 8, RGB, [chunk(b"gAMA", struct.pack(">I", 45455))]), samples)
    keep("bomb-in-profile.png", png(samples, 8, RGB, [iccp(bytes(8 << 20))]), samples)


# WebP. Pillow writes the bitstreams; the containers it cannot write are put together here (RFC 9649).


def webp(picture, **options):
    out = io.BytesIO()
    picture.save(out, "WEBP", **options)
    return out.getvalue()


def riff_chunk(kind, payload):
    return kind + struct.pack("<I", len(payload)) + payload + bytes(len(payload) % 2)


def riff(chunks):
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bitstream(data):
    """The chunks of a simple WebP."""
    return data[12:]


def extended(flags, width, height):
    sides = b"".join((side - 1).to_bytes(3, "little") for side in (width, height))
    return riff_chunk(b"VP8X", struct.pack("<I", flags) + sides)


def frame(x, y, width, height, chunks):
    numbers = b"".join(value.to_bytes(3, "little") for value in (x // 2, y // 2, width - 1, height - 1, 100))
    return riff_chunk(b"ANMF", numbers + b"\0" + chunks)


def make_webps(colours, opacity):
    samples = quantised(colours, 8).astype(numpy.uint8)
    picture = Image.fromarray(samples)
    alpha = quantised(opacity, 8).astype(numpy.uint8)
    clear = Image.fromarray(numpy.concatenate([samples, alpha], 2), "RGBA")
    lossy, lossless = webp(picture, quality=80), webp(picture, lossless=True)
    keep("webp-lossy.webp", lossy, opened(lossy).convert("RGB"))
    keep("webp-lossless.webp", lossless, picture)
    for name, data in (
        ("webp-lossy-transparent", webp(clear, quality=80)),
        ("webp-lossless-transparent", webp(clear, lossless=True, exact=True)),
    ):
        decoded = numpy.asarray(opened(data).convert("RGBA"))
        keep(name + ".webp", data, over_white(decoded[..., :3], decoded[..., 3]))
    exif = riff_chunk(b"EXIF", exif_block("be", 6)[6:])
    turned = bitstream(webp(Image.fromarray(numpy.ascontiguousarray(numpy.rot90(samples))), lossless=True))
    keep("webp-turned.webp", riff([extended(0x08, HEIGHT, WIDTH), turned, exif]), picture)
    marked = riff_chunk(b"EXIF", exif_block("le", 6))
    keep("webp-turned-marked.webp", riff([extended(0x08, HEIGHT, WIDTH), turned, marked]), picture)
    iccp_chunk = riff_chunk(b"ICCP", ADOBE_PROFILE)
    profiled = riff([extended(0x20, WIDTH, HEIGHT), iccp_chunk, bitstream(lossless)])
    keep("webp-adobe.webp", profiled, in_srgb(picture, ADOBE_PROFILE))
    broken = riff([extended(0x20, WIDTH, HEIGHT), riff_chunk(b"ICCP", b"no profile" * 9), bitstream(lossless)])
    keep("webp-broken-profile.webp", broken, picture)
    canvas = numpy.full((HEIGHT + 9, WIDTH + 12, 3), 255, numpy.uint8)
    canvas[6 : 6 + HEIGHT, 4 : 4 + WIDTH] = samples
    other = frame(0, 0, WIDTH, HEIGHT, bitstream(webp(Image.fromarray(255 - samples), lossless=True)))
    first = frame(4, 6, WIDTH, HEIGHT, bitstream(lossless))
    head = extended(0x02, WIDTH + 12, HEIGHT + 9)
    keep("webp-animated.webp", riff([head, riff_chunk(b"ANIM", bytes(6)), first, other]), canvas)


def main():
    colours = scene(WIDTH, HEIGHT)
    y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
    opacity = (((x + 2 * y) % 23) / 22)[..., None]
    picture = Image.fromarray(quantised(colours, 8).astype(numpy.uint8))
    light = numpy.asarray(picture).astype(float)
    most = light.max(axis=2, keepdims=True).clip(1)
    four = numpy.rint(numpy.concatenate([255 - 255 * light / most, 255 - most], axis=2)).astype(numpy.uint8)
    make_profiled(picture, four)
    make_profiled_pngs(colours, opacity)
    make_webps(colours, opacity)


if __name__ == "__main__":
    main()
