"""Our tag in a document: its encoding, its beginning, its policies."""
