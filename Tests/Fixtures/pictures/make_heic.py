"""Makes turned.heic, which must decode to turned-heic.ppm: HEVC, stored turned, with a Display P3 profile.

Run: python make_heic.py, with numpy, Pillow and pillow-heif. Its own script, because only a build with the trait HEIC
reads what it makes.
"""

import io

import numpy
import pillow_heif
from PIL import Image, ImageCms

from make_pictures import HERE, quantised, scene, write_ppm
from make_wild_pictures import P3_PROFILE, in_srgb

WIDTH, HEIGHT = 64, 48


def main():
    picture = Image.fromarray(quantised(scene(WIDTH, HEIGHT), 8).astype(numpy.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = picture.transpose(Image.Transpose.ROTATE_90)
    heif = pillow_heif.from_pillow(stored)
    heif.info["icc_profile"] = P3_PROFILE
    heif.info["exif"] = exif.tobytes()
    heif.save(HERE / "turned.heic", quality=90, chroma=444)
    decoded = pillow_heif.open_heif(io.BytesIO((HERE / "turned.heic").read_bytes()), convert_hdr_to_8bit=True)
    print(decoded.size, decoded.mode, decoded.info.keys())
    write_ppm("turned-heic", numpy.asarray(in_srgb(decoded.to_pillow(), P3_PROFILE)))


if __name__ == "__main__":
    main()
