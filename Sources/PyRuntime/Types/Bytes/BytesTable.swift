// The methods that bytes shares with bytearray, as its type declares them.

extension BytesType {
  /// What bytes and bytearray share. One table each: native functions must not capture a generic parameter.
  static func declareShared(_ t: TypeBuilder) {
    typealias M = TextMethods<BytesText>
    t.method("find", nil, "B.find(sub[, start[, end]]) -> int\n\nThe lowest index of sub, or -1.", M.find)
    t.method("rfind", nil, "B.rfind(sub[, start[, end]]) -> int\n\nThe highest index of sub, or -1.", M.rfind)
    t.method("index", nil, "B.index(sub[, start[, end]]) -> int\n\nLike find, but raises ValueError if there is none.", M.index)
    t.method("rindex", nil, "B.rindex(sub[, start[, end]]) -> int\n\nLike rfind, but raises ValueError if there is none.", M.rindex)
    t.method("count", nil, "B.count(sub[, start[, end]]) -> int\n\nHow often sub occurs, not overlapping.", M.count)
    t.method("startswith", nil, "B.startswith(prefix[, start[, end]]) -> bool\n\nWhether B starts with prefix.", M.startswith)
    t.method("endswith", nil, "B.endswith(suffix[, start[, end]]) -> bool\n\nWhether B ends with suffix.", M.endswith)
    t.method("removeprefix", "($self, prefix, /)", "The bytes without this prefix, if they have it.", M.removeprefix)
    t.method("removesuffix", "($self, suffix, /)", "The bytes without this suffix, if they have it.", M.removesuffix)
    t.method("strip", "($self, bytes=None, /)", "Removes white space, or any of bytes, at both ends.", M.strip)
    t.method("lstrip", "($self, bytes=None, /)", "Removes white space, or any of bytes, at the start.", M.lstrip)
    t.method("rstrip", "($self, bytes=None, /)", "Removes white space, or any of bytes, at the end.", M.rstrip)
    t.method("split", "($self, /, sep=None, maxsplit=-1)", "The parts between separators, from the left.", M.split)
    t.method("rsplit", "($self, /, sep=None, maxsplit=-1)", "The parts between separators, split from the right.", M.rsplit)
    t.method("splitlines", "($self, /, keepends=False)", "The lines, with their ends if asked for.", M.splitlines)
    t.method("partition", "($self, sep, /)", "What stands before the first sep, sep, and what stands behind.", M.partition)
    t.method("rpartition", "($self, sep, /)", "What stands before the last sep, sep, and what stands behind.", M.rpartition)
    t.method("replace", "($self, old, new, count=-1, /)", "Replaces old by new everywhere, or at most count times.", M.replace)
    t.method("join", "($self, iterable_of_bytes, /)", "Joins bytes-like objects with this one between them.", M.join)
    t.method("center", "($self, width, fillchar=b' ', /)", "Padded on both sides to width.", M.center)
    t.method("ljust", "($self, width, fillchar=b' ', /)", "Padded on the right to width.", M.ljust)
    t.method("rjust", "($self, width, fillchar=b' ', /)", "Padded on the left to width.", M.rjust)
    t.method("zfill", "($self, width, /)", "Padded with zeros behind the sign to width.", M.zfill)
    t.method("expandtabs", "($self, /, tabsize=8)", "Tabs replaced by spaces.", M.expandtabs)
    t.method("lower", nil, "B.lower() -> copy of B\n\nASCII letters in lower case.", M.asciiLower)
    t.method("upper", nil, "B.upper() -> copy of B\n\nASCII letters in upper case.", M.asciiUpper)
    t.method("swapcase", nil, "B.swapcase() -> copy of B\n\nASCII letters with their case changed.", M.asciiSwapcase)
    t.method("capitalize", nil, "B.capitalize() -> copy of B\n\nThe first byte in upper case, the rest in lower case.", M.asciiCapitalize)
    t.method("title", nil, "B.title() -> copy of B\n\nEvery word with an upper-case first letter.", M.asciiTitle)
    t.method("isalpha", nil, "B.isalpha() -> bool\n\nWhether all bytes are ASCII letters.", M.asciiIsAlpha)
    t.method("isalnum", nil, "B.isalnum() -> bool\n\nWhether all bytes are ASCII letters or digits.", M.asciiIsAlnum)
    t.method("isdigit", nil, "B.isdigit() -> bool\n\nWhether all bytes are ASCII digits.", M.asciiIsDigit)
    t.method("isspace", nil, "B.isspace() -> bool\n\nWhether all bytes are ASCII white space.", M.asciiIsSpace)
    t.method("isascii", nil, "B.isascii() -> bool\n\nWhether all bytes are below 128.", M.asciiIsASCII)
    t.method("islower", nil, "B.islower() -> bool\n\nWhether there are letters and none is upper case.", M.asciiIsLower)
    t.method("isupper", nil, "B.isupper() -> bool\n\nWhether there are letters and none is lower case.", M.asciiIsUpper)
    t.method("istitle", nil, "B.istitle() -> bool\n\nWhether every word starts with its only capital.", M.asciiIsTitle)
    t.method("decode", "($self, /, encoding='utf-8', errors='strict')", "The text that the bytes encode.", M.decode)
    t.method(
      "hex", "($self, /, sep=<unrepresentable>, bytes_per_sep=1)",
      "Two hexadecimal digits a byte, with separators if asked for.\n\n>>> bytes(b'\\x01\\xfe').hex()\n'01fe'\n>>> bytes(b'\\x01\\xfe').hex(':')\n'01:fe'",
      M.hex)
    t.method("translate", "($self, table, /, delete=b'')", "Every byte mapped by a table of 256, those in delete dropped.", M.translate)
    t.staticMethod("maketrans", nil, "maketrans(frm, to) -> table\n\nA table for translate.", M.maketrans)
    t.classMethod("fromhex", "($type, string, /)", "From pairs of hexadecimal digits; white space is ignored.", M.fromhex)
  }
}
