"""Where the operating system's file events come from, and which folders have them.

Knows: the sources of events, their limits and failures. Refuses to know: what an event means.
"""
