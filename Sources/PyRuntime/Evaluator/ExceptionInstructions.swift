/// Bodies of the instructions about exceptions and `with`.
enum ExceptionInstructions {
  /// Whether `exception` matches what an `except` clause names: a class or a (nested) tuple of classes.
  @inline(never)
  static func matches(_ vm: VM, _ exception: Value, _ target: Value) throws(Raised) -> Bool {
    if !target.isExceptionClass {
      try checkTarget(vm, target, "catching classes that do not inherit from BaseException is not allowed", star: false)
    }
    if isMatch(exception, target) { return true }
    // Whoever comes next may look at it.
    if exception.isExceptionInstance, exception.as(ExceptionLayout.self).pointee.isUnseen { Tracebacks.addUnseen(vm, exception) }
    return false
  }

  private static func checkTarget(_ vm: VM, _ target: Value, _ message: String, star: Bool) throws(Raised) {
    if target.isTuple {
      let t = target.as(TupleLayout.self)
      for i in 0..<t.pointee.count { try checkClass(vm, t.items[i], message, star) }
    } else {
      try checkClass(vm, target, message, star)
    }
  }
  private static func checkClass(_ vm: VM, _ cls: Value, _ message: String, _ star: Bool) throws(Raised) {
    if !cls.isExceptionClass { throw vm.raise(.typeError, message) }
    if star, cls.asType.isSubtype(of: rt.types[.baseExceptionGroup]) {
      throw vm.raise(.typeError, "catching ExceptionGroup with except* is not allowed. Use except instead.")
    }
  }

  /// CPython's PyErr_GivenExceptionMatches for an exception instance.
  static func isMatch(_ exception: Value, _ target: Value) -> Bool {
    if target.isTuple {
      let t = target.as(TupleLayout.self)
      for i in 0..<t.pointee.count where isMatch(exception, t.items[i]) { return true }
      return false
    }
    guard target.isExceptionClass else { return exception == target }
    return exception.type.isSubtype(of: target.asType)
  }

  // MARK: except*

  @inline(never)
  static func matchGroup(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let exception = operand(pc.pointee.b, fp, k)
    let target = operand(pc.pointee.c, fp, k)
    try checkTarget(vm, target, "catching classes that do not inherit from BaseException is not allowed", star: true)
    let destination = Int(pc.pointee.a)
    var match = Value.none
    var rest = exception
    if exception.isNone {
      rest = .none
    } else if isMatch(exception, target) {
      rest = .none
      match = exception
      if !exception.isInstance(of: rt.types[.baseExceptionGroup]) {
        match = try group(vm, try vm.tuple(exception))
      }
    } else if exception.isInstance(of: rt.types[.baseExceptionGroup]) {
      let pair = try vm.callMethod(exception, "split", target)
      guard pair.isTuple, pair.as(TupleLayout.self).pointee.count >= 2 else {
        throw vm.raise(.typeError, "\(exception.typeName).split must return a 2-tuple, got \(pair.typeName)")
      }
      match = pair.as(TupleLayout.self).items[0]
      rest = pair.as(TupleLayout.self).items[1]
    }
    fp[destination] = rest
    fp[destination &+ 1] = match
    if !match.isNone { vm.thread.pointee.handled = match }
  }

  private static func group(_ vm: VM, _ members: Value) throws(Raised) -> Value {
    var args = (rt.pointee.emptyStr, members)
    return try withValues(&args) { p throws(Raised) in
      try Exceptions.make(vm, rt.types[.exceptionGroup], Args(p, count: 2))
    }
  }

  /// What to raise after all `except*` clauses have run: what they raised, and of what they re-raised (or did not handle) the part
  /// of the original's shape.
  @inline(never)
  static func prepareReraiseStar(_ vm: VM, _ original: Value, _ list: Value) throws(Raised) -> Value {
    let raisedItems = list.as(ListLayout.self)
    guard raisedItems.pointee.count > 0, let items = raisedItems.pointee.items else { return .none }
    if !original.isInstance(of: rt.types[.baseExceptionGroup]) { return items[0] }
    let raised = try vm.list()
    let reraised = try vm.list()
    for i in 0..<raisedItems.pointee.count {
      guard let items = raisedItems.pointee.items, !items[i].isNone else { continue }
      try vm.append(sameMetadata(items[i], original) ? reraised : raised, items[i])
    }
    let projected = try projection(vm, original, reraised)
    if raised.as(ListLayout.self).pointee.count == 0 { return projected }
    if !projected.isNone { try vm.append(raised, projected) }
    return try group(vm, raised)
  }

  private static func sameMetadata(_ a: Value, _ b: Value) -> Bool {
    guard a.isExceptionInstance, b.isExceptionInstance else { return false }
    let x = a.as(ExceptionLayout.self), y = b.as(ExceptionLayout.self)
    return x.pointee.notes == y.pointee.notes && x.pointee.traceback == y.pointee.traceback && x.pointee.cause == y.pointee.cause
      && x.pointee.context == y.pointee.context
  }

  /// The part of `original` whose leaves occur in one of the groups of `kept`, as a group of the same shape; None if there is none.
  private static func projection(_ vm: VM, _ original: Value, _ kept: Value) throws(Raised) -> Value {
    if kept.as(ListLayout.self).pointee.count == 0 { return .none }
    let leaves = try vm.list()
    try collectLeaves(vm, kept, leaves)
    return try project(vm, original, leaves)
  }

