import Glibc

/// Text in memory as a stream: `count` code points in a raw buffer, each as wide as the widest that has been written needs.
struct StringIOLayout {
  var base: IOBaseLayout
  var units: UnsafeMutablePointer<UInt8>?
  var count: Int
  /// In code points
  var capacity: Int
  var position: Int
  /// str or None
  var newline: Value
  var translation: NewlineTranslation
  /// 1, 2 or 4 bytes for each code point
  var unit: UInt8
  var ready: Bool

  /// The code points [from, to), bounds within the text.
  func view(_ from: Int, _ to: Int) -> StrView {
    let all = StrView(units: UnsafeRawPointer(units), length: count, unit: unit)
    return to > from ? all.slice(from, to) : StrView(units: nil, length: 0, unit: 1)
  }
}

enum StringIO {
  static func io(_ v: Value) -> UnsafeMutablePointer<StringIOLayout> { v.as(StringIOLayout.self) }

  static func declare(_ m: ModuleBuilder) throws(Raised) {
    try m.type(
      "StringIO", base: IOBase.textType, layoutSize: MemoryLayout<StringIOLayout>.size, flags: IOBase.flags.subtracting(.finalized)
    ) {
      (t) throws(Raised) in
      t.doc("StringIO(initial_value='', newline='\\n')\n--\n\nA text stream in memory.")
      t.trace { cell, tracer in
        let s = cell.assumingMemoryBound(to: StringIOLayout.self)
        Tracer(tracer).visitBuffer(s.pointee.units)
        Tracer(tracer).visit(s.pointee.newline)
      }
      t.slots.new = ManyCode { (vm, cls, _) throws(Raised) in Value(try vm.instance(StringIOLayout.self, of: cls.asType)) }
      t.slots.initialize = NativeInitCode { (vm, v, args) throws(Raised) in
        try vm.bind(args, "StringIO", "(initial_value='', newline='\\n')") { (a) throws(Raised) in
          let newline = a[1].isNull ? try vm.intern("\n") : a[1]
          if !newline.isNone && !newline.isStr {
            throw vm.raise(.typeError, "newline must be str or None, not \(newline.typeName)")
          }
          if newline.isStr && !["", "\n", "\r", "\r\n"].contains(newline.swiftString) {
            throw vm.raise(.valueError, "illegal newline value: \(try vm.repr(newline).swiftString)")
          }
          if !a[0].isNull && !a[0].isNone && !a[0].isStr {
            throw vm.raise(.typeError, "initial_value must be str or None, not \(a[0].typeName)")
          }
          let s = io(v)
          s.pointee.newline = newline
          s.pointee.translation = NewlineTranslation(translates: newline.isNone)
          if s.pointee.units == nil { s.pointee.unit = 1 }
          s.pointee.count = 0
          s.pointee.position = 0
          s.pointee.ready = true
          s.pointee.base.closed = false
          if a[0].isStr {
            _ = try write(vm, v, a[0])
            s.pointee.position = 0
          }
        }
      }
      t.slots.next = NoArgsCode { (vm, v) throws(Raised) in
        let line = try readline(vm, v, -1)
        return line.as(StrLayout.self).pointee.length == 0 ? .exhausted : line
      }
      declareMethods(&t)
    }
  }

  private static func open(_ vm: VM, _ v: Value) throws(Raised) -> UnsafeMutablePointer<StringIOLayout> {
    let s = io(v)
    if !s.pointee.ready { throw vm.raise(.valueError, "I/O operation on uninitialized object") }
    if s.pointee.base.closed { throw IOBase.closedError(vm) }
    return s
  }

  private static func write(_ vm: VM, _ v: Value, _ given: Value) throws(Raised) -> Value {
    guard given.isStr else { throw vm.raise(.typeError, "string argument expected, got '\(given.typeName)'") }
    let s = try open(vm, v)
    let length = given.as(StrLayout.self).pointee.length
    var text = given
    if s.pointee.newline.isNone || s.pointee.newline.as(StrLayout.self).pointee.length == 0 {
      text = try s.pointee.translation.decode(vm, text, final: true)
    } else if !Str.equal(s.pointee.newline, "\n") {
      text = try vm.callMethod(text, "replace", try vm.intern("\n"), s.pointee.newline)
    }
    let p = text.as(StrLayout.self)
    let n = p.pointee.length
    if n == 0 { return try vm.int(length) }
    let (end, overflow) = s.pointee.position.addingReportingOverflow(n)
    if overflow || end > Int.max / 8 { throw vm.raise(.overflowError, "new position too large") }
    try reserve(vm, s, end, StrView(text).unit)
    guard let units = s.pointee.units else { return try vm.int(length) }
    let unit = s.pointee.unit
    var i = s.pointee.count
    while i < s.pointee.position {
      Str.store(units, unit, i, 0)
      i += 1
    }
    StrView(text).copy(to: units + s.pointee.position * Int(unit), unit: unit)
    s.pointee.position = end
    s.pointee.count = max(s.pointee.count, end)
    return try vm.int(length)
  }

