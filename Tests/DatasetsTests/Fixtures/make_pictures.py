"""Makes the small pictures beside this script, and what they show: python3 make_pictures.py (needs Pillow and NumPy).

The pictures of arithmetic coding are what `jpegtran -arithmetic` (libjpeg-turbo) makes of colour444.jpg, with -progressive too.
expected.json has, for each picture, its size and the red, green and blue of all pixels as Pillow decodes it: transparent
pixels over white, 16 bits cut to the upper 8. PNG is written here, chunk by chunk, so that each has the depth, the colour
type and the interlacing that its name says."""
import io, json, os, struct, zlib
import numpy
from PIL import Image

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pictures")
random = numpy.random.default_rng(7)
expected = {}


def save(name, data, pixels=None):
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(data)
    if pixels is not None:
        pixels = numpy.asarray(pixels)
        expected[name] = {"height": pixels.shape[0], "width": pixels.shape[1], "pixels": pixels.reshape(-1).tolist()}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, interlace=0, before=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(rows, 9))
            + chunk(b"IEND", b""))


def packed(values, depth):
    """Rows of samples (height, samples) of `depth` bits, each behind its filter byte 0."""
    out = b""
    for row in values:
        if depth == 16:
            out += b"\0" + b"".join(struct.pack(">H", int(v)) for v in row)
        else:
            bits = "".join(format(int(v), f"0{depth}b") for v in row)
            bits += "0" * (-len(bits) % 8)
            out += b"\0" + bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
    return out


def grey(values):
    return numpy.repeat(values[:, :, None], 3, axis=2)


W, H = 7, 5
for depth in (1, 2, 4, 8, 16):
    values = random.integers(0, 1 << depth, (H, W))
    shown = values >> 8 if depth == 16 else values * (255 // ((1 << depth) - 1))
    save(f"grey{depth}.png", png(W, H, depth, 0, packed(values, depth)), grey(shown))
for depth in (8, 16):
    values = random.integers(0, 1 << depth, (H, W, 3))
    save(f"colour{depth}.png", png(W, H, depth, 2, packed(values.reshape(H, -1), depth)), values >> (depth - 8))
palette = random.integers(0, 256, (256, 3))
for depth in (1, 2, 4, 8):
    values = random.integers(0, 1 << depth, (H, W))
    table = chunk(b"PLTE", palette[:1 << depth].astype(numpy.uint8).tobytes())
    save(f"palette{depth}.png", png(W, H, depth, 3, packed(values, depth), before=table), palette[values])


def over_white(values, alpha):
    values, alpha = values.astype(int), alpha.astype(int)[:, :, None]
    return (values * alpha + 255 * (255 - alpha) + 127) // 255


values, alpha = random.integers(0, 256, (H, W, 3)), random.integers(0, 256, (H, W))
save("transparent8.png", png(W, H, 8, 6, packed(numpy.dstack([values, alpha]).reshape(H, -1), 8)), over_white(values, alpha))
values, alpha = random.integers(0, 1 << 16, (H, W, 3)), random.integers(0, 1 << 16, (H, W))
save("transparent16.png", png(W, H, 16, 6, packed(numpy.dstack([values, alpha]).reshape(H, -1), 16)),
     over_white(values >> 8, alpha >> 8))
values, alpha = random.integers(0, 256, (H, W)), random.integers(0, 256, (H, W))
save("greytransparent8.png", png(W, H, 8, 4, packed(numpy.dstack([values, alpha]).reshape(H, -1), 8)), over_white(grey(values), alpha))
values = random.integers(0, 4, (H, W))
table = chunk(b"PLTE", palette[:4].astype(numpy.uint8).tobytes()) + chunk(b"tRNS", bytes([0, 128]))
save("palettetransparent2.png", png(W, H, 2, 3, packed(values, 2), before=table),
     over_white(palette[values], numpy.array([0, 128, 255, 255])[values]))
# Adam7: seven passes, each with every so many rows and columns.
values = random.integers(0, 256, (9, 10, 3))
rows = b""
for top, left, down, right in [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]:
    part = values[top::down, left::right]
    if part.size:
        rows += packed(part.reshape(part.shape[0], -1), 8)
save("interlaced8.png", png(10, 9, 8, 2, rows, interlace=1), values)

# Smooth pictures, which JPEG keeps.
y, x = numpy.mgrid[0:24, 0:40]
smooth = numpy.stack([4 * x + 2 * y, 255 - 5 * x, 8 * y + x], axis=2).clip(0, 255).astype(numpy.uint8)


def jpeg(image, **settings):
    data = io.BytesIO()
    image.save(data, "JPEG", quality=95, **settings)
    return data.getvalue()


def shown(data):
    return numpy.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


colour = Image.fromarray(smooth)
for name, image, settings in [
    ("colour444.jpg", colour, {"subsampling": 0}), ("colour420.jpg", colour, {"subsampling": 2}),
    ("progressive.jpg", colour, {"progressive": True}), ("grey.jpg", colour.convert("L"), {}),
    ("cmyk.jpg", colour.convert("CMYK"), {}),
]:
    data = jpeg(image, **settings)
    save(name, data, shown(data))
# Red at the left, green at the top right, blue below it, once for each way to lie.
arrow = numpy.zeros((16, 24, 3), numpy.uint8)
arrow[:, :8] = [255, 0, 0]
arrow[:8, 8:] = [0, 255, 0]
arrow[8:, 8:] = [0, 0, 255]
upright = Image.fromarray(arrow)
T = Image.Transpose
turns = {1: None, 2: T.FLIP_LEFT_RIGHT, 3: T.ROTATE_180, 4: T.FLIP_TOP_BOTTOM, 5: T.TRANSPOSE, 6: T.ROTATE_90,
         7: T.TRANSVERSE, 8: T.ROTATE_270}
for tag, turn in turns.items():
    exif = Image.Exif()
    exif[0x0112] = tag
    save(f"turned{tag}.jpg", jpeg(upright if turn is None else upright.transpose(turn), subsampling=0, exif=exif))
exif = Image.Exif()
exif[0x0112] = 6
data = io.BytesIO()
upright.transpose(T.ROTATE_90).save(data, "PNG", exif=exif)
save("turned6.png", data.getvalue())

# Resizing, by Pillow's mean over a triangle.
big = numpy.clip(smooth.astype(int) + random.integers(-40, 40, smooth.shape), 0, 255).astype(numpy.uint8)
data = io.BytesIO()
Image.fromarray(big).save(data, "PNG")
save("resized.png", data.getvalue())
image = Image.fromarray(big)
expected["resized"] = {
    "stretch 8x8": numpy.asarray(image.resize((8, 8), Image.Resampling.BILINEAR)).reshape(-1).tolist(),
    "crop 8x8": numpy.asarray(image.crop((8, 0, 32, 24)).resize((8, 8), Image.Resampling.BILINEAR)).reshape(-1).tolist(),
    "stretch 48x50": numpy.asarray(image.resize((50, 48), Image.Resampling.BILINEAR)).reshape(-1).tolist(),
}
# A header of 100,000 x 100,000 pixels, and one of 60,000 x 60,000 that deflate packs into little.
save("bomb.png", png(100_000, 100_000, 8, 2, b"\0" * 1000))
save("flatbomb.png", png(60_000, 60_000, 1, 0, b"\0" * 100_000))
with open(os.path.join(HERE, "expected.json"), "w") as file:
    json.dump(expected, file, separators=(",", ":"))
    file.write("\n")
