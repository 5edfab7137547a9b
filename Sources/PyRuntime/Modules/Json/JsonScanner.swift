/// `make_scanner(context)`: reads JSON values; the hooks and flags are the context's (a JSONDecoder).
struct JsonScannerLayout {
  var header: CellHeader
  var objectHook: Value, pairsHook: Value
  var parseFloat: Value, parseInt: Value, parseConstant: Value
  var strict: Bool
  /// How many names the last objects had, by their depth, and how many different ones the last text: the next ones are made with room for as
  /// many. At most `mostExpected`.
  var expected: SIMD8<UInt8>
  var expectedNames: UInt8

  static let mostExpected = 85
  static let trace: TraceFunction = { cell, tracer in
    let s = cell.assumingMemoryBound(to: JsonScannerLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(s.pointee.objectHook)
    tracer.visit(s.pointee.pairsHook)
    tracer.visit(s.pointee.parseFloat)
    tracer.visit(s.pointee.parseInt)
    tracer.visit(s.pointee.parseConstant)
  }
}

enum JsonScanner {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("JSON scanner object")
    t.trace(JsonScannerLayout.trace)
    t.slots.new = NewCode(new)
    t.slots.call = ManyCode(call)
    t.getset("strict", "strict") { (_, v) throws(Raised) in .bool(v.as(JsonScannerLayout.self).pointee.strict) }
    t.member("object_hook", "object_hook", offset: MemoryLayout<JsonScannerLayout>.offset(of: \.objectHook))
    t.member("object_pairs_hook", nil, offset: MemoryLayout<JsonScannerLayout>.offset(of: \.pairsHook))
    t.member("parse_float", "parse_float", offset: MemoryLayout<JsonScannerLayout>.offset(of: \.parseFloat))
    t.member("parse_int", "parse_int", offset: MemoryLayout<JsonScannerLayout>.offset(of: \.parseInt))
    t.member("parse_constant", "parse_constant", offset: MemoryLayout<JsonScannerLayout>.offset(of: \.parseConstant))
  }

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    try vm.bind(args, "make_scanner", "(context)") { a throws(Raised) in
      let context = a[0]
      let strict = try vm.isTrue(try vm.getAttribute(context, "strict"))
      let objectHook = try vm.getAttribute(context, "object_hook")
      let pairsHook = try vm.getAttribute(context, "object_pairs_hook")
      let parseFloat = try vm.getAttribute(context, "parse_float")
      let parseInt = try vm.getAttribute(context, "parse_int")
      let parseConstant = try vm.getAttribute(context, "parse_constant")
      let s = try vm.instance(JsonScannerLayout.self, of: type.asType)
      s.pointee.strict = strict
      s.pointee.objectHook = objectHook
      s.pointee.pairsHook = pairsHook
      s.pointee.parseFloat = parseFloat
      s.pointee.parseInt = parseInt
      s.pointee.parseConstant = parseConstant
      return Value(s)
    }
  }

  private static func call(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    try vm.bind(args, "scan_once", "(string, idx)") { a throws(Raised) in
      let index = try vm.asIndex(a[1], overflow: .overflowError)
      guard a[0].isStr else { throw vm.raise(.typeError, "first argument must be a string, not \(a[0].typeName)") }
      let scanner = v.as(JsonScannerLayout.self)
      let memo = try vm.dict(reserving: Int(scanner.pointee.expectedNames))
      var scan = JsonScan(vm: vm, scanner: scanner, text: a[0], view: StrView(a[0]), memo: memo)
      var at = index
      let value = try scan.value(&at)
      scanner.pointee.expectedNames = UInt8(min(Dicts.count(memo), JsonScannerLayout.mostExpected))
      return try vm.tuple(value, Value(smallInt: at))
    }
  }
}

/// One call of a scanner. Lives on the native stack.
private struct JsonScan {
  let vm: VM
  let scanner: UnsafeMutablePointer<JsonScannerLayout>
  let text: Value
  let view: StrView
  /// Keys of objects, each once
  let memo: Value
  private var depth = 0

  init(vm: VM, scanner: UnsafeMutablePointer<JsonScannerLayout>, text: Value, view: StrView, memo: Value) {
    self.vm = vm
    self.scanner = scanner
    self.text = text
    self.view = view
    self.memo = memo
  }

  private mutating func expecting(_ what: StaticString, _ at: Int) throws(Raised) -> Raised { try JsonModule.error(vm, what, text, at) }

  @inline(__always)
  private mutating func skipSpace(_ at: inout Int) {
    while at < view.length {
      let c = view[at]
      if c != 32 && c != 10 && c != 13 && c != 9 { return }
      at &+= 1
    }
  }
  private mutating func matches(_ word: StaticString, _ at: Int) -> Bool {
    let n = word.utf8CodeUnitCount
    if view.length &- at < n { return false }
    for i in 0..<n where view[at &+ i] != UInt32(word.utf8Start[i]) { return false }
    return true
  }

