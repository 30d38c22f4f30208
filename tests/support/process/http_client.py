"""Requests of one server, and what it answers."""

import http.client
import re

TAG = re.compile(
    rb'<script type="module" async="" fetchpriority="low" '
    rb'src="/__hotreload__/[0-9a-f]{16}/client\.js\?'
    rb'([0-9a-f]{8})-(\d+)-(s?[0-9a-f]+)([^"]*)"></script ?>'
)


DOCUMENT = {"Sec-Fetch-Dest": "document", "Accept": "text/html"}


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.body = response.read()
        self.headers = response.headers

    def __getitem__(self, name):
        return self.headers[name]


def ask(server, path="/", method="GET", headers=None, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders(body)
        return Answer(connection.getresponse())
    finally:
        connection.close()
