"""What each hypothesis about the path changes it to: the text that a signer with this fault signs."""

from __future__ import annotations

import pytest

from tests.sigv4.diagnosis.tried import changes, code, examined, rows

# Service and target; the cause, the path that is signed, and the words of each hypothesis.
PATHS = {
    ("lambda", "/a/~%2B%20:@!"): """
        FAIL-01 /a/~%2B%20%3A%40%21              the path is encoded once
        FAIL-01 /a/~%2B%20:@!                    the path is signed as it is sent, without encoding it again
        FAIL-06 /a/%7E%252B%2520%3A%40%21        '~' in the path is escaped
        FAIL-06 /a/%257E%252B%2520%3A%40%21      '~' in the path is escaped twice
        FAIL-07 /a/~%252B%2520%3a%40%21          the escapes of the path have lower-case digits
        FAIL-08 /a/~%252B+%3A%40%21              a space in the path is a '+'
        FAIL-08 /a/~%252B%2B%3A%40%21            a space in the path is an escaped '+'
        FAIL-09 /a/~%2520%2520%3A%40%21          a plus in the path is a space
        FAIL-05 /a/~%252B%2520%3A%40!            the bytes !'()* are left raw in the path
        FAIL-05 /a/~%252B%2520:@!                the bytes !$&'()*+,;=:@ are left raw in the path
        FAIL-05 /a/~%252B%2520:@%21              the bytes @:$&=+, are left raw in the path
        FAIL-05 /a/~%252B%2520%3A@%21            '@' in the path is left as it is
        FAIL-05 /a/~%252B%2520:%40%21            ':' in the path is left as it is
        FAIL-02 /a/~%25252B%252520%253A%2540%2521 the path is encoded once more
        FAIL-13 /a/~%252B%2520%3A%40%21/         the path ends in '/'
        FAIL-02 /a/~%252B%2520%253A%40%21        the path is sent with ':' escaped
        FAIL-02 /a/~%252B%2520%3A%2540%21        the path is sent with '@' escaped
        FAIL-02 /a/~%252B%2520%3A%40%2521        the path is sent with '!' escaped
        FAIL-02 /a/~%252B%2520%253A%2540%2521    the path is sent with ':@!' escaped
        FAIL-02 /a/~%2B%2520%3A%40%21            the path is sent with a raw '+'
        FAIL-44 /~%252B%2520%3A%40%21            the first segment of the path is missing
    """,
    ("lambda", "/a%2Fb//x/../%7E%c3%a9"): """
        FAIL-04 /a/b/%257E%25c3%25a9             '%2F' in the path is signed as '/'
        FAIL-04 /a%2Fb/%257E%25c3%25a9           '%2F' in the path is encoded once
        FAIL-06 /a%252Fb/~%25c3%25a9             '%7E' in the path is signed as '~'
        FAIL-06 /a%252Fb/%7E%25c3%25a9           '%7E' in the path is encoded once
        FAIL-01 /a/b/~%C3%A9                     the path is encoded once
        FAIL-01 /a%2Fb/%7E%c3%a9                 the path is signed as it is sent, without encoding it again
        FAIL-13 /a%252Fb//x/../%257E%25c3%25a9   dot and empty segments are kept
        FAIL-01 /a/b//x/../~%C3%A9               the path is encoded once and not normalized
        FAIL-07 /a%252Fb/%257E%25C3%25A9         the escapes of the path have upper-case digits
        FAIL-05 /a/b//x/../~é                    the path is not encoded at all
        FAIL-02 /a%25252Fb/%25257E%2525c3%2525a9 the path is encoded once more
        FAIL-13 /a%252Fb/%257E%25c3%25a9/        the path ends in '/'
        FAIL-44 /%257E%25c3%25a9                 the first segment of the path is missing
    """,
    ("lambda", "/%3A+/b/.."): """
        FAIL-01 /%3A%2B                          the path is encoded once
        FAIL-01 /%3A+                            the path is signed as it is sent, without encoding it again
        FAIL-13 /%253A%2B/b/..                   dot and empty segments are kept
        FAIL-01 /%3A%2B/b/..                     the path is encoded once and not normalized
        FAIL-13 /%253A%2B/                       a final dot segment leaves a '/'
        FAIL-07 /%253A%2b                        the escapes of the path have lower-case digits
        FAIL-09 /%253A%20                        a plus in the path is a space
        FAIL-05 /%253A+                          the bytes !$&'()*+,;=:@ are left raw in the path
        FAIL-05 /:+/b/..                         the path is not encoded at all
        FAIL-02 /%25253A%252B                    the path is encoded once more
        FAIL-13 /%253A%2B/                       the path ends in '/'
        FAIL-02 /%253A%252B                      the path is sent with '+' escaped
        FAIL-02 /%3A%2B                          the path is sent with a raw ':'
        FAIL-08 /%253A%2520                      the path is sent with '%20' for each '+'
    """,
    ("lambda", "/%2525a%3A"): """
        FAIL-02 /%2525a%253A                     the path is signed with one level of escapes fewer than it has
        FAIL-01 /%2525a%3A                       the path is encoded once
        FAIL-05 /%25a:                           the path is not encoded at all
        FAIL-02 /%25252525a%25253A               the path is encoded once more
        FAIL-13 /%252525a%253A/                  the path ends in '/'
        FAIL-02 /%252525a%3A                     the path is sent with a raw ':'
    """,
    ("lambda", "/a/"): """
        FAIL-13 /a//                             the path ends in '//'
        FAIL-13 /a                               the path does not end in '/'
        FAIL-44 /                                the first segment of the path is missing
    """,
    ("lambda", "/"): """
        FAIL-13 //                               the path ends in '//'
        FAIL-39 -                                the empty path is an empty line
    """,
    ("s3", "/a%2Fb/../c%2b~"): """
        FAIL-13 /a/c%2B~                         dot and empty segments are dropped
        FAIL-03 /a%252Fb/../c%252b~              the path is encoded twice
        FAIL-03 /c%252b~                         the path is normalized and encoded twice
        FAIL-04 /a%2Fb/../c%2B~                  '%2F' in the path stays '%2F'
        FAIL-06 /a/b/../c%2B%7E                  '~' in the path is escaped
        FAIL-06 /a/b/../c%2B%257E                '~' in the path is escaped twice
        FAIL-07 /a/b/../c%2b~                    the escapes of the path have lower-case digits
        FAIL-09 /a/b/../c%20~                    a plus in the path is a space
        FAIL-05 /a/b/../c+~                      the bytes !$&'()*+,;=:@ are left raw in the path
        FAIL-02 /a/b/../c%252B~                  the path is encoded once more
        FAIL-05 /a%2Fb/../c%2b~                  the path is signed as it is sent
        FAIL-13 /a/b/../c%2B~/                   the path ends in '/'
        FAIL-13 //a/b/../c%2B~                   the path has '//' before its segment 1
        FAIL-13 /a//b/../c%2B~                   the path has '//' before its segment 2
        FAIL-13 /a/b//../c%2B~                   the path has '//' before its segment 3
        FAIL-13 /a/b/..//c%2B~                   the path has '//' before its segment 4
        FAIL-02 /a/b/../c%20~                    the path is sent with a raw '+'
        FAIL-44 /b/../c%2B~                      the first segment of the path is missing
        FAIL-44 /../c%2B~                        the first 2 segments of the path are missing
        FAIL-44 /c%2B~                           the first 3 segments of the path are missing
    """,
}  # fmt: skip


