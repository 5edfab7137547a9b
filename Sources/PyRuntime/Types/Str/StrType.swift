import Glibc

/// `str`: construction, slots and the table of methods.
enum StrType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      """
      str(object='') -> str
      str(bytes_or_buffer[, encoding[, errors]]) -> str

      The text of an object, or bytes decoded to text.
      """)
    t.trace(StrLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.str = NoArgsCode(toStr)
    t.slots.hash = HashCode(hash)
    t.slots.compare = CompareCode(compare)
    t.slots.iter = NoArgsCode(iter)
    t.slots.sequenceLength = HashCode(length)
    t.slots.mappingLength = HashCode(length)
    t.slots.item = IndexedCode(item)
    t.slots.subscripted = OneCode(subscripted)
    t.slots.contains = ContainsCode(TextMethods<StrText>.contains)
    t.slots.concatenate = OneCode(concatenate)
    t.slots.repeated = IndexedCode(repeated)
    t.slots.remainder = OneCode(remainder)
    declareSearch(t)
    declareMaking(t)
    declareTests(t)
    t.method("__format__", "($self, format_spec, /)", "Formats the string by a specification such as '>10'.", formatMethod)
    t.method("__sizeof__", "($self, /)", "Bytes of memory used.", sizeOf)
    t.method("__getnewargs__", nil, nil, getNewArgs)
  }

  private static func declareSearch(_ t: TypeBuilder) {
    typealias M = TextMethods<StrText>
    t.method("find", nil, "S.find(sub[, start[, end]]) -> int\n\nThe lowest index of sub in S[start:end], or -1.", M.find)
    t.method("rfind", nil, "S.rfind(sub[, start[, end]]) -> int\n\nThe highest index of sub in S[start:end], or -1.", M.rfind)
    t.method("index", nil, "S.index(sub[, start[, end]]) -> int\n\nLike find, but raises ValueError if there is none.", M.index)
    t.method("rindex", nil, "S.rindex(sub[, start[, end]]) -> int\n\nLike rfind, but raises ValueError if there is none.", M.rindex)
    t.method("count", nil, "S.count(sub[, start[, end]]) -> int\n\nHow often sub occurs in S[start:end], not overlapping.", M.count)
    t.method(
      "startswith", nil, "S.startswith(prefix[, start[, end]]) -> bool\n\nWhether S[start:end] starts with prefix or one of a tuple.",
      M.startswith)
    t.method(
      "endswith", nil, "S.endswith(suffix[, start[, end]]) -> bool\n\nWhether S[start:end] ends with suffix or one of a tuple.", M.endswith
    )
    t.method("removeprefix", "($self, prefix, /)", "The string without this prefix, if it has it.", M.removeprefix)
    t.method("removesuffix", "($self, suffix, /)", "The string without this suffix, if it has it.", M.removesuffix)
    t.method("strip", "($self, chars=None, /)", "Removes white space, or any of chars, at both ends.", M.strip)
    t.method("lstrip", "($self, chars=None, /)", "Removes white space, or any of chars, at the start.", M.lstrip)
    t.method("rstrip", "($self, chars=None, /)", "Removes white space, or any of chars, at the end.", M.rstrip)
    t.method("split", "($self, /, sep=None, maxsplit=-1)", "The parts between separators, from the left.", M.split)
    t.method("rsplit", "($self, /, sep=None, maxsplit=-1)", "The parts between separators, split from the right.", M.rsplit)
    t.method("splitlines", "($self, /, keepends=False)", "The lines, with their ends if asked for.", M.splitlines)
    t.method("partition", "($self, sep, /)", "What stands before the first sep, sep, and what stands behind.", M.partition)
    t.method("rpartition", "($self, sep, /)", "What stands before the last sep, sep, and what stands behind.", M.rpartition)
  }

  private static func declareMaking(_ t: TypeBuilder) {
    typealias M = TextMethods<StrText>
    t.optionalMethod("replace", "($self, old, new, count=-1, /)", "Replaces old by new everywhere, or at most count times.", M.replace)
    t.method("join", "($self, iterable, /)", "Joins strings with this one between them.", M.join)
    t.method("center", "($self, width, fillchar=' ', /)", "Padded on both sides to width.", M.center)
    t.method("ljust", "($self, width, fillchar=' ', /)", "Padded on the right to width.", M.ljust)
    t.method("rjust", "($self, width, fillchar=' ', /)", "Padded on the left to width.", M.rjust)
    t.method("zfill", "($self, width, /)", "Padded with zeros behind the sign to width.", M.zfill)
    t.method("expandtabs", "($self, /, tabsize=8)", "Tabs replaced by spaces up to the next column that tabsize divides.", M.expandtabs)
    t.method("lower", "($self, /)", "All characters in lower case.", M.lower)
    t.method("upper", "($self, /)", "All characters in upper case.", M.upper)
    t.method("casefold", "($self, /)", "For comparisons that ignore case.", M.casefold)
    t.method("swapcase", "($self, /)", "Upper case for lower case and the other way round.", M.swapcase)
    t.method("capitalize", "($self, /)", "The first character in title case, the others in lower case.", M.capitalize)
    t.method("title", "($self, /)", "Every word in title case.", M.title)
    t.method("translate", "($self, table, /)", "Every character mapped by table[ordinal].", StrTranslation.translate)
    t.staticMethod("maketrans", nil, "A table for translate: from a dict, or from strings of equal length.", StrTranslation.maketrans)
    t.method("encode", "($self, /, encoding='utf-8', errors='strict')", "The text as bytes in an encoding.", encode)
    t.method("format", nil, "S.format(*args, **kwargs) -> str\n\nFills the fields in braces.", StrFormat.format)
    t.method("format_map", nil, "S.format_map(mapping) -> str\n\nFills the fields in braces from a mapping.", StrFormat.formatMap)
  }

  private static func declareTests(_ t: TypeBuilder) {
    typealias M = TextMethods<StrText>
    t.method("isascii", "($self, /)", "Whether all characters are ASCII.", M.isascii)
    t.method("islower", "($self, /)", "Whether there is a cased character and all of them are lower case.", M.islower)
    t.method("isupper", "($self, /)", "Whether there is a cased character and all of them are upper case.", M.isupper)
    t.method("istitle", "($self, /)", "Whether every word is in title case, and there is one.", M.istitle)
    t.method("isspace", "($self, /)", "Whether there is nothing but white space, and some.", M.isspace)
    t.method("isdecimal", "($self, /)", "Whether all characters are decimal digits, and there is one.", M.isdecimal)
    t.method("isdigit", "($self, /)", "Whether all characters are digits, and there is one.", M.isdigit)
    t.method("isnumeric", "($self, /)", "Whether all characters are numeric, and there is one.", M.isnumeric)
    t.method("isalpha", "($self, /)", "Whether all characters are letters, and there is one.", M.isalpha)
    t.method("isalnum", "($self, /)", "Whether all characters are letters or numbers, and there is one.", M.isalnum)
    t.method("isidentifier", "($self, /)", "Whether this is a valid identifier (or keyword).", M.isidentifier)
    t.method("isprintable", "($self, /)", "Whether repr() would show all characters as they are.", M.isprintable)
  }

  // MARK: construction

  static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    let type = cls.asType
    let text: Value
    if args.count == 1 && args.keywords.isNull {
      text = try vm.str(of: args[0])
    } else {
      let a = try ArgChecks.bind(vm, "str", args, names: ["object", "encoding", "errors"], required: 0)
      let encoding = try textArgument(vm, a[1], "str", "encoding")
      let errors = try textArgument(vm, a[2], "str", "errors")
      if a[0].isNull {
        text = try vm.emptyStr()
      } else if encoding.isNull && errors.isNull {
        text = try vm.str(of: a[0])
      } else {
        text = try decode(vm, a[0], encoding, errors)
      }
    }
    if type == rt.types.str { return text }
    return try vm.str(text, of: type)
  }

  /// An argument that must be a str without NULs; null stays null.
  static func textArgument(_ vm: VM, _ v: Value, _ function: StaticString, _ name: StaticString) throws(Raised) -> Value {
    if v.isNull { return v }
    guard v.isStr else {
      throw vm.raise(.typeError, "\(function)() argument '\(name)' must be str, not \(v.argumentTypeName)")
    }
    if StrView(v).find(codePoint: 0) >= 0 { throw vm.raise(.valueError, "embedded null character") }
    return v
  }

  /// `str(v, encoding, errors)`
  static func decode(_ vm: VM, _ v: Value, _ encoding: Value, _ errors: Value) throws(Raised) -> Value {
    if v.isStr { throw vm.raise(.typeError, "decoding str is not supported") }
    if v.isBytes {
      let b = v.as(BytesLayout.self)
      if b.pointee.count == 0, !rt.pointee.flags.devMode { return try vm.emptyStr() }
      return try Codecs.decode(vm, v, encoding, errors)
    }
    guard v.type.pointee.slots.buffer != nil else {
      throw vm.raise(.typeError, "decoding to str: need a bytes-like object, \(v.typeName) found")
    }
    return try Codecs.decode(vm, v, encoding, errors)
  }

  private static func encode(_ vm: VM, _ v: Value, _ encoding: Value, _ errors: Value) throws(Raised) -> Value {
    try Codecs.encode(
      vm, v, try textArgument(vm, encoding, "encode", "encoding"), try textArgument(vm, errors, "encode", "errors"))
  }

  // MARK: slots

  private static func toStr(_ vm: VM, _ v: Value) throws(Raised) -> Value { try vm.exactCopy(v) }
  private static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int { Str.hash(v) }
  private static func length(_ vm: VM, _ v: Value) throws(Raised) -> Int { Str.length(v) }
  private static func iter(_ vm: VM, _ v: Value) throws(Raised) -> Value { try Iterators.indexed(vm, rt.types.strIterator, v, 0) }

  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard a.isStr && b.isStr else { return .notImplemented }
    switch op {
    case .eq: return .bool(Str.equal(a, b))
    case .ne: return .bool(!Str.equal(a, b))
    case .lt: return .bool(Str.order(a, b) < 0)
    case .le: return .bool(Str.order(a, b) <= 0)
    case .gt: return .bool(Str.order(a, b) > 0)
    case .ge: return .bool(Str.order(a, b) >= 0)
    }
  }

  private static func item(_ vm: VM, _ v: Value, _ i: Int) throws(Raised) -> Value {
    let s = v.as(StrLayout.self)
    guard i >= 0 && i < s.pointee.length else { throw vm.raise(.indexError, "string index out of range") }
    return try vm.str(codePoint: s[codePoint: i])
  }

  static func subscripted(_ vm: VM, _ v: Value, _ key: Value) throws(Raised) -> Value {
    if key.isSmallInt {
      let i = key.smallInt
      return try item(vm, v, i < 0 ? i &+ Str.length(v) : i)
    }
    if key.isExact(rt.types.slice) {
      let r = try Slices.resolve(vm, key, length: Str.length(v))
      let view = StrView(v)
      if r.count <= 0 { return try vm.emptyStr() }
      if r.step == 1 { return try StrText.make(vm, view.slice(r.start, r.start &+ r.count), v) }
      var out = StrBuilder(vm)
      try out.reserve(r.count, unit: view.unit)
      var i = r.start
      for _ in 0..<r.count {
        try out.append(view[i])
        i &+= r.step
      }
      return try out.finish()
    }
    guard key.isInt || key.type.pointee.slots.index != nil else {
      throw vm.raise(.typeError, "string indices must be integers, not '\(key.typeName)'")
    }
    let i = try vm.asIndex(key, overflow: .indexError)
    return try item(vm, v, i < 0 ? i &+ Str.length(v) : i)
  }

  private static func concatenate(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard b.isStr else { throw vm.raise(.typeError, "can only concatenate str (not \"\(b.typeName)\") to str") }
    guard a.isStr else { return .notImplemented }
    return try vm.concatenate(a, b)
  }

  private static func repeated(_ vm: VM, _ v: Value, _ n: Int) throws(Raised) -> Value {
    let view = StrView(v)
    if n <= 0 || view.length == 0 { return try vm.emptyStr() }
    if n == 1 && v.isExactStr { return v }
    let (length, overflow) = view.length.multipliedReportingOverflow(by: n)
    if overflow { throw vm.raise(.overflowError, "repeated string is too long") }
    if length > Int.max >> 4 { throw vm.raiseMemoryError() }
    if length == 1 { return try vm.str(codePoint: view[0]) }
    let r = try vm.newStr(length: length, unit: view.unit, ascii: v.as(StrLayout.self).isASCII)
    Memory.fill(r.units, length &* Int(view.unit), with: view.units, view.length &* Int(view.unit))
    return Value(r)
  }

  private static func remainder(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isStr else { return .notImplemented }
    return try PercentFormat.format(vm, a, b)
  }

  private static func formatMethod(_ vm: VM, _ v: Value, _ spec: Value) throws(Raised) -> Value {
    guard spec.isStr else {
      throw vm.raise(.typeError, "__format__() argument must be str, not \(spec.argumentTypeName)")
    }
    return try StrFormat.formatted(vm, v, spec: spec)
  }

  private static func sizeOf(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let s = v.as(StrLayout.self)
    // CPython's sizes, which programs print.
    if s.isASCII { return try vm.int(49 &+ s.pointee.length) }
    return try vm.int(72 &+ (s.pointee.length &+ 1) &* Int(s.pointee.unit))
  }
  private static func getNewArgs(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try vm.tuple(try vm.inlineCopy(v))
  }

  // MARK: repr

  static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let view = StrView(v)
    let quote: UInt32 = view.find(codePoint: 39) >= 0 && view.find(codePoint: 34) < 0 ? 34 : 39
    if v.as(StrLayout.self).isASCII {
      // Most strs need no escapes.
      var plain = true
      let p = view.pointer(UInt8.self)
      for i in 0..<view.length where p[i] < 32 || p[i] == 127 || p[i] == 92 || UInt32(p[i]) == quote { plain = false }
      if plain {
        let r = try vm.newStr(length: view.length &+ 2, unit: 1, ascii: true)
        let to = r.units.assumingMemoryBound(to: UInt8.self)
        to[0] = UInt8(truncatingIfNeeded: quote)
        memcpy(to + 1, p, view.length)
        to[view.length &+ 1] = UInt8(truncatingIfNeeded: quote)
        return Value(r)
      }
    }
    var out = StrBuilder(vm)
    try out.reserve(view.length &+ 2, unit: view.unit)
    try out.append(quote)
    for i in 0..<view.length {
      let c = view[i]
      if c == quote || c == 92 {
        try out.append(92)
        try out.append(c)
      } else if UnicodeData.isPrintable(c) {
        try out.append(c)
      } else {
        try appendEscape(c, &out)
      }
    }
    try out.append(quote)
    return try out.finish()
  }

  /// `\n`, `\x7f`, `\u2028`, `\U000e0001`
  static func appendEscape(_ c: UInt32, _ out: inout StrBuilder) throws(Raised) {
    try out.append(92)
    switch c {
    case 9: try out.append(0x74)
    case 10: try out.append(0x6E)
    case 13: try out.append(0x72)
    default:
      let (letter, digits): (UInt32, Int) = c < 0x100 ? (0x78, 2) : c < 0x10000 ? (0x75, 4) : (0x55, 8)
      try out.append(letter)
      try appendHex(c, digits, &out)
    }
  }
  static func appendHex(_ c: UInt32, _ digits: Int, _ out: inout StrBuilder) throws(Raised) {
    var i = digits
    while i > 0 {
      i &-= 1
      let d = c >> UInt32(truncatingIfNeeded: i &* 4) & 15
      try out.append(d < 10 ? 48 &+ d : 87 &+ d)
    }
  }
}

