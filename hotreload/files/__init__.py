"""What a file on the disk is: its stamp, whether it is complete, hidden, ignored, or whose it is.

Holds the facts that several packages need of a file. Refuses to hold URLs, events and sites.
"""
