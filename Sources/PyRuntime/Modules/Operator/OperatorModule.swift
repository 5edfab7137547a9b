/// `_operator`: the operators as functions, and the getters of operator.itemgetter and its kin.
package enum OperatorModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("The operators as functions.")
    declareTests(m)
    declareArithmetic(m)
    declareInplace(m)
    declareSequences(m)
    try m.type(
      full: "operator.itemgetter", "itemgetter", layoutSize: MemoryLayout<GetterLayout>.size, ItemGetter.declare)
    try m.type(
      full: "operator.attrgetter", "attrgetter", layoutSize: MemoryLayout<GetterLayout>.size, AttrGetter.declare)
    try m.type(
      full: "operator.methodcaller", "methodcaller", layoutSize: MemoryLayout<GetterLayout>.size, MethodCaller.declare)
  }

  private static let binary: StaticString = "($module, a, b, /)"
  private static let unary: StaticString = "($module, a, /)"

  private static func declareTests(_ m: ModuleBuilder) {
    m.function("truth", unary, "Return True if a is true, False otherwise.") { vm, _, a throws(Raised) in .bool(try vm.isTrue(a)) }
    m.function("not_", unary, "Same as not a.") { vm, _, a throws(Raised) in .bool(try !vm.isTrue(a)) }
    m.function("is_", binary, "Same as a is b.") { _, _, a, b throws(Raised) in .bool(a == b) }
    m.function("is_not", binary, "Same as a is not b.") { _, _, a, b throws(Raised) in .bool(a != b) }
    m.function("eq", binary, "Same as a == b.") { vm, _, a, b throws(Raised) in try vm.compare(a, b, .eq) }
    m.function("ne", binary, "Same as a != b.") { vm, _, a, b throws(Raised) in try vm.compare(a, b, .ne) }
    m.function("lt", binary, "Same as a < b.") { vm, _, a, b throws(Raised) in try vm.compare(a, b, .lt) }
    m.function("le", binary, "Same as a <= b.") { vm, _, a, b throws(Raised) in try vm.compare(a, b, .le) }
    m.function("gt", binary, "Same as a > b.") { vm, _, a, b throws(Raised) in try vm.compare(a, b, .gt) }
    m.function("ge", binary, "Same as a >= b.") { vm, _, a, b throws(Raised) in try vm.compare(a, b, .ge) }
    m.function("_compare_digest", binary, "Equality in a time that depends on the lengths alone.", compareDigest)
  }

  private static func declareArithmetic(_ m: ModuleBuilder) {
    m.function("add", binary, "Same as a + b.") { vm, _, a, b throws(Raised) in try vm.binary(.add, a, b) }
    m.function("sub", binary, "Same as a - b.") { vm, _, a, b throws(Raised) in try vm.binary(.subtract, a, b) }
    m.function("mul", binary, "Same as a * b.") { vm, _, a, b throws(Raised) in try vm.binary(.multiply, a, b) }
    m.function("matmul", binary, "Same as a @ b.") { vm, _, a, b throws(Raised) in try vm.binary(.matrixMultiply, a, b) }
    m.function("floordiv", binary, "Same as a // b.") { vm, _, a, b throws(Raised) in try vm.binary(.floorDivide, a, b) }
    m.function("truediv", binary, "Same as a / b.") { vm, _, a, b throws(Raised) in try vm.binary(.trueDivide, a, b) }
    m.function("mod", binary, "Same as a % b.") { vm, _, a, b throws(Raised) in try vm.binary(.remainder, a, b) }
    m.function("pow", binary, "Same as a ** b.") { vm, _, a, b throws(Raised) in try vm.power(a, b, .none) }
    m.function("lshift", binary, "Same as a << b.") { vm, _, a, b throws(Raised) in try vm.binary(.leftShift, a, b) }
    m.function("rshift", binary, "Same as a >> b.") { vm, _, a, b throws(Raised) in try vm.binary(.rightShift, a, b) }
    m.function("and_", binary, "Same as a & b.") { vm, _, a, b throws(Raised) in try vm.binary(.and, a, b) }
    m.function("xor", binary, "Same as a ^ b.") { vm, _, a, b throws(Raised) in try vm.binary(.xor, a, b) }
    m.function("or_", binary, "Same as a | b.") { vm, _, a, b throws(Raised) in try vm.binary(.or, a, b) }
    m.function("neg", unary, "Same as -a.") { vm, _, a throws(Raised) in try vm.negative(a) }
    m.function("pos", unary, "Same as +a.") { vm, _, a throws(Raised) in try vm.positive(a) }
    m.function("abs", unary, "Same as abs(a).") { vm, _, a throws(Raised) in try vm.absolute(a) }
    m.function("inv", unary, "Same as ~a.") { vm, _, a throws(Raised) in try vm.invert(a) }
    m.function("invert", unary, "Same as ~a.") { vm, _, a throws(Raised) in try vm.invert(a) }
    m.function("index", unary, "Same as a.__index__().") { vm, _, a throws(Raised) in try vm.index(a) }
  }

  private static func declareInplace(_ m: ModuleBuilder) {
    m.function("iadd", binary, "Same as a += b.") { vm, _, a, b throws(Raised) in try vm.inplace(.add, a, b) }
    m.function("isub", binary, "Same as a -= b.") { vm, _, a, b throws(Raised) in try vm.inplace(.subtract, a, b) }
    m.function("imul", binary, "Same as a *= b.") { vm, _, a, b throws(Raised) in try vm.inplace(.multiply, a, b) }
    m.function("imatmul", binary, "Same as a @= b.") { vm, _, a, b throws(Raised) in try vm.inplace(.matrixMultiply, a, b) }
    m.function("ifloordiv", binary, "Same as a //= b.") { vm, _, a, b throws(Raised) in try vm.inplace(.floorDivide, a, b) }
    m.function("itruediv", binary, "Same as a /= b.") { vm, _, a, b throws(Raised) in try vm.inplace(.trueDivide, a, b) }
    m.function("imod", binary, "Same as a %= b.") { vm, _, a, b throws(Raised) in try vm.inplace(.remainder, a, b) }
    m.function("ipow", binary, "Same as a **= b.") { vm, _, a, b throws(Raised) in try vm.inplace(.power, a, b) }
    m.function("ilshift", binary, "Same as a <<= b.") { vm, _, a, b throws(Raised) in try vm.inplace(.leftShift, a, b) }
    m.function("irshift", binary, "Same as a >>= b.") { vm, _, a, b throws(Raised) in try vm.inplace(.rightShift, a, b) }
    m.function("iand", binary, "Same as a &= b.") { vm, _, a, b throws(Raised) in try vm.inplace(.and, a, b) }
    m.function("ixor", binary, "Same as a ^= b.") { vm, _, a, b throws(Raised) in try vm.inplace(.xor, a, b) }
    m.function("ior", binary, "Same as a |= b.") { vm, _, a, b throws(Raised) in try vm.inplace(.or, a, b) }
    m.function("iconcat", binary, "Same as a += b, for a and b sequences.") { vm, _, a, b throws(Raised) in
      try concatenate(vm, a, b, inplace: true)
    }
  }

  private static func declareSequences(_ m: ModuleBuilder) {
    m.function("concat", binary, "Same as a + b, for a and b sequences.") { vm, _, a, b throws(Raised) in
      try concatenate(vm, a, b, inplace: false)
    }
    m.function("contains", binary, "Same as b in a (note reversed operands).") { vm, _, a, b throws(Raised) in
      .bool(try vm.contains(a, b))
    }
    m.function("countOf", binary, "How often b occurs in a.") { vm, _, a, b throws(Raised) in
      var found = 0
      try walk(vm, a) { item throws(Raised) in
        if try ItemCompare.equal(vm, item, b) { found &+= 1 }
        return false
      }
      return try vm.int(found)
    }
    m.function("indexOf", binary, "First index of b in a.") { vm, _, a, b throws(Raised) in
      var index = 0
      let found = try walk(vm, a) { item throws(Raised) in
        if try ItemCompare.equal(vm, item, b) { return true }
        index &+= 1
        return false
      }
      if !found { throw vm.raise(.valueError, "sequence.index(x): x not in sequence") }
      return try vm.int(index)
    }
    m.function("getitem", binary, "Same as a[b].") { vm, _, a, b throws(Raised) in try vm.getItem(a, b) }
    m.function("setitem", "($module, a, b, c, /)", "Same as a[b] = c.") { (vm, _, args: Args) throws(Raised) in
      try vm.setItem(args[0], args[1], args[2])
      return .none
    }
    m.function("delitem", binary, "Same as del a[b].") { vm, _, a, b throws(Raised) in
      try vm.setItem(a, b, .null)
      return .none
    }
    m.function("length_hint", "($module, obj, default=0, /)", "The length to expect of obj.") { vm, _, a, b throws(Raised) in
      if !b.isNull && !b.isInt {
        throw vm.raise(.typeError, "'\(b.typeName)' object cannot be interpreted as an integer")
      }
      return try vm.int(try vm.lengthHint(a, b.isNull ? 0 : try vm.asInt(b)))
    }
    m.function("call", "($module, obj, /, *args, **kwargs)", "Same as obj(*args, **kwargs).") { (vm, _, args: Args) throws(Raised) in
      try vm.call(args[0], tuple: args[1], dict: args[2])
    }
  }

  /// Hands items to `body` until it answers true; whether it did.
  @discardableResult
  private static func walk(_ vm: VM, _ iterable: Value, _ body: (Value) throws(Raised) -> Bool) throws(Raised) -> Bool {
    let it: Value
    do throws(Raised) { it = try vm.iter(iterable) } catch {
      guard vm.pendingIs(.typeError) else { throw error }
      vm.clearPending()
      throw vm.raise(.typeError, "argument of type '\(iterable.typeName)' is not iterable")
    }
    while true {
      let item = try vm.next(it)
      if item == .exhausted { return false }
      if try body(item) { return true }
    }
  }

  private static func isSequence(_ v: Value) -> Bool { v.type.pointee.slots.item != nil && !v.isDict }

  private static func concatenate(_ vm: VM, _ a: Value, _ b: Value, inplace: Bool) throws(Raised) -> Value {
    let slots = a.type.pointee.slots
    if inplace, let slot = slots.inplaceConcatenate { return try slot(vm, a, b) }
    if let slot = slots.concatenate { return try slot(vm, a, b) }
    if isSequence(a) && isSequence(b) { return inplace ? try vm.inplace(.add, a, b) : try vm.binary(.add, a, b) }
    throw vm.raise(.typeError, "'\(a.typeName)' object can't be concatenated")
  }

  /// Constant-time for equal lengths: neither the content nor the place of a difference changes what is done.
  package static let compareDigest: NativeTwo = { vm, _, a, b throws(Raised) in
    if a.isStr && b.isStr {
      let x = a.as(StrLayout.self), y = b.as(StrLayout.self)
      guard x.isASCII, y.isASCII else {
        throw vm.raise(.typeError, "comparing strings with non-ASCII characters is not supported")
      }
      return .bool(
        same(UnsafeRawBufferPointer(x.latin1), UnsafeRawBufferPointer(y.latin1)))
    }
    guard a.type.pointee.slots.buffer != nil || b.type.pointee.slots.buffer != nil else {
      throw vm.raise(
        .typeError, "unsupported operand types(s) or combination of types: '\(a.typeName)' and '\(b.typeName)'")
    }
    var x = try vm.buffer(of: a, .simple)
    var y: BufferView
    do throws(Raised) { y = try vm.buffer(of: b, .simple) } catch {
      vm.release(&x)
      throw error
    }
    let equal = same(
      UnsafeRawBufferPointer(start: x.memory, count: x.byteCount), UnsafeRawBufferPointer(start: y.memory, count: y.byteCount))
    vm.release(&y)
    vm.release(&x)
    return .bool(equal)
  }

  private static func same(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    var difference: UInt8 = a.count == b.count ? 0 : 1
    let right = a.count == b.count ? a : b
    for i in 0..<b.count { difference |= right[i] ^ b[i] }
    return difference == 0
  }
}

