"""Comic: edges of a median-filtered photo and two flat tones, blue-black ink on cream, by Pillow's own filters."""

from PIL import Image, ImageChops, ImageFilter, ImageOps


def draw(photo: Image.Image) -> Image.Image:
    """The comic drawing of a photo."""
    gray = ImageOps.autocontrast(photo.convert("L").filter(ImageFilter.MedianFilter(5)))
    # The filter leaves the outermost pixels as they were; they would frame the drawing.
    edges = ImageOps.expand(ImageOps.crop(gray.filter(ImageFilter.FIND_EDGES), 1), 1, 0)
    edges = ImageOps.invert(edges.filter(ImageFilter.MaxFilter(3)))
    edges = edges.point([min(255, max(0, int((v - 150) * 3))) for v in range(256)])
    tones = gray.filter(ImageFilter.GaussianBlur(2)).point(
        [120 if v < 60 else 200 if v < 120 else 255 for v in range(256)]
    )
    return ImageOps.colorize(ImageChops.multiply(edges, tones), (30, 35, 80), (250, 245, 228))
