"""The client's tag in a document: its encoding, its beginning, its policies.

All modules are pure: bytes or text in, values out. Refuses to hold files and requests.
"""
