// How native code gets into the evaluator.

extension VM {
  /// Runs a code object as a module or class body does: `globals` and `locals` dicts (locals any mapping, or null for globals).
  func run(code: Value, globals: Value, locals: Value) throws(Raised) -> Value {
    let f = try FunctionType.make(self, code: code, globals: globals)
    return try Evaluator.run(self, f, namespace: locals.isNull ? globals : locals)
  }

  /// A function object from a code object.
  func function(code: Value, globals: Value) throws(Raised) -> Value {
    try FunctionType.make(self, code: code, globals: globals)
  }

  /// Globals of the innermost Python frame; null when there is none.
  func currentGlobals() -> Value {
    guard let frame = thread.pointee.frame else { return .null }
    return frame.assumingMemoryBound(to: Value.self).frameFunction.pointee.globals
  }

  /// Builtins of the innermost Python frame: a dict; the builtins module's when there is no frame.
  func currentBuiltins() -> Value {
    guard let frame = thread.pointee.frame else { return rt.pointee.builtins }
    return frame.assumingMemoryBound(to: Value.self).frameFunction.pointee.builtins
  }

  /// Locals of the innermost Python frame as `locals()` answers them: the namespace of a class or module body, else a dict
  /// made from the local variables. Null when there is no frame.
  func currentLocals() throws(Raised) -> Value {
    guard let frame = thread.pointee.frame else { return .null }
    return try FrameObjects.locals(self, try FrameObjects.object(self, frame.assumingMemoryBound(to: Value.self)))
  }

  /// The exception being handled (`sys.exc_info()[1]`), or null.
  package func handledException() -> Value {
    let handled = thread.pointee.handled
    if !handled.isNull && !handled.isNone {
      if handled.isExceptionInstance, handled.as(ExceptionLayout.self).pointee.isUnseen { Tracebacks.addUnseen(self, handled) }
      return handled
    }
    let generator = thread.pointee.runningGenerator
    return generator.isCell ? generator.as(GeneratorLayout.self).pointee.handledOutside : .null
  }
}
