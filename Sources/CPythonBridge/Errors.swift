import CPython
import PyRuntime

/// Exceptions across the boundary. A pair of exception objects, once made, stays a pair: an exception that goes through the other
/// world and comes back is the same object.
enum Errors {
  /// Takes CPython's pending exception and makes it pending here.
  static func fetch(_ vm: VM) -> Raised {
    var type: PyRef?
    var value: PyRef?
    var traceback: PyRef?
    py.pointee.PyErr_Fetch(&type, &value, &traceback)
    if type == nil { return vm.raise(.systemError, "error return without exception set") }
    py.pointee.PyErr_NormalizeException(&type, &value, &traceback)
    defer {
      if let type { release(type) }
      if let value { release(value) }
      if let traceback { release(traceback) }
    }
    guard let value else { return vm.raise(.systemError, "exception without a value") }
    if let traceback { _ = py.pointee.PyException_SetTraceback(value, traceback) }
    do throws(Raised) {
      let isNew = Registry.ours(value) == nil
      let e = try convert(vm, value)
      if isNew { setContext(vm, e) }
      if let traceback, try CrossTracebacks.bring(vm, traceback, to: e), Lossy.isOn {
        try Lossy.report(
          vm, .tracebackFlattened, .fromCPython, e.typeName, e.typeName, "frames of Python that libpython ran have no variables here",
          advice: "run the package in Amphis (without --cpython=) to see them")
      }
      return vm.reraise(e)
    } catch { return error }
  }

  /// Sets CPython's pending exception aside and asks, with its value, whether what raised it is out of the way. If so it is forgotten, else pending again.
  static func forget(_ isSettled: (PyRef?) -> Bool) -> Bool {
    var type: PyRef?
    var value: PyRef?
    var traceback: PyRef?
    py.pointee.PyErr_Fetch(&type, &value, &traceback)
    if !isSettled(value) {
      py.pointee.PyErr_Restore(type, value, traceback)
      return false
    }
    for o in [type, value, traceback] { if let o { release(o) } }
    return true
  }

  /// What C code raises while ours handles an exception has that one as its context, behind those that it has already.
  private static func setContext(_ vm: VM, _ e: Value) {
    var last = e
    for _ in 0..<1000 {
      let context = last.as(ExceptionLayout.self).pointee.context
      if context.isNull { return Exceptions.setContext(vm, last) }
      if context == vm.handledException() { return }
      last = context
    }
  }

  /// CPython's exception object as ours.
  static func convert(_ vm: VM, _ o: PyRef, depth: Int = 0) throws(Raised) -> Value {
    if let known = Registry.ours(o) { return known }
    let type = try ForeignTypes.type(vm, amphis_type(o))
    let e = try instantiate(vm, o, type)
    Registry.pair(e, retain(o), .foreign)
    try copyAttributes(vm, from: o, to: e)
    if depth < 50 {
      if let cause = py.pointee.PyException_GetCause(o) {
        defer { release(cause) }
        let v = try convert(vm, cause, depth: depth + 1)
        try bringTraceback(vm, cause, v)
        e.as(ExceptionLayout.self).pointee.cause = v
        e.as(ExceptionLayout.self).pointee.suppressContext = true
      }
      if let context = py.pointee.PyException_GetContext(o) {
        defer { release(context) }
        let v = try convert(vm, context, depth: depth + 1)
        try bringTraceback(vm, context, v)
        e.as(ExceptionLayout.self).pointee.context = v
      }
    }
    return e
  }

  private static func bringTraceback(_ vm: VM, _ o: PyRef, _ e: Value) throws(Raised) {
    guard let traceback = py.pointee.PyException_GetTraceback(o) else { return }
    defer { release(traceback) }
    _ = try CrossTracebacks.bring(vm, traceback, to: e)
  }

  /// C codecs use one UnicodeError for all the errors of a call: ours follows.
  static func refresh(_ vm: VM, _ o: PyRef, _ e: Value) throws(Raised) {
    try bringTraceback(vm, o, e)
    guard e.isInstance(of: rt.pointee.types[.unicodeError]) else { return }
    for name in ["start", "end", "reason"] {
      let v = try attribute(vm, o, name)
      if !v.isNull { try vm.setAttribute(e, try vm.intern(try vm.str(name)), v) }
    }
  }

  private static func attribute(_ vm: VM, _ o: PyRef, _ name: String) throws(Raised) -> Value {
    guard let a = py.pointee.PyObject_GetAttrString(o, name) else {
      py.pointee.PyErr_Clear()
      return .null
    }
    defer { release(a) }
    return try FromPython.convert(vm, a)
  }

