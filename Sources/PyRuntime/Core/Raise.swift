extension VM {
  /// Makes an exception of a builtin class with one str argument pending. Raising is an expression:
  /// `throw vm.raise(.indexError, "pop from empty list")`.
  @inline(never)
  package func raise(_ kind: ExceptionKind, _ message: String) -> Raised {
    raise(kind, with: message)
  }
  @inline(never)
  package func raise(_ kind: ExceptionKind) -> Raised {
    do throws(Raised) {
      return raiseFresh(try Exceptions.make(self, rt.types[kind], Args(thread.pointee.stackTop, count: 0)))
    } catch { return error }
  }
  private func raise(_ kind: ExceptionKind, with message: String) -> Raised {
    do throws(Raised) {
      return raise(kind, value: try str(message))
    } catch { return error }
  }
  /// Exception of class `kind` with `value` as its only argument (`KeyError(key)`).
  @inline(never)
  package func raise(_ kind: ExceptionKind, value: Value) -> Raised {
    do throws(Raised) {
      var argument = value
      return raiseFresh(
        try withUnsafePointer(to: &argument) { p throws(Raised) in try Exceptions.make(self, rt.types[kind], Args(p, count: 1)) })
    } catch { return error }
  }
  /// One of a builtin class that was made just now.
  private func raiseFresh(_ exception: Value) -> Raised {
    let raised = raise(exception)
    if exception.isExceptionInstance { exception.as(ExceptionLayout.self).pointee.isFresh = true }
    return raised
  }
  /// Makes `exception` (an instance) pending; its context becomes the exception being handled, as `raise` does.
  @inline(never)
  package func raise(_ exception: Value) -> Raised {
    Exceptions.setContext(self, exception)
    Exceptions.isKnown(exception)
    thread.pointee.pending = exception
    return Raised()
  }
  /// Makes `exception` pending again, context and traceback untouched.
  package func reraise(_ exception: Value) -> Raised {
    Exceptions.isKnown(exception)
    thread.pointee.pending = exception
    return Raised()
  }
  /// The pending exception, taken: afterwards nothing is pending.
  package func takePending() -> Value {
    let e = thread.pointee.pending
    Exceptions.isKnown(e)
    thread.pointee.pending = .null
    return e
  }
  /// Whether the pending exception is an instance of a builtin class.
  package func pendingIs(_ kind: ExceptionKind) -> Bool {
    let e = thread.pointee.pending
    return e.isCell && e.cellType.isSubtype(of: rt.types[kind])
  }
  package func clearPending() { thread.pointee.pending = .null }

  /// Raises a MemoryError, for which a full heap needs no memory.
  @inline(never)
  package func raiseMemoryError() -> Raised {
    raise(Exceptions.memoryError(self))
  }
  @inline(never)
  package func raiseRecursionError(_ suffix: String = "") -> Raised {
    raise(.recursionError, "maximum recursion depth exceeded" + suffix)
  }
  /// What is not there yet says so by name instead of failing obscurely.
  package func notBuilt(_ what: String) -> Raised { raise(.notImplementedError, "\(what) is not built yet") }
}

extension UnsafeMutablePointer where Pointee == TypeLayout {
  /// Nominal subtype test through the mro (CPython's PyType_IsSubtype).
  package func isSubtype(of other: TypeRef) -> Bool {
    if self == other { return true }
    let mro = pointee.mro
    if mro.isNull {
      var t: TypeRef? = self
      while let u = t {
        if u == other { return true }
        t = u.pointee.base
      }
      return false
    }
    let tuple = mro.as(TupleLayout.self)
    for i in 0..<tuple.pointee.count where tuple.items[i] == Value(other) { return true }
    return false
  }
  /// Name for messages: the short name of a heap type, "module.name" of some builtins, as CPython's tp_name.
  package var nameForMessages: String { pointee.name.isNull ? "?" : pointee.name.swiftString }
}
