"""The folders of a site as HTTP resources: from a request to a file, and to its response.

Holds redirects and header rules, pages of our own, and what a changed file is to pages.
Refuses to hold connections, open pages, and how a change is noticed. Look-up and content of files
are in `site`, rule syntax is in `rules`, generated pages are in `pages`.
"""
