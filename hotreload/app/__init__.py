"""What answers a request: who is let in, our own routes, and the seam to the backend.

Holds the order of those, the routes below `/__hotreload__/`, and what every backend gives. Refuses
to hold HTTP itself, and any backend.
"""
