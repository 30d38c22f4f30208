"""What a person at the terminal, or a program that reads --json, is told of a run.

    terminal.py  edge   which event is told to whom
    text.py      pure   text that is safe to print, and how wide it is
    layout.py    pure   each thing that is told, as lines of a given width
    fold.py      pure   how many lines clients may cause
    screen.py    edge   the stream that lines go to: its width, its colours, its last line
    outlet.py    edge   a stream that never keeps its writer waiting
    keys.py      edge   single keys that a person presses, and the terminal's modes
    qr.py        pure   an address as a QR code

`events.schema.json` describes the events of --json.
"""
