"""What open pages are told: messages, history, WebSocket channel, acknowledgements.

Holds the way of an update from a batch of changes to the pages. Refuses to hold what a change means
to a page, and how a change is noticed.
"""
