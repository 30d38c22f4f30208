"""One HTTP/1.1 connection: from its bytes to requests, and from responses to bytes, in turn.

Holds the protocol, its parser, queue, time limits and flow control. Refuses to hold what is
answered.
"""
