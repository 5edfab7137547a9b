import CPython
import CRuntimeSupport
import PyRuntime

/// Calls of C functions whose arguments need no more than a copy, a loan or a reference: numbers, constants, strs, bytes, plain containers and
/// objects of CPython's own. The C function is called as CPython's `vectorcall` would call it; for keywords and what gets a new twin,
/// `Calls` is there. Nothing has happened when a call turns out to be none of these.
///
/// Arguments are *borrowed* where something else holds them for the time of the call: our foreign objects and the strs that have a
/// counterpart own what they stand for, and the registers of the caller hold them. What is made for the call is *owned*, a bit for each.
enum DirectCalls {
  private static let varargs: Int32 = 1, keywords: Int32 = 2, noArguments: Int32 = 4, one: Int32 = 8, fast: Int32 = 0x80,
    definer: Int32 = 0x200
  private static let most = 12

  /// The code of `builtin_function_or_method` objects that are CPython's: the receiver is the function itself.
  static let code = ManyCode(call)
  /// The same for a function of exactly one argument.
  static let codeOfOne = ManyCode { (vm, f, args) throws(Raised) in try callOne(vm, f, args) }
  static func code(of function: PyRef) -> ManyCode {
    guard amphis_type(function) == Names.function, amphis_definition_kind(amphis_function_definition(function)) == one else { return code }
    codeOfFloats = codeOfOne.code
    return codeOfOne
  }
  /// The latter once there is such a function: no lazy constant.
  nonisolated(unsafe) fileprivate static var codeOfFloats = UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped

  private static func call(_ vm: VM, _ f: Value, _ args: Args) throws(Raised) -> Value {
    try call(vm, f, args, takeDiscards(vm))
  }
  private static func call(_ vm: VM, _ f: Value, _ args: Args, _ discards: Bool) throws(Raised) -> Value {
    if let word = f.as(NativeFunctionLayout.self).pointee.parameters {
      let o = word.assumingMemoryBound(to: PyObject.self)
      var result = Value.null
      if amphis_type(o) == Names.function {
        try run(vm, amphis_function_definition(o), amphis_function_self(o), nil, args, 0, discards, &result)
        if !result.isNull { return result }
      }
      return try Calls.call(vm, o, args, discards: discards)
    }
    return try ForeignFunctions.call(vm, f, args)
  }

  /// Whether nothing reads the result of the call that is beginning. Asked once, before anything else.
  @inline(__always)
  static func takeDiscards(_ vm: VM) -> Bool {
    let discards = vm.thread.pointee.discardsResult
    if discards { vm.thread.pointee.discardsResult = false }
    return discards
  }

  /// One float in, one float out is all that most such functions do: anything else goes the longer way.
  @inline(__always)
  private static func callOne(_ vm: VM, _ f: Value, _ args: Args) throws(Raised) -> Value {
    guard args.count == 1, args.keywords.isNull else { return try callOther(vm, f, args) }
    let discards = takeDiscards(vm)
    let result = float(vm, f.as(NativeFunctionLayout.self), args.base, discards)
    if result > 1 { return Value(bits: result) }
    if result == 1 { throw vm.reraise(vm.takePending()) }
    return try callOther(vm, f, args, discards)
  }

