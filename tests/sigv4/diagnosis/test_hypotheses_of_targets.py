"""What each hypothesis about the path and the query changes them to: the text that a signer with this fault signs."""

from __future__ import annotations

import pytest

from sigv4 import Credentials
from tests.sigv4.diagnosis.tried import KEYS, changes, examined, presigned, rows

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


def code(char: str) -> str:
    return f"%{ord(char):02X}"


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


QUERIES = {
    "b=~%20%2B&a&a=1&utm_source=u&B=2": """
        FAIL-08 B=2&a=&a=1&b=~+%2B&utm_source=u     a space in the query is a '+'
        FAIL-09 B=2&a=&a=1&b=~%20%20&utm_source=u   a plus in the query is a space
        FAIL-09 B=2&a=&a=1&b=~%20+&utm_source=u     a plus in the query is left raw
        FAIL-06 B=2&a=&a=1&b=%7E%20%2B&utm_source=u '~' in the query is escaped
        FAIL-07 B=2&a=&a=1&b=~%20%2b&utm_source=u   the escapes of the query have lower-case digits
        FAIL-10 b=~%20%2B&a=&a=1&utm_source=u&B=2   the query parameters are in the order they were sent
        FAIL-10 a=&a=1&B=2&b=~%20%2B&utm_source=u   the query parameters are sorted without regard to case
        FAIL-11 B=2&a&a=1&b=~%20%2B&utm_source=u    parameters without a value have no '='
        FAIL-11 B=2&a=1&b=~%20%2B&utm_source=u      parameters without a value are dropped
        FAIL-11 B=2&a=&b=~%20%2B&utm_source=u       of a repeated parameter the first counts
        FAIL-60 a=&a=1&b=~%20%2B&utm_source=u       the parameter 'B' is not in the query
        FAIL-60 B=2&a=1&b=~%20%2B&utm_source=u      the parameter 'a' is not in the query
        FAIL-60 B=2&a=&b=~%20%2B&utm_source=u       the parameter 'a' is not in the query
        FAIL-60 B=2&a=&a=1&utm_source=u             the parameter 'b' is not in the query
        FAIL-60 B=2&a=&a=1&b=~%20%2B                the parameter 'utm_source' is not in the query
        FAIL-60 a=&a=1&b=~%20%2B                    the last 2 parameters are not in the query
        FAIL-60 a=&b=~%20%2B                        the last 3 parameters are not in the query
        FAIL-60 b=~%20%2B                           the last 4 parameters are not in the query
        FAIL-60 -                                   the last 5 parameters are not in the query
        FAIL-02 B=2&a=&a=1&b=~%2520%252B&utm_source=u the query is encoded once more
        FAIL-12 B=2&a&a=1&b=~%20%2B&utm_source=u    the query is sorted and otherwise as sent
        FAIL-10 b=~%20%2B&a&a=1&utm_source=u&B=2    the query is as it was sent
        FAIL-11 -                                   there is no query
    """,
    "a-b=1&a=2&a=1": """
        FAIL-10 a-b=1&a=2&a=1                       the query parameters are in the order they were sent
        FAIL-10 a-b=1&a=1&a=2                       the query parameters are sorted as joined strings
        FAIL-10 a=2&a=1&a-b=1                       the query parameters are sorted by name alone
        FAIL-11 a=1&a-b=1                           of a repeated parameter the first counts
        FAIL-11 a=2&a-b=1                           of a repeated parameter the last counts
        FAIL-60 a=1&a=2                             the parameter 'a-b' is not in the query
        FAIL-60 a=1&a-b=1                           the parameter 'a' is not in the query
        FAIL-60 a=2&a-b=1                           the parameter 'a' is not in the query
        FAIL-60 a-b=1                               the last 2 parameters are not in the query
        FAIL-60 -                                   the last 3 parameters are not in the query
        FAIL-12 a-b=1&a=1&a=2                       the query is sorted and otherwise as sent
        FAIL-11 -                                   there is no query
    """,
    "q=a+b&amp;c=%2525": """
        FAIL-40 c=%2525&q=a%20b                     '&amp;' of the URL is a plain '&'
        FAIL-02 amp%3Bc=%25&q=a%20b                 the query is encoded once less
        FAIL-08 amp%3Bc=%2525&q=a+b                 a space in the query is a '+'
        FAIL-09 amp%3Bc=%2525&q=a%2Bb               '+' in the query is an escaped plus
        FAIL-09 amp%3Bc=%2525&q=ab                  '+' in the query is lost
        FAIL-07 amp%3bc=%2525&q=a%20b               the escapes of the query have lower-case digits
        FAIL-10 q=a%20b&amp%3Bc=%2525               the query parameters are in the order they were sent
        FAIL-60 q=a%20b                             the parameter 'amp%3Bc' is not in the query
        FAIL-60 amp%3Bc=%2525                       the parameter 'q' is not in the query
        FAIL-60 -                                   the last 2 parameters are not in the query
        FAIL-12 amp;c=%2525&q=a%20b                 ';' is left as it is in the query
        FAIL-12 amp;c=%2525&q=a%20b                 "/:@!$'()*,;" is left as it is in the query
        FAIL-02 amp%253Bc=%252525&q=a%2520b         the query is encoded once more
        FAIL-12 amp;c=%2525&q=a+b                   the query is sorted and otherwise as sent
        FAIL-12 amp;c=%25&q=a+b                     the query is decoded
        FAIL-10 q=a+b&amp;c=%2525                   the query is as it was sent
        FAIL-11 -                                   there is no query
    """,
    "k=b%3D&l=c%2F": """
        FAIL-07 k=b%3d&l=c%2f                       the escapes of the query have lower-case digits
        FAIL-60 l=c%2F                              the parameter 'k' is not in the query
        FAIL-60 k=b%3D                              the parameter 'l' is not in the query
        FAIL-60 -                                   the last 2 parameters are not in the query
        FAIL-12 k=b%3D&l=c/                         '/' is left as it is in the query
        FAIL-12 k=b=&l=c%2F                         '=' is left as it is in the query
        FAIL-12 k=b=&l=c/                           '/:=' is left as it is in the query
        FAIL-12 k=b%253D&l=c%2F                     '=' in a value is encoded twice
        FAIL-12 k=b%3D%3D&l=c%2F                    '=' in a value is doubled
        FAIL-02 k=b%253D&l=c%252F                   the query is encoded once more
        FAIL-12 k=b=&l=c/                           the query is decoded
        FAIL-11 -                                   there is no query
    """,
}  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_the_query_of_each_hypothesis(query: str) -> None:
    found = changes(examined("lambda", f"h.example/?{query}"), "query")
    mine = [each for each in found if "is a parameter of the query too" not in each[1] and " " not in each[2]]
    firsts = {(id, text): words for id, words, text in reversed(rows(QUERIES[query]))}
    assert {(id, text): words for id, words, text in mine} == firsts


