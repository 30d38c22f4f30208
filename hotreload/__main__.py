"""`python -m hotreload` is the command `hotreload`, and the command is this."""

from hotreload.interrupts import end_quietly

end_quietly()

from hotreload.cli import main  # noqa: E402 - it takes long enough to be interrupted

if __name__ == "__main__":
    main(prog_name="hotreload")