/// itemgetter: `items` a tuple of keys. attrgetter: a tuple of tuples of names. methodcaller: `items` the positional arguments,
/// `name` the method, `keywords` a dict or null.
struct GetterLayout {
  var header: CellHeader
  var items: Value, name: Value, keywords: Value

  static let trace: TraceFunction = { cell, tracer in
    let g = cell.assumingMemoryBound(to: GetterLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(g.pointee.items)
    tracer.visit(g.pointee.name)
    tracer.visit(g.pointee.keywords)
  }
}

private func layout(_ v: Value) -> UnsafeMutablePointer<GetterLayout> { v.as(GetterLayout.self) }

/// The one argument that all three take when called.
private func argument(_ vm: VM, _ name: StaticString, _ args: Args) throws(Raised) -> Value {
  try ArgChecks.noKeywords(vm, name, args)
  try ArgChecks.positional(vm, name, args, 1, 1)
  return args[0]
}

enum ItemGetter {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    t.doc("itemgetter(item, ...)\n\nA function that fetches an item of its operand, or a tuple of several.")
    t.trace(GetterLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.call = ManyCode(call)
    t.slots.repr = NoArgsCode(repr)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    try ArgChecks.noKeywords(vm, "itemgetter", args)
    if args.count == 0 { try ArgChecks.positional(vm, "itemgetter", args, 1, 1) }
    let items = try vm.tuple(copying: args.base, count: args.count)
    let g = try vm.instance(GetterLayout.self, of: cls.asType)
    g.pointee.items = items
    return Value(g)
  }

