import CPython
import CRuntimeSupport
import PyRuntime

/// Calls of C functions whose arguments need no more than a copy or a reference: numbers, constants, strs, bytes and objects of CPython's
/// own. The C function is called as CPython's `vectorcall` would call it, without what may happen to containers, keywords and twins; for
/// those, `Calls` is there. Nothing has happened when a call turns out to be none of these.
enum DirectCalls {
  private static let varargs: Int32 = 1, keywords: Int32 = 2, noArguments: Int32 = 4, one: Int32 = 8, fast: Int32 = 0x80
  private static let most = 12

  /// The code of `builtin_function_or_method` objects that are CPython's: the receiver is the function itself.
  static let code = ManyCode(call)

  private static func call(_ vm: VM, _ f: Value, _ args: Args) throws(Raised) -> Value {
    if let word = f.as(NativeFunctionLayout.self).pointee.parameters {
      let o = word.assumingMemoryBound(to: PyObject.self)
      var result = Value.null
      if amphis_type(o) == Names.function {
        try run(vm, amphis_function_definition(o), amphis_function_self(o), args, 0, &result)
        if !result.isNull { return result }
      }
      return try Calls.call(vm, o, args)
    }
    return try ForeignFunctions.call(vm, f, args)
  }

  /// A method descriptor of CPython's, called with an object of its type as the first argument: as the method itself is called there.
  @inline(__always)
  static func method(_ vm: VM, _ descriptor: PyRef, _ args: Args) throws(Raised) -> Value {
    guard amphis_type(descriptor) == Names.methodDescriptor, args.count > 0, let receiver = object(args.base[0]),
      let definition = amphis_descriptor_method(descriptor, receiver)
    else { return .null }
    let thread = BridgeThread.of(vm)
    let mark = thread.pointee.lentCount
    Light.lend(thread, args.base[0])
    defer { Light.end(thread, mark) }
    var result = Value.null
    try run(vm, definition, receiver, args, 1, &result)
    return result
  }

  /// The object of CPython's that a foreign object stands for; borrowed.
  @inline(__always)
  private static func object(_ v: Value) -> PyRef? {
    guard v.isCell, v.cellType.pointee.flags.contains(.foreign) else { return nil }
    return v.as(ForeignLayout.self).pointee.object
  }

  /// Calls the function of `definition` with the arguments from `first` on. `answer` stays null when it is no call for here.
  @inline(__always)
  private static func run(
    _ vm: VM, _ definition: UnsafePointer<PyMethodDef>, _ receiver: PyRef?, _ args: Args, _ first: Int, _ answer: inout Value
  ) throws(Raised) {
    let count = args.count &- first
    let kind = amphis_definition_kind(definition)
    switch kind {
    case noArguments: if count != 0 { return }
    case one: if count != 1 { return }
    case fast, fast | keywords, varargs, varargs | keywords: if count > most { return }
    default: return
    }
    let thread = BridgeThread.of(vm)
    let lent = thread.pointee.lentCount
    guard args.keywords.isNull, !Lossy.isOn, !Containers.hasLoans || thread.pointee.depth > 0 else { return }
    if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while calling a Python object") }
    let taken = thread.pointee.argumentsTaken
    guard taken &+ count < BridgeThread.argumentRoom else { return }
    let buffer = thread.pointee.arguments + taken
    let items = args.base + first
    var i = 0
    while i < count {
      guard let o = try cross(vm, thread, items[i]) else { break }
      buffer[i] = o
      i &+= 1
    }
    if i < count {
      while i > 0 {
        i &-= 1
        if let o = buffer[i] { release(o) }
      }
      Light.end(thread, lent)
      return
    }
    thread.pointee.argumentsTaken = taken &+ count
    defer { Light.end(thread, lent) }
    answer = try finish(vm, thread, definition, kind, receiver, items, buffer, count)
  }

  @inline(__always)
  private static func perform(
    _ vm: VM, _ thread: UnsafeMutablePointer<BridgeThread>, _ definition: UnsafePointer<PyMethodDef>, _ kind: Int32,
    _ receiver: PyRef?, _ buffer: UnsafeMutablePointer<PyRef?>, _ count: Int
  ) -> UnsafeMutableRawPointer? {
    thread.pointee.depth &+= 1
    let state = vm.thread
    let parked = Parked.slot(state)
    let code = amphis_definition_code(definition)
    let raw: UnsafeMutableRawPointer?
    switch kind {
    case noArguments:
      raw = amphis_parked_2(parked, unsafeBitCast(code, to: Parked.Two.self), receiver, nil)
    case one:
      raw = amphis_parked_2(parked, unsafeBitCast(code, to: Parked.Two.self), receiver, buffer[0])
    case fast:
      raw = amphis_parked_n(parked, unsafeBitCast(code, to: Parked.Counted.self), receiver, buffer, count)
    case fast | keywords:
      raw = amphis_parked_4(parked, unsafeBitCast(code, to: Parked.Named.self), receiver, buffer, count, nil)
    default:
      raw = performWithTuple(parked, code, kind, receiver, buffer, count)
    }
    Parked.resume(state)
    thread.pointee.depth &-= 1
    return raw
  }