extension VM {
  /// An instance of a subclass of str with the text of `s`.
  func str(_ s: Value, of type: TypeRef) throws(Raised) -> Value {
    let bytes = Str.length(s) &* Int(s.as(StrLayout.self).pointee.unit)
    var units = try allocateRawBytes(bytes &+ 4)
    memcpy(units, s.as(StrLayout.self).units, bytes)
    memset(units + bytes, 0, 4)
    return try withUnsafeMutablePointer(to: &units) { kept throws(Raised) in
      let r = try instance(StrLayout.self, of: type)
      let from = s.as(StrLayout.self)
      r.pointee.hash = from.pointee.hash
      r.pointee.length = from.pointee.length
      r.pointee.unit = from.pointee.unit
      r.pointee.flags = from.isASCII ? [.ascii, .external] : .external
      r.pointee.external = kept.pointee
      return Value(r)
    }
  }
}

enum Memory {
  /// Fills `count` bytes with repetitions of a pattern, doubling what is there.
  static func fill(_ to: UnsafeMutableRawPointer, _ count: Int, with pattern: UnsafeRawPointer, _ length: Int) {
    if length == 1 {
      memset(to, Int32(pattern.load(as: UInt8.self)), count)
      return
    }
    var done = min(length, count)
    memcpy(to, pattern, done)
    while done < count {
      let n = min(done, count &- done)
      memcpy(to + done, to, n)
      done &+= n
    }
  }
}

