"""HTTP/1.1, whatever a site is made of: connections, messages, and the rules of RFC 9110 to 9112.

Holds validation, serialising, conditions and ranges, compression, CORS, content types and the
response cache. Refuses to hold which resource a request gets.
"""
