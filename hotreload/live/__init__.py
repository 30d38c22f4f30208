"""The server's side of the open pages: messages, history, hub, transports, acknowledgements.

Holds the path of an update from a batch of changes to the pages. Refuses to hold what a change
means to a page, and how a change is noticed.
"""
