"""What would go wrong with a server here, found out before there is one, or beside it.

Pure modules take facts and give findings; the edges are named.

    facts.py        what was found out, as values
    findings.py     facts > findings: a sentence each, and what to do
    gathering.py    edge   finds the facts out, one kind after another
    latency.py      edge   how long a save takes to be noticed
    listeners.py    edge   which process listens on a port
    cli_doctor.py   the command
"""