enum StrIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(IndexIteratorLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__length_hint__", "($self, /)", "How many characters are still to come.", lengthHint)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled position.", setState)
  }
  private static func next(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let it = v.as(IndexIteratorLayout.self)
    if it.pointee.sequence.isNull { return .exhausted }
    let s = it.pointee.sequence.as(StrLayout.self)
    let i = it.pointee.index
    if i < s.pointee.length {
      it.pointee.index = i &+ 1
      return try vm.str(codePoint: s[codePoint: i])
    }
    it.pointee.sequence = .null
    return .exhausted
  }
  private static func lengthHint(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let it = v.as(IndexIteratorLayout.self)
    return Value(smallInt: it.pointee.sequence.isNull ? 0 : Str.length(it.pointee.sequence) &- it.pointee.index)
  }
  private static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let it = v.as(IndexIteratorLayout.self)
    if it.pointee.sequence.isNull { return try Iterators.exhaustedState(vm, try vm.emptyStr()) }
    return try Iterators.state(vm, "iter", it.pointee.sequence, it.pointee.index)
  }
  private static func setState(_ vm: VM, _ v: Value, _ state: Value) throws(Raised) -> Value {
    let it = v.as(IndexIteratorLayout.self)
    let i = try vm.asInt(state)
    if !it.pointee.sequence.isNull { it.pointee.index = min(max(0, i), Str.length(it.pointee.sequence)) }
    return .none
  }
}
