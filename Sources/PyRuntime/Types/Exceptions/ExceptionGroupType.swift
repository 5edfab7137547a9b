/// `BaseExceptionGroup` and `ExceptionGroup`.
enum ExceptionGroupType {
  private typealias L = ExceptionGroupLayout

  static func declare(_ t: inout TypeBuilder) {
    t.doc("A combination of multiple unrelated exceptions.")
    t.slots.new = NewCode(new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.str = NoArgsCode(str)
    t.member("message", "exception message", offset: MemoryLayout<L>.offset(of: \.message))
    t.member("exceptions", "nested exceptions", offset: MemoryLayout<L>.offset(of: \.exceptions))
    t.classMethod("__class_getitem__", "($type, item, /)", "See PEP 585", GenericAliasType.classGetItem)
    t.method("derive", nil, "A new group of the same class with other exceptions.", derive)
    t.method("split", nil, "Pair of the matching and the other part.", ExceptionGroups.split)
    t.method("subgroup", nil, "The matching part.", ExceptionGroups.subgroup)
  }

  private static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    var type = cls.asType
    guard args.count == 2 else {
      throw vm.raise(.typeError, "BaseExceptionGroup.__new__() takes exactly 2 arguments (\(args.count) given)")
    }
    let message = args[0]
    guard message.isStr else {
      throw vm.raise(.typeError, "BaseExceptionGroup.__new__() argument 1 must be str, not \(message.argumentTypeName)")
    }
    guard args[1].type.pointee.slots.item != nil, !args[1].isDict else {
      throw vm.raise(.typeError, "second argument (exceptions) must be a sequence")
    }
    let exceptions = try vm.tuple(from: args[1])
    let t = exceptions.as(TupleLayout.self)
    if t.pointee.count == 0 {
      throw vm.raise(.valueError, "second argument (exceptions) must be a non-empty sequence")
    }
    var onlyExceptions = true
    for i in 0..<t.pointee.count {
      guard t.items[i].isExceptionInstance else {
        throw vm.raise(.valueError, "Item \(i) of second argument (exceptions) is not an exception")
      }
      if !t.items[i].isInstance(of: rt.pointee.types[.exception]) { onlyExceptions = false }
    }
    let base = rt.pointee.types[.baseExceptionGroup]
    if type == base {
      if onlyExceptions { type = rt.pointee.types[.exceptionGroup] }
    } else if !onlyExceptions {
      if type == rt.pointee.types[.exceptionGroup] {
        throw vm.raise(.typeError, "Cannot nest BaseExceptions in an ExceptionGroup")
      }
      if type.isSubtype(of: rt.pointee.types[.exception]) {
        throw vm.raise(.typeError, "Cannot nest BaseExceptions in '\(type.nameForMessages)'")
      }
    }
    let given = try vm.tuple(copying: args.base, count: args.count)
    let e = try vm.instance(ExceptionGroupLayout.self, of: type)
    e.pointee.exception.args = given
    e.pointee.message = message
    e.pointee.exceptions = exceptions
    return Value(e)
  }

  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try BaseExceptionType.initialize(vm, v, args)
  }

  private static func str(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let e = v.as(ExceptionGroupLayout.self)
    let n = e.pointee.exceptions.as(TupleLayout.self).pointee.count
    return try vm.concatenate(e.pointee.message, try vm.str(" (\(n) sub-exception\(n > 1 ? "s" : ""))"))
  }

  private static func derive(_ vm: VM, _ v: Value, _ exceptions: Value) throws(Raised) -> Value {
    let message = v.as(ExceptionGroupLayout.self).pointee.message
    return try vm.call(Value(rt.pointee.types[.baseExceptionGroup]), message, exceptions)
  }
}

/// Splitting of groups, also what `except*` does.
enum ExceptionGroups {
  /// What decides whether an exception matches.
  enum Matcher {
    /// A class or tuple of classes
    case byType(Value)
    case byPredicate(Value)
    /// A dict whose keys are the ids of leaf exceptions (as `except*` needs to put the rest together again)
    case byIdentity(Value)
  }

