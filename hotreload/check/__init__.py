"""What is wrong with the files of a site, found without a browser.

Holds the run over many files, the check of one file, the findings and their formats. Refuses to
hold the command's options (`cli`). Below: `source` (a file's text), `references` (links and what
they lead to), `html` (tags that a parser repairs).
"""
