"""Run every check and test of hotreload, and install what they need: `python3 tools/test.py`.

Knows: the tools, the order they run in, and where each comes from (pip, npm, apt-get). Needs Python
3.11 or newer and its standard library, nothing else. All checks run even if one fails; exit status
0 means all passed. `--nightly` runs the nightly profile: everything in Firefox too, all examples of
the property tests, the long tests, and nothing a second time. Other arguments go to pytest:
`python3 tools/test.py -k css`.
"""

import hashlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - this file also meets a Python that is too old
    sys.exit("hotreload needs Python 3.11 or newer; this is Python " + sys.version.split()[0])

ROOT = Path(__file__).resolve().parent.parent
INJECTOR = ROOT / "injector"
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
WHOLE = PYTHON.with_stem("pip")  # what the making of a virtual environment writes last
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
FIREFOXES = ("firefox-esr", "firefox")

# Values in, values out: the tests reach every branch of these modules by calling them.
PURE = [
    "check/file_check",
    "check/findings",
    "check/formats",
    "check/html/element_spans",
    "check/html/nesting",
    "check/html/parser_repairs",
    "check/html/serialization_diff",
    "check/html/tokenizer_errors",
    "check/references/css_references",
    "check/references/html_references",
    "check/references/resolve",
    "check/references/url_reference",
    "check/source/leftovers",
    "check/source/rewrite",
    "check/source/source_text",
    "check/source/suppressions",
    "config/exposure",
    "config/parser",
    "doctor/diagnoses",
    "doctor/facts",
    "files/gitignore",
    "files/globs",
    "files/hidden_files",
    "files/ignore",
    "files/network_filesystems",
    "files/partial_writes",
    "files/stamp",
    "http/clear_site_data",
    "http/compress",
    "http/conditions",
    "http/cors",
    "http/fetch_metadata",
    "http/lru",
    "http/messages",
    "http/mime",
    "http/representation",
    "http/response_cache",
    "http/url_path",
    "http/validation",
    "injection/ascii_outline",
    "injection/attribute_parser",
    "injection/csp",
    "injection/encoding",
    "injection/encoding_labels",
    "injection/html_prefix",
    "injection/inject",
    "injection/tag",
    "injection/xml_prolog",
    "live/history",
    "live/messages",
    "live/page_status",
    "live/source_versions",
    "remote/roundtrip_times",
    "remote/target",
    "security/basic_auth",
    "security/connection_limit",
    "security/fair_share",
    "security/guard",
    "security/limits",
    "security/refusals",
    "static/pages/directory_listing",
    "static/pages/error_pages",
    "static/rules/header_rules",
    "static/rules/redirects",
    "static/sandboxes",
    "static/service_workers",
    "static/site/suggestions",
    "terminal/layout",
    "terminal/line_limiter",
    "terminal/qr",
    "terminal/text",
    "watch/changes",
    "watch/debounce",
    "watch/events/coverage",
    "watch/folder_table",
    "watch/schedule",
]

# How pytest ends: "1 failed, 412 passed in 61.30s".
CLOSING = re.compile(r"(?:\d+ (?:passed|failed|error|skipped).*|no tests ran) in [\d.]+s")


def main(arguments: list[str]) -> int:
    """Set up, check, test, sum up.

    Args:
        arguments: `--nightly`, and what pytest gets besides its own; with any of these coverage is
            not measured.

    Returns:
        The exit status: 0 if everything passed.
    """
    os.chdir(ROOT)
    if "--nightly" in arguments:
        os.environ["HOTRELOAD_TESTS"] = "nightly"
        arguments = [each for each in arguments if each != "--nightly"]
    set_up()
    results = [(name, run(name, command)) for name, command in checks()]
    passed, closing = test(arguments)
    results.append(("pytest", passed))
    if not arguments:
        results.append(("coverage", run("coverage", coverage())))
    failed = [name for name, ok in results if not ok]
    print(f"\n== {'failed: ' + ', '.join(failed) if failed else 'all checks passed'}")
    print(closing)
    return 1 if failed else 0


def set_up() -> None:
    """Bring the system's programs, the virtual environment and the type checker up to date."""
    install_programs()
    if not WHOLE.exists():
        step("virtual environment", [sys.executable, "-m", "venv", "--clear", str(VENV)])
    if changed(VENV, ROOT / "pyproject.toml"):
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        step("pip", [*pip, "--upgrade", "pip>=25.1"])  # the first with --group
        step("hotreload and its tools", [*pip, "--editable", ".", "--group", "dev"])
        remember(VENV, ROOT / "pyproject.toml")
    if changed(INJECTOR / "node_modules", INJECTOR / "package-lock.json"):
        step("npm", [program("npm"), "--prefix", "injector", "ci", "--no-audit", "--no-fund"])
        remember(INJECTOR / "node_modules", INJECTOR / "package-lock.json")