  static func isGroup(_ v: Value) -> Bool { v.isInstance(of: rt.pointee.types[.baseExceptionGroup]) }

  private static func matcher(_ vm: VM, _ condition: Value) throws(Raised) -> Matcher {
    if condition.isExceptionClass { return .byType(condition) }
    if condition.isTuple {
      let t = condition.as(TupleLayout.self)
      var all = true
      for i in 0..<t.pointee.count where !t.items[i].isExceptionClass { all = false }
      if all { return .byType(condition) }
    } else if condition.type.pointee.slots.call != nil && !condition.isType {
      return .byPredicate(condition)
    }
    throw vm.raise(.typeError, "expected a function, exception type or tuple of exception types")
  }

  private static func matches(_ vm: VM, _ e: Value, _ matcher: Matcher) throws(Raised) -> Bool {
    switch matcher {
    case .byType(let classes):
      if classes.isTuple {
        let t = classes.as(TupleLayout.self)
        for i in 0..<t.pointee.count where e.isInstance(of: t.items[i].asType) { return true }
        return false
      }
      return e.isInstance(of: classes.asType)
    case .byPredicate(let f): return try vm.isTrue(try vm.call(f, e))
    case .byIdentity(let ids):
      if isGroup(e) { return false }
      return try Dicts.contains(vm, ids, try identity(vm, e))
    }
  }
  static func identity(_ vm: VM, _ e: Value) throws(Raised) -> Value { try Ints.make(vm, unsigned: e.bits) }

  /// The matching part and the rest of `e`; either may be null.
  static func divide(
    _ vm: VM, _ e: Value, _ matcher: Matcher, wantRest: Bool
  ) throws(Raised) -> (match: Value, rest: Value) {
    if try matches(vm, e, matcher) { return (e, .null) }
    if !isGroup(e) { return (.null, e) }
    return try vm.deeper(" in exceptiongroup_split_recursive") { () throws(Raised) in try divideMembers(vm, e, matcher, wantRest: wantRest)
    }
  }
  private static func divideMembers(
    _ vm: VM, _ e: Value, _ matcher: Matcher, wantRest: Bool
  ) throws(Raised) -> (match: Value, rest: Value) {
    let matching = try vm.list()
    let others = try vm.list()
    let members = e.as(ExceptionGroupLayout.self).pointee.exceptions.as(TupleLayout.self)
    for i in 0..<members.pointee.count {
      let (m, r) = try divide(vm, members.items[i], matcher, wantRest: wantRest)
      if !m.isNull { try vm.append(matching, m) }
      if wantRest && !r.isNull { try vm.append(others, r) }
    }
    let match = try derived(vm, e, matching)
    let rest = wantRest ? try derived(vm, e, others) : .null
    return (match, rest)
  }

  /// A group like `original` with other members, its traceback, cause, context and notes kept; null for no members.
  private static func derived(_ vm: VM, _ original: Value, _ members: Value) throws(Raised) -> Value {
    if members.as(ListLayout.self).pointee.count == 0 { return .null }
    let group = try vm.callMethod(original, "derive", members)
    guard isGroup(group) else { throw vm.raise(.typeError, "derive must return an instance of BaseExceptionGroup") }
    let from = original.as(ExceptionLayout.self)
    let to = group.as(ExceptionLayout.self)
    to.pointee.traceback = from.pointee.traceback
    to.pointee.context = from.pointee.context
    to.pointee.cause = from.pointee.cause
    to.pointee.suppressContext = from.pointee.suppressContext || !from.pointee.cause.isNull
    let notes = try vm.getAttributeOrNull(original, rt.pointee.names.__notes__)
    if !notes.isNull, notes.type.pointee.slots.item != nil {
      try vm.setAttribute(group, rt.pointee.names.__notes__, try vm.list(from: notes))
    }
    return group
  }

