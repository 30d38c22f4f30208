"""The watched folders: from the hints of the operating system to batches of changes.

Holds events, their coverage, and the index of the files. Refuses to hold URLs, pages, and what a
change is good for.
"""
