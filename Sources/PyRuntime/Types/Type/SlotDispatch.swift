// What the slots of Python classes hold: native functions that call the class's dunder methods. One function per slot, because
// a slot's code pointer says whether the operation is Python's (`slots.add == SlotTable.generic.add`).

enum SlotDispatch {
  // MARK: calling special methods

  /// `type(v).name`, unbound; null if there is none.
  @inline(__always)
  static func find(_ v: Value, _ name: Value) -> Value { Types.lookup(v.type, name) }

  /// Calls the unbound special method `m` of `v`; a function receives `v` as its first argument without a method object.
  @inline(__always)
  static func call(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value {
    if m.type.pointee.flags.contains(.methodDescriptor) { return try vm.call(m, v) }
    return try vm.call(try bound(vm, m, v))
  }
  @inline(__always)
  static func call(_ vm: VM, _ m: Value, _ v: Value, _ a: Value) throws(Raised) -> Value {
    if m.type.pointee.flags.contains(.methodDescriptor) { return try vm.call(m, v, a) }
    return try vm.call(try bound(vm, m, v), a)
  }
  static func call(_ vm: VM, _ m: Value, _ v: Value, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if m.type.pointee.flags.contains(.methodDescriptor) { return try vm.call(m, v, a, b) }
    return try vm.call(try bound(vm, m, v), a, b)
  }
  static func bound(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value {
    guard let get = m.type.pointee.slots.descriptorGet else { return m }
    return try get(vm, m, v, Value(v.type))
  }
  /// `call` of an arbitrary argument list with `v` in front.
  static func call(_ vm: VM, _ m: Value, _ v: Value, _ args: Args) throws(Raised) -> Value {
    if !m.type.pointee.flags.contains(.methodDescriptor) { return try vm.call(try bound(vm, m, v), args) }
    return try prepending(vm, v, args) { all throws(Raised) in try vm.call(m, all) }
  }
  /// Runs `body` with `first` put before the arguments.
  @inline(__always)
  static func prepending<R>(_ vm: VM, _ first: Value, _ args: Args, _ body: (Args) throws(Raised) -> R) throws(Raised) -> R {
    let total = args.count &+ args.keywordCount
    return try vm.withStack(total &+ 1) { p throws(Raised) in
      p[0] = first
      for i in 0..<total { p[i &+ 1] = args.base[i] }
      return try body(Args(p, count: args.count &+ 1, keywords: args.keywords))
    }
  }

  private static func missing(_ vm: VM, _ name: Value) -> Raised { vm.raise(.attributeError, name.swiftString) }

  private static func unary(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Value {
    let m = find(v, name)
    if m.isNull { throw missing(vm, name) }
    return try call(vm, m, v)
  }

  // MARK: object life

  static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    let m = try vm.getAttribute(type, rt.pointee.names.__new__)
    return try prepending(vm, type, args) { all throws(Raised) in try vm.call(m, all) }
  }
  static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    let m = find(v, rt.pointee.names.__init__)
    if m.isNull { throw missing(vm, rt.pointee.names.__init__) }
    let r = try call(vm, m, v, args)
    if !r.isNone { throw vm.raise(.typeError, "__init__() should return None, not '\(r.typeName)'") }
  }
  static func finalize(_ vm: VM, _ v: Value) {
    let saved = vm.takePending()
    let m = find(v, rt.pointee.names.__del__)
    if !m.isNull {
      do throws(Raised) { _ = try call(vm, m, v) } catch { vm.writeUnraisable("", m) }
    }
    vm.thread.pointee.pending = saved
  }
  static func call(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let m = find(v, rt.pointee.names.__call__)
    if m.isNull { throw vm.raise(.typeError, "'\(v.typeName)' object is not callable") }
    return try call(vm, m, v, args)
  }

  // MARK: text, hash, comparison

  static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let m = find(v, rt.pointee.names.__repr__)
    if m.isNull { return try vm.str("<\(v.typeName) object at \(hexAddress(v))>") }
    return try call(vm, m, v)
  }
  static func str(_ vm: VM, _ v: Value) throws(Raised) -> Value { try unary(vm, v, rt.pointee.names.__str__) }
  static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let m = find(v, rt.pointee.names.__hash__)
    if m.isNull || m.isNone { throw vm.raise(.typeError, "unhashable type: '\(v.typeName)'") }
    let r = try call(vm, m, v)
    guard r.isInt else { throw vm.raise(.typeError, "__hash__ method should return an integer") }
    let exact = Ints.exact(r)
    // What does not fit is hashed like any int; -1 is never a hash.
    let h: Int
    if let fitting = exact.isSmallInt ? exact.smallInt : Ints.asInt64(exact) { h = fitting } else { h = try vm.hash(exact) }
    return h == -1 ? -2 : h
  }
  static func compare(_ vm: VM, _ v: Value, _ other: Value, _ op: CompareOp) throws(Raised) -> Value {
    let m = find(v, comparisonName(op))
    if m.isNull { return .notImplemented }
    if m.isExact(rt.pointee.types.wrapperDescriptor) {
      let w = m.as(WrapperDescriptorLayout.self)
      if w.pointee.name == comparisonName(op) && v.isInstance(of: w.pointee.owner.asType) {
        return try CompareCode(code: w.pointee.code)(vm, v, other, op)
      }
    }
    return try callIfBound(vm, m, v, other)
  }
  /// `call`, but NotImplemented when the method's own descriptor raises AttributeError: an operator then has no such method.
  static func callIfBound(_ vm: VM, _ m: Value, _ v: Value, _ a: Value) throws(Raised) -> Value {
    if m.type.pointee.flags.contains(.methodDescriptor) { return try vm.call(m, v, a) }
    let function: Value
    do throws(Raised) { function = try bound(vm, m, v) } catch {
      if !vm.pendingIs(.attributeError) { throw error }
      vm.clearPending()
      return .notImplemented
    }
    return try vm.call(function, a)
  }
  static func comparisonName(_ op: CompareOp) -> Value {
    switch op {
    case .lt: return rt.pointee.names.__lt__
    case .le: return rt.pointee.names.__le__
    case .eq: return rt.pointee.names.__eq__
    case .ne: return rt.pointee.names.__ne__
    case .gt: return rt.pointee.names.__gt__
    case .ge: return rt.pointee.names.__ge__
    }
  }

  // MARK: attributes and descriptors

  /// Whether a class has `__getattr__` and the `__getattribute__` of `base`, object's if that is nil.
  static func isOnlyHooked(_ type: TypeRef, _ base: TypeRef? = nil) -> Bool {
    let hook = Types.lookup(type, rt.pointee.names.__getattr__)
    if hook.isNull { return false }
    let get = Types.lookup(type, rt.pointee.names.__getattribute__)
    guard get.isExact(rt.pointee.types.wrapperDescriptor) else { return false }
    let wrapper = get.as(WrapperDescriptorLayout.self)
    return wrapper.pointee.name == rt.pointee.names.__getattribute__ && wrapper.pointee.owner == Value(base ?? rt.pointee.types.object)
  }
  static func getAttribute(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Value {
    let hook = find(v, rt.pointee.names.__getattr__)
    if v.type.pointee.flags.contains(.hookedGetAttribute) {
      do throws(Raised) {
        let found = try ObjectAttributes.find(vm, v, name, quietly: true)
        if !found.isNull { return found }
      } catch {
        if !vm.pendingIs(.attributeError) { throw error }
        vm.clearPending()
      }
      return try call(vm, hook, v, name)
    }
    let get = find(v, rt.pointee.names.__getattribute__)
    if hook.isNull { return try getOnly(vm, get, v, name) }
    do throws(Raised) { return try getOnly(vm, get, v, name) } catch {
      if !vm.pendingIs(.attributeError) { throw error }
      vm.clearPending()
    }
    return try call(vm, hook, v, name)
  }
  private static func getOnly(_ vm: VM, _ get: Value, _ v: Value, _ name: Value) throws(Raised) -> Value {
    if get.isExact(rt.pointee.types.wrapperDescriptor) {
      let w = get.as(WrapperDescriptorLayout.self)
      guard w.pointee.name == rt.pointee.names.__getattribute__ && v.isInstance(of: w.pointee.owner.asType) else {
        return try call(vm, get, v, name)
      }
      return try OneCode(code: w.pointee.code)(vm, v, name)
    }
    return try call(vm, get, v, name)
  }
  static func setAttribute(_ vm: VM, _ v: Value, _ name: Value, _ value: Value) throws(Raised) {
    let method = value.isNull ? rt.pointee.names.__delattr__ : rt.pointee.names.__setattr__
    let m = find(v, method)
    if m.isNull { throw missing(vm, method) }
    _ = value.isNull ? try call(vm, m, v, name) : try call(vm, m, v, name, value)
  }
  static func descriptorGet(_ vm: VM, _ v: Value, _ instance: Value, _ owner: Value) throws(Raised) -> Value {
    let m = find(v, rt.pointee.names.__get__)
    if m.isNull { return v }
    // Whatever it is, it gets the descriptor as its first argument: `__get__` itself is never bound.
    return try vm.call(m, v, instance.isNull ? .none : instance, owner.isNull ? .none : owner)
  }
  static func descriptorSet(_ vm: VM, _ v: Value, _ instance: Value, _ value: Value) throws(Raised) {
    let name = value.isNull ? rt.pointee.names.__delete__ : rt.pointee.names.__set__
    let m = find(v, name)
    if m.isNull { throw missing(vm, name) }
    _ = value.isNull ? try call(vm, m, v, instance) : try call(vm, m, v, instance, value)
  }

  // MARK: iteration, awaiting

  static func iter(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let m = find(v, rt.pointee.names.__iter__)
    if m.isNone { throw vm.raise(.typeError, "'\(v.typeName)' object is not iterable") }
    if !m.isNull { return try call(vm, m, v) }
    if find(v, rt.pointee.names.__getitem__).isNull { throw vm.raise(.typeError, "'\(v.typeName)' object is not iterable") }
    return try Iterators.sequence(vm, v)
  }
  static func next(_ vm: VM, _ v: Value) throws(Raised) -> Value { try unary(vm, v, rt.pointee.names.__next__) }
  static func await(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try asynchronous(vm, v, rt.pointee.names.__await__)
  }
  static func asyncIter(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try asynchronous(vm, v, rt.pointee.names.__aiter__)
  }
  static func asyncNext(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try asynchronous(vm, v, rt.pointee.names.__anext__)
  }
  private static func asynchronous(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Value {
    let m = find(v, name)
    if m.isNull {
      throw vm.raise(.attributeError, "object \(v.typeName) does not have \(name.swiftString) method")
    }
    return try call(vm, m, v)
  }

  // MARK: containers

  static func length(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let r = try unary(vm, v, rt.pointee.names.__len__)
    return try lengthResult(vm, r)
  }
  static func lengthResult(_ vm: VM, _ r: Value) throws(Raised) -> Int {
    let i = try vm.index(r)
    if i.isSmallInt ? i.smallInt < 0 : (Ints.asInt64(i) ?? 0) < 0 {
      throw vm.raise(.valueError, "__len__() should return >= 0")
    }
    guard let n = i.isSmallInt ? i.smallInt : Ints.asInt64(i) else {
      if try vm.isTrue(vm.compare(i, Value(smallInt: 0), .lt)) { throw vm.raise(.valueError, "__len__() should return >= 0") }
      throw vm.raise(.overflowError, "cannot fit 'int' into an index-sized integer")
    }
    return n
  }
  static func subscripted(_ vm: VM, _ v: Value, _ key: Value) throws(Raised) -> Value {
    let m = find(v, rt.pointee.names.__getitem__)
    if m.isNull { throw missing(vm, rt.pointee.names.__getitem__) }
    return try call(vm, m, v, key)
  }
  static func item(_ vm: VM, _ v: Value, _ i: Int) throws(Raised) -> Value { try subscripted(vm, v, try vm.int(i)) }
  static func storeSubscript(_ vm: VM, _ v: Value, _ key: Value, _ value: Value) throws(Raised) {
    let name = value.isNull ? rt.pointee.names.__delitem__ : rt.pointee.names.__setitem__
    let m = find(v, name)
    if m.isNull { throw missing(vm, name) }
    _ = value.isNull ? try call(vm, m, v, key) : try call(vm, m, v, key, value)
  }
  static func storeItem(_ vm: VM, _ v: Value, _ i: Int, _ value: Value) throws(Raised) {
    try storeSubscript(vm, v, try vm.int(i), value)
  }
  static func contains(_ vm: VM, _ v: Value, _ item: Value) throws(Raised) -> Bool {
    let m = find(v, rt.pointee.names.__contains__)
    if m.isNone { throw vm.raise(.typeError, "'\(v.typeName)' object is not a container") }
    if !m.isNull { return try vm.isTrue(try call(vm, m, v, item)) }
    let it = try vm.iter(v)
    while true {
      let x = try vm.next(it)
      if x == .exhausted { return false }
      if try vm.equal(x, item) { return true }
    }
  }

  // MARK: numbers

  static func bool(_ vm: VM, _ v: Value) throws(Raised) -> Bool {
    let m = find(v, rt.pointee.names.__bool__)
    if m.isNull {
      let len = find(v, rt.pointee.names.__len__)
      if len.isNull { return true }
      return try lengthResult(vm, try call(vm, len, v)) != 0
    }
    let r = try call(vm, m, v)
    if !r.isBool { throw vm.raise(.typeError, "__bool__ should return bool, returned \(r.typeName)") }
    return r == .true
  }
  static func negative(_ vm: VM, _ v: Value) throws(Raised) -> Value { try unary(vm, v, rt.pointee.names.__neg__) }
  static func positive(_ vm: VM, _ v: Value) throws(Raised) -> Value { try unary(vm, v, rt.pointee.names.__pos__) }
  static func absolute(_ vm: VM, _ v: Value) throws(Raised) -> Value { try unary(vm, v, rt.pointee.names.__abs__) }
  static func invert(_ vm: VM, _ v: Value) throws(Raised) -> Value { try unary(vm, v, rt.pointee.names.__invert__) }
  static func int(_ vm: VM, _ v: Value) throws(Raised) -> Value { try unary(vm, v, rt.pointee.names.__int__) }
  static func float(_ vm: VM, _ v: Value) throws(Raised) -> Value { try unary(vm, v, rt.pointee.names.__float__) }
  static func index(_ vm: VM, _ v: Value) throws(Raised) -> Value { try unary(vm, v, rt.pointee.names.__index__) }
}

/// "0x7f…": an object's address as `repr` shows it.
func hexAddress(_ v: Value) -> String { "0x" + String(v.identity & 0xFFFF_FFFF_FFFF, radix: 16) }