  /// A function that wants its arguments as a tuple. Nil: an exception is pending, the function's own or that there is no memory.
  private static func performWithTuple(
    _ parked: UnsafeMutablePointer<UnsafeRawPointer?>, _ code: UnsafeMutableRawPointer, _ kind: Int32, _ receiver: PyRef?,
    _ buffer: UnsafeMutablePointer<PyRef?>, _ count: Int
  ) -> UnsafeMutableRawPointer? {
    guard let tuple = py.pointee.PyTuple_New(count) else { return nil }
    var i = 0
    while i < count {
      if let o = buffer[i] { amphis_tuple_set(tuple, i, retain(o)) }
      i &+= 1
    }
    let raw: UnsafeMutableRawPointer?
    if kind == varargs {
      raw = amphis_parked_2(parked, unsafeBitCast(code, to: Parked.Two.self), receiver, tuple)
    } else {
      raw = amphis_parked_3(parked, unsafeBitCast(code, to: Parked.Three.self), receiver, tuple, nil)
    }
    release(tuple)
    return raw
  }

  @inline(__always)
  private static func finish(
    _ vm: VM, _ thread: UnsafeMutablePointer<BridgeThread>, _ definition: UnsafePointer<PyMethodDef>, _ kind: Int32,
    _ receiver: PyRef?, _ items: UnsafePointer<Value>, _ buffer: UnsafeMutablePointer<PyRef?>, _ count: Int
  ) throws(Raised) -> Value {
    Registry.drain()
    BridgeCounters.calls &+= 1
    Registry.crossings &+= 1
    let mark = thread.pointee.loans
    let outer = thread.pointee.mark
    thread.pointee.mark = mark
    var raw = perform(vm, thread, definition, kind, receiver, buffer, count)
    if raw == nil, Buffers.mayTryAgain(vm) { raw = perform(vm, thread, definition, kind, receiver, buffer, count) }
    thread.pointee.mark = outer
    AsyncExceptions.collect(vm)
    guard let result = raw?.assumingMemoryBound(to: PyObject.self) else {
      // Fetched before the arguments go: an object's end may run code.
      let error = Errors.fetch(vm)
      let pending = vm.takePending()
      end(thread, items, buffer, count)
      if thread.pointee.loans > mark { try Containers.settle(vm, mark) }
      vm.thread.pointee.pending = pending
      throw error
    }
    let v: Value
    if amphis_type(result) == Names.float {
      v = Value(amphis_float(result))
      end(thread, items, buffer, count)
      give(result)
    } else {
      v = try other(vm, thread, result, items, buffer, count)
    }
    if thread.pointee.loans > mark { try Containers.settle(vm, mark) }
    StorageReturn.afterCall(vm)
    return v
  }

  @inline(never)
  private static func other(
    _ vm: VM, _ thread: UnsafeMutablePointer<BridgeThread>, _ result: PyRef, _ items: UnsafePointer<Value>,
    _ buffer: UnsafeMutablePointer<PyRef?>, _ count: Int
  ) throws(Raised) -> Value {
    if result == Library.none {
      end(thread, items, buffer, count)
      release(result)
      return .none
    }
    var i = 0
    while i < count {
      // What C code hands back as it was is the object that was passed.
      if buffer[i] == result {
        let v = items[i]
        release(result)
        end(thread, items, buffer, count)
        return v
      }
      i &+= 1
    }
    end(thread, items, buffer, count)
    return try FromPython.take(vm, result)
  }

  /// Drops the references to the arguments; what C code has kept of values is paired with ours.
  @inline(__always)
  private static func end(
    _ thread: UnsafeMutablePointer<BridgeThread>, _ items: UnsafePointer<Value>, _ buffer: UnsafeMutablePointer<PyRef?>, _ count: Int
  ) {
    var i = 0
    while i < count {
      if let o = buffer[i] {
        if items[i].isDouble {
          give(o)
        } else {
          if items[i].isCell, amphis_refcount(o) > 1, !isInterned(items[i]) { kept(items[i], o) }
          release(o)
        }
      }
      i &+= 1
    }
    thread.pointee.argumentsTaken &-= count
  }
  @inline(__always)
  private static func isInterned(_ v: Value) -> Bool {
    v.as(CellHeader.self).pointee.type == Names.str && v.as(StrLayout.self).pointee.flags.contains(.interned)
  }
  @inline(never)
  private static func kept(_ v: Value, _ o: PyRef) {
    if !v.cellType.pointee.flags.contains(.foreign) { KeptValues.notice(v, o) }
  }

  // MARK: arguments

  /// A float of CPython's that nobody has: the next number is written into it.
  nonisolated(unsafe) private static var spare: PyRef?

