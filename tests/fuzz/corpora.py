"""The inputs that fuzzing begins with, and those that once found something: one a line, escaped.

Knows: how bytes are written so that people can read them. Refuses to know: what they are for.
"""

import ast
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"


def read(name: str) -> list[bytes]:
    """The inputs of a target."""
    lines = (FOLDER / f"{name}.txt").read_text("ascii").splitlines()
    return [parsed(line) for line in lines if line]


def parsed(line: str) -> bytes:
    """A line as the input that it stands for."""
    data = ast.literal_eval(f'b"{line}"')
    assert isinstance(data, bytes)
    return data


def written(data: bytes) -> str:
    """An input as a line."""
    shown = {0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x22: '\\"', 0x5C: "\\\\"}
    return "".join(
        shown.get(byte) or (chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}") for byte in data
    )
