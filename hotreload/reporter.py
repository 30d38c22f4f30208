"""How any part of the server tells the person at the terminal something.

Knows: the form: one sentence, and whether it is a problem. Refuses to know: how it is printed, and
what happened.
"""

from typing import Protocol


class Reporter(Protocol):
    """Reports one sentence to the person at the terminal."""

    def __call__(self, sentence: str, is_problem: bool, /) -> object:
        """Report a sentence.

        Args:
            sentence: what happened, on which file or address, and what to do.
            is_problem: something is wrong; else it is worth knowing.
        """


def once(report: Reporter) -> Reporter:
    """A reporter that reports each sentence only the first time."""
    reported: set[str] = set()

    def report_once(sentence: str, is_problem: bool, /) -> None:
        if sentence not in reported:
            reported.add(sentence)
            report(sentence, is_problem)

    return report_once
