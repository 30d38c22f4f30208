"""What is asked over HTTP, and what is answered.

Pure modules take values and give values; the edges are named.

    http1.py     edge   HTTP/1.1 connections
    heads.py            what is wrong with the head of a request
    written.py   edge   answers as bytes; takes the time for them
    app.py       edge   the answer to every request: the guard, our own routes, the site
"""
