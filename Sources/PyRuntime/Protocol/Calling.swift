// Calls from native code into anything callable. Arguments lie on the native stack, where the collector sees them.

extension VM {
  /// The general call. Python functions run in a nested evaluator; native callers should not expect the frame stack to be flat.
  @inline(__always)
  package func call(_ callable: Value, _ args: Args) throws(Raised) -> Value {
    guard let slot = callable.type.pointee.slots.call else {
      throw raise(.typeError, "'\(callable.typeName)' object is not callable")
    }
    if nativeStackIsLow { throw raiseRecursionError(" while calling a Python object") }
    if callable.isExact(rt.types.function) { return try Evaluator.call(self, callable, args) }
    return try slot(self, callable, args)
  }
  package func call(_ callable: Value) throws(Raised) -> Value { try call(callable, Args(thread.pointee.stackTop, count: 0)) }
  package func call(_ callable: Value, _ a: Value) throws(Raised) -> Value {
    var x = a
    return try withUnsafePointer(to: &x) { p throws(Raised) in try call(callable, Args(p, count: 1)) }
  }
  package func call(_ callable: Value, _ a: Value, _ b: Value) throws(Raised) -> Value {
    var x = (a, b)
    return try withValues(&x) { p throws(Raised) in try call(callable, Args(p, count: 2)) }
  }
  package func call(_ callable: Value, _ a: Value, _ b: Value, _ c: Value) throws(Raised) -> Value {
    var x = (a, b, c)
    return try withValues(&x) { p throws(Raised) in try call(callable, Args(p, count: 3)) }
  }
  package func call(_ callable: Value, _ a: Value, _ b: Value, _ c: Value, _ d: Value) throws(Raised) -> Value {
    var x = (a, b, c, d)
    return try withValues(&x) { p throws(Raised) in try call(callable, Args(p, count: 4)) }
  }
  /// `callable(*positional, **keywords)`: a tuple, and a dict or null.
  package func call(_ callable: Value, tuple positional: Value, dict keywords: Value = .null) throws(Raised) -> Value {
    let t = positional.as(TupleLayout.self)
    if keywords.isNull || Dicts.count(keywords) == 0 { return try call(callable, Args(t.items, count: t.pointee.count)) }
    let extra = Dicts.count(keywords)
    let buffer = try allocateValues(t.pointee.count + extra)
    for i in 0..<t.pointee.count { buffer[i] = t.items[i] }
    let names = try tuple(count: extra)
    var n = 0
    var position = 0
    while n < extra, let entry = Dicts.next(keywords, &position) {
      if !entry.key.isStr { throw raise(.typeError, "keywords must be strings") }
      names.as(TupleLayout.self).items[n] = entry.key
      buffer[t.pointee.count + n] = entry.value
      n += 1
    }
    return try withKept(positional) { () throws(Raised) in
      try call(callable, Args(buffer, count: t.pointee.count, keywords: names))
    }
  }

  /// `receiver.name(args…)`
  package func callMethod(_ receiver: Value, _ name: Value) throws(Raised) -> Value { try call(try getAttribute(receiver, name)) }
  package func callMethod(_ receiver: Value, _ name: Value, _ a: Value) throws(Raised) -> Value {
    try call(try getAttribute(receiver, name), a)
  }
  package func callMethod(_ receiver: Value, _ name: Value, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try call(try getAttribute(receiver, name), a, b)
  }
  package func callMethod(_ receiver: Value, _ name: StaticString) throws(Raised) -> Value { try callMethod(receiver, try intern(name)) }
  package func callMethod(_ receiver: Value, _ name: StaticString, _ a: Value) throws(Raised) -> Value {
    try callMethod(receiver, try intern(name), a)
  }
  package func callMethod(_ receiver: Value, _ name: StaticString, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try callMethod(receiver, try intern(name), a, b)
  }

  /// Runs `body` while `value` stays reachable, however the optimiser arranges registers.
  @inline(__always)
  package func withKept<R>(_ value: Value, _ body: () throws(Raised) -> R) throws(Raised) -> R {
    var kept = value
    return try withUnsafeMutablePointer(to: &kept) { _ throws(Raised) in try body() }
  }
}
