"""What is wrong with a site's files, found without a browser.

Pure modules take bytes or text and give findings; the two edges are named.

    findings.py    what a finding is, and the rules that make one
    formats.py     findings as text, JSON, GitHub's annotations and SARIF
    remarks.py     comments in a file that keep findings quiet
    reading.py     bytes > text, as a browser decodes them
    addresses.py   a reference as it is written > what it asks for
    elements.py    which attributes of a document refer to something
    sheets.py      what a style sheet refers to
    places.py      where the tags of a page's elements stand in its source
    tokens.py      tags and comments that do not mean what they look like
    differences.py where a tree that was written out differs from its source
    nested.py      pages that are nested well but for some end tags
    repairs.py     tags that a browser has to repair
    leftovers.py   what the server, the browser or git left behind
    references.py  a reference > whether it leads to something
    fixing.py      edits > a file's new bytes
    examine.py     a file > its findings, its anchors and what it wants of other files
    tree.py        edge   which files there are, and what git ignores
    cli_check.py   the command
    run.py         edge   many files: walk, processes, anchors across files
"""