  /// Makes room for `end` code points, and for those of width `wanted`.
  private static func reserve(_ vm: VM, _ s: UnsafeMutablePointer<StringIOLayout>, _ end: Int, _ wanted: UInt8) throws(Raised) {
    if s.pointee.count == 0, s.pointee.unit > 1 {
      s.pointee.capacity *= Int(s.pointee.unit)
      s.pointee.unit = 1
    }
    let unit = max(s.pointee.unit, wanted)
    if end <= s.pointee.capacity, unit == s.pointee.unit { return }
    let larger = end <= s.pointee.capacity ? s.pointee.capacity : max(32, end, s.pointee.capacity + s.pointee.capacity / 2)
    guard larger < Int.max / 16 else { throw vm.raiseMemoryError() }
    let used = s.pointee.count * Int(s.pointee.unit)
    if let old = s.pointee.units, unit == s.pointee.unit, used > HeapGeometry.largestSmallCell,
      let room = vm.extendBytes(old, used: used, larger * Int(unit))
    {
      s.pointee.capacity = room / Int(unit)
      return
    }
    let units = try vm.allocateRawBytes(larger * Int(unit)).assumingMemoryBound(to: UInt8.self)
    if let old = s.pointee.units {
      s.pointee.view(0, s.pointee.count).copy(to: units, unit: unit)
      vm.freeStorage(old)
    }
    s.pointee.units = units
    s.pointee.unit = unit
    s.pointee.capacity = larger
  }

  private static func take(_ vm: VM, _ s: UnsafeMutablePointer<StringIOLayout>, _ n: Int) throws(Raised) -> Value {
    let left = max(0, s.pointee.count - s.pointee.position)
    let count = n < 0 ? left : min(n, left)
    let start = s.pointee.position
    s.pointee.position += count
    return try vm.str(copying: s.pointee.view(start, start + count))
  }

  private static func readline(_ vm: VM, _ v: Value, _ limit: Int) throws(Raised) -> Value {
    let s = try open(vm, v)
    guard s.pointee.units != nil, s.pointee.position < s.pointee.count else { return try vm.emptyStr() }
    let points = s.pointee.view(0, s.pointee.count)
    // The mark that ends a line, its characters as digits; 0: any of the three
    let mark = s.pointee.newline.isNone ? 0x0A : endMark(s.pointee.newline)
    var i = s.pointee.position
    let stop = limit >= 0 ? min(s.pointee.count, s.pointee.position + limit) : s.pointee.count
    while i < stop {
      let c = points[i]
      i += 1
      if mark == 0x0A {
        if c == 0x0A { break }
      } else if mark == 0x0D {
        if c == 0x0D { break }
      } else if mark == 0x0D0A {
        if c == 0x0A && i >= 2 && points[i - 2] == 0x0D && i - 2 >= s.pointee.position { break }
      } else {
        if c == 0x0A { break }
        if c == 0x0D {
          if i < stop && points[i] == 0x0A { i += 1 }
          break
        }
      }
    }
    return try take(vm, s, i - s.pointee.position)
  }

  private static func endMark(_ newline: Value) -> UInt32 {
    let view = StrView(newline)
    var mark: UInt32 = 0
    for i in 0..<view.length { mark = mark << 8 | view[i] }
    return mark
  }

