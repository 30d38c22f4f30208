"""The files of a site: from a URL path to an open file and its content.

Holds mounted folders, clean URLs, and the file cache. Refuses to hold requests and responses.
"""