  private static func collectLeaves(_ vm: VM, _ members: Value, _ leaves: Value) throws(Raised) {
    if vm.nativeStackIsLow { throw vm.raiseRecursionError() }
    try vm.forEach(members) { member throws(Raised) in
      if member.isInstance(of: rt.types[.baseExceptionGroup]) {
        try collectLeaves(vm, try vm.getAttribute(member, "exceptions"), leaves)
      } else {
        try vm.append(leaves, member)
      }
    }
  }

  private static func project(_ vm: VM, _ group: Value, _ leaves: Value) throws(Raised) -> Value {
    if vm.nativeStackIsLow { throw vm.raiseRecursionError() }
    let members = try vm.list()
    try vm.forEach(try vm.getAttribute(group, "exceptions")) { member throws(Raised) in
      if member.isInstance(of: rt.types[.baseExceptionGroup]) {
        let part = try project(vm, member, leaves)
        if !part.isNone { try vm.append(members, part) }
      } else {
        let l = leaves.as(ListLayout.self)
        for i in 0..<l.pointee.count where l.pointee.items?[i] == member {
          try vm.append(members, member)
          break
        }
      }
    }
    if members.as(ListLayout.self).pointee.count == 0 { return .none }
    let derived = try vm.callMethod(group, "derive", members)
    guard derived.isInstance(of: rt.types[.baseExceptionGroup]) else {
      throw vm.raise(.typeError, "derive must return an instance of BaseExceptionGroup")
    }
    let from = group.as(ExceptionLayout.self), to = derived.as(ExceptionLayout.self)
    to.pointee.traceback = from.pointee.traceback
    to.pointee.context = from.pointee.context
    to.pointee.cause = from.pointee.cause
    let notes = try vm.getAttributeOrNull(group, "__notes__")
    if !notes.isNull { try vm.setAttribute(derived, "__notes__", try vm.list(from: notes)) }
    return derived
  }

  // MARK: raise

  /// `raise` without an expression.
  @inline(never)
  static func raiseAgain(_ vm: VM) -> Raised {
    let handled = vm.handledException()
    if handled.isNull { return vm.raise(.runtimeError, "No active exception to reraise") }
    vm.thread.pointee.reraising = true
    return vm.reraise(handled)
  }

  /// `raise exception [from cause]`; cause null without `from`.
  @inline(never)
  static func raise(_ vm: VM, _ given: Value, _ cause: Value) -> Raised {
    do throws(Raised) {
      var exception = given
      if given.isExceptionClass {
        exception = try vm.call(given)
        if !exception.isExceptionInstance {
          let name = try vm.repr(given).swiftString
          throw vm.raise(
            .typeError,
            "calling \(name) should have returned an instance of BaseException, not \(try vm.repr(Value(exception.type)).swiftString)")
        }
      } else if !given.isExceptionInstance {
        throw vm.raise(.typeError, "exceptions must derive from BaseException")
      }
      if !cause.isNull {
        var fixed = cause
        if cause.isExceptionClass {
          fixed = try vm.call(cause)
          if !fixed.isExceptionInstance {
            let name = try vm.repr(cause).swiftString
            throw vm.raise(
              .typeError,
              "calling \(name) should have returned an instance of BaseException, not \(try vm.repr(Value(fixed.type)).swiftString)")
          }
        } else if cause.isNone {
          fixed = .null
        } else if !cause.isExceptionInstance {
          throw vm.raise(.typeError, "exception causes must derive from BaseException")
        }
        let e = exception.as(ExceptionLayout.self)
        e.pointee.cause = fixed
        e.pointee.suppressContext = true
      }
      return vm.raise(exception)
    } catch { return error }
  }

  /// RERAISE: the exception as it is, its traceback complete up to this frame.
  @inline(never)
  static func reraise(_ vm: VM, _ exception: Value) -> Raised {
    guard exception.isExceptionInstance else { return vm.raise(.systemError, "RERAISE of something that is no exception") }
    vm.thread.pointee.reraising = true
    return vm.reraise(exception)
  }

  // MARK: with

  @inline(never)
  static func enter(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer, isAsync: Bool) throws(Raised) {
    let manager = operand(pc.pointee.c, fp, k)
    let enterName = isAsync ? rt.names.__aenter__ : rt.names.__enter__
    let exitName = isAsync ? rt.names.__aexit__ : rt.names.__exit__
    let kind = isAsync ? "asynchronous context manager" : "context manager"
    let enter = try vm.lookupSpecial(manager, enterName)
    if enter.isNull { throw vm.raise(.typeError, "'\(manager.typeName)' object does not support the \(kind) protocol") }
    let exit = try vm.lookupSpecial(manager, exitName)
    if exit.isNull {
      throw vm.raise(
        .typeError, "'\(manager.typeName)' object does not support the \(kind) protocol (missed \(exitName.swiftString) method)")
    }
    let entered = try vm.call(enter)
    fp[Int(pc.pointee.a)] = exit
    fp[Int(pc.pointee.b)] = entered
  }

  /// Calls an exit function with the exception that left the block.
  @inline(never)
  static func exit(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let function = operand(pc.pointee.b, fp, k)
    let exception = fp[Int(pc.pointee.c)]
    let traceback = exception.isExceptionInstance ? exception.as(ExceptionLayout.self).pointee.traceback : .none
    fp[Int(pc.pointee.a)] = try vm.call(function, Value(exception.type), exception, traceback.isNull ? .none : traceback)
  }
}
