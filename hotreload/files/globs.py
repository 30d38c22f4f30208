"""Many globs, matched at once in one pass over a text.

Knows: an automaton with one bit for each place in each glob, so that every byte of a text is looked
at once and nothing is ever tried again: who wrote the globs, or the text, has no say in how long it
takes. Refuses to know: the notations in which globs are written, and what is done with a match.

All states that can be reached are one integer (Baeza-Yates and Gonnet, "A new approach to text
searching", 1992): a step is a handful of operations on it, whatever the globs are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum, auto
from typing import Final, NamedTuple


class Gap(Enum):
    """What stands for any number of bytes."""

    NAME = auto()  # any but slashes
    ANY = auto()
    FOLDERS = auto()  # nothing, or whatever ends with a slash; stands at the start of a name


class OneOf(NamedTuple):
    """One byte of these, or one that is none of these."""

    bytes: frozenset[int]
    negated: bool = False


Item = int | OneOf | Gap
"""A part of a glob; a number is the byte itself."""

Glob = Sequence[Item]

SLASH: Final = ord("/")
NOT_SLASH: Final = OneOf(frozenset({SLASH}), negated=True)


class Globs:
    """Globs, by their number.

    Args:
        globs: each matches whole texts.
    """

    __slots__ = ("_all", "_ends", "_kinds", "_numbers", "_skips", "_start", "_steps")

    def __init__(self, globs: Iterable[Glob]) -> None:
        plan = _Plan()
        self._ends = [plan.add(glob) for glob in globs]
        self._numbers = {end: number for number, end in enumerate(self._ends)}
        self._all = plan.bits(self._ends)
        self._skips = plan.bits(plan.skips)
        self._start = plan.bits(plan.starts)
        self._start |= (self._start & self._skips) << 1
        self._kinds, self._steps = _steps(plan)

    def mask(self, wanted: Callable[[int], bool]) -> int:
        """What `last` takes to look for some of the globs only: those whose number is wanted."""
        ends = [end for number, end in enumerate(self._ends) if wanted(number)]
        return _bits(max(ends, default=0), ends)

    def last(self, text: bytes, mask: int) -> int | None:
        """The number of the last one of some globs that matches a text."""
        found = self._reached(text) & mask
        return self._numbers[found.bit_length() - 1] if found else None

    def along(self, text: bytes, mask: int) -> list[int | None]:
        """The same of each folder on a path: of what stands before each slash."""
        found, state, skips = [], self._start, self._skips
        for byte in text:
            if byte == SLASH:
                ends = state & mask
                found.append(self._numbers[ends.bit_length() - 1] if ends else None)
                if not state:
                    break
            leading, staying = self._steps[self._kinds[byte]]
            moved = (state & leading) << 1
            state = moved | (moved & skips) << 1 | state & staying
        return found + [None] * (text.count(b"/") - len(found))

    def all(self, text: bytes) -> Iterator[int]:
        """The numbers of the globs that match a text, in order."""
        found = format(self._reached(text) & self._all, "b")[::-1]
        at = found.find("1")
        while at >= 0:
            yield self._numbers[at]
            at = found.find("1", at + 1)

    def _reached(self, text: bytes) -> int:
        """The places that globs are at behind a text."""
        state, skips = self._start, self._skips
        for leading, staying in map(self._steps.__getitem__, text.translate(self._kinds)):
            moved = (state & leading) << 1
            state = moved | (moved & skips) << 1 | state & staying
            if not state:
                break
        return state


_Step = tuple[int, int]
"""The places from which a byte leads on to the next, and those that it leads back to."""


def _steps(plan: "_Plan") -> tuple[bytes, list[_Step]]:
    """What each kind of byte does, and the kind of each byte: those that no glob names are one."""
    others, anywhere = plan.bits(plan.not_listed), plan.bits(plan.anywhere)
    staying = anywhere | plan.bits(plan.in_name)
    named = {SLASH, *plan.listed, *plan.excluded}
    kinds, steps = bytearray(256), [(others, staying)] * (len(named) < 256)
    for byte in sorted(named):
        leading = others & ~plan.bits(plan.excluded.get(byte, ()))
        leading |= plan.bits(plan.listed.get(byte, ()))
        kinds[byte] = len(steps)
        steps.append((leading, anywhere if byte == SLASH else staying))
    return bytes(kinds), steps


class _Plan:
    """Which bits are which places.

    Attributes:
        starts: the first place of each glob.
        listed: the places from which a byte leads on to the next, by byte.
        not_listed: those from which every byte does, but for some.
        excluded: those that a byte is excepted from, by byte.
        in_name: the places that every byte but a slash leads back to.
        anywhere: those that every byte leads back to.
        skips: those that are as good as the next one.
    """

    def __init__(self) -> None:
        self._count = 0
        self.starts: list[int] = []
        self.listed: dict[int, list[int]] = {}
        self.not_listed: list[int] = []
        self.excluded: dict[int, list[int]] = {}
        self.in_name: list[int] = []
        self.anywhere: list[int] = []
        self.skips: list[int] = []

    def add(self, glob: Glob) -> int:
        """Gives a glob its places; returns the last one."""
        self.starts.append(self._count)
        before: Item | None = None
        for item in glob:
            if isinstance(item, Gap) and item is before:
                continue
            self._add(item)
            before = item
        self._count += 1
        return self._count - 1

    def _add(self, item: Item) -> None:
        if isinstance(item, int):
            self._lead_on(self.listed, (item,))
        elif isinstance(item, OneOf):
            if item.negated:
                self.not_listed.append(self._count)
            self._lead_on(self.excluded if item.negated else self.listed, item.bytes)
        else:
            (self.in_name if item is Gap.NAME else self.anywhere).append(self._count)
            if item is Gap.FOLDERS:
                self.skips.append(self._count)
                self._lead_on(self.listed, (SLASH,))

    def _lead_on(self, places: dict[int, list[int]], bytes_: Iterable[int]) -> None:
        for byte in bytes_:
            places.setdefault(byte, []).append(self._count)
        self._count += 1

    def bits(self, places: Iterable[int]) -> int:
        """An integer with the bits of these places."""
        return _bits(self._count, places)


def _bits(count: int, places: Iterable[int]) -> int:
    bits = bytearray(count // 8 + 1)
    for place in places:
        bits[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(bits, "little")
