"""Findings as people and programs read them.

Knows: text, JSON, GitHub's workflow commands and SARIF 2.1.0. Refuses to know: what was checked and
where lines go.
Sources: https://docs.github.com/actions (workflow commands), OASIS SARIF 2.1.0.
"""

import json
import os
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

import click

from hotreload import __version__
from hotreload.check.findings import RULES, Finding
from hotreload.terminal.text import printable


def text(findings: Sequence[Finding], *, colour: bool = False) -> str:
    """Returns one line a finding: `file:line:column: CODE sentence`."""
    return "".join(_line(finding, colour) + "\n" for finding in findings)


def _line(finding: Finding, colour: bool) -> str:
    sentence, name = printable(finding.sentence), printable(shown(finding.file))
    if not colour:
        return f"{name}:{finding.line}:{finding.column}: {finding.code} {sentence}"
    colon = click.style(":", fg="cyan")
    where = colon.join((click.style(name, bold=True), str(finding.line), str(finding.column), ""))
    return f"{where} {click.style(finding.code, fg='red', bold=True)} {sentence}"


def as_json(findings: Sequence[Finding]) -> str:
    """Returns a list of objects with file, line, column, code, rule, sentence and fixable."""
    entries = [
        {
            "file": shown(finding.file),
            "line": finding.line,
            "column": finding.column,
            "code": finding.code,
            "rule": RULES[finding.code].name,
            "sentence": finding.sentence,
            "fixable": RULES[finding.code].fixable,
        }
        for finding in findings
    ]
    return json.dumps(entries, indent=2) + "\n"


def github(findings: Sequence[Finding]) -> str:
    """Returns the commands that make annotations in a workflow of GitHub Actions."""
    return "".join(
        f"::error file={_property(_slashed(finding.file))},line={finding.line},"
        f"col={finding.column},title={finding.code} {RULES[finding.code].name}"
        f"::{_data(f'{finding.code} {finding.sentence}')}\n"
        for finding in findings
    )


def _data(value: str) -> str:
    return printable(value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def sarif(findings: Sequence[Finding]) -> str:
    """Returns a SARIF log with one run."""
    codes = list(RULES)
    driver = {
        "name": "hotreload",
        "version": __version__,
        "rules": [
            {"id": code, "name": rule.name, "shortDescription": {"text": rule.summary}}
            for code, rule in RULES.items()
        ],
    }
    results = [_result(finding, codes.index(finding.code)) for finding in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(finding: Finding, index: int) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": quote(_slashed(finding.file).encode("utf-8", "replace"))},
        "region": {"startLine": finding.line, "startColumn": finding.column},
    }
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": "error",
        "message": {"text": finding.sentence},
        "locations": [{"physicalLocation": place}],
    }


FORMATS: Final[dict[str, Callable[[Sequence[Finding]], str]]] = {
    "text": text,
    "json": as_json,
    "github": github,
    "sarif": sarif,
}


def shown(file: str) -> str:
    """Returns a file's path relative to the current folder, where it lies below it."""
    here = os.path.relpath(file) if os.path.splitdrive(file)[0] in ("", _drive()) else file
    return file if here.startswith("..") else here


def _drive() -> str:
    return os.path.splitdrive(os.getcwd())[0]  # noqa: PTH109 - no Path is needed for a letter


def _slashed(file: str) -> str:
    return shown(file).replace(os.sep, "/")
