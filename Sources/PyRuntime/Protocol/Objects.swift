// The object protocol: what the evaluator and native code ask of any value. Dispatch goes by type slots; the slots of Python
// classes lead to their dunder methods.

extension VM {
  package func repr(_ v: Value) throws(Raised) -> Value {
    guard let slot = v.type.pointee.slots.repr else { return try str("<\(v.typeName) object>") }
    let r = try deeper(" while getting the repr of an object") { () throws(Raised) in try slot(self, v) }
    if !r.isStr { throw raise(.typeError, "__repr__ returned non-string (type \(r.typeName))") }
    return r
  }

  /// `str(v)`
  package func str(of v: Value) throws(Raised) -> Value {
    if v.isExactStr { return v }
    if v.isSmallInt { return try IntText.decimal(self, v) }
    if nativeStackIsLow { throw raiseRecursionError(" while getting the str of an object") }
    guard let slot = v.type.pointee.slots.str else { return try repr(v) }
    let r = try deeper(" while getting the str of an object") { () throws(Raised) in try slot(self, v) }
    if !r.isStr { throw raise(.typeError, "__str__ returned non-string (type \(r.typeName))") }
    return r
  }

  /// Never -1, as in CPython. Equal numbers have equal hashes whatever their type.
  @inline(__always)
  package func hash(_ v: Value) throws(Raised) -> Int {
    if v.isExactStr {
      let h = v.as(StrLayout.self).pointee.hash
      if h != -1 { return h }
    }
    return try hashSlowly(v)
  }
  @inline(never)
  package func hashSlowly(_ v: Value) throws(Raised) -> Int {
    guard let slot = v.type.pointee.slots.hash else { throw raise(.typeError, "unhashable type: '\(v.typeName)'") }
    return try slot(self, v)
  }

  @inline(__always)
  package func isTrue(_ v: Value) throws(Raised) -> Bool {
    if v.isBool { return v == .true }
    if v.isSmallInt { return v.smallInt != 0 }
    if v.isNone { return false }
    return try isTrueSlowly(v)
  }
  @inline(never)
  package func isTrueSlowly(_ v: Value) throws(Raised) -> Bool {
    let slots = v.type.pointee.slots
    if let bool = slots.bool { return try bool(self, v) }
    if let length = slots.mappingLength { return try length(self, v) != 0 }
    if let length = slots.sequenceLength { return try length(self, v) != 0 }
    return true
  }

  /// Rich comparison with both sides asked, reflected methods of a right-hand subclass first.
  package func compare(_ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    try deeper(" in comparison") { () throws(Raised) in try compareSlots(a, b, op) }
  }
  private func compareSlots(_ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    let ta = a.type, tb = b.type
    var reflectedTried = false
    if ta != tb, let slot = tb.pointee.slots.compare, tb.isSubtype(of: ta) {
      reflectedTried = true
      let r = try slot(self, b, a, op.swapped)
      if r != .notImplemented { return r }
    }
    if let slot = ta.pointee.slots.compare {
      let r = try slot(self, a, b, op)
      if r != .notImplemented { return r }
    }
    return try compareWithoutLeft(a, b, op, asksRight: !reflectedTried)
  }
  /// The rest of a comparison to which the left operand has no answer.
  func compareWithoutLeft(_ a: Value, _ b: Value, _ op: CompareOp, asksRight: Bool) throws(Raised) -> Value {
    if asksRight, let slot = b.type.pointee.slots.compare {
      let r = try slot(self, b, a, op.swapped)
      if r != .notImplemented { return r }
    }
    switch op {
    case .eq: return .bool(a == b)
    case .ne: return .bool(a != b)
    default:
      let sign =
        switch op {
        case .lt: "<";
        case .le: "<=";
        case .gt: ">";
        default: ">="
        }
      throw raise(.typeError, "'\(sign)' not supported between instances of '\(a.typeName)' and '\(b.typeName)'")
    }
  }

  /// `a is b or a == b`: the test that containers use.
  @inline(__always)
  package func equal(_ a: Value, _ b: Value) throws(Raised) -> Bool {
    if a == b { return true }
    return try equalSlowly(a, b)
  }
  @inline(never)
  package func equalSlowly(_ a: Value, _ b: Value) throws(Raised) -> Bool {
    if a.isExactStr && b.isExactStr { return Str.equal(a, b) }
    if a.isCell, b.isCell, case let type = a.cellType, type == b.cellType,
      type.pointee.slots.compare == rt.types.tuple.pointee.slots.compare
    {
      return try deeper(" in comparison") { () throws(Raised) in try Tuples.areEqual(self, a, b) }
    }
    return try isTrue(try compare(a, b, .eq))
  }
  /// `a < b` as sorting uses it.
  package func less(_ a: Value, _ b: Value) throws(Raised) -> Bool { try isTrue(try compare(a, b, .lt)) }