  /// Takes back a float that may be nobody's any more.
  @inline(__always)
  private static func give(_ o: PyRef) {
    if spare == nil, amphis_refcount(o) == 1 {
      spare = o
    } else {
      release(o)
    }
  }

  /// A new reference for a value that crosses without more ado, or nil.
  @inline(__always)
  private static func cross(_ vm: VM, _ thread: UnsafeMutablePointer<BridgeThread>, _ v: Value) throws(Raised) -> PyRef? {
    if v.isDouble {
      if let o = spare {
        spare = nil
        amphis_set_float(o, v.double)
        return o
      }
      return py.pointee.PyFloat_FromDouble(v.double)
    }
    if v.isCell {
      let type = v.as(CellHeader.self).pointee.type
      if type.pointee.flags.contains(.foreign) {
        guard let o = v.as(ForeignLayout.self).pointee.object else { return nil }
        Light.lend(thread, v)
        return retain(o)
      }
      if type == Names.str { return try ToPython.str(vm, v) }
      return type == Names.bytesOurs || type == Names.intOurs || Registry.theirs(v) != nil ? try ToPython.convert(vm, v) : nil
    }
    return try ToPython.convert(vm, v)
  }
}

/// C functions that may give up the interpreter lock, without a closure: this thread's native stack is visible to the collector while they run.
enum Parked {
  typealias One = @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?
  typealias Two = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?
  typealias Three =
    @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?
  typealias Counted = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int) -> UnsafeMutableRawPointer?
  typealias Named =
    @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?
  typealias Indexed = @convention(c) (UnsafeMutableRawPointer?, Int) -> UnsafeMutableRawPointer?
  typealias Compared = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int32) -> UnsafeMutableRawPointer?
  typealias Length = @convention(c) (UnsafeMutableRawPointer?) -> Int

  /// Where the thread's parked stack pointer is kept, and the way back after a call.
  private static let offset = MemoryLayout<ThreadState>.offset(of: \.parkedStackPointer) ?? 0
  nonisolated(unsafe) static var parkedOffset = 0
  nonisolated(unsafe) static var runtime = UnsafeMutablePointer<Runtime>(bitPattern: 64).unsafelyUnwrapped
  static func setUp() {
    parkedOffset = offset
    runtime = rt
  }
  @inline(__always) static func slot(_ thread: UnsafeMutablePointer<ThreadState>) -> UnsafeMutablePointer<UnsafeRawPointer?> {
    (UnsafeMutableRawPointer(thread) + parkedOffset).assumingMemoryBound(to: UnsafeRawPointer?.self)
  }
  @inline(__always) static func resume(_ thread: UnsafeMutablePointer<ThreadState>) { runtime.pointee.currentThread = thread }

  @inline(__always) private static func around<R>(_ vm: VM, _ body: (UnsafeMutablePointer<UnsafeRawPointer?>) -> R) -> R {
    Registry.drain()
    Registry.crossings &+= 1
    let thread = BridgeThread.of(vm)
    thread.pointee.depth &+= 1
    let result = body(slot(vm.thread))
    resume(vm.thread)
    thread.pointee.depth &-= 1
    return result
  }
  @inline(__always) private static func object(_ p: UnsafeMutableRawPointer?) -> PyRef? { p?.assumingMemoryBound(to: PyObject.self) }

  @inline(__always) static func run(_ vm: VM, _ f: unaryfunc, _ a: PyRef) -> PyRef? {
    around(vm) { object(amphis_parked_1($0, unsafeBitCast(f, to: One.self), a)) }
  }
  @inline(__always) static func run(_ vm: VM, _ f: binaryfunc, _ a: PyRef, _ b: PyRef?) -> PyRef? {
    around(vm) { object(amphis_parked_2($0, unsafeBitCast(f, to: Two.self), a, b)) }
  }
  @inline(__always) static func run(_ vm: VM, _ f: ternaryfunc, _ a: PyRef, _ b: PyRef?, _ c: PyRef?) -> PyRef? {
    around(vm) { object(amphis_parked_3($0, unsafeBitCast(f, to: Three.self), a, b, c)) }
  }
  @inline(__always) static func run(_ vm: VM, _ f: ssizeargfunc, _ a: PyRef, _ i: Int) -> PyRef? {
    around(vm) { object(amphis_parked_indexed($0, unsafeBitCast(f, to: Indexed.self), a, i)) }
  }
  @inline(__always) static func run(_ vm: VM, _ f: richcmpfunc, _ a: PyRef, _ b: PyRef, _ operation: Int32) -> PyRef? {
    around(vm) { object(amphis_parked_compare($0, unsafeBitCast(f, to: Compared.self), a, b, operation)) }
  }
  @inline(__always) static func run(_ vm: VM, _ f: lenfunc, _ a: PyRef) -> Int {
    around(vm) { amphis_parked_length($0, unsafeBitCast(f, to: Length.self), a) }
  }
}