  private static let call: NativeMany = { vm, v, args throws(Raised) in
    let object = try argument(vm, "itemgetter", args)
    let keys = layout(v).pointee.items.as(TupleLayout.self)
    let n = keys.pointee.count
    if n == 1 {
      let key = keys.items[0]
      if key.isSmallInt, object.isExact(rt.types.tuple) {
        let t = object.as(TupleLayout.self)
        let i = key.smallInt
        if i >= 0 && i < t.pointee.count { return t.items[i] }
      }
      return try vm.getItem(object, key)
    }
    let result = try vm.tuple(count: n)
    for i in 0..<n { result.as(TupleLayout.self).items[i] = try vm.getItem(object, keys.items[i]) }
    return result
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    guard try ReprGuard.enter(vm, v) else { return try vm.str("\(v.typeName)(...)") }
    defer { ReprGuard.leave(vm, v) }
    var text = try ReprBuilder(vm)
    try text.add(str: try vm.str(v.typeName))
    let keys = layout(v).pointee.items
    if keys.as(TupleLayout.self).pointee.count == 1 {
      try text.add("(")
      try text.add(repr: keys.as(TupleLayout.self).items[0])
      try text.add(")")
    } else {
      try text.add(repr: keys)
    }
    return try text.finish()
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    try vm.tuple(Value(v.cellType), layout(v).pointee.items)
  }
}

enum AttrGetter {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    t.doc("attrgetter(attr, ...)\n\nA function that fetches an attribute of its operand, or a tuple of several; names may be dotted.")
    t.trace(GetterLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.call = ManyCode(call)
    t.slots.repr = NoArgsCode(repr)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    try ArgChecks.noKeywords(vm, "attrgetter", args)
    if args.count == 0 { try ArgChecks.positional(vm, "attrgetter", args, 1, 1) }
    let paths = try vm.tuple(count: args.count)
    for i in 0..<args.count {
      guard args[i].isStr else { throw vm.raise(.typeError, "attribute name must be a string") }
      paths.as(TupleLayout.self).items[i] = try path(vm, args[i])
    }
    let g = try vm.instance(GetterLayout.self, of: cls.asType)
    g.pointee.items = paths
    g.pointee.name = try vm.tuple(copying: args.base, count: args.count)
    return Value(g)
  }

