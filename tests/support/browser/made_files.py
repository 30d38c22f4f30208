"""Pictures, sounds and fonts made here.

What tells versions apart is their width, or how long they last; nothing else of them matters.
"""

import io
import struct
import wave
import zlib


def png(size: int) -> bytes:
    """A grey square."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    pixels = zlib.compress((b"\0" + b"\x80" * size) * size)
    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def svg(size: int) -> str:
    """A picture of that width, with a symbol `s` that is a square of that width."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}">'
        f'<g id="s"><rect width="{size}" height="{size}"/></g></svg>'
    )


def wav(seconds: float) -> bytes:
    """Silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * int(8000 * seconds))
    return file.getvalue()


def ttf(width: int) -> bytes:
    """A font whose every letter is empty and `width` thousandths of an em wide."""
    name = "x".encode("utf-16-be")
    names = [struct.pack(">6H", 3, 1, 0x409, each, len(name), 0) for each in (1, 2, 4, 6)]
    letters = (4, 32, 0, 4, 4, 1, 0, 0x7E, 0xFFFF, 0, 0x20, 0xFFFF, 0xFFE1, 1, 0, 0)
    segments = struct.pack(">16H", *letters)
    glyphs = 96
    tables = {
        b"OS/2": struct.pack(">5H", 4, width, 400, 5, 0) + bytes(48) + b"none"
        + struct.pack(">3H3h2H2L2h3H", 64, 32, 126, 800, -200, 0, 800, 200, *[0] * 7),
        b"cmap": struct.pack(">4HL", 0, 1, 3, 1, 12) + segments,
        b"glyf": bytes(4),
        b"head": struct.pack(">4L2H", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, 1000) + bytes(26)
        + struct.pack(">H3h", 8, 2, 0, 0),
        b"hhea": struct.pack(">L3hH4h", 0x10000, 800, -200, 0, width, 0, 0, 0, 1) + bytes(14)
        + struct.pack(">H", glyphs),
        b"hmtx": struct.pack(">Hh", width, 0) * glyphs,
        b"loca": bytes(2 * (glyphs + 1)),
        b"maxp": struct.pack(">L14H", 0x10000, glyphs, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
        b"name": struct.pack(">3H", 0, len(names), 6 + 12 * len(names)) + b"".join(names) + name,
        b"post": struct.pack(">LLhhLLLLL", 0x30000, 0, 0, 0, 0, 0, 0, 0, 0),
    }  # fmt: skip
    directory = struct.pack(">L4H", 0x10000, len(tables), 128, 3, 16 * len(tables) - 128)
    body = b""
    for tag, data in tables.items():
        padded = data + bytes(-len(data) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}L", padded)) & 0xFFFFFFFF
        directory += tag + struct.pack(">3L", total, 12 + 16 * len(tables) + len(body), len(data))
        body += padded
    return directory + body
