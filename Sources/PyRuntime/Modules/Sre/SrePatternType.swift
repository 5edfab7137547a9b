import Glibc

/// `re.Pattern`
enum SrePatternType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("A compiled regular expression.")
    t.flags.insert(.disallowInstantiation)
    t.trace(SrePatternLayout.trace)
    t.slots.repr = NoArgsCode(repr)
    t.slots.hash = HashCode(hash)
    t.slots.compare = CompareCode(compare)
    let search: StaticString = "($self, /, string, pos=0, endpos=sys.maxsize)"
    t.method("match", search, "A match at the beginning of the string, or None.", match)
    t.method("fullmatch", search, "A match of the whole string, or None.", fullmatch)
    t.method("search", search, "The first match in the string, or None.", self.search)
    t.method("findall", search, "All matches that do not overlap, as text.", findall)
    t.method("finditer", search, "An iterator over all matches that do not overlap.", finditer)
    t.method("scanner", search, nil, scanner)
    t.method("split", "($self, /, string, maxsplit=0)", "The parts of the string between matches.", split)
    t.method("sub", "($self, /, repl, string, count=0)", "The string with matches replaced.", sub)
    t.method("subn", "($self, /, repl, string, count=0)", "The string with matches replaced, and how many there were.", subn)
    t.method("__copy__", "($self, /)", nil) { _, v throws(Raised) in v }
    t.method("__deepcopy__", "($self, memo, /)", nil) { (_: VM, v: Value, _: Value) throws(Raised) -> Value in v }
    t.classMethod("__class_getitem__", nil, "See PEP 585", Iterators.genericAlias)
    t.member(
      "pattern", "The pattern string from which the object was compiled.", offset: MemoryLayout<SrePatternLayout>.offset(of: \.pattern))
    t.getset("flags", "The matching flags of the regular expression.", { vm, v throws(Raised) in try vm.int(layout(v).pointee.flags) })
    t.getset("groups", "The number of capturing groups.", { vm, v throws(Raised) in try vm.int(layout(v).pointee.groups) })
    t.getset(
      "groupindex", "The numbers of the named groups.",
      { vm, v throws(Raised) in
        try MappingProxyType.make(vm, layout(v).pointee.groupIndex)
      })
  }
  static func layout(_ v: Value) -> SrePatternRef { v.as(SrePatternLayout.self) }

  // MARK: making

  /// `_sre.compile(pattern, flags, code, groups, groupindex, indexgroup)`
  static func compile(_ vm: VM, _ module: Value, _ a: Args) throws(Raised) -> Value {
    guard let type = SreModule.patternType else { throw vm.notBuilt("_sre") }
    let pattern = a[0]
    let flags = try vm.asInt(a[1])
    let list = a[2]
    guard list.isList else { throw vm.raise(.typeError, "compile() argument 'code' must be list, not \(list.argumentTypeName)") }
    let groups = try vm.asInt(a[3])
    guard a[4].isDict else { throw vm.raise(.typeError, "compile() argument 'groupindex' must be dict, not \(a[4].argumentTypeName)") }
    guard a[5].isTuple else { throw vm.raise(.typeError, "compile() argument 'indexgroup' must be tuple, not \(a[5].argumentTypeName)") }
    var isBytes = -1
    if !pattern.isNone {
      var text = try SreText(vm, pattern)
      isBytes = text.isBytes ? 1 : 0
      text.end()
    }
    let n = try vm.length(list)
    var code = try vm.allocateRawBytes(max(4, n &* 4)).assumingMemoryBound(to: UInt32.self)
    for i in 0..<n {
      let item = list.as(ListLayout.self)
      let word: Value
      if item.pointee.foreign == nil, i < item.pointee.count, let items = item.pointee.items {
        word = items[i]
      } else {
        word = try vm.getItem(list, Value(smallInt: i))
      }
      guard word.isInt else { throw vm.raise(.typeError, "an integer is required") }
      guard let bits = Ints.asUInt64(Ints.exact(word)), bits <= 0xFFFF_FFFF else {
        throw vm.raise(.overflowError, "regular expression code size limit exceeded")
      }
      code[i] = UInt32(truncatingIfNeeded: bits)
    }
    guard n < Int(Int32.max), try SreValidator.isValid(vm, code, n, groups: groups) else {
      throw vm.raise(.runtimeError, "invalid SRE code")
    }
    return try withUnsafeMutablePointer(to: &code) { code throws(Raised) in
      let p = try vm.make(SrePatternLayout.self, type)
      p.pointee.pattern = pattern
      p.pointee.groupIndex = a[4]
      p.pointee.indexGroup = a[5]
      p.pointee.code = code.pointee
      p.pointee.codeCount = n
      p.pointee.flags = flags
      p.pointee.groups = groups
      p.pointee.isBytes = isBytes
      return Value(p)
    }
  }

  // MARK: slots

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let p = layout(v)
    var flags = p.pointee.flags
    if p.pointee.isBytes == 0 && flags & (Sre.flagLocale | Sre.flagUnicode | Sre.flagASCII) == Sre.flagUnicode {
      flags &= ~Sre.flagUnicode
    }
    var out = StrBuilder(vm)
    try out.append("re.compile(")
    let text = StrView(try vm.repr(p.pointee.pattern))
    try out.append(text.slice(0, min(200, text.length)))
    var separator: StaticString = ", "
    func add(_ name: StaticString, _ bit: Int) throws(Raised) {
      if flags & bit == 0 { return }
      try out.append(separator)
      try out.append(name)
      separator = "|"
      flags &= ~bit
    }
    try add("re.TEMPLATE", Sre.flagTemplate)
    try add("re.IGNORECASE", Sre.flagIgnoreCase)
    try add("re.LOCALE", Sre.flagLocale)
    try add("re.MULTILINE", Sre.flagMultiline)
    try add("re.DOTALL", Sre.flagDotAll)
    try add("re.UNICODE", Sre.flagUnicode)
    try add("re.VERBOSE", Sre.flagVerbose)
    try add("re.DEBUG", Sre.flagDebug)
    try add("re.ASCII", Sre.flagASCII)
    if flags != 0 {
      try out.append(separator)
      try out.append(string: "0x" + String(flags, radix: 16))
    }
    try out.append(41)
    return try out.finish()
  }

  private static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let p = layout(v)
    let code = Str.hash(bytes: UnsafeRawBufferPointer(start: p.pointee.code, count: p.pointee.codeCount &* 4))
    let h = try vm.hash(p.pointee.pattern) ^ code ^ p.pointee.flags ^ p.pointee.isBytes ^ p.pointee.codeCount
    return h == -1 ? -2 : h
  }

  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard op == .eq || op == .ne, b.type == a.type else { return .notImplemented }
    if a == b { return .bool(op == .eq) }
    let p = layout(a), q = layout(b)
    var same = p.pointee.flags == q.pointee.flags && p.pointee.isBytes == q.pointee.isBytes && p.pointee.codeCount == q.pointee.codeCount
    if same, let x = p.pointee.code, let y = q.pointee.code { same = memcmp(x, y, p.pointee.codeCount &* 4) == 0 }
    if same { same = try vm.equal(p.pointee.pattern, q.pointee.pattern) }
    return .bool(same == (op == .eq))
  }

  // MARK: matching

  private static func position(_ vm: VM, _ v: Value, _ fallback: Int) throws(Raised) -> Int {
    v.isNull ? fallback : try vm.asInt(v)
  }
  private static func session(_ vm: VM, _ v: Value, _ a: Args) throws(Raised) -> SreSession {
    let from = try position(vm, a[1], 0), to = try position(vm, a[2], Int.max)
    return try SreSession(vm, layout(v), a[0], from, to)
  }

  private static func match(_ vm: VM, _ v: Value, _ a: Args) throws(Raised) -> Value {
    var s = try session(vm, v, a)
    defer { s.finish() }
    return try s.match() ? try SreMatchType.make(vm, v, &s) : .none
  }
  private static func fullmatch(_ vm: VM, _ v: Value, _ a: Args) throws(Raised) -> Value {
    var s = try session(vm, v, a)
    defer { s.finish() }
    s.matchAll = true
    return try s.match() ? try SreMatchType.make(vm, v, &s) : .none
  }
  private static func search(_ vm: VM, _ v: Value, _ a: Args) throws(Raised) -> Value {
    var s = try session(vm, v, a)
    defer { s.finish() }
    return try s.search() ? try SreMatchType.make(vm, v, &s) : .none
  }

  /// Text of a group of the session's last match; `missing` where it took no part.
  private static func group(_ s: inout SreSession, _ g: Int, _ missing: Value) throws(Raised) -> Value {
    let (low, high) = s.span(g)
    return low < 0 ? missing : try s.text.slice(low, high)
  }

  private static func findall(_ vm: VM, _ v: Value, _ a: Args) throws(Raised) -> Value {
    var s = try session(vm, v, a)
    defer { s.finish() }
    let list = try vm.list()
    let groups = layout(v).pointee.groups
    let empty = try s.text.slice(0, 0)
    while try s.search() {
      if groups <= 1 {
        try vm.append(list, try group(&s, groups, empty))
      } else {
        let t = try vm.tuple(count: groups)
        for g in 0..<groups { t.as(TupleLayout.self).items[g] = try group(&s, g &+ 1, empty) }
        try vm.append(list, t)
      }
      s.advance()
    }
    return list
  }

  private static func finditer(_ vm: VM, _ v: Value, _ a: Args) throws(Raised) -> Value {
    let scan = try scanner(vm, v, a)
    let step = try vm.getAttribute(scan, "search")
    return try vm.call(try Iterators.builtin(vm, "iter"), step, .none)
  }

  private static func scanner(_ vm: VM, _ v: Value, _ a: Args) throws(Raised) -> Value {
    guard let type = SreModule.scannerType else { throw vm.notBuilt("_sre") }
    // Made only to check the arguments and clamp the bounds.
    var s = try session(vm, v, a)
    let from = s.position, end = s.end
    s.finish()
    let scanner = try vm.make(SreScannerLayout.self, type)
    scanner.pointee.pattern = v
    scanner.pointee.string = a[0]
    scanner.pointee.position = from
    scanner.pointee.start = from
    scanner.pointee.endPosition = end
    if !a[0].isStr, !a[0].isBytes { scanner.pointee.held = try MemoryViews.make(vm, of: a[0]) }
    return Value(scanner)
  }

  private static func split(_ vm: VM, _ v: Value, _ string: Value, _ limit: Value) throws(Raised) -> Value {
    let most = limit.isNull ? 0 : try vm.asInt(limit)
    var s = try SreSession(vm, layout(v), string)
    defer { s.finish() }
    let list = try vm.list()
    var n = 0
    var last = 0
    while most == 0 || n < most {
      guard try s.search() else { break }
      try vm.append(list, try s.text.slice(last, s.start))
      for g in 0..<layout(v).pointee.groups { try vm.append(list, try group(&s, g &+ 1, .none)) }
      n &+= 1
      last = s.stop
      s.advance()
    }
    try vm.append(list, try s.text.slice(last, s.end))
    return list
  }

  private static func sub(_ vm: VM, _ v: Value, _ a: Args) throws(Raised) -> Value { try substitute(vm, v, a).0 }
  private static func subn(_ vm: VM, _ v: Value, _ a: Args) throws(Raised) -> Value {
    let (text, n) = try substitute(vm, v, a)
    return try vm.tuple(text, try vm.int(n))
  }

  private static func substitute(_ vm: VM, _ v: Value, _ a: Args) throws(Raised) -> (Value, Int) {
    let most = a[2].isNull ? 0 : try vm.asInt(a[2])
    var filter = a[0]
    var callable = filter.type.pointee.slots.call != nil
    if !callable {
      var literal = false
      if filter.isStr || filter.type.pointee.slots.buffer != nil {
        var text = try SreText(vm, filter)
        literal = text.view.find(codePoint: 92) < 0
        text.end()
      }
      if !literal {
        // A template: `re` parses it and answers a function, or literal text.
        let prepare = try vm.getAttribute(try vm.importModule("re"), "_subx")
        filter = try vm.call(prepare, v, filter)
        callable = filter.type.pointee.slots.call != nil
      }
    }
    var s = try SreSession(vm, layout(v), a[1])
    defer { s.finish() }
    let list = try vm.list()
    var n = 0
    var at = 0
    while most == 0 || n < most {
      guard try s.search() else { break }
      if at < s.start { try vm.append(list, try s.text.slice(at, s.start)) }
      let item = callable ? try vm.call(filter, try SreMatchType.make(vm, v, &s)) : filter
      if !item.isNone { try vm.append(list, item) }
      at = s.stop
      n &+= 1
      s.advance()
    }
    if n == 0 && at == 0 && (s.text.isBytes ? a[1].isExact(rt.types.bytes) : a[1].isExactStr) { return (a[1], 0) }
    if at < s.end { try vm.append(list, try s.text.slice(at, s.end)) }
    let empty = try s.text.slice(0, 0)
    let joined =
      s.text.isBytes ? try TextMethods<BytesText>.join(vm, empty, list) : try TextMethods<StrText>.join(vm, empty, list)
    return (joined, n)
  }
}

