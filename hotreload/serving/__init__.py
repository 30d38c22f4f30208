"""A site as HTTP sees it: from a request to a file, and from a file to a response."""