  /// `type.__new__(type, *args)`, and `__init__` where it is a builtin's: one written in Python might want other arguments.
  private static func instantiate(_ vm: VM, _ o: PyRef, _ type: TypeRef) throws(Raised) -> Value {
    var args = try attribute(vm, o, "args")
    if !args.isTuple { args = try vm.tuple(count: 0) }
    if type.isSubtype(of: rt.pointee.types[.osError]), args.as(TupleLayout.self).pointee.count == 2 {
      let filename = try attribute(vm, o, "filename")
      if !filename.isNull && !filename.isNone {
        let items = args.as(TupleLayout.self).items
        args = try vm.tuple(items[0], items[1], filename)
      }
    }
    let t = args.as(TupleLayout.self)
    let list = Args(t.items, count: t.pointee.count)
    // A class of ours that C code has called: its own __init__ runs, unless the exception was made with other arguments.
    if type.pointee.flags.contains(.heapType), BridgeAccess.lookup(type, try vm.intern("__init__")).0.isExact(rt.pointee.types.function) {
      do throws(Raised) {
        let e = try vm.call(Value(type), list)
        if e.isExceptionInstance { return e }
      } catch {
        if !vm.pendingIs(.typeError) { throw error }
        vm.clearPending()
      }
    }
    guard let new = type.pointee.slots.new else { throw vm.raise(.systemError, "exception class without a constructor") }
    let e = try new(vm, Value(type), list)
    guard e.isExceptionInstance else { throw vm.raise(.systemError, "exception class made no exception") }
    var builtin: TypeRef? = type
    while let b = builtin, b.pointee.flags.contains(.heapType) { builtin = b.pointee.base }
    if let initialize = builtin?.pointee.slots.initialize { try initialize(vm, e, list) }
    return e
  }

  private static func copyAttributes(_ vm: VM, from o: PyRef, to e: Value) throws(Raised) {
    if e.isInstance(of: rt.pointee.types[.syntaxError]) {
      // Set by C code after the exception was made: where lxml's parser stopped.
      for name in ["filename", "lineno", "offset", "text"] {
        let v = try attribute(vm, o, name)
        if !v.isNull, !v.isNone { try vm.setAttribute(e, try vm.intern(try vm.str(name)), v) }
      }
    }
    guard let dict = py.pointee.PyObject_GetAttrString(o, "__dict__") else {
      py.pointee.PyErr_Clear()
      return
    }
    defer { release(dict) }
    guard amphis_type(dict) == Names.dict else { return }
    var position = 0
    var key: PyRef?
    var value: PyRef?
    while py.pointee.PyDict_Next(dict, &position, &key, &value) != 0 {
      guard let key, let value, amphis_type(key) == Names.unicode else { continue }
      try vm.setAttribute(e, try vm.intern(try FromPython.str(vm, key)), try FromPython.convert(vm, value))
    }
  }

  /// Our exception object as CPython's, a new reference.
  static func toPython(_ vm: VM, _ e: Value) throws(Raised) -> PyRef {
    if let known = Registry.theirs(e) { return retain(known) }
    let type = try Twins.type(vm, e.type)
    let args = try ToPython.convert(vm, e.as(ExceptionLayout.self).pointee.args)
    defer { release(args) }
    guard let new = type.pointee.tp_new else { throw vm.raise(.systemError, "exception class without a constructor") }
    let o = try ToPython.check(vm, new(type, args, nil))
    if amphis_type_is_heap(type) == 0, let initialize = type.pointee.tp_init, initialize(o, args, nil) != 0 {
      release(o)
      throw fetch(vm)
    }
    Registry.pair(e, o, .foreign)
    // The pair owns one reference, the caller gets another.
    amphis_incref(o)
    let dict = try vm.getAttributeOrNull(e, "__dict__")
    if dict.isDict {
      var position = 0
      while let entry = Dicts.next(dict, &position) {
        guard entry.key.isStr else { continue }
        let key = try ToPython.str(vm, entry.key)
        defer { release(key) }
        let value = try ToPython.convert(vm, entry.value)
        defer { release(value) }
        if py.pointee.PyObject_SetAttr(o, key, value) != 0 { py.pointee.PyErr_Clear() }
      }
    }
    let cause = e.as(ExceptionLayout.self).pointee.cause
    if cause.isExceptionInstance { py.pointee.PyException_SetCause(o, try toPython(vm, cause)) }
    let context = e.as(ExceptionLayout.self).pointee.context
    if context.isExceptionInstance && context != e && !vm.nativeStackIsLow {
      py.pointee.PyException_SetContext(o, try toPython(vm, context))
    }
    CrossTracebacks.send(vm, e, to: o)
    return o
  }

  /// Takes our pending exception and makes it pending in CPython.
  static func give(_ vm: VM) {
    let e = vm.takePending()
    if e.isNull {
      setPlain("SystemError", "error return without exception set")
      return
    }
    do throws(Raised) {
      let o = try toPython(vm, e)
      CrossTracebacks.send(vm, e, to: o)
      py.pointee.PyErr_SetObject(UnsafeMutableRawPointer(amphis_type(o)).assumingMemoryBound(to: PyObject.self), o)
      release(o)
    } catch {
      vm.clearPending()
      setPlain("RuntimeError", "an exception of class \(e.typeName) could not cross to CPython")
    }
  }

  static func setPlain(_ name: String, _ message: String) {
    if let type = Library.exception(name) { py.pointee.PyErr_SetString(type, message) }
  }
}