def test_what_is_left_raw_in_a_query() -> None:
    escaped = "".join(map(code, "/:=,;@!'()*?$"))
    found = changes(examined("lambda", f"h.example/?d={escaped}"), "query")
    for id, several in (
        ("FAIL-12", "/ : = , ; @ /: /:= /= /?:@ /:@!$'()*,;"),
        ("FAIL-05", "! ' ( ) * !'()*"),
    ):
        for left in several.split():
            expected = escaped
            for each in left:
                expected = expected.replace(code(each), each)
            assert (id, f"{left!r} is left as it is in the query", f"d={expected}") in found


def test_the_parameters_of_campaigns() -> None:
    names = "utm_a fbclid gclid msclkid mc_cid mc_eid _ga _gl dclid igshid UTM_B".split()
    query = "&".join(f"{name}=1" for name in [*names, "mine"])
    found = changes(examined("lambda", f"h.example/?mine=1&{query}"), "query")
    assert ("FAIL-60", "the parameters of a campaign are not in the query", "mine=1&mine=1") in found


def test_headers_that_are_signed_as_parameters_too() -> None:
    headers: dict[str, str | bytes] = {
        "Content-Type": "a/b",
        "Cache-Control": "c",
        "Content-MD5": "e",
        "X-Amz-Meta-Sha": "x y",
        "Range": "r",
    }
    for before in ("M=1", ""):
        request = examined("lambda", f"h.example/?{before}", headers)
        expected = []
        for name, spellings, value in (
            ("content-type", "content-type Content-Type", "a%2Fb"),
            ("cache-control", "cache-control Cache-Control", "c"),
            ("content-md5", "content-md5 Content-Md5 Content-MD5", "e"),
            ("x-amz-meta-sha", "x-amz-meta-sha X-Amz-Meta-Sha X-Amz-Meta-SHA", "x%20y"),
            ("x-amz-date", "x-amz-date X-Amz-Date", "20260304T050607Z"),
        ):
            for spelled in spellings.split():
                both = "&".join(sorted(filter(None, (before, f"{spelled}={value}"))))
                expected.append(("FAIL-60", f"the header {name!r} is a parameter of the query too", both))
        found = [each for each in changes(request, "query") if "is a parameter of the query too" in each[1]]
        assert found == expected


def test_a_presigned_url_for_another_life_or_without_its_parameters() -> None:
    request = presigned("h.example/a?list=1")
    query = request.draft.query
    lives = [60, 300, 600, 1800, 3600, 7200, 10800, 14400, 21600, 28800, 36000, 43200, 86400, 172800, 259200]
    lives += [604800, 1, 5, 10, 15, 20, 30, 120, 180, 240, 432000, 604799]  # 900 is in the URL
    found = changes(request, "query")
    assert [each for each in found if "X-Amz-Expires is" in each[1]] == [
        ("FAIL-40", f"X-Amz-Expires is {life}", query.replace("Expires=900", f"Expires={life}"))
        for life in lives
    ]
    assert ("FAIL-40", "the query is without the X-Amz-… parameters", "list=1") in found
    assert ("FAIL-40", "the parameter 'list' is not in the query", query.replace("&list=1", "")) in found


def test_the_token_of_a_presigned_url() -> None:
    temporary = Credentials(KEYS.access_key_id, KEYS.secret_access_key, "T/+=")
    query = presigned("h.example/a", temporary).draft.query
    without = query.replace("&X-Amz-Security-Token=T%2F%2B%3D", "")
    assert without != query
    said = "the session token is not in the canonical query"
    assert ("FAIL-23", said, without) in changes(presigned("h.example/a", temporary), "query")