  static func split(_ vm: VM, _ v: Value, _ condition: Value) throws(Raised) -> Value {
    let (match, rest) = try divide(vm, v, try matcher(vm, condition), wantRest: true)
    return try vm.tuple(match.isNull ? .none : match, rest.isNull ? .none : rest)
  }
  static func subgroup(_ vm: VM, _ v: Value, _ condition: Value) throws(Raised) -> Value {
    let (match, _) = try divide(vm, v, try matcher(vm, condition), wantRest: false)
    return match.isNull ? .none : match
  }

  // MARK: except*

  /// The part of `e` that `except* type` handles, and what remains; a plain exception that matches is wrapped into a group.
  static func match(_ vm: VM, _ e: Value, _ type: Value) throws(Raised) -> (match: Value, rest: Value) {
    if try matches(vm, e, .byType(type)) {
      if isGroup(e) { return (e, .null) }
      let group = try vm.call(Value(rt.pointee.types[.baseExceptionGroup]), try vm.str(""), try vm.tuple(e))
      group.as(ExceptionLayout.self).pointee.traceback = e.as(ExceptionLayout.self).pointee.traceback
      return (group, .null)
    }
    if isGroup(e) { return try divide(vm, e, .byType(type), wantRest: true) }
    return (.null, e)
  }

  /// Puts the parts that `except*` clauses left or raised again together in the shape of `original` where they belong to it.
  static func project(_ vm: VM, _ original: Value, _ kept: Value) throws(Raised) -> Value {
    let ids = try vm.dict()
    let list = kept.as(ListLayout.self)
    var i = 0
    while i < list.pointee.count, let items = list.pointee.items {
      if !items[i].isNone { try collectLeaves(vm, items[i], ids) }
      i += 1
    }
    return try divide(vm, original, .byIdentity(ids), wantRest: false).match
  }
  private static func collectLeaves(_ vm: VM, _ e: Value, _ ids: Value) throws(Raised) {
    guard isGroup(e) else { return try Dicts.set(vm, ids, try identity(vm, e), .true) }
    if vm.nativeStackIsLow { throw vm.raiseRecursionError(" in collect_exception_group_leaf_ids") }
    let members = e.as(ExceptionGroupLayout.self).pointee.exceptions.as(TupleLayout.self)
    for i in 0..<members.pointee.count { try collectLeaves(vm, members.items[i], ids) }
  }

  /// The exception that a `try` with `except*` clauses raises at its end, or None: what was raised anew and what nobody handled.
  static func prepareReraise(_ vm: VM, _ original: Value, _ results: Value) throws(Raised) -> Value {
    let list = results.as(ListLayout.self)
    if list.pointee.count == 0 { return .none }
    if !isGroup(original) { return list.pointee.items?[0] ?? .none }
    let raised = try vm.list()
    let reraised = try vm.list()
    var i = 0
    while i < list.pointee.count, let items = list.pointee.items {
      let e = items[i]
      if !e.isNone { try vm.append(isSameMetadata(e, original) ? reraised : raised, e) }
      i += 1
    }
    let projected = try project(vm, original, reraised)
    if raised.as(ListLayout.self).pointee.count == 0 { return projected.isNull ? .none : projected }
    if !projected.isNull { try vm.append(raised, projected) }
    if raised.as(ListLayout.self).pointee.count > 1 {
      return try vm.call(Value(rt.pointee.types[.exceptionGroup]), try vm.str(""), raised)
    }
    return raised.as(ListLayout.self).pointee.items?[0] ?? .none
  }

  /// Parts of the original carry its metadata; what a clause raised itself does not.
  private static func isSameMetadata(_ a: Value, _ b: Value) -> Bool {
    guard isGroup(a) && isGroup(b) else { return false }
    let x = a.as(ExceptionLayout.self).pointee
    let y = b.as(ExceptionLayout.self).pointee
    return x.traceback == y.traceback && x.cause == y.cause && x.context == y.context
  }
}
