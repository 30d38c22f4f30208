"""From a batch of saved files to the pages that use them.

Pure modules take values and give values; the edges are named.

    messages.py          the wire: every message, as a value and as JSON
    updates.py           the stream of updates of a run, and who has missed what
    edges.py             which file was requested by which
    progress.py          what each open page has taken, and what it reported
    opening.py    edge   which handshakes open a WebSocket
    channel.py    edge   the open pages and the echo, on WebSocket connections
    writing.py    edge   one message to many sockets
    tally.py      edge   what the pages say to one update
    pusher.py     edge   makes updates of batches, sends them and tells of them
"""
