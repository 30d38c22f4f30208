"""Tags that an HTML parser has to repair, found by comparing a page with its parsed tree.

Refuses to hold references and findings.
"""