  /// A function of one argument, which is at `items`. 0: it is no float, or there is something in the way, and nothing has happened; 1: the
  /// function has raised; else the result's bits.
  @inline(__always)
  fileprivate static func float(
    _ vm: VM, _ f: UnsafeMutablePointer<NativeFunctionLayout>, _ items: UnsafePointer<Value>, _ discards: Bool
  ) -> UInt64 {
    let state = vm.thread
    guard Crossing.flags & Crossing.before == 0, items[0].isDouble, let argument = spare, let word = f.pointee.parameters,
      let known = state.pointee.foreign
    else { return 0 }
    let o = word.assumingMemoryBound(to: PyObject.self), thread = known.assumingMemoryBound(to: BridgeThread.self)
    guard thread.pointee.argumentsTaken < BridgeThread.argumentRoom else { return 0 }
    spare = nil
    amphis_set_float(argument, items[0].double)
    thread.pointee.depth &+= 1
    let raw = amphis_parked_2(
      Parked.slot(state), unsafeBitCast(amphis_definition_code(amphis_function_definition(o)), to: Parked.Two.self),
      amphis_function_self(o),
      argument)
    Parked.resume(state)
    thread.pointee.depth &-= 1
    BridgeCounters.calls &+= 1
    guard let result = raw?.assumingMemoryBound(to: PyObject.self), amphis_type(result) == Names.float,
      Crossing.flags & Crossing.after == 0, thread.pointee.loans == 0, case let number = amphis_float(result), number == number
    else { return finishOne(vm, thread, raw, argument, items, discards) }
    give(argument)
    release(result)
    return Value(number).bits
  }
  @inline(never)
  private static func callOther(_ vm: VM, _ f: Value, _ args: Args) throws(Raised) -> Value { try call(vm, f, args) }
  @inline(never)
  private static func callOther(_ vm: VM, _ f: Value, _ args: Args, _ discards: Bool) throws(Raised) -> Value {
    try call(vm, f, args, discards)
  }
  /// The same where the result is no float, an exception is pending or something waits for the end of the call.
  @inline(never)
  private static func finishOne(
    _ vm: VM, _ thread: UnsafeMutablePointer<BridgeThread>, _ raw: UnsafeMutableRawPointer?, _ argument: PyRef,
    _ items: UnsafePointer<Value>,
    _ discards: Bool
  ) -> UInt64 {
    let taken = thread.pointee.argumentsTaken
    thread.pointee.arguments[taken] = argument
    thread.pointee.values[taken] = items[0]
    thread.pointee.argumentsTaken = taken &+ 1
    do throws(Raised) {
      return try conclude(
        vm, thread, raw?.assumingMemoryBound(to: PyObject.self), items, thread.pointee.arguments + taken, 1, 1, discards,
        thread.pointee.mark
      ).bits
    } catch { return 1 }
  }

  /// A method descriptor of CPython's, called with an object of its type, or of a class of ours that derives from it, as the first argument: as
  /// the method itself is called there.
  @inline(__always)
  static func method(_ vm: VM, _ descriptor: PyRef, _ args: Args, _ discards: Bool) throws(Raised) -> Value {
    guard amphis_type(descriptor) == Names.methodDescriptor, args.count > 0, let receiver = object(args.base[0]),
      let definition = amphis_descriptor_method(descriptor, receiver)
    else { return .null }
    let thread = BridgeThread.of(vm)
    let mark = thread.pointee.lentCount
    Light.lend(thread, args.base[0])
    defer { Light.end(thread, mark) }
    var result = Value.null
    try run(vm, definition, receiver, amphis_descriptor_type(descriptor), args, 1, discards, &result)
    return result
  }

  /// The object of CPython's that a foreign object stands for; borrowed.
  @inline(__always)
  private static func object(_ v: Value) -> PyRef? {
    guard v.isCell, Flags.isForeign(v) else { return nil }
    return v.as(ForeignLayout.self).pointee.object
  }

  /// Calls the function of `definition` with the arguments from `first` on. `answer` stays null when it is no call for here.
  /// - Parameter owner: the class that has the method, where that is known
  @inline(__always)
  private static func run(
    _ vm: VM, _ definition: UnsafePointer<PyMethodDef>, _ receiver: PyRef?, _ owner: PyTypeRef?, _ args: Args, _ first: Int,
    _ discards: Bool,
    _ answer: inout Value
  ) throws(Raised) {
    let count = args.count &- first
    let kind = amphis_definition_kind(definition)
    switch kind {
    case noArguments: if count != 0 { return }
    case one: if count != 1 { return }
    case fast, fast | keywords, varargs, varargs | keywords: if count > most { return }
    case fast | keywords | definer: if count > most || owner == nil { return }
    default: return
    }
    let thread = BridgeThread.of(vm)
    guard args.keywords.isNull, Crossing.flags & Crossing.busy == 0 || !Lossy.isOn && thread.pointee.depth > 0 else { return }
    let code = amphis_definition_code(definition)
    let taken = thread.pointee.argumentsTaken
    guard taken &+ count < BridgeThread.argumentRoom else { return }
    let lent = thread.pointee.lentCount
    let buffer = thread.pointee.arguments + taken
    let items = args.base + first
    // Before arguments cross, which may lend containers and run code. What has crossed counts as taken.
    let outer = thread.pointee.mark
    thread.pointee.mark = thread.pointee.loans
    var owned: UInt32 = 0
    var i = 0
    while i < count {
      guard let o = cross(vm, thread, items[i], &owned, i) else { break }
      buffer[i] = o
      thread.pointee.values[taken &+ i] = items[i]
      i &+= 1
      thread.pointee.argumentsTaken = taken &+ i
    }
    if i < count {
      let mark = thread.pointee.mark
      drop(buffer, owned)
      thread.pointee.argumentsTaken = taken
      thread.pointee.mark = outer
      Light.end(thread, lent)
      if thread.pointee.loans > mark { try Containers.settle(vm, mark) }
      return
    }
    defer { Light.end(thread, lent) }
    Registry.drain()
    BridgeCounters.calls &+= 1
    var raw = perform(vm, thread, definition, kind, receiver, owner, buffer, count)
    if raw == nil { raw = performAgain(vm, thread, definition, kind, receiver, owner, buffer, count) }
    answer = try conclude(vm, thread, raw?.assumingMemoryBound(to: PyObject.self), items, buffer, count, owned, discards, outer)
  }

