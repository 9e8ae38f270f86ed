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
    "_written_instead": """return "percent-encode it, in a host name write its 'xn--' form\"""",
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
        position = next(at for at, char in enumerate(text) if ord(char) in _WITHOUT_CONTROLS)
        shown = f"0x{ord(text[position]):02X} at position {position}"
        raise SigningError(f"header {name!r} holds the control character {shown}: remove it")
    return text""",
    "check_expires": """if not isinstance(expires, int) or expires is True or not 1 <= expires <= longest:
        raise SigningError(f"expires: expected whole seconds, 1 to {longest}")""",
    "format_timestamp": """if not FIRST_SECOND <= seconds <= LAST_SECOND:
        raise SigningError("the time: expected epoch seconds of the years 1 to 9999")
    year, month, day, hour, minute, second = gmtime(seconds // 1)[:6]
    return f"{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z\"""",
    "byte_characters": """try:
        return text.encode("utf-8").decode("latin-1")
    except UnicodeEncodeError:
        fault = "the text holds a lone surrogate: was it decoded with another encoding?"
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
    "has_needed_escapes": 'return _NEEDED.issuperset([piece[:2] for piece in text.split("%")[1:]])',
    "_no_host": 'return SigningError("the URL: expected host or host:port, with a port from 1 to 65535")',
    "_wrong_scheme": 'return SigningError(f"expected {expected}, with the scheme https, http, wss or ws")',
}
# Conditions that are always false in the file, which has neither 4A nor the fast path for received headers.
FALSE = frozenset(("self._region_set", "algorithm == V4A", "self._is_received(pairs, ignored)"))
# The definition of a type in the file: one algorithm is left.
TYPES: Mapping[str, str] = {"Algorithm": 'Algorithm: TypeAlias = "type[v4]"'}
