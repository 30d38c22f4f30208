"""What answers a request: the guard, our own routes, the site.

Holds the order of those, and the routes below `/__hotreload__/`. Refuses to hold HTTP itself, and
the files of the site.
"""
