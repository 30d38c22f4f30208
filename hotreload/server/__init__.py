"""The server as a whole: it is put together, started and stopped here.

Holds listening sockets, TLS on them, the event loop and the signals. Refuses to hold what a request
is answered with.
"""
