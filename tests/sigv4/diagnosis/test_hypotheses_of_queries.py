"""What each hypothesis about the query changes it to: the text that a signer with this fault signs."""

from __future__ import annotations

import pytest

from sigv4 import Credentials
from tests.sigv4.diagnosis.tried import KEYS, changes, code, examined, presigned, rows

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