  /// The call has failed: once more, if that was because of views or cursors that nobody has. The caller's frame lies where that of the call before lay, and
  /// what it leaves unwritten may name them still; its arguments are in registers of the evaluator's, and what has crossed is counted.
  @inline(never)
  private static func performAgain(
    _ vm: VM, _ thread: UnsafeMutablePointer<BridgeThread>, _ definition: UnsafePointer<PyMethodDef>, _ kind: Int32,
    _ receiver: PyRef?, _ owner: PyTypeRef?, _ buffer: UnsafeMutablePointer<PyRef?>, _ count: Int
  ) -> UnsafeMutableRawPointer? {
    guard Buffers.isRefusal || DeadCursors.isRefusal(definition) else { return nil }
    var low: UnsafeRawPointer?, high: UnsafeRawPointer?
    let isKnown = amphis_locals_of_caller(&low, &high) != 0
    if !vm.nativeStackIsLow { amphis_clear_stack() }
    // What the collection finds dead may have been all that held the receiver.
    if let receiver { _ = retain(receiver) }
    defer { if let receiver { release(receiver) } }
    func mayTryAgain() -> Bool { Buffers.mayTryAgain(vm) || DeadCursors.mayTryAgain(vm, definition) }
    let again = if isKnown, let low, let high { BridgeAccess.passing(vm, low, high, mayTryAgain) } else { mayTryAgain() }
    return again
      ? perform(vm, thread, definition, kind, receiver, owner, buffer, count) : nil
  }

