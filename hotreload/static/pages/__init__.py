"""The pages that are generated: directory listings and error pages.

Holds their HTML and headers. Refuses to hold when one is shown.
"""
