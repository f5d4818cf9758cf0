"""Makes the pictures beside it, which the tests of LimnerImaging read. Run: python make_pictures.py

Needs numpy and Pillow. Every NAME.png or NAME.jpg has what it must decode to in NAME.ppm. PNGs are written here
byte by byte, and their pixels computed from the format's definition, so that neither side of the comparison is
libpng; JPEGs and resizings are what Pillow makes of them.
"""

import io
import pathlib
import struct
import zlib

import numpy
from PIL import Image, ImageOps

HERE = pathlib.Path(__file__).parent
WIDTH, HEIGHT = 29, 19
GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGBA: 4}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def scene(width, height, seed=7):
    """A picture with slopes, an edge and noise, no two corners alike: float RGB in 0...1."""
    y, x = numpy.mgrid[0:height, 0:width]
    u, v = x / (width - 1), y / (height - 1)
    picture = numpy.stack([u, v, (1 - u) * (1 - v)], axis=-1)
    disc = (u - 0.35) ** 2 + (v - 0.4) ** 2 < 0.06
    picture[disc] = [0.9, 0.3, 0.1]
    noise = numpy.random.default_rng(seed).uniform(-0.08, 0.08, picture.shape)
    return numpy.clip(picture + noise, 0, 1)


def write_ppm(name, pixels):
    pixels = numpy.asarray(pixels, dtype=numpy.uint8)
    height, width = pixels.shape[:2]
    (HERE / f"{name}.ppm").write_bytes(b"P6\n%d %d\n255\n" % (width, height) + pixels.tobytes())


# PNG, from the definition.