  /// The names between the dots.
  private static func path(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    let s = name.as(StrLayout.self)
    let parts = try vm.list()
    var start = 0
    for i in 0...s.pointee.length where i == s.pointee.length || s[codePoint: i] == 0x2E {
      if start == 0 && i == s.pointee.length && name.isExactStr {
        try vm.append(parts, try vm.intern(name))
      } else {
        let bytes = try vm.allocateBytes((i - start) * 4).assumingMemoryBound(to: UInt32.self)
        for j in start..<i { bytes[j - start] = s[codePoint: j] }
        try vm.append(parts, try vm.intern(try vm.str(codePoints: UnsafeBufferPointer(start: bytes, count: i - start))))
      }
      start = i + 1
    }
    return try vm.tuple(from: parts)
  }

  private static func follow(_ vm: VM, _ object: Value, _ path: Value) throws(Raised) -> Value {
    let names = path.as(TupleLayout.self)
    var value = object
    for i in 0..<names.pointee.count { value = try vm.getAttribute(value, names.items[i]) }
    return value
  }

  private static let call: NativeMany = { vm, v, args throws(Raised) in
    let object = try argument(vm, "attrgetter", args)
    let paths = layout(v).pointee.items.as(TupleLayout.self)
    let n = paths.pointee.count
    if n == 1 { return try follow(vm, object, paths.items[0]) }
    let result = try vm.tuple(count: n)
    for i in 0..<n { result.as(TupleLayout.self).items[i] = try follow(vm, object, paths.items[i]) }
    return result
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    guard try ReprGuard.enter(vm, v) else { return try vm.str("\(v.typeName)(...)") }
    defer { ReprGuard.leave(vm, v) }
    var text = try ReprBuilder(vm)
    try text.add(str: try vm.str(v.typeName))
    let names = layout(v).pointee.name
    if names.as(TupleLayout.self).pointee.count == 1 {
      try text.add("(")
      try text.add(repr: names.as(TupleLayout.self).items[0])
      try text.add(")")
    } else {
      try text.add(repr: names)
    }
    return try text.finish()
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    try vm.tuple(Value(v.cellType), layout(v).pointee.name)
  }
}

enum MethodCaller {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    t.doc("methodcaller(name, ...)\n\nA function that calls a method of its operand, with the arguments given here.")
    t.trace(GetterLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.call = ManyCode(call)
    t.slots.repr = NoArgsCode(repr)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    if args.count == 0 { throw vm.raise(.typeError, "methodcaller needs at least one argument, the method name") }
    guard args[0].isStr else { throw vm.raise(.typeError, "method name must be a string") }
    let rest = args.dropFirst(1)
    let items = try vm.tuple(copying: rest.base, count: rest.count)
    var keywords = Value.null
    if args.keywordCount > 0 {
      keywords = try vm.dict()
      for k in 0..<args.keywordCount { try Dicts.set(vm, keywords, args.keywordName(k), args.keywordValue(k)) }
    }
    let name = args[0].isExactStr ? try vm.intern(args[0]) : args[0]
    let g = try vm.instance(GetterLayout.self, of: cls.asType)
    g.pointee.name = name
    g.pointee.items = items
    g.pointee.keywords = keywords
    return Value(g)
  }