  // MARK: iteration

  package func iter(_ v: Value) throws(Raised) -> Value {
    let type = v.type
    if let slot = type.pointee.slots.iter {
      let it = try slot(self, v)
      if it.type.pointee.slots.next == nil { throw raise(.typeError, "iter() returned non-iterator of type '\(it.typeName)'") }
      return it
    }
    if type.pointee.slots.item != nil && !type.pointee.flags.contains(.dictSubclass) { return try Iterators.sequence(self, v) }
    throw raise(.typeError, "'\(v.typeName)' object is not iterable")
  }

  /// The next item, or `.exhausted` (a StopIteration that the iterator raised is caught).
  @inline(__always)
  package func next(_ iterator: Value) throws(Raised) -> Value {
    guard let slot = iterator.type.pointee.slots.next else {
      throw raise(.typeError, "'\(iterator.typeName)' object is not an iterator")
    }
    // Iterators over iterators may be nested as deep as a program likes.
    if nativeStackIsLow { throw raiseRecursionError() }
    do throws(Raised) { return try slot(self, iterator) } catch {
      if !pendingIs(.stopIteration) { throw error }
      if thread.pointee.isTraced {
        Tracing.iterationEnds(self)
        if !pendingIs(.stopIteration) { throw error }
      }
      clearPending()
      return .exhausted
    }
  }

  /// Calls `body` with each item.
  package func forEach(_ iterable: Value, _ body: (Value) throws(Raised) -> Void) throws(Raised) {
    if iterable.isExact(rt.types.tuple) {
      let t = iterable.as(TupleLayout.self)
      for i in 0..<t.pointee.count { try body(t.items[i]) }
      return
    }
    if iterable.isExact(rt.types.list), iterable.as(ListLayout.self).pointee.foreign == nil {
      let l = iterable.as(ListLayout.self)
      var i = 0
      while i < l.pointee.count, let items = l.pointee.items {
        try body(items[i])
        i &+= 1
      }
      return
    }
    let it = try iter(iterable)
    while true {
      let item = try next(it)
      if item == .exhausted { return }
      try body(item)
    }
  }

  // MARK: items

  package func length(_ v: Value) throws(Raised) -> Int {
    let slots = v.type.pointee.slots
    if let slot = slots.sequenceLength { return try slot(self, v) }
    if let slot = slots.mappingLength { return try slot(self, v) }
    throw raise(.typeError, "object of type '\(v.typeName)' has no len()")
  }

  /// Number of items to expect: `len()`, else `__length_hint__`, else `fallback`.
  package func lengthHint(_ v: Value, _ fallback: Int = 0) throws(Raised) -> Int {
    let slots = v.type.pointee.slots
    if slots.sequenceLength != nil || slots.mappingLength != nil {
      do throws(Raised) { return try length(v) } catch {
        if !pendingIs(.typeError) { throw error }
        clearPending()
      }
    }
    let method = try lookupSpecial(v, rt.names.__length_hint__)
    if method.isNull { return fallback }
    let hint: Value
    do throws(Raised) { hint = try call(method) } catch {
      if !pendingIs(.typeError) { throw error }
      clearPending()
      return fallback
    }
    if hint == .notImplemented { return fallback }
    if !hint.isInt { throw raise(.typeError, "__length_hint__ must be an integer, not \(hint.typeName)") }
    let n = try asInt(hint)
    if n < 0 { throw raise(.valueError, "__length_hint__() should return >= 0") }
    return n
  }

  /// `container[key]`
  package func getItem(_ container: Value, _ key: Value) throws(Raised) -> Value {
    let type = container.type
    if let slot = type.pointee.slots.subscripted { return try slot(self, container, key) }
    if let slot = type.pointee.slots.item {
      guard key.isInt || key.type.pointee.slots.index != nil else {
        throw raise(.typeError, "sequence index must be integer, not '\(key.typeName)'")
      }
      var i = try asIndex(key, overflow: .indexError)
      if i < 0, let length = type.pointee.slots.sequenceLength { i &+= try length(self, container) }
      return try slot(self, container, i)
    }
    if container.isType { return try Types.classGetItem(self, container, key) }
    throw raise(.typeError, "'\(container.typeName)' object is not subscriptable")
  }

