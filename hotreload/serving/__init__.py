"""A site as HTTP sees it: from a request to a file, and from a file to a response.

Pure modules take values and give values; the edges are named.

    responses.py              requests and responses, as values
    purpose.py                what a request is for
    static.py         edge    which file, or which page in its place, a request gets

    resolve.py                a URL path > names, and back
    denied.py                 the names that nobody is served
    finder.py         edge    a clean name > the page that is meant
    site.py           edge    a URL > a path, and back, in all mounted folders
    mounted.py        edge    names > an open file in one folder: the only door to files
    opened.py         edge    an open file, and why one is not
    folders.py        edge    the folders that are served, or waited for
    near.py                   names that are nearly the one that was asked for

    memory.py         edge    the content of files, kept and never stale
    unfinished.py             which version is served while a file is being written
    version.py                digests and stamps
    kept.py                   values up to so many bytes
    again.py                  answers that are given again while nothing has changed

    sending.py        edge    a file as the response to a request
    documents.py      edge    documents with the tag in them, and the versions that pages have
    mime.py                   a name > a content type
    representation.py         what could be sent > what is sent
    conditions.py             preconditions and ranges
    compress.py               content in a coding that the client takes

    rulefiles.py      edge    `_redirects` and `_headers` as they are now
    rules.py                  `_redirects`: which paths stand for which others
    headers.py                `_headers` and --header
    cors.py                   pages of other origins

    listing.py                a folder as a page
    pages.py                  pages of our own
    assets.py         edge    the browser's modules
    devtools.py               the folder of the site, for Chrome's DevTools

    changed.py        edge    what pages are told of changed files
    listed.py                 what the lists of folders had in them
    referers.py       edge    which file was requested by which

    tls.py            edge    the certificate that the server shows
    certificates.py           certificates for this machine
    doorman.py        edge    connections of a port that speaks TLS
"""