def chunk(kind, payload):
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def packed_rows(samples, depth, filtered):
    """Rows of [height, width, channels] integers as PNG stores them; with `filtered`, by turns None and Sub."""
    channels = samples.shape[2]
    out = b""
    for number, row in enumerate(samples):
        flat = row.reshape(-1)
        if depth == 16:
            data = flat.astype(">u2").tobytes()
        elif depth == 8:
            data = flat.astype(numpy.uint8).tobytes()
        else:
            bits = "".join(format(value, f"0{depth}b") for value in flat)
            bits += "0" * (-len(bits) % 8)
            data = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
        if filtered and number % 2 == 1:
            step = max(channels * depth // 8, 1)
            sub = bytes((b - (data[i - step] if i >= step else 0)) & 255 for i, b in enumerate(data))
            out += b"\1" + sub
        else:
            out += b"\0" + data
    return out


def png(samples, depth, colour, before=(), interlaced=False, after=(), extra_data=b""):
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    if interlaced:
        data = b""
        for x, y, dx, dy in ADAM7:
            part = samples[y::dy, x::dx]
            if part.size:
                data += packed_rows(part, depth, True)
    else:
        data = packed_rows(samples, depth, True)
    body = zlib.compress(data + extra_data, 9)
    half = len(body) // 2
    chunks = [chunk(b"IHDR", header), *before, chunk(b"IDAT", body[:half]), chunk(b"IDAT", body[half:]), *after]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + chunk(b"IEND", b"")


def upright_rgb(samples, depth, colour, palette=None, alpha=None):
    """What the samples mean: 8-bit RGB over white, in exact arithmetic rounded once."""
    top = 2**depth - 1
    if colour == PALETTE:
        rgb = palette[samples[..., 0]] / 255
        opacity = numpy.ones(samples.shape[:2]) if alpha is None else alpha[samples[..., 0]] / 255
    else:
        values = samples / top
        rgb = values[..., :3] if colour in (RGB, RGBA) else numpy.repeat(values[..., :1], 3, axis=2)
        opacity = values[..., -1] if colour in (GRAY_ALPHA, RGBA) else numpy.ones(samples.shape[:2])
        if alpha is not None:
            opacity = opacity * (samples != numpy.array(alpha)).any(axis=2)
    opacity = opacity[..., None]
    return numpy.floor((rgb * opacity + 1 - opacity) * 255 + 0.5)


def write_png(name, samples, depth, colour, palette=None, alpha=None, **options):
    before = list(options.pop("before", ()))
    if palette is not None:
        before.append(chunk(b"PLTE", palette.astype(numpy.uint8).tobytes()))
    if alpha is not None:
        sixteen = b"".join(struct.pack(">H", value) for value in alpha)
        before.append(chunk(b"tRNS", bytes(alpha) if colour == PALETTE else sixteen))
    (HERE / f"{name}.png").write_bytes(png(samples, depth, colour, before, **options))
    if colour == PALETTE and alpha is not None:
        alpha = numpy.array(list(alpha) + [255] * (len(palette) - len(alpha)))
    write_ppm(name, upright_rgb(samples, depth, colour, palette, alpha))


def quantised(values, depth):
    return numpy.rint(values * (2**depth - 1)).astype(int)


def make_pngs():
    colours = scene(WIDTH, HEIGHT)
    gray = colours.mean(axis=2, keepdims=True)
    y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
    opacity = (((x + 2 * y) % 23) / 22)[..., None]
    for depth in (1, 2, 4, 8, 16):
        write_png(f"gray{depth}", quantised(gray, depth), depth, GRAY)
    for depth in (8, 16):
        write_png(f"rgb{depth}", quantised(colours, depth), depth, RGB)
        write_png(f"gray-alpha{depth}", quantised(numpy.concatenate([gray, opacity], 2), depth), depth, GRAY_ALPHA)
        write_png(f"rgba{depth}", quantised(numpy.concatenate([colours, opacity], 2), depth), depth, RGBA)
    generator = numpy.random.default_rng(3)
    for depth in (1, 2, 4, 8):
        size = min(2**depth, 200)
        palette = generator.integers(0, 256, (size, 3))
        samples = (quantised(gray, 8) * size // 256).astype(int)
        write_png(f"palette{depth}", samples, depth, PALETTE, palette)
        if depth >= 4:
            alpha = [0, 128, 255, 40][: size // 2] + [90] * (size // 4)
            write_png(f"palette{depth}-transparent", samples, depth, PALETTE, palette, alpha)
            interlaced = f"palette{depth}-transparent-interlaced"
            write_png(interlaced, samples, depth, PALETTE, palette, alpha, interlaced=True)
    coarse = quantised(colours, 2) * 85
    write_png("gray8-transparent", quantised(gray, 2) * 85, 8, GRAY, alpha=[85])
    write_png("rgb8-transparent", coarse, 8, RGB, alpha=list(coarse[9, 9]))
    # Two 16-bit values with the same high byte, of which one is transparent.
    twins = numpy.where((x + y) % 2 == 0, 0x5100, 0x5101)[..., None]
    write_png("gray16-transparent", twins, 16, GRAY, alpha=[0x5101])
    write_png("rgb16-transparent", numpy.repeat(twins, 3, axis=2), 16, RGB, alpha=[0x5100] * 3)
    write_png("gray1-interlaced", quantised(gray, 1), 1, GRAY, interlaced=True)
    write_png("rgb16-interlaced", quantised(colours, 16), 16, RGB, interlaced=True)
    write_png("rgba8-interlaced", quantised(numpy.concatenate([colours, opacity], 2), 8), 8, RGBA, interlaced=True)
    write_png("rgb8-narrow-interlaced", quantised(colours[:3, :2], 8), 8, RGB, interlaced=True)
    make_remarked_pngs(quantised(colours, 8))


def make_remarked_pngs(samples):
    """Pictures whose ancillary chunks must change nothing."""
    text_bomb = b"Comment\0\0" + zlib.compress(bytes(8 << 20), 9)
    broken_profile = chunk(b"iCCP", b"broken\0\0not deflate at all")
    gamma = chunk(b"gAMA", struct.pack(">I", 100000))
    write_png("remarks", samples, 8, RGB, before=[gamma, broken_profile, chunk(b"zTXt", text_bomb)])
    bad_crc = bytearray(chunk(b"tEXt", b"Comment\0whatever"))
    bad_crc[-1] ^= 255
    write_png("remark-with-bad-sum", samples, 8, RGB, before=[bytes(bad_crc)])
    frame = struct.pack(">IIIIIHHBB", 0, WIDTH, HEIGHT, 0, 0, 1, 10, 0, 0)
    next_frame = struct.pack(">IIIIIHHBB", 1, WIDTH, HEIGHT, 0, 0, 1, 10, 0, 0)
    other = struct.pack(">I", 2) + zlib.compress(packed_rows(255 - samples, 8, False))
    write_png(
        "animated", samples, 8, RGB,
        before=[chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"fcTL", frame)],
        after=[chunk(b"fcTL", next_frame), chunk(b"fdAT", other)],
    )
    # Eight megabytes of rows after the last one.
    (HERE / "bomb-in-picture-data.png").write_bytes(png(samples, 8, RGB, extra_data=bytes(8 << 20)))
    turned = numpy.rot90(samples, 1)
    exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    (HERE / "turned.png").write_bytes(png(turned, 8, RGB, after=[chunk(b"eXIf", exif)]))
    write_ppm("turned", samples)


# JPEG, through Pillow.


def write_jpeg(name, data, expected=None):
    (HERE / f"{name}.jpg").write_bytes(data)
    picture = Image.open(io.BytesIO(data)) if expected is None else expected
    write_ppm(name, numpy.asarray(picture.convert("RGB")))


def jpeg(picture, **options):
    out = io.BytesIO()
    picture.save(out, "JPEG", **options)
    return out.getvalue()


def exif_block(order, value):
    """Two entries, so that the orientation is not the first."""
    endian, mark = (">", b"MM") if order == "be" else ("<", b"II")
    entries = struct.pack(endian + "HHHIHH", 2, 0x0100, 3, 1, WIDTH, 0)
    entries += struct.pack(endian + "HHIHH", 0x0112, 3, 1, value, 0)
    return b"Exif\0\0" + mark + struct.pack(endian + "HI", 42, 8) + entries + bytes(4)


def make_jpegs():
    picture = Image.fromarray(quantised(scene(WIDTH, HEIGHT), 8).astype(numpy.uint8))
    write_jpeg("full-colour", jpeg(picture, quality=90, subsampling=0))
    write_jpeg("half-colour", jpeg(picture, quality=85, subsampling=2))
    write_jpeg("progressive", jpeg(picture, quality=85, progressive=True))
    write_jpeg("restarts", jpeg(picture, quality=85, restart_marker_blocks=1))
    write_jpeg("gray", jpeg(picture.convert("L"), quality=85))
    write_jpeg("stored-as-rgb", jpeg(picture, quality=85, keep_rgb=True))
    write_jpeg("broken-profile", jpeg(picture, quality=85, icc_profile=b"no profile" * 9))
    light = numpy.asarray(picture).astype(float)
    most = light.max(axis=2, keepdims=True).clip(1)
    four = numpy.rint(numpy.concatenate([255 - 255 * light / most, 255 - most], axis=2)).astype(numpy.uint8)
    write_jpeg("cmyk", jpeg(Image.fromarray(four, "CMYK"), quality=90))
    # YCCK: cyan, magenta and yellow as if they were red, green and blue, in YCbCr; black inverted. Pillow inverts
    # all it is given, so three are handed over inverted. The Adobe segment's last byte then has to say 2.
    luma_inks = numpy.asarray(Image.fromarray(four[..., :3]).convert("YCbCr"))
    stored = numpy.concatenate([255 - luma_inks, four[..., 3:]], axis=2)
    data = bytearray(jpeg(Image.fromarray(stored, "CMYK"), quality=90))
    at = data.index(b"Adobe") + 11
    assert data[at] == 0
    data[at] = 2
    write_jpeg("ycck", bytes(data))
    for value in range(1, 9):
        for order in ("le", "be"):
            data = jpeg(picture, quality=60, exif=exif_block(order, value))
            expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
            (HERE / f"held-{value}-{order}.jpg").write_bytes(data)
        write_ppm(f"held-{value}", numpy.asarray(expected.convert("RGB")))


def make_resized():
    picture = Image.fromarray(quantised(scene(61, 47, seed=11), 8).astype(numpy.uint8))
    write_ppm("resize-source", numpy.asarray(picture))
    for name, method in (("lanczos", Image.Resampling.LANCZOS), ("bicubic", Image.Resampling.BICUBIC)):
        for size in ((20, 15), (75, 58), (61, 20), (7, 90), (1, 1)):
            write_ppm(f"resize-{name}-{size[0]}x{size[1]}", numpy.asarray(picture.resize(size, method)))
    gray = numpy.asarray(picture.convert("L"))
    write_ppm("resize-source-gray", numpy.repeat(gray[..., None], 3, axis=2))


if __name__ == "__main__":
    make_pngs()
    make_jpegs()
    make_resized()
