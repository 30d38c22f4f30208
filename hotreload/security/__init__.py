"""Which requests are let in, and how much of the server a client may take.

Holds the guard, credentials, certificates and limits. Refuses to hold what a request asks for.
"""