  /// The value at `at`, which moves behind it.
  mutating func value(_ at: inout Int) throws(Raised) -> Value {
    if at < 0 { throw vm.raise(.valueError, "idx cannot be negative") }
    if at >= view.length { throw vm.raise(.stopIteration, value: Value(smallInt: at)) }
    let c = view[at]
    switch c {
    case 34:
      at &+= 1
      return try JsonStrings.scan(vm, text, &at, strict: scanner.pointee.strict)
    case 123:
      at &+= 1
      return try nested(" while decoding a JSON object from a unicode string", &at, isObject: true)
    case 91:
      at &+= 1
      return try nested(" while decoding a JSON array from a unicode string", &at, isObject: false)
    case 110 where matches("null", at):
      at &+= 4
      return .none
    case 116 where matches("true", at):
      at &+= 4
      return .true
    case 102 where matches("false", at):
      at &+= 5
      return .false
    case 78 where matches("NaN", at): return try constant("NaN", &at)
    case 73 where matches("Infinity", at): return try constant("Infinity", &at)
    case 45 where matches("-Infinity", at): return try constant("-Infinity", &at)
    default: return try number(&at)
    }
  }

  private mutating func constant(_ word: StaticString, _ at: inout Int) throws(Raised) -> Value {
    at &+= word.utf8CodeUnitCount
    return try vm.call(scanner.pointee.parseConstant, try vm.intern(word))
  }

  private mutating func nested(_ what: String, _ at: inout Int, isObject: Bool) throws(Raised) -> Value {
    let thread = vm.thread
    guard !vm.nativeStackIsLow, thread.pointee.recursionDepth < rt.pointee.recursionLimit else { throw vm.raiseRecursionError(what) }
    thread.pointee.recursionDepth &+= 1
    defer { thread.pointee.recursionDepth &-= 1 }
    return isObject ? try object(&at) : try array(&at)
  }

  private mutating func array(_ at: inout Int) throws(Raised) -> Value {
    let list = try vm.list()
    skipSpace(&at)
    if at < view.length && view[at] == 93 {
      at &+= 1
      return list
    }
    while true {
      try vm.append(list, try value(&at))
      skipSpace(&at)
      let c = at < view.length ? view[at] : 0
      if c == 93 {
        at &+= 1
        return list
      }
      if c != 44 { throw try expecting("Expecting ',' delimiter", at) }
      at &+= 1
      skipSpace(&at)
    }
  }

  private mutating func object(_ at: inout Int) throws(Raised) -> Value {
    let pairs = !scanner.pointee.pairsHook.isNone
    skipSpace(&at)
    let result: Value
    if at < view.length && view[at] == 125 {
      result = pairs ? try vm.list() : try vm.dict()
      at &+= 1
    } else {
      let level = depth & 7
      depth &+= 1
      result = pairs ? try vm.list() : try vm.dict(reserving: Int(scanner.pointee.expected[level]))
      while true {
        guard at < view.length && view[at] == 34 else { throw try expecting("Expecting property name enclosed in double quotes", at) }
        at &+= 1
        var key = try JsonStrings.name(vm, text, &at, memo)
        if key.isNull {
          key = try JsonStrings.scan(vm, text, &at, strict: scanner.pointee.strict)
          key = try Dicts.setDefault(vm, memo, key, key)
        }
        skipSpace(&at)
        guard at < view.length && view[at] == 58 else { throw try expecting("Expecting ':' delimiter", at) }
        at &+= 1
        skipSpace(&at)
        let item = try value(&at)
        if pairs {
          try vm.append(result, try vm.tuple(key, item))
        } else {
          try Dicts.set(vm, result, key, item)
        }
        skipSpace(&at)
        let c = at < view.length ? view[at] : 0
        at &+= 1
        if c == 125 { break }
        if c != 44 { throw try expecting("Expecting ',' delimiter", at &- 1) }
        skipSpace(&at)
      }
      depth &-= 1
      if !pairs { scanner.pointee.expected[level] = UInt8(min(Dicts.count(result), JsonScannerLayout.mostExpected)) }
    }
    if pairs { return try vm.call(scanner.pointee.pairsHook, result) }
    if !scanner.pointee.objectHook.isNone { return try vm.call(scanner.pointee.objectHook, result) }
    return result
  }

  private mutating func digitsEnd(_ from: Int) -> Int {
    var i = from
    while i < view.length && view[i] &- 48 < 10 { i &+= 1 }
    return i
  }

  private mutating func number(_ at: inout Int) throws(Raised) -> Value {
    let start = at
    var i = start
    if view[i] == 45 { i &+= 1 }
    guard i < view.length, view[i] &- 48 < 10 else { throw vm.raise(.stopIteration, value: Value(smallInt: start)) }
    i = view[i] == 48 ? i &+ 1 : digitsEnd(i)
    var isFloat = false
    if i &+ 1 < view.length && view[i] == 46 && view[i &+ 1] &- 48 < 10 {
      isFloat = true
      i = digitsEnd(i &+ 1)
    }
    if i &+ 1 < view.length && view[i] | 32 == 101 {
      var e = i &+ 1
      if e &+ 1 < view.length && (view[e] == 43 || view[e] == 45) { e &+= 1 }
      if view[e] &- 48 < 10 {
        isFloat = true
        i = digitsEnd(e)
      }
    }
    at = i
    let digits = view.slice(start, i)
    if isFloat {
      if scanner.pointee.parseFloat == Value(rt.types.float), digits.unit == 1 {
        if let d = FloatText.quick(digits.pointer(UInt8.self), digits.length) { return Value(d) }
      }
      return try vm.call(scanner.pointee.parseFloat, try vm.str(copying: digits))
    }
    if scanner.pointee.parseInt == Value(rt.types.int), digits.unit == 1 {
      let n = IntText.quick(digits.pointer(UInt8.self), digits.length, base: 10)
      if !n.isNull { return n }
    }
    return try vm.call(scanner.pointee.parseInt, try vm.str(copying: digits))
  }
}
