"""What the facts mean to a person who wants to serve the folder.

Knows: what works, what works less well, what will not work, and what to do about it. Refuses to
know: how facts are found out, and how findings are printed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from statistics import median
from typing import Final

from hotreload.doctor.facts import (
    Browser,
    Clock,
    Configuration,
    FileSystem,
    Latency,
    Libraries,
    Library,
    Machine,
    Port,
    Proxies,
    Reach,
    Root,
    Rules,
    Watches,
    Workers,
)

# Programs that heed no_proxy know this machine by these names.
OURS: Final = ("localhost", "127.0.0.1", "::1")
# How Linux calls its limits of watches and instances.
LIMIT: Final = "fs.inotify.max_user"
# What systems for developers have.
WATCHES, INSTANCES = 2**20, 1024
# Clocks of one machine differ by a tick; of two, rarely by more than this, in seconds.
CLOCKS: Final = 2.0
# With file events a save is noticed in far less, in milliseconds.
SLOW: Final = 300.0


class Severity(StrEnum):
    """What a finding means."""

    GOOD = "good"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One check's result.

    Attributes:
        check: the name of the check.
        state: whether it is well.
        sentence: what is so.
        advice: what to do; "" where there is nothing to do.
    """

    check: str
    state: Severity
    sentence: str
    advice: str = ""


def unknown(check: str, reason: str) -> Diagnosis:
    """A check that could not be made."""
    return Diagnosis(check, Severity.WARNING, f"could not be found out: {reason}")


def root(facts: Root) -> Diagnosis:
    """Whether there is something to serve."""
    meant = f"did you mean {' or '.join(facts.alike)}?" if facts.alike else ""
    if not facts.exists and not facts.may_come:
        advice = meant or "name the folder to serve"
        return Diagnosis("folder", Severity.FAILED, f"{facts.path} does not exist", advice)
    if not facts.exists:
        sentence = f"{facts.path} is not there yet: the server waits for it"
        return Diagnosis("folder", Severity.WARNING, sentence, meant)
    if not facts.is_folder:
        advice = "name the folder that holds it"
        return Diagnosis("folder", Severity.FAILED, f"{facts.path} is a file", advice)
    if not facts.is_readable:
        sentence = f"{facts.path} cannot be read: its permissions keep you out"
        return Diagnosis("folder", Severity.FAILED, sentence, "change them, or name another folder")
    return Diagnosis("folder", Severity.GOOD, f"{facts.path} can be read")


def trust(facts: Configuration) -> Diagnosis:
    """Whether configuration files may what they say."""
    if distrusted := [*facts.refused, *facts.foreign]:
        return Diagnosis("trust", Severity.WARNING, "; ".join(distrusted))
    if facts.opened:
        return Diagnosis("trust", Severity.GOOD, f"allowed: {', '.join(facts.opened)}")
    if not facts.files:
        return Diagnosis("trust", Severity.GOOD, "no configuration file")
    return Diagnosis(
        "trust", Severity.GOOD, f"nothing is opened to others by {' and '.join(facts.files)}"
    )


def file_system(facts: FileSystem) -> Diagnosis:
    """Whether the file system has an event for every change."""
    if facts.is_foreign:
        sentence = f"the folder is on {facts.kind}, which does not tell of every change"
        advice = "it is looked through every second; a folder on a disk of this system is faster"
        return Diagnosis("file system", Severity.WARNING, sentence, advice)
    kind = facts.kind or "a file system of this machine"
    return Diagnosis("file system", Severity.GOOD, f"{kind} tells of every change")


def watches(facts: Watches) -> Diagnosis:
    """Whether every folder can be watched."""
    folders = _count(facts.folders, "folder")
    if facts.engines_limit is not None and facts.engines_used >= facts.engines_limit:
        sentence = f"all {facts.engines_limit} inotify instances are in use: no events can be heard"
        return _raise(sentence, "instances", 2 * facts.engines_limit, INSTANCES)
    left = None if facts.limit is None else max(0, facts.limit - facts.used)
    if left is not None and left < facts.folders:
        sentence = f"{folders} to watch, and {_count(left, 'watch', 'watches')} left"
        needed = 2 * (facts.used + facts.folders)
        return _raise(f"{sentence} of {facts.limit:,}", "watches", needed, WATCHES)
    if facts.unreadable:
        sentence = f"{folders} to watch, {facts.unreadable} of which cannot be read"
        advice = "changes there are not seen: change their permissions, or --ignore them"
        return Diagnosis("watches", Severity.WARNING, sentence, advice)
    of = "" if left is None else f", and {_count(left, 'watch', 'watches')} left"
    return Diagnosis("watches", Severity.GOOD, f"{folders} to watch{of}")


