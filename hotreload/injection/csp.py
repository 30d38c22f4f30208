"""Content Security Policy: the least that lets our script run and reach its server.

Knows: which list of a policy governs a script element and its imports, a connection, and a Trusted
Types policy, and what each list allows. Refuses to know: where policies stand, and documents.
Sources: https://www.w3.org/TR/CSP3/ sections 2.2, 6.7 and 6.8;
https://www.w3.org/TR/trusted-types/ section 4.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

TYPES_POLICY = "hotreload"
"""The name of the client's Trusted Types policy."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """Policies that let our script run, and what that took.

    Attributes:
        headers: The values of `Content-Security-Policy` headers, in the order given.
        metas: The values of `<meta http-equiv="content-security-policy">`, in the order given.
        nonce: The nonce that our script has to carry, if any.
        sentence: What a person has to know of it, in one line; None when there is nothing.
    """

    headers: tuple[str, ...] = ()
    metas: tuple[str, ...] = ()
    nonce: str | None = None
    sentence: str | None = None


def amend(headers: Sequence[str], metas: Sequence[str], *, source: str, nonce: str) -> Amendment:
    """Returns these policies with our script, its connection and its types policy allowed.

    Args:
        headers: The values of all `Content-Security-Policy` headers of a response. Those of
            `Content-Security-Policy-Report-Only` block nothing and do not belong here.
        metas: The policies of the document's `<meta>` elements.
        source: Where our script and what it imports come from, as a browser asks for it:
            `http://127.0.0.1:8765/__hotreload__/`.
        nonce: Letters and digits that nobody can foresee. A nonce that all policies already
            accept is taken in its place.
    """
    if obstacle := _obstacle(headers):
        return Amendment(tuple(headers), tuple(metas), sentence=obstacle)
    values = [[_parse(policy) for policy in header.split(",")] for header in headers]
    values += [[_parse(meta)] for meta in metas]
    policies = [policy for value in values for policy in value]
    strict = [policy for policy in policies if _needs_nonce(policy)]
    chosen = _common_nonce(strict) or nonce
    added = [each for policy in policies for each in _allow(policy, source, chosen)]
    written = tuple(",".join(";".join(policy) for policy in value) for value in values)
    return Amendment(
        written[: len(headers)],
        written[len(headers) :],
        nonce=chosen if strict else None,
        sentence=_sentence(added),
    )


def _sentence(added: Sequence[str]) -> str | None:
    listed = ", ".join(dict.fromkeys(added))
    return f"content security policy: allowed {listed} in the response" if added else None


def _obstacle(headers: Sequence[str]) -> str | None:
    """A sandbox (which counts in a header only) that our script cannot live in."""
    for header in headers:
        for policy in header.split(","):
            flags = _values(_parse(policy), "sandbox")
            for flag in ("allow-scripts", "allow-same-origin"):
                if flags is not None and flag not in flags:
                    return f"content security policy: no client in a sandbox without {flag}"
    return None


# A policy is taken apart into its directives without losing a character: joined with ";" they are
# the policy again.


def _parse(policy: str) -> list[str]:
    return policy.split(";")


def _words(directive: str) -> list[str]:
    return [word for word in re.split("[\t\n\f\r ]+", directive) if word]


def _find(policy: list[str], *names: str) -> int | None:
    """The place of the first of these directives that is there; of several alike the first."""
    for name in names:
        for place, directive in enumerate(policy):
            if [word.lower() for word in _words(directive)[:1]] == [name]:
                return place
    return None


def _values(policy: list[str], *names: str) -> list[str] | None:
    place = _find(policy, *names)
    return None if place is None else _words(policy[place])[1:]


_SCRIPT = ("script-src-elem", "script-src", "default-src")
_CONNECT = ("connect-src", "default-src")
_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_-]+={0,2})'", re.IGNORECASE)
_NONCE_OR_HASH = re.compile("'(?:nonce|sha256|sha384|sha512)-", re.IGNORECASE)


def _allows_ours(sources: Sequence[str]) -> bool:
    return not {"'self'", "*"}.isdisjoint(each.lower() for each in sources)


def _needs_nonce(policy: list[str]) -> bool:
    """Whether our script needs a nonce: nothing else counts beside `'strict-dynamic'`.

    Else a nonce is still what allows the least, unless it would turn `'unsafe-inline'` off.
    """
    sources = _values(policy, *_SCRIPT)
    if sources is None:
        return False
    keywords = {each.lower() for each in sources}
    if "'strict-dynamic'" in keywords:
        return True
    return not _allows_ours(sources) and not _lives_on_unsafe_inline(sources)


def _lives_on_unsafe_inline(sources: Sequence[str]) -> bool:
    return "'unsafe-inline'" in {each.lower() for each in sources} and not any(
        _NONCE_OR_HASH.match(each) for each in sources
    )


def _common_nonce(policies: Sequence[list[str]]) -> str | None:
    """A nonce that all of these policies accept already, the first one's first."""
    known = [
        [found[1] for each in _values(policy, *_SCRIPT) or () if (found := _NONCE.fullmatch(each))]
        for policy in policies
    ]
    first, *others = known or [[]]
    return next((each for each in first if all(each in other for other in others)), None)


def _allow(policy: list[str], source: str, nonce: str) -> Iterator[str]:
    """Amends the policy; yields what was added, for people."""
    scripts = _values(policy, *_SCRIPT)
    if _needs_nonce(policy):
        yield from _add(policy, _SCRIPT, "script-src", f"'nonce-{nonce}'")
    elif scripts is not None and not _allows_ours(scripts):
        # A host source cannot be an IPv6 address (CSP3 section 2.3.1).
        yield from _add(policy, _SCRIPT, "script-src", "'self'" if "[" in source else source)
    connections = _values(policy, *_CONNECT)
    if connections is not None and not _allows_ours(connections):
        # 'self' is the page's own host and port by HTTP and by WebSocket.
        yield from _add(policy, _CONNECT, "connect-src", "'self'")
    types = _values(policy, "trusted-types")
    if types is not None and "*" not in types:
        yield from _add(policy, ("trusted-types",), "trusted-types", TYPES_POLICY)


def _add(policy: list[str], names: Sequence[str], own: str, value: str) -> Iterator[str]:
    """Adds to the directive that counts; beside `default-src`, a directive of its own is made."""
    place = _find(policy, *names)
    if place is None or value in (given := _words(policy[place])):
        return
    name = given[0].lower()
    kept = [each for each in given[1:] if each.lower() != "'none'"]
    if name == "default-src":
        policy.insert(place + 1, " ".join(["", own, *kept, value]))
    else:
        own = name
        indent = policy[place][: len(policy[place]) - len(policy[place].lstrip())]
        policy[place] = indent + " ".join([given[0], *kept, value])
    yield f"{own} {value[:7]}...'" if value.startswith("'nonce-") else f"{own} {value}"
