/// `re.Match`
enum SreMatchType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("What a regular expression found, and where.")
    t.flags.insert(.disallowInstantiation)
    t.trace(SreMatchLayout.trace)
    t.slots.repr = NoArgsCode(repr)
    t.slots.subscripted = OneCode(subscripted)
    t.method(
      "group", nil,
      "group([group1, ...]) -> str or tuple.\n\nText of groups by number or name; group 0, the default, is the whole match.", group)
    t.method("start", "($self, group=0, /)", "Where a group begins, or -1.") { vm, v, g throws(Raised) in
      try vm.int(span(v, try index(vm, v, g)).0)
    }
    t.method("end", "($self, group=0, /)", "Where a group ends, or -1.") { vm, v, g throws(Raised) in
      try vm.int(span(v, try index(vm, v, g)).1)
    }
    t.method("span", "($self, group=0, /)", "Where a group begins and ends.") { vm, v, g throws(Raised) in
      try pair(vm, span(v, try index(vm, v, g)))
    }
    t.method("groups", "($self, /, default=None)", "Text of all groups from 1 on.", groups)
    t.method("groupdict", "($self, /, default=None)", "Text of the named groups.", groupdict)
    t.method("expand", "($self, /, template)", "A template filled as sub() does.") {
      (vm: VM, v: Value, template: Value) throws(Raised) -> Value in
      let f = try vm.getAttribute(try vm.importModule("re"), "_expand")
      return try vm.call(f, layout(v).pointee.pattern, v, template)
    }
    t.method("__copy__", "($self, /)", nil) { _, v throws(Raised) in v }
    t.method("__deepcopy__", "($self, memo, /)", nil) { (_: VM, v: Value, _: Value) throws(Raised) -> Value in v }
    t.classMethod("__class_getitem__", nil, "See PEP 585", Iterators.genericAlias)
    t.member("string", "The string passed to match() or search().", offset: MemoryLayout<SreMatchLayout>.offset(of: \.string))
    t.member("re", "The regular expression object.", offset: MemoryLayout<SreMatchLayout>.offset(of: \.pattern))
    t.getset("pos", "Where the search was allowed to begin.", { vm, v throws(Raised) in try vm.int(layout(v).pointee.position) })
    t.getset("endpos", "Where the string was taken to end.", { vm, v throws(Raised) in try vm.int(layout(v).pointee.endPosition) })
    t.getset(
      "lastindex", "The last group that matched, or None.",
      { vm, v throws(Raised) in
        let i = layout(v).pointee.lastIndex
        return i < 0 ? .none : try vm.int(i)
      })
    t.getset("lastgroup", "The name of the last group that matched, or None.", lastgroup)
    t.getset("regs", nil, regs)
  }
  private static func layout(_ v: Value) -> SreMatchRef { v.as(SreMatchLayout.self) }

  /// From the session's last match. `position`: where the search was allowed to begin, if not where the session began.
  static func make(_ vm: VM, _ pattern: Value, _ s: inout SreSession, position: Int? = nil) throws(Raised) -> Value {
    guard let type = SreModule.matchType else { throw vm.notBuilt("_sre") }
    let groups = SrePatternType.layout(pattern).pointee.groups &+ 1
    var spans = try vm.allocateRawBytes(groups &* 16).assumingMemoryBound(to: Int.self)
    for g in 0..<groups {
      let (low, high) = s.span(g)
      if low > high {
        throw vm.raise(.systemError, "The span of capturing group is wrong, please report a bug for the re module.")
      }
      spans[g &* 2] = low
      spans[g &* 2 &+ 1] = high
    }
    let string = s.text.string, first = position ?? s.first, end = s.end, lastIndex = s.lastIndex
    return try withUnsafeMutablePointer(to: &spans) { spans throws(Raised) in
      let m = try vm.make(SreMatchLayout.self, type)
      m.pointee.string = string
      m.pointee.pattern = pattern
      m.pointee.spans = spans.pointee
      m.pointee.groups = groups
      m.pointee.position = first
      m.pointee.endPosition = end
      m.pointee.lastIndex = lastIndex
      return Value(m)
    }
  }

  private static func span(_ v: Value, _ g: Int) -> (Int, Int) {
    guard let spans = layout(v).pointee.spans else { return (-1, -1) }
    return (spans[g &* 2], spans[g &* 2 &+ 1])
  }
  private static func pair(_ vm: VM, _ span: (Int, Int)) throws(Raised) -> Value {
    try vm.tuple(try vm.int(span.0), try vm.int(span.1))
  }

  /// A group's number from a number or name; null is 0.
  private static func index(_ vm: VM, _ v: Value, _ key: Value) throws(Raised) -> Int {
    if key.isNull { return 0 }
    var i = -1
    if key.isInt || key.type.pointee.slots.index != nil {
      i = vm.clamped(try vm.index(key))
    } else {
      let names = SrePatternType.layout(layout(v).pointee.pattern).pointee.groupIndex
      let found = try Dicts.get(vm, names, key)
      if !found.isNull, found.isInt { i = vm.clamped(Ints.exact(found)) }
    }
    guard i >= 0 && i < layout(v).pointee.groups else { throw vm.raise(.indexError, "no such group") }
    return i
  }

  private static func text(_ vm: VM, _ v: Value, _ g: Int, _ missing: Value) throws(Raised) -> Value {
    let (low, high) = span(v, g)
    if low < 0 { return missing }
    var text = try SreText(vm, layout(v).pointee.string)
    defer { text.end() }
    return try text.slice(low, high)
  }

  private static func subscripted(_ vm: VM, _ v: Value, _ key: Value) throws(Raised) -> Value {
    try text(vm, v, try index(vm, v, key), .none)
  }
  private static func group(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "Match.group() takes no keyword arguments") }
    if args.count <= 1 { return try text(vm, v, try index(vm, v, args[0]), .none) }
    let t = try vm.tuple(count: args.count)
    for i in 0..<args.count { t.as(TupleLayout.self).items[i] = try text(vm, v, try index(vm, v, args[i]), .none) }
    return t
  }
  private static func groups(_ vm: VM, _ v: Value, _ missing: Value) throws(Raised) -> Value {
    let n = layout(v).pointee.groups &- 1
    let t = try vm.tuple(count: n)
    for g in 0..<n { t.as(TupleLayout.self).items[g] = try text(vm, v, g &+ 1, missing.isNull ? .none : missing) }
    return t
  }
  private static func groupdict(_ vm: VM, _ v: Value, _ missing: Value) throws(Raised) -> Value {
    let names = SrePatternType.layout(layout(v).pointee.pattern).pointee.groupIndex
    let result = try vm.dict()
    var position = 0
    while let entry = Dicts.next(names, &position) {
      try Dicts.set(vm, result, entry.key, try text(vm, v, try index(vm, v, entry.key), missing.isNull ? .none : missing))
    }
    return result
  }
  private static func lastgroup(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let i = layout(v).pointee.lastIndex
    let names = SrePatternType.layout(layout(v).pointee.pattern).pointee.indexGroup.as(TupleLayout.self)
    guard i >= 0, i < names.pointee.count else { return .none }
    return names.items[i]
  }
  private static func regs(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let m = layout(v)
    if m.pointee.regs.isNull {
      let t = try vm.tuple(count: m.pointee.groups)
      for g in 0..<m.pointee.groups { t.as(TupleLayout.self).items[g] = try pair(vm, span(v, g)) }
      m.pointee.regs = t
    }
    return m.pointee.regs
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let (low, high) = span(v, 0)
    let shown = try vm.repr(try text(vm, v, 0, .none))
    var out = StrBuilder(vm)
    try out.append(string: "<re.Match object; span=(\(low), \(high)), match=")
    let view = StrView(shown)
    try out.append(view.slice(0, min(50, view.length)))
    try out.append(62)
    return try out.finish()
  }
}