/// `_sre.SRE_Scanner`
enum SreScannerType {
  static func declare(_ t: inout TypeBuilder) {
    t.flags.insert(.disallowInstantiation)
    t.trace(SreScannerLayout.trace)
    t.method("match", "($self, /)", nil) { vm, v throws(Raised) in try step(vm, v, searching: false) }
    t.method("search", "($self, /)", nil) { vm, v throws(Raised) in try step(vm, v, searching: true) }
    t.member("pattern", nil, offset: MemoryLayout<SreScannerLayout>.offset(of: \.pattern))
  }

  private static func step(_ vm: VM, _ v: Value, searching: Bool) throws(Raised) -> Value {
    let scanner = v.as(SreScannerLayout.self)
    if scanner.pointee.start < 0 { return .none }
    var s = try SreSession(
      vm, SrePatternType.layout(scanner.pointee.pattern), scanner.pointee.string, scanner.pointee.start, scanner.pointee.endPosition)
    defer { s.finish() }
    s.mustAdvance = scanner.pointee.mustAdvance
    guard searching ? try s.search() : try s.match() else {
      scanner.pointee.start = -1
      let held = scanner.pointee.held
      scanner.pointee.held = .null
      if !held.isNull { _ = try vm.callMethod(held, "release") }
      return .none
    }
    let m = try SreMatchType.make(vm, scanner.pointee.pattern, &s, position: scanner.pointee.position)
    scanner.pointee.mustAdvance = s.stop == s.start
    scanner.pointee.start = s.stop
    return m
  }
}