  /// `container[key] = value`; a null value deletes.
  package func setItem(_ container: Value, _ key: Value, _ value: Value) throws(Raised) {
    let type = container.type
    if let slot = type.pointee.slots.storeSubscript { return try slot(self, container, key, value) }
    if let slot = type.pointee.slots.storeItem {
      guard key.isInt || key.type.pointee.slots.index != nil else {
        throw raise(.typeError, "sequence index must be integer, not '\(key.typeName)'")
      }
      var i = try asIndex(key, overflow: .indexError)
      if i < 0, let length = type.pointee.slots.sequenceLength { i &+= try length(self, container) }
      return try slot(self, container, i, value)
    }
    guard value.isNull else { throw raise(.typeError, "'\(container.typeName)' object does not support item assignment") }
    // CPython says it in two ways: types with any slot of sequences answer an index themselves.
    let slots = type.pointee.slots
    let isSequence =
      type.pointee.flags.contains(.heapType) || slots.sequenceLength != nil || slots.item != nil || slots.contains != nil
    let isIndex = key.isInt || key.type.pointee.slots.index != nil
    throw raise(.typeError, "'\(container.typeName)' object does\(isSequence && isIndex ? "n't" : " not") support item deletion")
  }

  /// `item in container`
  package func contains(_ container: Value, _ item: Value) throws(Raised) -> Bool {
    if let slot = container.type.pointee.slots.contains { return try slot(self, container, item) }
    let it: Value
    do throws(Raised) { it = try iter(container) } catch {
      if !pendingIs(.typeError) { throw error }
      clearPending()
      throw raise(.typeError, "argument of type '\(container.typeName)' is not iterable")
    }
    defer { LoopIterators.dropArgument(self, container) }
    while true {
      let x = try next(it)
      if x == .exhausted { return false }
      if try equal(x, item) { return true }
    }
  }

  // MARK: attributes

  /// `v.name`; `name` is an interned str in hot code, any str otherwise.
  @inline(__always)
  package func getAttribute(_ v: Value, _ name: Value) throws(Raised) -> Value {
    guard let slot = v.type.pointee.slots.getAttribute else {
      throw raise(.attributeError, "'\(v.typeName)' object has no attribute '\(name.swiftString)'")
    }
    do throws(Raised) { return try slot(self, v, name) } catch {
      noteMissing(v, name)
      throw error
    }
  }

  /// An AttributeError that does not say what was looked for is told: for "Did you mean" in its report.
  @inline(never)
  private func noteMissing(_ v: Value, _ name: Value) {
    guard pendingIs(.attributeError), thread.pointee.pending.isExact(rt.types[.attributeError]) else { return }
    let e = thread.pointee.pending.as(AttributeErrorLayout.self)
    guard e.pointee.name.isNull || e.pointee.name.isNone, e.pointee.object.isNull || e.pointee.object.isNone else { return }
    e.pointee.name = name
    e.pointee.object = v
  }
  package func getAttribute(_ v: Value, _ name: StaticString) throws(Raised) -> Value { try getAttribute(v, try intern(name)) }

  /// `getattr(v, name, None)`-like: null instead of AttributeError.
  package func getAttributeOrNull(_ v: Value, _ name: Value) throws(Raised) -> Value {
    do throws(Raised) {
      // The usual slots can say "missing" without an exception.
      let slot = v.type.pointee.slots.getAttribute
      if slot == rt.types.object.pointee.slots.getAttribute { return try ObjectAttributes.find(self, v, name, quietly: true) }
      if slot == rt.types.type.pointee.slots.getAttribute { return try TypeAttributes.find(self, v, name) }
      if slot == rt.types.module.pointee.slots.getAttribute { return try ModuleType.find(self, v, name) }
      return try getAttribute(v, name)
    } catch {
      if !pendingIs(.attributeError) { throw error }
      clearPending()
      return .null
    }
  }
  package func getAttributeOrNull(_ v: Value, _ name: StaticString) throws(Raised) -> Value { try getAttributeOrNull(v, try intern(name)) }

  /// `v.name = value`; a null value deletes.
  package func setAttribute(_ v: Value, _ name: Value, _ value: Value) throws(Raised) {
    guard let slot = v.type.pointee.slots.setAttribute else {
      throw raise(.typeError, "'\(v.typeName)' object has no attributes (\(value.isNull ? "del" : "assign to") .\(name.swiftString))")
    }
    try slot(self, v, name, value)
  }
  package func setAttribute(_ v: Value, _ name: StaticString, _ value: Value) throws(Raised) {
    try setAttribute(v, try intern(name), value)
  }

  /// A special method, looked up on the type alone and bound to `v`; null if the type has none.
  package func lookupSpecial(_ v: Value, _ name: Value) throws(Raised) -> Value {
    let found = Types.lookup(v.type, name)
    if found.isNull { return .null }
    guard let get = found.type.pointee.slots.descriptorGet else { return found }
    return try get(self, found, v, Value(v.type))
  }
  package func lookupSpecial(_ v: Value, _ name: StaticString) throws(Raised) -> Value { try lookupSpecial(v, try intern(name)) }
}
