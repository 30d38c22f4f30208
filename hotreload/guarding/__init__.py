"""Who is let in, and how much of the server a client may take.

Pure modules take values and give values; the edges are named.

    guard.py                which requests are answered at all, by Host, Origin and Sec-Fetch
    credentials.py          who may ask, where a password was set
    limits.py               every limit, with its reason
    crowd.py                which connection goes when there would be too many
    descriptors.py   edge   how many files and sockets this process may have open
    stall.py         edge   clients that take nothing of what waits for them
    turns.py                how much of the server's time is whose
    sliced.py        edge   a client that keeps the server busy waits for its turn
"""
