"""Have REDbot examine some resources: `python redbot_notes.py URL`, requests on standard input.

Knows: how REDbot is driven. It has an event loop of its own, so it gets a process of its own. The
requests are a JSON array of [name, path, method, headers]; what comes out is a JSON object: of each
name the status, and REDbot's notes as [level, name of the note, its sentence].
"""

import json
import sys
from configparser import ConfigParser

import thor
from redbot.resource import HttpResource


def main(base: str) -> None:
    settings = ConfigParser()
    settings.read_dict({"redbot": {"enable_local_access": "True"}})
    waiting = json.load(sys.stdin)
    found = {}

    def examine() -> None:
        if not waiting:
            thor.stop()
            return
        name, path, method, headers = waiting.pop(0)
        resource = HttpResource(settings["redbot"])
        resource.set_request(base + path, method, list(headers.items()))

        def done() -> None:
            found[name] = [str(resource.response.status_code), notes_of(resource)]
            thor.schedule(0, examine)

        resource.once("check_done", done)
        resource.check()

    examine()
    thor.run()
    json.dump(found, sys.stdout)


def notes_of(resource: HttpResource) -> list[tuple[str, str, str]]:
    """Those on the response, and on the answers to the checks that REDbot made of it."""
    every = [resource, *resource.subreqs.values()]
    return [
        (note.level.value, type(note).__name__, str(note.summary))
        for each in every
        for note in each.response.notes
    ]


if __name__ == "__main__":
    main(sys.argv[1])
