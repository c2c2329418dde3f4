#!/usr/bin/python3
"""A screenshot made small enough for docs/: shrink_png.py IN.png OUT.png [HALVES]: halved so many times (1), in at most 256 colours.

Chromium's are 8 bits a sample, RGB or RGBA, not interlaced; nothing else is read.
"""
import collections
import struct
import sys
import zlib


def chunks(data):
    at = 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        yield kind, data[at + 8:at + 8 + size]
        at += 12 + size


def undo(kind, row, above, step):
    for i, v in enumerate(row):
        a, b, c = row[i - step] if i >= step else 0, above[i], above[i - step] if i >= step else 0
        if kind == 4:
            p = a + b - c
            a = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        row[i] = (v + (0, a, b, (a + b) // 2, a)[kind]) & 255
    return row


def read(path):
    """Rows of (r, g, b)."""
    data = open(path, "rb").read()
    parts = list(chunks(data))
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", parts[0][1])
    assert depth == 8 and colour in (2, 6) and not interlace, "8 bits, RGB or RGBA, not interlaced"
    step, raw = (3 if colour == 2 else 4), zlib.decompress(b"".join(body for kind, body in parts if kind == b"IDAT"))
    above, rows = bytearray(width * step), []
    for y in range(height):
        line = raw[y * (width * step + 1):(y + 1) * (width * step + 1)]
        above = undo(line[0], bytearray(line[1:]), above, step)
        rows.append([tuple(above[x:x + 3]) for x in range(0, width * step, step)])
    return rows


def halved(rows):
    return [[tuple((a + b + c + d + 2) // 4 for a, b, c, d in zip(up[x], up[x + 1], down[x], down[x + 1])) for x in range(0, len(up) - 1, 2)]
            for up, down in zip(rows[::2], rows[1::2])]


def write(path, rows):
    coarse = [[tuple(v & 0xf8 | v >> 5 for v in pixel) for pixel in row] for row in rows]
    palette = [colour for colour, _ in collections.Counter(p for row in coarse for p in row).most_common(256)]
    place = {colour: i for i, colour in enumerate(palette)}

    def nearest(colour):
        if colour not in place:
            place[colour] = min(range(len(palette)), key=lambda i: sum((a - b) ** 2 for a, b in zip(palette[i], colour)))
        return place[colour]
    body = b"".join(b"\0" + bytes(map(nearest, row)) for row in coarse)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 3, 0, 0, 0))
                  + chunk(b"PLTE", b"".join(map(bytes, palette))) + chunk(b"IDAT", zlib.compress(body, 9)) + chunk(b"IEND", b""))


if __name__ == "__main__":
    picture = read(sys.argv[1])
    for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 1):
        picture = halved(picture)
    write(sys.argv[2], picture)
