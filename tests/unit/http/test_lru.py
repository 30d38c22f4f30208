"""Values are kept up to so many bytes, the ones that were used last."""

from hypothesis import given
from hypothesis import strategies as st

from hotreload.http.lru import LRUCache


def test_what_was_used_longest_ago_goes_first():
    kept: LRUCache[str, str] = LRUCache(3)
    for key in "abc":
        kept.put(key, key.upper(), 1)
    assert kept.get("a") == "A"

    kept.put("d", "D", 1)

    assert kept.get("b") is None
    assert list(kept.values()) == ["D", "A", "C"]


def test_a_value_takes_the_place_of_the_one_before_and_its_bytes():
    kept: LRUCache[str, int] = LRUCache(10)
    kept.put("a", 1, 9)
    kept.put("a", 2, 4)
    kept.put("b", 3, 6)

    assert (kept.get("a"), kept.get("b")) == (2, 3)


def test_what_is_larger_than_all_that_may_be_kept_is_not():
    kept: LRUCache[str, int] = LRUCache(10)
    kept.put("a", 1, 11)

    assert kept.get("a") is None


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 12)), max_size=30))
def test_no_more_bytes_are_kept_than_may_be_and_the_newest_value_is(steps):
    kept: LRUCache[str, tuple[str, int]] = LRUCache(10)
    for key, size in steps:
        kept.put(key, (key, size), size)

        assert sum(size for _, size in kept.values()) <= 10
        assert kept.get(key) == ((key, size) if size <= 10 else None)
