"""The rules that lie in a site: `_redirects` and `_headers`.

Holds their syntax, what they make of a path, and their current content. Refuses to hold requests.
"""
