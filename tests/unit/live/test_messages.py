"""What goes over the wire reads back as it was meant, and nothing else is taken for it."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotreload.live import messages
from hotreload.live.messages import Applied, BadMessage, FileChange, Log, Page, Update

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_a_page_says_what_it_is():
    text = '{"type":"page","url":"/a/?q","run":"ab12cd34","seq":17,"file":"/a/index.html"}'

    assert messages.parse(text) == Page("/a/?q", "ab12cd34", 17, "/a/index.html")


def test_a_page_answers_a_resync_with_the_digests_it_has():
    text = (
        '{"type":"page","url":"/","run":"r","seq":0,"file":"","resources":{"/a.css":"d","/b":null}}'
    )

    said = messages.parse(text)

    assert isinstance(said, Page)
    assert said.resources == {"/a.css": "d", "/b": None}


def test_a_page_says_what_it_did_and_how_long_it_took():
    text = '{"type":"applied","seq":18,"action":"css","ms":12,"detail":"why"}'

    assert messages.parse(text) == Applied(18, "css", 12.0, "why")


def test_a_page_passes_on_a_line_of_its_console():
    text = '{"type":"log","level":"error","text":"boom","source":"/a.js","line":3}'

    assert messages.parse(text) == Log("error", "boom", "/a.js", 3)


@pytest.mark.parametrize(
    "text",
    ["", "hello", "1", "[]", "null", "{}", '{"type":"ping"}', '{"type":1}', "[" * 100_000],
    ids=lambda text: text[:12],
)
def test_anything_else_is_no_message_of_ours(text):
    assert messages.parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"page"}',
        '{"type":"page","url":1,"run":"r","seq":0}',
        '{"type":"page","url":"/","run":"r","seq":true}',
        '{"type":"page","url":"/","run":"r","seq":0,"resources":[]}',
        '{"type":"page","url":"/","run":"r","seq":0,"resources":{"/a":1}}',
        '{"type":"applied","seq":1,"action":"explode","ms":1}',
        '{"type":"applied","seq":1,"action":"css","ms":"1"}',
        '{"type":"log","level":"loud","text":"x"}',
        '{"type":"page","url":"//[","run":"r","seq":0}',
        '{"type":"applied","seq":1,"action":"css","ms":NaN}',
        '{"type":"applied","seq":1,"action":"css","ms":-1e999}',
        '{"type":"applied","seq":1,"action":"css","ms":1%s}' % ("0" * 400),
    ],
)
def test_a_known_type_with_wrong_fields_is_refused(text):
    with pytest.raises(BadMessage):
        messages.parse(text)


def test_the_reason_of_a_refusal_is_ascii():
    """A close frame has room for 123 bytes of it."""
    with pytest.raises(BadMessage, match=r"^[ -~]+$"):
        messages.parse('{"type":"applied","seq":"\u00e9\\ud800","action":"css","ms":1}')


@given(st.text() | JSON.map(json.dumps))
def test_no_text_makes_parsing_fail_in_another_way(text):
    with suppress(BadMessage):
        messages.parse(text)


@given(
    st.dictionaries(st.sampled_from(["url", "run", "seq", "file", "resources", "ms"]), JSON),
    st.sampled_from(["page", "applied", "log"]),
)
def test_no_fields_make_parsing_fail_in_another_way(fields, kind):
    try:
        said = messages.parse(json.dumps({**fields, "type": kind}))
    except BadMessage:
        return
    assert said is not None


def test_an_update_tells_its_age_and_its_changes():
    change = FileChange("/a.css", "modified", "d1", "b{}", ("/w.js",))

    text = messages.update(Update(18, 100.0, (change,)), now=100.0125)

    assert json.loads(text) == {
        "type": "update",
        "seq": 18,
        "age": 12.5,
        "changes": [
            {
                "url": "/a.css",
                "kind": "modified",
                "digest": "d1",
                "text": "b{}",
                "via": ["/w.js"],
            }
        ],
    }


def test_what_is_not_known_of_a_change_is_left_out():
    text = messages.update(Update(1, 5.0, (FileChange("/a", "deleted"),), reload=True), now=4.0)

    assert json.loads(text) == {
        "type": "update",
        "seq": 1,
        "age": 0.0,
        "reload": True,
        "changes": [{"url": "/a", "kind": "deleted"}],
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (messages.hello("1", "r", 2), {"type": "hello", "version": "1", "run": "r", "seq": 2}),
        (
            messages.imports({"/a.js": ["/w.js"]}),
            {"type": "imports", "files": {"/a.js": ["/w.js"]}},
        ),
        (messages.resync("why"), {"type": "resync", "reason": "why"}),
        (messages.reload("why"), {"type": "reload", "reason": "why"}),
        (messages.problem("build", "no"), {"type": "problem", "source": "build", "text": "no"}),
        (
            messages.problem("build", "no", "a.css", 3),
            {"type": "problem", "source": "build", "text": "no", "file": "a.css", "line": 3},
        ),
        (messages.solved("build"), {"type": "solved", "source": "build"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_server_speaks_plain_json(text, message):
    assert json.loads(text) == message


def test_what_a_page_reports_is_kept_up_to_a_length():
    long = "x" * 10_000

    said = {"type": "log", "level": "error", "text": long, "source": long}
    log = messages.parse(json.dumps(said))
    applied = messages.parse(
        json.dumps({"type": "applied", "seq": 1, "action": "css", "ms": 1, "detail": long})
    )

    assert len(log.text) == len(log.source) == len(applied.detail) == 4_000
