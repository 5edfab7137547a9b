// Fills a native function's parameters from a call. The messages are those of CPython's argument parsers (getargs.c, clinic).

/// Names a function in messages: `plain` as in "pop expected at most 1 argument", `full` as in "list.pop() takes no keyword
/// arguments".
struct FunctionTitle {
  private let function: UnsafeMutablePointer<NativeFunctionLayout>?
  private let name: StaticString
  init(_ function: UnsafeMutablePointer<NativeFunctionLayout>) {
    self.function = function
    name = ""
  }
  init(_ name: StaticString) {
    function = nil
    self.name = name
  }
  func plain() -> String { function.map { $0.pointee.name.swiftString } ?? "\(name)" }
  func full() -> String { function.map { NativeFunctions.fullName($0) } ?? "\(name)()" }
}

enum NativeArgumentBinder {
  /// Writes one value per parameter to `out` (room for `spec.count`): null for omitted optional ones, a tuple for `*args`, a dict
  /// or null for `**kwargs`.
  static func bind(
    _ vm: VM, _ spec: UnsafePointer<ParameterSpec>, _ args: Args, _ out: UnsafeMutablePointer<Value>, _ title: FunctionTitle
  ) throws(Raised) {
    let count = spec.pointee.count
    for i in 0..<count { out[i] = .null }
    let keywordCount = args.keywordCount
    if spec.pointee.isPositionalOnly && keywordCount != 0 {
      throw vm.raise(.typeError, "\(title.full()) takes no keyword arguments")
    }
    try checkCounts(vm, spec, args.count, keywordCount, title)
    let positional = min(args.count, spec.pointee.positional)
    for i in 0..<positional { out[i] = args.base[i] }
    if spec.pointee.varArgs >= 0 {
      let extra = args.count - positional
      out[spec.pointee.varArgs] =
        extra == 0 ? rt.pointee.emptyTuple : try vm.tuple(copying: args.base + positional, count: extra)
    }
    if keywordCount != 0 { try bindKeywords(vm, spec, args, out, title) }
    if positional < spec.pointee.required || spec.pointee.requiredKeywordOnly > 0 {
      try checkMissing(vm, spec, args.count, out, title)
    }
  }

  private static func checkCounts(
    _ vm: VM, _ spec: UnsafePointer<ParameterSpec>, _ given: Int, _ keywords: Int, _ title: FunctionTitle
  ) throws(Raised) {
    let maximum = spec.pointee.positional
    let minimum = spec.pointee.required
    if spec.pointee.isPositionalOnly && spec.pointee.varArgs < 0 {
      if given >= minimum && given <= maximum { return }
      if maximum == 0 { throw vm.raise(.typeError, "\(title.full()) takes no arguments (\(given) given)") }
      if spec.pointee.isSingleArgument {
        throw vm.raise(.typeError, "\(title.full()) takes exactly one argument (\(given) given)")
      }
      let bound = given < minimum ? minimum : maximum
      let quantifier = minimum == maximum ? "" : given < minimum ? "at least " : "at most "
      throw vm.raise(
        .typeError, "\(title.plain()) expected \(quantifier)\(bound) argument\(bound == 1 ? "" : "s"), got \(given)")
    }
    if spec.pointee.varArgs >= 0 {
      if given < minimum && spec.pointee.positionalOnly == minimum {
        throw vm.raise(
          .typeError, "\(title.plain()) expected at least \(minimum) argument\(minimum == 1 ? "" : "s"), got \(given)")
      }
      return
    }
    if spec.pointee.varKeywords < 0 && given &+ keywords > spec.pointee.count {
      let limit = spec.pointee.count
      let quantifier = minimum < limit ? "at most" : "exactly"
      throw vm.raise(
        .typeError,
        "\(title.plain())() takes \(quantifier) \(limit) \(given == 0 ? "keyword " : "")argument\(limit == 1 ? "" : "s") (\(given &+ keywords) given)"
      )
    }
    if given > maximum {
      if maximum == 0 { throw vm.raise(.typeError, "\(title.plain())() takes no positional arguments") }
      let quantifier = minimum < maximum ? "at most" : "exactly"
      throw vm.raise(
        .typeError,
        "\(title.plain())() takes \(quantifier) \(maximum) positional argument\(maximum == 1 ? "" : "s") (\(given) given)")
    }
    let least = min(minimum, spec.pointee.positionalOnly)
    if given < least {
      let quantifier = least < maximum ? "at least" : "exactly"
      throw vm.raise(
        .typeError,
        "\(title.plain())() takes \(quantifier) \(least) positional argument\(least == 1 ? "" : "s") (\(given) given)")
    }
  }

