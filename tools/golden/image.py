# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/images and tests/golden/image_{decode,resize,real}.txt with OpenCV 4.

    pip install "opencv-python-headless<5" numpy pillow
    python tools/golden/image.py [FOLDER]

image_real.txt is written for every fourth JPEG file below FOLDER (the tests' PINFEED_DATA).

IPP is switched off: with it, float32 resizing depends on the processor.
"""
import io
import pathlib
import sys
import zlib

import cv2
import numpy as np
from PIL import Image

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden"
IMAGES = GOLDEN / "images"


def noise(height, width, channels, seed):
    """Byte k is the lowest byte of the k-th word of MT19937(seed)."""
    words = np.random.RandomState(seed).randint(0, 2**32, height * width * channels, dtype=np.uint32)
    return (words & 255).astype(np.uint8).reshape(height, width, channels)


def scene(height, width, seed):
    """A smooth picture with edges, so that a JPEG of it is small and not flat."""
    small = noise(height // 8 + 2, width // 8 + 2, 3, seed)
    picture = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    cv2.circle(picture, (width // 3, height // 2), height // 4, (250, 40, 10), -1)
    cv2.line(picture, (0, height - 1), (width - 1, 0), (10, 240, 30), 2)
    return picture


def jpeg(rgb, mode="RGB", orientation=None, **options):
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
        options["exif"] = exif
    out = io.BytesIO()
    Image.fromarray(rgb, mode).save(out, "JPEG", quality=options.pop("quality", 85), **options)
    return out.getvalue()


def png(array, mode, **options):
    out = io.BytesIO()
    Image.fromarray(array, mode).save(out, "PNG", **options)
    return out.getvalue()


def palette_png(rgb, **options):
    out = io.BytesIO()
    Image.fromarray(rgb).quantize(32).save(out, "PNG", **options)
    return out.getvalue()


def png16(array):
    return cv2.imencode(".png", array)[1].tobytes()


def exif_png(rgb, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return png(rgb, "RGB", exif=exif)


def files():
    a = scene(75, 101, 1)
    yield "rgb_444.jpg", jpeg(a, subsampling=0)
    yield "rgb_422.jpg", jpeg(a, subsampling=1)
    yield "rgb_420.jpg", jpeg(a, subsampling=2)
    yield "rgb_420_even.jpg", jpeg(scene(64, 96, 2), subsampling=2)
    yield "rgb_420_tall.jpg", jpeg(scene(131, 9, 3), subsampling=2)
    yield "rgb_440.jpg", cv2.imencode(".jpg", a, [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x121111])[1].tobytes()
    yield "rgb_411.jpg", cv2.imencode(".jpg", a, [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x411111])[1].tobytes()
    yield "progressive_444.jpg", jpeg(a, subsampling=0, progressive=True)
    yield "progressive_420.jpg", jpeg(a, subsampling=2, progressive=True)
    yield "restart_420.jpg", cv2.imencode(".jpg", a, [cv2.IMWRITE_JPEG_RST_INTERVAL, 3])[1].tobytes()
    yield "grey.jpg", jpeg(a[:, :, 0].copy(), "L")
    yield "cmyk.jpg", jpeg(np.dstack([a, noise(75, 101, 1, 4)]).copy(), "CMYK", quality=75)
    yield "pixel.jpg", jpeg(a[:1, :1].copy())
    for orientation in range(1, 9):
        yield f"exif_{orientation}.jpg", jpeg(scene(20, 33, 5), orientation=orientation, subsampling=0)
    yield "exif_9.jpg", jpeg(scene(20, 33, 5), orientation=9)
    b = scene(23, 31, 6)
    yield "rgb.png", png(b, "RGB")
    yield "rgba.png", png(np.dstack([b, noise(23, 31, 1, 7)]).copy(), "RGBA")
    yield "grey.png", png(b[:, :, 1].copy(), "L")
    yield "grey_alpha.png", png(np.dstack([b[:, :, 1], b[:, :, 2]]).copy(), "LA")
    yield "palette.png", palette_png(b)
    yield "palette_transparent.png", palette_png(b, transparency=3)
    yield "one_bit.png", png((b[:, :, 0] > 127), None)
    yield "grey_16.png", png16((noise(23, 31, 1, 8).astype(np.uint16) << 8) + noise(23, 31, 1, 9))
    yield "rgb_16.png", png16((noise(9, 7, 3, 8).astype(np.uint16) << 8) + noise(9, 7, 3, 9))
    yield "exif_6.png", exif_png(b, 6)


def write_decoded():
    IMAGES.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, data in files():
        (IMAGES / name).write_bytes(data)
        raw = np.frombuffer(data, np.uint8)
        shown = cv2.imdecode(raw, cv2.IMREAD_COLOR)
        stored = cv2.imdecode(raw, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        lines.append(f"{name} {shown.shape[1]} {shown.shape[0]} {zlib.crc32(shown.tobytes()):08x} "
                     f"{zlib.crc32(stored.tobytes()):08x}")
    head = [f"# OpenCV {cv2.__version__}, made by tools/golden/image.py",
            "# file width height crc32(BGR, as IMREAD_COLOR) crc32(BGR, orientation ignored)"]
    (GOLDEN / "image_decode.txt").write_text("\n".join(head + lines) + "\n")


RESIZES = [((w, h), (W, H)) for (w, h), (W, H) in [
    ((64, 48), (64, 48)), ((64, 48), (128, 96)), ((64, 48), (100, 75)), ((64, 48), (65, 48)),
    ((64, 48), (64, 49)), ((64, 48), (32, 24)), ((64, 48), (32, 25)), ((64, 48), (33, 24)),
    ((64, 48), (16, 12)), ((64, 48), (21, 17)), ((64, 48), (1, 1)), ((64, 48), (200, 3)),
    ((1, 1), (7, 5)), ((1, 9), (4, 4)), ((9, 1), (4, 4)), ((2, 2), (1, 1)), ((2, 2), (9, 9)),
    ((101, 75), (333, 247)), ((101, 75), (57, 41)), ((640, 427), (1199, 800)), ((427, 640), (534, 800)),
    ((500, 375), (250, 188)), ((500, 376), (250, 188)), ((333, 500), (111, 167)), ((13, 200), (13, 67)),
    ((3, 3), (1000, 2)), ((31, 17), (62, 17)), ((31, 17), (93, 51)), ((641, 3), (640, 3)), ((7, 7), (5, 11)),
]]


def write_resized():
    lines = []
    for (w, h), (W, H) in RESIZES:
        for channels in (3, 1):
            picture = noise(h, w, channels, w * 1000 + h)
            for kind, code in (("bilinear", cv2.INTER_LINEAR), ("nearest", cv2.INTER_NEAREST)):
                for dtype in ("uint8", "float32"):
                    if channels == 1 and dtype == "float32":
                        continue
                    source = picture if dtype == "uint8" else picture.astype(np.float32) * np.float32(1.37)
                    result = cv2.resize(source, (W, H), interpolation=code)
                    lines.append(f"{w} {h} {W} {H} {channels} {dtype} {kind} {zlib.crc32(result.tobytes()):08x}")
    head = [f"# OpenCV {cv2.__version__} without IPP, made by tools/golden/image.py",
            "# from: byte k is the lowest byte of the k-th word of MT19937(width * 1000 + height); float32: times 1.37",
            "# from_width from_height width height channels dtype interpolation crc32"]
    (GOLDEN / "image_resize.txt").write_text("\n".join(head + lines) + "\n")


def write_real(folder):
    """Each file, and the same resized to 1333 x 800 keeping the ratio and flipped."""
    lines = []
    for path in sorted(folder.rglob("*.jpg"))[::4]:
        picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
        height, width = picture.shape[:2]
        factor = min(1333 / max(height, width), 800 / min(height, width))
        size = (int(width * factor + 0.5), int(height * factor + 0.5))
        result = cv2.flip(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), 1)
        lines.append(f"{path.relative_to(folder)} {zlib.crc32(picture.tobytes()):08x} {size[0]} {size[1]} "
                     f"{zlib.crc32(result.tobytes()):08x}")
    head = [f"# OpenCV {cv2.__version__}, made by tools/golden/image.py",
            "# file crc32(BGR) resized_width resized_height crc32(resized and flipped left to right)"]
    (GOLDEN / "image_real.txt").write_text("\n".join(head + lines) + "\n")


if __name__ == "__main__":
    cv2.ipp.setUseIPP(False)
    write_decoded()
    write_resized()
    if len(sys.argv) > 1:
        write_real(pathlib.Path(sys.argv[1]))
