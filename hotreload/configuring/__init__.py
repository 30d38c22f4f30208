"""What people have asked for, by options, variables and files, as one value.

Pure modules take values and give values; the edges are named.

    defaults.py              what is meant where a value is left out
    settings.py              everything that a run of the server is told
    words.py                 what the words of `hotreload serve` mean, as settings
    configuration.py  edge   hotreload.toml and pyproject.toml
    cli_settings.py   edge   options of a command that may stand in those files
"""
