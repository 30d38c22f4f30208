"""The commands that talk to a running server: echo, reload, wait.

Pure modules take values and give values; the edges are named.

    target.py            words > where to connect to
    running.py     edge  which servers run for this user
    trust.py       edge  which certificates are trusted
    asking.py      edge  a server's own routes, over HTTP
    waiting.py           whether every page has taken the newest update
    cli_auth.py          the option --auth
    cli_pages.py         the commands `reload` and `wait`

    cli_echo.py          the command `echo`
    echo.py        edge  has messages echoed, or listens to updates
    opening.py     edge  opens a WebSocket step by step, and closes it
    steps.py             what is to be tried, and what came of a step
    outgoing.py    edge  the messages that are sent
    failures.py          why a connection does not work, as a sentence
    roundtrips.py        what round-trip times come to
    echo_report.py       what is said of each step
    lines.py       edge  lines of a short command's output
"""