  private static func bindKeywords(
    _ vm: VM, _ spec: UnsafePointer<ParameterSpec>, _ args: Args, _ out: UnsafeMutablePointer<Value>, _ title: FunctionTitle
  ) throws(Raised) {
    for k in 0..<args.keywordCount {
      let name = args.keywordName(k)
      guard name.isStr else { throw vm.raise(.typeError, "keywords must be strings") }
      let i = index(of: name, spec)
      if i >= 0 {
        if !out[i].isNull {
          throw vm.raise(
            .typeError, "argument for \(title.plain())() given by name ('\(name.swiftString)') and position (\(i + 1))")
        }
        out[i] = args.keywordValue(k)
      } else if spec.pointee.varKeywords >= 0 {
        if out[spec.pointee.varKeywords].isNull { out[spec.pointee.varKeywords] = try vm.dict() }
        try Dicts.set(vm, out[spec.pointee.varKeywords], name, args.keywordValue(k))
      } else {
        // A missing required parameter is reported before an unknown keyword, as CPython does.
        try checkMissing(vm, spec, args.count, out, title)
        throw vm.raise(.typeError, "'\(name.swiftString)' is an invalid keyword argument for \(title.plain())()")
      }
    }
  }

  /// The parameter that can be named `name`, or -1.
  private static func index(of name: Value, _ spec: UnsafePointer<ParameterSpec>) -> Int {
    let first = spec.pointee.positionalOnly
    let names = spec.pointee.names
    var i = first
    while i < spec.pointee.count {
      if names[i] == name && i != spec.pointee.varArgs && i != spec.pointee.varKeywords { return i }
      i &+= 1
    }
    i = first
    while i < spec.pointee.count {
      if i != spec.pointee.varArgs && i != spec.pointee.varKeywords && Str.equal(names[i], name) { return i }
      i &+= 1
    }
    return -1
  }

  private static func checkMissing(
    _ vm: VM, _ spec: UnsafePointer<ParameterSpec>, _ given: Int, _ out: UnsafeMutablePointer<Value>, _ title: FunctionTitle
  ) throws(Raised) {
    for i in 0..<spec.pointee.count where spec.pointee.isRequired[i] && out[i].isNull {
      throw vm.raise(
        .typeError, "\(title.plain())() missing required argument '\(spec.pointee.names[i].swiftString)' (pos \(i + 1))")
    }
  }
}

extension VM {
  /// `count` null values on the VM stack while `body` runs: room for the arguments of a call that native code makes.
  @inline(__always)
  package func withStack<R>(_ count: Int, _ body: (UnsafeMutablePointer<Value>) throws(Raised) -> R) throws(Raised) -> R {
    let base = thread.pointee.stackTop
    if thread.pointee.stackLimit - base <= count &+ 256 { throw raiseRecursionError(" while calling a Python object") }
    for i in 0..<count { base[i] = .null }
    thread.pointee.stackTop = base + count
    defer { thread.pointee.stackTop = base }
    return try body(base)
  }

  /// Binds the arguments of a constructor or another raw native function by a text signature: `body` receives one value per
  /// parameter. `name` is what messages call the function. The parsed signature is kept for the life of the process.
  ///
  ///     try vm.bind(args, "int", "(x=0, /, base=10)") { a throws(Raised) in … a[0], a[1] … }
  package func bind<R>(
    _ args: Args, _ name: StaticString, _ signature: StaticString, _ body: (Args) throws(Raised) -> R
  ) throws(Raised) -> R {
    let spec = try SignatureCache.spec(self, signature)
    if args.keywords.isNull && args.count == spec.pointee.count && args.count == spec.pointee.positional { return try body(args) }
    return try withStack(spec.pointee.count) { out throws(Raised) in
      try NativeArgumentBinder.bind(
        self, spec, args, out, FunctionTitle(name))
      return try body(Args(out, count: spec.pointee.count))
    }
  }
}

/// Parsed signatures of raw functions by the address of their text: open addressing, grows by doubling.
enum SignatureCache {
  private struct Entry {
    var key: UInt
    var spec: UnsafeMutablePointer<ParameterSpec>?
  }
  nonisolated(unsafe) private static var entries: UnsafeMutablePointer<Entry>?
  nonisolated(unsafe) private static var capacity = 0
  nonisolated(unsafe) private static var used = 0

  static func spec(_ vm: VM, _ signature: StaticString) throws(Raised) -> UnsafeMutablePointer<ParameterSpec> {
    let key = UInt(bitPattern: signature.utf8Start)
    if let entries {
      var i = slot(key)
      while entries[i].key != 0 {
        if entries[i].key == key, let spec = entries[i].spec { return spec }
        i = (i &+ 1) & (capacity - 1)
      }
    }
    let spec = try ParameterSpec.parse(
      vm, UnsafeBufferPointer(start: signature.utf8Start, count: signature.utf8CodeUnitCount))
    if (used + 1) * 2 > capacity { grow() }
    insert(Entry(key: key, spec: spec))
    return spec
  }

  private static func slot(_ key: UInt) -> Int { Int((key &* 0x9E37_79B9_7F4A_7C15) >> 40) & (capacity - 1) }

  private static func insert(_ entry: Entry) {
    guard let entries else { return }
    var i = slot(entry.key)
    while entries[i].key != 0 { i = (i &+ 1) & (capacity - 1) }
    entries[i] = entry
    used += 1
  }

  private static func grow() {
    let old = entries
    let oldCapacity = capacity
    capacity = max(256, capacity * 2)
    let table = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
    table.initialize(repeating: Entry(key: 0, spec: nil), count: capacity)
    entries = table
    used = 0
    guard let old else { return }
    for i in 0..<oldCapacity where old[i].key != 0 { insert(old[i]) }
    old.deallocate()
  }
}
