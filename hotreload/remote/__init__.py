"""The client's side of the commands that talk to a running server: echo, reload, wait.

Holds the registry of running servers, their HTTP interface, and the diagnostic WebSocket client.
Refuses to hold options and their help (`cli`).
"""
