"""Whom a file was requested by, and which of it no page can see."""

from hotreload.live import import_graph as edges_of
from hotreload.live.import_graph import EDGES, ImportGraph


def test_a_file_is_known_by_all_that_requested_it():
    edges = ImportGraph()
    edges.add("/dep.js", "/worker.js")
    edges.add("/data.json", "/dep.js")
    edges.add("/dep.js", "/worker.js")

    assert edges.via("/data.json") == ("/dep.js", "/worker.js")
    assert edges.via("/unknown") == ()


def test_files_that_request_each_other_end_the_search():
    edges = ImportGraph()
    edges.add("/a.js", "/b.js")
    edges.add("/b.js", "/a.js")
    edges.add("/a.js", "/a.js")

    assert edges.via("/a.js") == ("/b.js",)


def test_edges_are_bounded_and_the_oldest_go_first(monkeypatch):
    monkeypatch.setattr(edges_of, "EDGES", 10)
    edges = ImportGraph()
    for n in range(30):
        edges.add(f"/{n}", "/app.js")

    assert edges.via("/0") == ()
    assert edges.via("/29") == ("/app.js",)
    assert EDGES > 1000


def test_what_workers_request_is_told_once():
    edges = ImportGraph()
    told = []
    edges.imported = lambda *edge: told.append(edge)
    edges.add("/app.js", "/main.js")
    edges.worker("/worker.js")
    for _ in range(2):
        edges.add("/dep.js", "/worker.js")
        edges.add("/deep.js", "/dep.js")
    edges.add("/dep.js", "/other.js")

    assert told == [
        ("/dep.js", "/worker.js"), ("/deep.js", "/dep.js"), ("/dep.js", "/other.js")
    ]  # fmt: skip
    assert edges.imports() == {"/dep.js": ["/worker.js", "/other.js"], "/deep.js": ["/dep.js"]}


def test_what_a_script_requested_before_a_worker_did_is_told_too():
    edges = ImportGraph()
    told = []
    edges.imported = lambda *edge: told.append(edge)
    edges.add("/dep.js", "/shared.js")
    edges.worker("/shared.js")
    edges.add("/dep.js", "/shared.js")

    assert told == [("/dep.js", "/shared.js")]