def general(host: str, path: str) -> list[tuple[str, str, str]]:
    """What is tried for every path."""
    return [
        *([("FAIL-44", "the path is '/' alone", "/")] if path != "/" else []),
        ("FAIL-39", "the host is in place of the path", host),
        ("FAIL-39", "the host is before the path", f"{host}{path}"),
        ("FAIL-39", "'/' and the host are before the path", f"/{host}{path}"),
        ("FAIL-39", "the whole URL is in place of the path", f"https://{host}{path}"),
        ("FAIL-39", "the path has no '/' before it", path[1:]),
    ]


@pytest.mark.parametrize(("service", "target"), PATHS, ids=str)
def test_the_path_of_each_hypothesis(service: str, target: str) -> None:
    request = examined(service, f"h.example{target}")
    expected = [
        (id, words, path.encode().decode("latin-1")) for id, words, path in rows(PATHS[service, target])
    ]
    found = [each for each in changes(request, "path") if " " not in each[2]]
    missing_is_once = [*expected, *general("h.example", request.draft.path)]
    # The same cause with the same text is tried once: the first words count.
    firsts = {(id, path): words for id, words, path in reversed(missing_is_once)}
    assert {(id, path): words for id, words, path in found} == firsts


def test_each_byte_that_some_encoders_do_not_escape() -> None:
    """FAIL-05."""
    path = "/~" + "".join(map(code, "!'()*$@=,:;&+[]"))
    found = changes(examined("s3", f"h.example{path}"), "path")
    for each in "!'()*$@=,:;&+[]":
        said = f"{each!r} in the path is left as it is"
        assert ("FAIL-05", said, path.replace(code(each), each)) in found
    for several in ("!'()*", "!$&'()*+,;=:@", "!$&'()*+,;=", "@:$&=+,"):
        left = path
        for each in several:
            left = left.replace(code(each), each)
        assert ("FAIL-05", f"the bytes {several} are left raw in the path", left) in found


def test_each_byte_that_may_be_escaped_or_not_on_the_way() -> None:
    """FAIL-02."""
    chars = ":@!$&'()*,;="
    plain, twice = "".join(map(code, chars)), "".join(f"%25{code(each)[1:]}" for each in chars)
    raw = changes(examined("lambda", f"h.example/a%20{chars}b"), "path")
    escaped = changes(examined("lambda", f"h.example/a%20{plain}b"), "path")
    for each in chars:
        once_more = plain.replace(code(each), f"%25{code(each)[1:]}")
        assert ("FAIL-02", f"the path is sent with {each!r} escaped", f"/a%2520{once_more}b") in raw
        once_less = twice.replace(f"%25{code(each)[1:]}", code(each))
        assert ("FAIL-02", f"the path is sent with a raw {each!r}", f"/a%2520{once_less}b") in escaped
    assert ("FAIL-02", f"the path is sent with {chars!r} escaped", f"/a%2520{twice}b") in raw


def test_the_stages_of_api_gateway() -> None:
    request = examined("execute-api", "h.example/a/")
    found = [
        (words, path) for id, words, path in changes(request, "path") if "stage" in words and id == "FAIL-44"
    ]
    assert found == [
        (f"the path begins with the stage '/{stage}'", f"/{stage}/a{slash}")
        for stage in ("prod", "dev", "stage", "staging", "test", "v1", "api", "default", "$default")
        for slash in ("", "/")
    ]


def test_the_query_in_the_path() -> None:
    request = examined("lambda", "h.example/a?c=%7e")
    assert ("FAIL-39", "the query is a part of the path as well", "/a?c=%7e") in changes(request, "path")
    whole = changes(request, "path", alone=False)
    assert ("FAIL-39", "the query is a part of the path", "/a?c=%7e") in whole
    assert ("FAIL-39", "the query is a part of the path", "") in changes(request, "query", alone=False)
