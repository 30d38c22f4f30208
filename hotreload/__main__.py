"""`python -m hotreload` is the command `hotreload`."""

from hotreload.cli import main

if __name__ == "__main__":
    main(prog_name="hotreload")