def _raise(sentence: str, what: str, needed: int, usual: int) -> Diagnosis:
    command = f"sudo sysctl {LIMIT}_{what}={max(needed, usual)}"
    advice = f"folders without one are looked through every second; `{command}` raises the limit"
    return Diagnosis("watches", Severity.WARNING, sentence, advice)


def rules(facts: Rules) -> Diagnosis:
    """What decides which files are not watched."""
    if facts.unread:
        more = f", and {len(facts.unread) - 1} more" if len(facts.unread) > 1 else ""
        advice = "put a file in its place, or delete it"
        return Diagnosis("git", Severity.WARNING, f"{facts.unread[0]}{more}", advice)
    if not facts.repository:
        sentence = "no repository: only .gitignore files in the folder say what is not watched"
        return Diagnosis("git", Severity.GOOD, sentence)
    if facts.is_strange:
        sentence = f"{facts.repository} belongs to another user: its ignore files do not count"
        return Diagnosis("git", Severity.WARNING, sentence)
    if facts.ignores_root:
        sentence = f"{facts.repository} ignores this folder: it is watched all the same"
        return Diagnosis("git", Severity.GOOD, sentence)
    files = _count(facts.files, "ignore file")
    sentence = f"repository {facts.repository} ({files} from outside of the folder)"
    return Diagnosis("git", Severity.GOOD, sentence)


def machine(facts: Machine) -> Diagnosis:
    """Whether a browser may run on another system than the server."""
    if facts.container:
        sentence = f"{facts.system} in a container ({facts.container})"
        advice = "a browser outside reaches only --host 0.0.0.0 with a published port"
        return Diagnosis("system", Severity.WARNING, sentence, advice)
    below = " below Windows, whose browsers reach it as localhost" if facts.wsl else ""
    return Diagnosis("system", Severity.GOOD, facts.system + below)


def port(facts: Port) -> Diagnosis:
    """Whether the server can listen."""
    addresses = " and ".join(("127.0.0.1", "::1") if facts.ipv6 else ("127.0.0.1",))
    if not facts.taken:
        without = "" if facts.ipv6 else " (this machine has no IPv6)"
        sentence = f"{facts.number} is free on {addresses}{without}"
        return Diagnosis("port", Severity.GOOD, sentence)
    if facts.server:
        sentence = f"a server for this folder answers at {facts.server}"
        return Diagnosis("port", Severity.GOOD, sentence)
    sentence = f"{facts.number} is taken {_by_whom(facts)}"
    if facts.asked or not facts.free:
        advice = "choose another with --port, or 0 for a free one"
        return Diagnosis("port", Severity.FAILED, sentence, advice)
    return Diagnosis("port", Severity.WARNING, f"{sentence}: the next free one is used")


def _by_whom(facts: Port) -> str:
    who = next(iter(facts.taken.values()))
    return f"on {' and '.join(facts.taken)}{f' by {who}' if who else ''}"


def workers(facts: Workers) -> Diagnosis:
    """Whether something answers pages in the server's place."""
    sentence = f"{' and '.join(facts.scripts)} may answer pages from caches of its own"
    advice = "a page that stays old is in one of them: `--clear-site-data` has browsers forget it"
    return Diagnosis("workers", Severity.WARNING, sentence, advice)


def reach(facts: Reach) -> Diagnosis:
    """Whether a browser reaches the server by address and by name."""
    deaf = [address for address in facts.bound if address not in facts.reached]
    if deaf or not facts.bound:
        sentence = f"{' and '.join(deaf) or '127.0.0.1'} cannot be reached from this machine"
        advice = "let a firewall or a security program allow it"
        return Diagnosis("localhost", Severity.FAILED, sentence, advice)
    strange = [address for address in facts.localhost if address not in OURS]
    missing = not {*facts.localhost} & {*facts.bound}
    if strange or missing:
        sentence = f"the name localhost stands for {' and '.join(strange) or 'no address'}"
        advice = "write http://127.0.0.1, or add the line `127.0.0.1 localhost` to the hosts file"
        return Diagnosis("localhost", Severity.WARNING, sentence, advice)
    sentence = f"stands for {' and '.join(facts.localhost)}; reached at "
    return Diagnosis("localhost", Severity.GOOD, sentence + " and ".join(facts.reached))