  private static func declareMethods(_ t: inout TypeBuilder) {
    t.method("read", "($self, size=-1, /)", "Up to size characters; all for -1.") { (vm, v, args: Args) throws(Raised) in
      try take(vm, try open(vm, v), try StreamArguments.size(vm, args[0]))
    }
    t.method("readline", "($self, size=-1, /)", "A line, its end included.") { (vm, v, args: Args) throws(Raised) in
      try readline(vm, v, try StreamArguments.size(vm, args[0]))
    }
    t.method("write", "($self, s, /)", "Writes text; answers how many characters.") { (vm, v, s) throws(Raised) in try write(vm, v, s) }
    t.method("getvalue", "($self, /)", "All the text.") { (vm, v) throws(Raised) in
      let s = try open(vm, v)
      return try vm.str(copying: s.pointee.view(0, s.pointee.count))
    }
    t.method("tell", "($self, /)", "The position.") { (vm, v) throws(Raised) in try vm.int(try open(vm, v).pointee.position) }
    t.method("seek", "($self, pos, whence=0, /)", "Moves; answers the new position.") { (vm, v, args: Args) throws(Raised) in
      let s = try open(vm, v)
      let n = try vm.asInt(args[0]), whence = args[1].isNull ? 0 : try vm.asInt(args[1])
      if whence < 0 || whence > 2 { throw vm.raise(.valueError, "Invalid whence (\(whence), should be 0, 1 or 2)") }
      if whence == 0 && n < 0 { throw vm.raise(.valueError, "Negative seek position \(n)") }
      if whence != 0 && n != 0 { throw vm.raise(.osError, "Can't do nonzero cur-relative seeks") }
      if whence == 0 { s.pointee.position = n } else if whence == 2 { s.pointee.position = s.pointee.count }
      return try vm.int(s.pointee.position)
    }
    t.method("truncate", "($self, pos=None, /)", "Cuts the text to a size.") { (vm, v, args: Args) throws(Raised) in
      let s = try open(vm, v)
      let n = args[0].isNull || args[0].isNone ? s.pointee.position : try StreamArguments.size(vm, args[0])
      if n < 0 { throw vm.raise(.valueError, "Negative size value \(n)") }
      if n < s.pointee.count { s.pointee.count = n }
      return try vm.int(n)
    }
    t.method("close", "($self, /)", "Drops the text.") { (_, v) in
      io(v).pointee.base.closed = true
      io(v).pointee.units = nil
      io(v).pointee.count = 0
      io(v).pointee.capacity = 0
      return .none
    }
    for name: StaticString in ["readable", "writable", "seekable"] {
      t.method(name, "($self, /)", "True.") { (vm, v) throws(Raised) in
        _ = try open(vm, v)
        return .true
      }
    }
    t.getset("closed", nil) { (vm, v) throws(Raised) in
      if !io(v).pointee.ready { throw vm.raise(.valueError, "I/O operation on uninitialized object") }
      return .bool(io(v).pointee.base.closed)
    }
    t.getset("line_buffering", nil) { (vm, v) throws(Raised) in
      _ = try open(vm, v)
      return .false
    }
    t.getset("newlines", nil) { (vm, v) throws(Raised) in try open(vm, v).pointee.translation.seen.value(vm) }
    t.method("__getstate__", "($self, /)", nil) { (vm, v) throws(Raised) in
      let s = try open(vm, v)
      let state = try vm.tuple(count: 4)
      let items = state.as(TupleLayout.self).items
      for i in 0..<4 { items[i] = .none }
      items[0] = try vm.callMethod(v, "getvalue")
      items[1] = s.pointee.newline
      items[2] = try vm.int(s.pointee.position)
      items[3] = try MemoryStreams.attributes(vm, v)
      return state
    }
    t.method("__setstate__", "($self, state, /)", nil) { (vm, v, state) throws(Raised) in
      guard state.isTuple, state.as(TupleLayout.self).pointee.count >= 4 else {
        throw vm.raise(.typeError, "\(v.typeName).__setstate__ argument should be 4-tuple, got \(state.typeName)")
      }
      let items = state.as(TupleLayout.self).items
      if io(v).pointee.base.closed { throw IOBase.closedError(vm) }
      guard items[0].isStr || items[0].isNone else {
        throw vm.raise(.typeError, "initial_value must be str or None, not \(items[0].typeName)")
      }
      _ = try vm.callMethod(v, "__init__", try vm.intern(""), items[1])
      io(v).pointee.newline = try vm.intern("\n")
      if items[0].isStr { _ = try write(vm, v, items[0]) }
      io(v).pointee.newline = items[1]
      io(v).pointee.position = try MemoryStreams.position(vm, items[2], "third")
      try MemoryStreams.setAttributes(vm, v, items[3], "fourth")
      return .none
    }
  }
}
