"""Our tag in a document: its encoding, its beginning, its policies.

All modules are pure: they take bytes or text and give values.

    labels.py      the names of character encodings
    encoding.py    which encoding a browser reads a document in
    outline.py     where the ASCII of a document stands in its bytes
    attributes.py  the attributes of a tag
    prefix.py      the beginning of an HTML document: where a tag can go in
    prolog.py      the same of an XML document
    csp.py         policies that let our script run
    inject.py      a document > the document with the tag
"""
