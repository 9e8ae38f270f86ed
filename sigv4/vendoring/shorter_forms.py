"""Lists the places where the single file differs from the modules that it is merged from."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Tables that lose their notes (their second column); the sources have them.
TABLES = frozenset(("NEVER_SIGNED", "SERVICES"))
# Modules that are not in the file, and the code that replaces an import of each: 4A, which needs a package,
# is refused; the signing name of a service is not looked up.
WITHOUT: Mapping[str, str] = {
    "sigv4/v4a.py": "raise SigningError("
    '"4A is not in this file: copy the whole package instead, with sigv4 vendor DEST")',
    "sigv4/signing_names.py": "pass",
}
# Methods that are not in the file, even if its code uses attributes with these names.
NOT_OFFERED = frozenset(
    ("HeaderSet._is_received", "Signer.events", "Signer.explain", "Signer.post_policy", "Signer.stream")
)
# Shorter functions with the same results: without fast paths for headers that a server receives, and with
# shorter errors.
STUBS: Mapping[str, str] = {
    "check_region_name": "pass",
    "check_name": """right = isinstance(name, str) and name and name.isascii()
    if not right or not all(char.isalnum() or char in "-_." for char in name):
        raise SigningError(f"the {kind} is {name!r}: expected letters, digits, '-', '_' and '.'")
    return name""",
    "_USUAL": "_GIVEN",
    "_fault": """fault = "is not a text, is empty, or holds spaces, control or non-ASCII characters"
    if isinstance(value, str) and value and value.isascii() and value.isprintable() and " " not in value:
        fault = ""
    value = ""
    return fault""",
    "unescape": """start, *pieces = text.split("%")
    decoded = [start]
    for piece in pieces:
        byte = _BYTES.get(piece[:2]) or _byte_of(piece[:2])
        if byte is None:
            raise SigningError(f"broken escape '%{piece[:2]}': write '%25' for a percent sign")
        decoded.append(byte + piece[2:])
    return "".join(decoded)""",
    "check_url": """if not isinstance(url, str):
        raise SigningError(f"the URL is {type(url).__name__}: expected str")
    if url.isascii() and not url.encode().translate(None, _URL_BYTES):
        return
    found = next(char for char in url if char > "~" or ord(char) not in _URL_BYTES)
    raise SigningError(f"the URL holds {found!r}: percent-encode it, in a host name write its 'xn--' form"
        )""",
    "_file_sha256": """if not (hasattr(file, "seekable") and file.seekable()):
        raise SigningError("the body is a file that cannot seek: pass its bytes, or Payload.sha256(...)")
    start, digest = file.tell(), sha256()
    try:
        while block := file.read(_BLOCK):
            if not isinstance(block, bytes):
                raise SigningError("the body is a text file: open it in binary mode ('rb')")
            digest.update(block)
    finally:
        file.seek(start)
    return digest.hexdigest()""",
    "header_text": """text = value.decode("latin-1") if isinstance(value, bytes) else value
    if not isinstance(text, str):
        raise SigningError(f"header {name!r} is {type(value).__name__}: expected str or bytes")
    if isinstance(value, str) and not text.isascii():
        raise SigningError(f"header {name!r} holds a non-ASCII character: pass the bytes to send")
    if len(text.translate(_WITHOUT_CONTROLS)) != len(text):
        raise SigningError(f"header {name!r} holds a control character: remove it")
    return text""",
    "header_pairs": """items = getattr(headers, "items", None)
    return list(headers if items is None else items())""",
    "_not_pairs": """return SigningError(
        "the headers: expected {name: value}, pairs of the two, or () for none")""",
    "repr_of": "return repr(value) if isinstance(value, str) else type(value).__name__",
    "epoch_seconds": """if isinstance(at, (int, float)):
        return at
    if getattr(at, "utcoffset", lambda: None)() is None:
        raise SigningError(f"at= is {type(at).__name__}: expected an aware datetime or epoch seconds")
    return at.timestamp()""",
    "lower_name": """text = name.decode("latin-1") if isinstance(name, bytes) else name
    if isinstance(text, str) and is_token(text):
        return text.lower()
    raise SigningError(f"a header name is {repr_of(text):.60}: expected a token, as str or bytes")""",
    "check_host": """given = headers.canonical.setdefault("host", host)
    if not given or (host and given.lower() != host):
        raise SigningError(f"the Host header is {given[:80]!r}, of the URL {host!r}: leave the header out")
    if host:
        headers.canonical["host"] = host""",
    "is_access_key_id": """is_visible = text.isascii() and text.isprintable()
    return text != "" and is_visible and _BREAKS_CREDENTIAL.isdisjoint(text)""",
    "chosen_dialect": """if given is None:
        return dialect_of(service)
    if isinstance(given, Dialect):
        return given
    raise SigningError(f"dialect is {type(given).__name__}: expected a Dialect, such as S3")""",
    "check_expires": """if not isinstance(expires, int) or expires is True or not 1 <= expires <= longest:
        raise SigningError(f"expires: expected whole seconds, 1 to {longest}")""",
    "format_timestamp": """if not FIRST_SECOND <= seconds <= LAST_SECOND:
        raise SigningError("the time: expected epoch seconds of the years 1 to 9999")
    year, month, day, hour, minute, second = gmtime(seconds // 1)[:6]
    return f"{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z\"""",
    "byte_text": """try:
        return text.encode("utf-8").decode("latin-1")
    except (AttributeError, UnicodeError):
        fault = "the text to escape: expected str without lone surrogates"
    raise SigningError(fault)""",
    "_bound": """names = cls.field_names
    given = {**cls._defaults, **named, **dict(zip(names, values))}
    wrong = [name for name in named if name not in names[len(values) :]]
    if wrong or len(values) > len(names) or len(given) < len(names):
        raise TypeError(f"{cls.__name__} takes {', '.join(names)}")
    return tuple([given[name] for name in names])""",
    "check_plus": """if "+" in path and not dialect.encode_path_again:
        raise SigningError(
            "the path holds a raw '+': write '%2B' for a plus sign, or '%20' for a space (CR-PATH-4)")""",
    "sha256": """line = digest.hex() if isinstance(digest, bytes) else digest
    if not is_sha256(line):
        raise SigningError("expected 64 lower-case hex digits or 32 bytes")
    return cls(line)""",
    "with_lower_host": """start = base.find("://") + 3
    if base.startswith(host, start):
        return base
    authority = base[start:].partition("/")[0]
    user, at, name = authority.rpartition("@")
    return base[:start] + user + at + name.lower() + base[start + len(authority) :]""",
    "_no_host": 'return SigningError("the URL: expected host or host:port, with a port from 1 to 65535")',
    "_wrong_scheme": 'return SigningError(f"expected {expected}, with the scheme https, http, wss or ws")',
}
# Conditions that are always false in the file, which has neither 4A nor the fast path for received headers.
FALSE = frozenset(("self._region_set", "algorithm == V4A", "self._is_received(pairs, ignored)"))
# The definition of a type in the file: one algorithm is left.
TYPES: Mapping[str, str] = {"Algorithm": 'Algorithm: TypeAlias = "type[v4]"'}
