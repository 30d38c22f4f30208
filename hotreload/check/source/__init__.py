"""The text of a checked file: decoding, edits, suppressing comments, leftovers of tools.

Refuses to hold what HTML and CSS mean.
"""
