"""The terminal as a device: its streams, its modes, its size, and the keys that are pressed.

Holds how bytes reach it and come from it. Refuses to hold what is said.
"""