  private static let call: NativeMany = { vm, v, args throws(Raised) in
    let object = try argument(vm, "methodcaller", args)
    let g = layout(v)
    let method = try vm.getAttribute(object, g.pointee.name)
    return try vm.call(method, tuple: g.pointee.items, dict: g.pointee.keywords)
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    guard try ReprGuard.enter(vm, v) else { return try vm.str("\(v.typeName)(...)") }
    defer { ReprGuard.leave(vm, v) }
    let g = layout(v)
    var text = try ReprBuilder(vm)
    try text.add(str: try vm.str(v.typeName))
    try text.add("(")
    try text.add(repr: g.pointee.name)
    let items = g.pointee.items.as(TupleLayout.self)
    for i in 0..<items.pointee.count {
      try text.add(", ")
      try text.add(repr: items.items[i])
    }
    if !g.pointee.keywords.isNull {
      var position = 0
      while let e = Dicts.next(g.pointee.keywords, &position) {
        try text.add(", ")
        try text.add(str: try vm.str(of: e.key))
        try text.add("=")
        try text.add(repr: e.value)
      }
    }
    try text.add(")")
    return try text.finish()
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let g = layout(v)
    let items = g.pointee.items.as(TupleLayout.self)
    if g.pointee.keywords.isNull {
      let arguments = try vm.tuple(count: items.pointee.count + 1)
      arguments.as(TupleLayout.self).items[0] = g.pointee.name
      for i in 0..<items.pointee.count { arguments.as(TupleLayout.self).items[i + 1] = items.items[i] }
      return try vm.tuple(Value(v.cellType), arguments)
    }
    // Keywords cannot go through the arguments of a constructor call, so a partial carries them.
    let functools = try vm.importModule("functools")
    let partial = try vm.getAttribute(functools, "partial")
    let constructor = try vm.call(
      partial, tuple: try vm.tuple(Value(v.cellType), g.pointee.name), dict: g.pointee.keywords)
    return try vm.tuple(constructor, g.pointee.items)
  }
}