def install_programs() -> None:
    """Install what is missing with apt-get; where that cannot be, say what to install and stop."""
    needed, wanted = missing(needed_programs()), missing(wanted_programs())
    has_apt = shutil.which("apt-get") is not None
    prefix = administrator() if has_apt and needed + wanted else None
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *needed, *wanted]
    if prefix is not None:
        step("apt-get update", [*prefix, "apt-get", "update", "--quiet", "--quiet"])
        step("apt-get install", [*prefix, *install])
    elif needed and has_apt:
        sys.exit("hotreload's tests need more programs; run: sudo " + shlex.join(install))
    elif needed:
        sys.exit(
            "hotreload's tests need Node.js with npm, Chromium or Chrome, Firefox, git, rsync"
            " and vim (CHROMIUM and FIREFOX may hold paths of programs not on the PATH); missing: "
            + ", ".join(needed)
        )


def missing(programs: dict[str, object]) -> list[str]:
    """The Debian packages whose programs are not here."""
    return [package for package, here in programs.items() if not here]


def needed_programs() -> dict[str, object]:
    """By Debian package, whether each program is here without which tests fail."""
    return {
        "chromium": os.environ.get("CHROMIUM") or any(map(shutil.which, CHROMIUMS)),
        "firefox-esr": os.environ.get("FIREFOX") or any(map(shutil.which, FIREFOXES)),
        "nodejs": shutil.which("node"),
        "npm": shutil.which("npm"),
        "git": shutil.which("git"),
        "rsync": shutil.which("rsync"),
        "vim-tiny": shutil.which("vim") or shutil.which("vim.tiny"),
        "python3-venv": WHOLE.exists() or importlib.util.find_spec("ensurepip"),
    }


def wanted_programs() -> dict[str, object]:
    """The same for programs without which a test says that it is skipped, or acts as they do."""
    return {
        "emacs-nox": shutil.which("emacs"),
        "fish": shutil.which("fish"),
        "zsh": shutil.which("zsh"),
    }


def administrator() -> list[str] | None:
    """What to put before a command that only root may run; None if nobody here may."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "--non-interactive"]
    allowed = shutil.which("sudo") and subprocess.run([*sudo, "true"], check=False).returncode == 0
    return sudo if allowed else None


def program(name: str) -> str:
    """The program's path: Windows starts `npm.cmd` only by its full name."""
    return shutil.which(name) or name


def changed(folder: Path, source: Path) -> bool:
    """Whether `folder` was made from something else than what `source` says now."""
    stamp = folder / "made-from"
    return not stamp.exists() or stamp.read_text() != fingerprint(source)


def remember(folder: Path, source: Path) -> None:
    """Note what `folder` was made from."""
    (folder / "made-from").write_text(fingerprint(source))


def fingerprint(source: Path) -> str:
    """A short name for the file's content."""
    return hashlib.sha256(source.read_bytes()).hexdigest()


def checks() -> list[tuple[str, list[str]]]:
    """Everything but pytest, in order: what it is called and how it is run."""
    python = str(PYTHON)
    browser_tests = [str(path) for path in sorted(INJECTOR.glob("tests/**/*.test.js"))]
    return [
        ("ruff check", [python, "-m", "ruff", "check"]),
        ("ruff format", [python, "-m", "ruff", "format", "--check"]),
        ("mypy", [python, "-m", "mypy"]),
        ("layers", [str(PYTHON.with_stem("lint-imports"))]),
        ("tsc", [program("npm"), "--prefix", "injector", "run", "--silent", "check"]),
        *([("node", [program("node"), "--test", *browser_tests])] if browser_tests else []),
    ]


def step(name: str, command: list[str]) -> None:
    """Run one step of the set-up; without it there is nothing to check."""
    if not run(name, command):
        sys.exit(f"cannot set up the tests: `{shlex.join(command)}` failed; is there a network?")


def run(name: str, command: list[str]) -> bool:
    """Run one command; the result is whether it passed."""
    return timed(name, lambda: subprocess.run(command, check=False).returncode == 0)


def timed(name: str, work: Callable[[], bool]) -> bool:
    """Do the work between two lines: what it is, and then how it went and how long it took."""
    print(f"\n== {name}", flush=True)
    start = time.monotonic()
    passed = work()
    print(
        f"== {name}: {'ok' if passed else 'FAILED'}, {time.monotonic() - start:.1f} s", flush=True
    )
    return passed


def test(arguments: list[str]) -> tuple[bool, str]:
    """Run pytest; the result is whether it passed, and its closing line without colours."""
    everything = ["--numprocesses=auto", "--dist=worksteal", "--cov", "--cov-report="]
    command = [str(PYTHON), "-m", "pytest", *colour(), *(arguments or everything)]
    lines = ["pytest did not finish"]

    def work() -> bool:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pytest:
            for line in pytest.stdout or ():
                print(line, end="", flush=True)
                lines.extend(CLOSING.findall(re.sub(r"\x1b\[[\d;]*m", "", line)))
        return pytest.returncode == 0

    return timed("pytest", work), lines[-1]


def colour() -> list[str]:
    """Pytest writes into our pipe; who reads ours may see colours."""
    return ["--color=yes"] if sys.stdout.isatty() else []


def coverage() -> list[str]:
    """The report on the pure modules, as the tests' own process ran them."""
    files = [f"hotreload/{name}.py" for name in PURE]
    report = ["-m", "coverage", "report", "--fail-under=100", "--include=" + ",".join(files)]
    return [str(PYTHON), *report]


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
