"""The references in pages and style sheets, and whether they lead to a file.

Holds URLs as they are written, where they stand, and the site's files. Refuses to hold findings.
"""