def proxies(facts: Proxies) -> Diagnosis:
    """Whether programs ask a proxy for this machine."""
    if not facts.variables:
        return Diagnosis("proxy", Severity.GOOD, "none in the environment")
    names = " and ".join(facts.variables)
    exempt = {host.removeprefix("*").removeprefix(".").lower() for host in facts.exempt}
    missing = [] if "*" in facts.exempt else [host for host in OURS if host not in exempt]
    if not missing:
        return Diagnosis("proxy", Severity.GOOD, f"{names} set, and no_proxy exempts this machine")
    lacks = ", ".join(missing)
    sentence = f"{names} set, and no_proxy lacks {lacks}: curl and others ask the proxy"
    advice = f"export no_proxy={','.join([*facts.exempt, *missing])}"
    return Diagnosis("proxy", Severity.WARNING, sentence, advice)


def clock(facts: Clock) -> Diagnosis:
    """Whether file times can be compared with the system's clock."""
    if abs(facts.ahead) <= CLOCKS:
        return Diagnosis("clock", Severity.GOOD, "file times agree with the clock")
    side = "ahead of" if facts.ahead > 0 else "behind"
    sentence = f"file times are {abs(facts.ahead):,.0f} s {side} the clock"
    advice = "set the clocks of both machines: the times that saves take will be wrong"
    return Diagnosis("clock", Severity.WARNING, sentence, advice)


def browser(facts: Browser) -> Diagnosis:
    """Whether `--open` does anything."""
    if facts.name:
        return Diagnosis("browser", Severity.GOOD, f"--open starts {facts.name}")
    advice = "set BROWSER to its command, or open the address yourself"
    return Diagnosis("browser", Severity.WARNING, "--open finds no browser", advice)


def libraries(facts: Libraries) -> Diagnosis:
    """Whether what is needed is there, and new enough."""
    bad = [each for each in facts.libraries if not _will_do(each)]
    said = [f"{each.name} {each.version or 'missing'} (needs {each.floor})" for each in bad]
    needed = [each for each in bad if not (each.is_optional and not each.version)]
    install = "pip install --upgrade hotreload-server"
    if needed:
        return Diagnosis("Python", Severity.FAILED, ", ".join(said), install)
    if bad:
        sentence = f"{', '.join(said)}: all works, but slower"
        return Diagnosis("Python", Severity.WARNING, sentence, install)
    versions = [f"{each.name} {each.version}" for each in facts.libraries]
    return Diagnosis("Python", Severity.GOOD, ", ".join([facts.python, *versions]))


def _will_do(library: Library) -> bool:
    if not library.version:
        return False
    pairs = zip_longest(_numbers(library.version), _numbers(library.floor), fillvalue=0)
    return next((have > need for have, need in pairs if have != need), True)


def _numbers(version: str) -> list[int]:
    """The leading numbers of a version, as in 17.4.1."""
    return [int(number) for number in re.findall(r"\d+", version.partition("+")[0])[:4]]


def latency(facts: Latency) -> Diagnosis:
    """Whether saves are noticed, and how fast."""
    if facts.missed:
        of = len(facts.milliseconds) + facts.missed
        sentence = f"{facts.missed} of {_count(of, 'save')} went unnoticed"
        return Diagnosis("events", Severity.FAILED, sentence, "hotreload serve --poll")
    middle = median(facts.milliseconds)
    if middle > SLOW:
        sentence = f"a save is noticed after {middle:.0f} ms: by looking, not by events"
        return Diagnosis("events", Severity.WARNING, sentence)
    slowest = max(facts.milliseconds)
    sentence = f"a save is noticed after {middle:.0f} ms ({slowest:.0f} ms at most)"
    return Diagnosis("events", Severity.GOOD, sentence)


def failed(findings: Sequence[Diagnosis]) -> bool:
    """Whether something will not work."""
    return any(finding.state is Severity.FAILED for finding in findings)


def summary(findings: Sequence[Diagnosis]) -> str:
    """The findings in one sentence."""
    bad = sum(finding.state is Severity.FAILED for finding in findings)
    care = sum(finding.state is Severity.WARNING for finding in findings)
    said = [f"{bad} will not work"] if bad else []
    said += [_count(care, "warning")] if care else []
    return ", ".join(said) or "all is well"


def _count(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