  @inline(__always)
  private static func perform(
    _ vm: VM, _ thread: UnsafeMutablePointer<BridgeThread>, _ definition: UnsafePointer<PyMethodDef>, _ kind: Int32,
    _ receiver: PyRef?, _ owner: PyTypeRef?, _ buffer: UnsafeMutablePointer<PyRef?>, _ count: Int
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
    case fast | keywords | definer:
      raw = amphis_parked_5(parked, unsafeBitCast(code, to: Parked.Defined.self), receiver, owner, buffer, count, nil)
    default:
      raw = performWithTuple(parked, code, kind, receiver, buffer, count)
    }
    Parked.resume(state)
    thread.pointee.depth &-= 1
    return raw
  }

  /// A function that wants its arguments as a tuple. Nil: an exception is pending, the function's own or that there is no memory.
  @inline(never)
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

  /// What follows a call: the arguments go, and the result, if anybody wants it, becomes ours. `outer`: the mark of the call around this one.
  @inline(__always)
  private static func conclude(
    _ vm: VM, _ thread: UnsafeMutablePointer<BridgeThread>, _ raw: PyRef?, _ items: UnsafePointer<Value>,
    _ buffer: UnsafeMutablePointer<PyRef?>, _ count: Int, _ owned: UInt32, _ discards: Bool, _ outer: Int
  ) throws(Raised) -> Value {
    let mark = thread.pointee.mark
    thread.pointee.mark = outer
    if Crossing.flags & Crossing.after != 0 { AsyncExceptions.collect(vm) }
    guard let result = raw else {
      // Fetched before the arguments go: an object's end may run code.
      let error = Errors.fetch(vm)
      let pending = vm.takePending()
      end(thread, items, buffer, count, owned)
      if thread.pointee.loans > mark { try Containers.settle(vm, mark) }
      vm.thread.pointee.pending = pending
      throw error
    }
    let v: Value
    if discards {
      end(thread, items, buffer, count, owned)
      release(result)
      v = .none
    } else if amphis_type(result) == Names.float {
      v = Value(amphis_float(result))
      end(thread, items, buffer, count, owned)
      give(result)
    } else {
      v = try other(vm, thread, result, items, buffer, count, owned)
    }
    if thread.pointee.loans > mark { try Containers.settle(vm, mark) }
    if Crossing.flags & Crossing.after != 0 { StorageReturn.afterCall(vm) }
    return v
  }

  @inline(__always)
  private static func other(
    _ vm: VM, _ thread: UnsafeMutablePointer<BridgeThread>, _ result: PyRef, _ items: UnsafePointer<Value>,
    _ buffer: UnsafeMutablePointer<PyRef?>, _ count: Int, _ owned: UInt32
  ) throws(Raised) -> Value {
    if result != Library.none {
      var i = 0
      while i < count {
        // What C code hands back as it was is the object that was passed.
        if buffer[i] == result {
          let v = items[i]
          release(result)
          end(thread, items, buffer, count, owned)
          return v
        }
        i &+= 1
      }
    }
    // Before the arguments go: what C code hands back within something else is what was passed, too.
    do throws(Raised) {
      let v = try FromPython.take(vm, result)
      end(thread, items, buffer, count, owned)
      return v
    } catch {
      let pending = vm.takePending()
      end(thread, items, buffer, count, owned)
      throw vm.reraise(pending)
    }
  }

  /// Drops the references that the call owned; what C code has kept of values is paired with ours.
  @inline(__always)
  private static func end(
    _ thread: UnsafeMutablePointer<BridgeThread>, _ items: UnsafePointer<Value>, _ buffer: UnsafeMutablePointer<PyRef?>, _ count: Int,
    _ owned: UInt32
  ) {
    var rest = owned
    while rest != 0 {
      let i = rest.trailingZeroBitCount
      rest &= rest &- 1
      guard let o = buffer[i] else { continue }
      if items[i].isDouble {
        give(o)
      } else {
        if items[i].isCell, amphis_refcount(o) > 1 { kept(items[i], o) }
        release(o)
      }
    }
    thread.pointee.argumentsTaken &-= count
  }
  @inline(never)
  private static func kept(_ v: Value, _ o: PyRef) { KeptValues.notice(v, o) }

  /// Drops what has been made for a call that is not made here after all.
  @inline(never)
  private static func drop(_ buffer: UnsafeMutablePointer<PyRef?>, _ owned: UInt32) {
    var rest = owned
    while rest != 0 {
      if let o = buffer[rest.trailingZeroBitCount] { release(o) }
      rest &= rest &- 1
    }
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

  /// What a value is over there, if it crosses without more ado: borrowed, or a new reference with the bit of its place set in `owned`.
  @inline(__always)
  private static func cross(
    _ vm: VM, _ thread: UnsafeMutablePointer<BridgeThread>, _ v: Value, _ owned: inout UInt32, _ place: Int
  ) -> PyRef? {
    if v.isDouble, let o = spare {
      spare = nil
      amphis_set_float(o, v.double)
      owned |= 1 &<< UInt32(truncatingIfNeeded: place)
      return o
    }
    if v.isCell {
      if v.as(CellHeader.self).pointee.type == Names.str {
        if let o = TwinStrs.known(v) { return o }
      } else if Flags.isForeign(v) {
        guard let o = v.as(ForeignLayout.self).pointee.object else { return nil }
        Light.lend(thread, v)
        return o
      }
    }
    guard let o = made(vm, v) else { return nil }
    owned |= 1 &<< UInt32(truncatingIfNeeded: place)
    return o
  }
  /// A new reference. Nil also where the longer way will find out what is wrong.
  @inline(never)
  private static func made(_ vm: VM, _ v: Value) -> PyRef? {
    if v.isCell {
      let type = v.as(CellHeader.self).pointee.type
      guard
        type == Names.str || type == Names.bytesOurs || type == Names.intOurs || type == Names.tupleOurs || type == Names.listOurs
          || type == Names.dictOurs || Registry.theirs(v) != nil
      else { return nil }
    }
    do throws(Raised) { return try ToPython.convert(vm, v) } catch {
      vm.clearPending()
      return nil
    }
  }
}

/// For the evaluator and machine code: `RuntimeHooks.callForeignOne`.
@c func amphis_call_foreign_one(_ thread: UnsafeMutableRawPointer, _ slot: UnsafeMutableRawPointer, _ discards: Int) -> UInt64 {
  let slot = slot.assumingMemoryBound(to: Value.self), state = thread.assumingMemoryBound(to: ThreadState.self)
  let f = slot[0].as(NativeFunctionLayout.self)
  // As `VM.nativeStackIsLow`, which would be a call from here, as its initialiser would.
  guard f.pointee.code == DirectCalls.codeOfFloats, !state.pointee.isTraced,
    amphis_stack_pointer() >= state.pointee.nativeStackSafe
  else { return 0 }
  return DirectCalls.float(unsafeBitCast(state, to: VM.self), f, slot + 1, discards != 0)
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
  typealias Defined =
    @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?) ->
    UnsafeMutableRawPointer?
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
