import CPython
import CRuntimeSupport
import Glibc
import PyRuntime

/// What sockets do that need not wait is done without giving up the interpreter lock: among threads that all want it, getting it back takes
/// several switches, ten times as long as sending a page. Where it would have to wait, nothing has happened, and CPython's own function does it.
///
/// What a socket receives goes into the memory of the bytes that it becomes: `recv(n)` of much is made by `recv_into`, for as much as has
/// come, in bytes of ours. By way of CPython's own it would be copied once more, a quarter of a megabyte at a time for asyncio's transports.
enum CrossSockets {
  /// The C functions of `_socket.socket`'s methods; nil until that module is loaded
  nonisolated(unsafe) private(set) static var receive: UnsafeMutableRawPointer?
  nonisolated(unsafe) private static var receiveInto: UnsafeMutableRawPointer?
  nonisolated(unsafe) private static var fileno: UnsafeMutableRawPointer?
  nonisolated(unsafe) private static var send: UnsafeMutableRawPointer?
  nonisolated(unsafe) private static var sendAll: UnsafeMutableRawPointer?
  nonisolated(unsafe) private static var shutdown: UnsafeMutableRawPointer?
  nonisolated(unsafe) private static var detach: UnsafeMutableRawPointer?
  nonisolated(unsafe) private static var close: UnsafeMutableRawPointer?
  /// What is received goes here first; in use while the lock is held only.
  nonisolated(unsafe) private static var scratch: UnsafeMutableRawPointer?
  /// A bytearray without memory of its own; nil while it is in use.
  nonisolated(unsafe) private static var window: PyRef?
  /// Bytes from this size on are one object on both sides.
  private static let least = 1 << 16

  static func noteImport(_ vm: VM, _ name: String, _ module: PyRef) {
    guard name == "_socket", receive == nil, let type = py.pointee.PyObject_GetAttrString(module, "socket") else { return }
    defer { release(type) }
    func function(_ name: String, _ kind: Int32) -> UnsafeMutableRawPointer? {
      guard let d = py.pointee.PyObject_GetAttrString(type, name) else { return nil }
      // The type keeps it.
      defer { release(d) }
      guard amphis_type(d) == Names.methodDescriptor else { return nil }
      let definition = amphis_descriptor_definition(d)
      return amphis_definition_kind(definition) == kind ? amphis_definition_code(definition) : nil
    }
    receiveInto = function("recv_into", 3)
    fileno = function("fileno", 4)
    window = py.pointee.PyByteArray_FromStringAndSize(nil, 0)
    if receiveInto != nil, fileno != nil, window != nil { receive = function("recv", 1) }
    if fileno != nil { (send, sendAll, shutdown) = (function("send", 1), function("sendall", 1), function("shutdown", 8)) }
    detach = function("detach", 4)
    if detach != nil { close = function("close", 4) }
    let all = [receive, receiveInto, send, sendAll, shutdown, close].compactMap { $0.map { UInt(bitPattern: $0) } }
    if let low = all.min(), let high = all.max() { (first, span) = (low, high - low) }
    py.pointee.PyErr_Clear()
  }

  /// The function is one of those that `atOnce` knows, with that many arguments. Asked at each call of C code: few lie near.
  @inline(__always)
  static func isKnown(_ code: UnsafeMutableRawPointer, _ count: Int) -> Bool {
    UInt(bitPattern: code) &- first <= span && isOne(code, count)
  }
  @inline(never)
  private static func isOne(_ code: UnsafeMutableRawPointer, _ count: Int) -> Bool {
    count == 1 ? code == receive || code == receiveInto || code == send || code == sendAll || code == shutdown : code == close && count == 0
  }
  /// The address of the first of them, and how far away the last one is
  nonisolated(unsafe) private static var first: UInt = .max
  nonisolated(unsafe) private static var span: UInt = 0

  /// What a method of a socket answers if it need not wait; null otherwise.
  /// - Parameter argument: its only one; null for `close`
  static func atOnce(_ vm: VM, _ code: UnsafeMutableRawPointer, _ socket: PyRef, _ argument: Value) throws(Raised) -> Value {
    guard let fileno, let descriptor = number(fileno, socket) else { return .null }
    if code == close { return try closeAtOnce(vm, socket, descriptor) }
    if code == shutdown {
      guard argument.isSmallInt, let how = Int32(exactly: argument.smallInt) else { return .null }
      if Glibc.shutdown(descriptor, how) != 0 { throw vm.raiseOSError(errno) }
      return .none
    }
    if code == receive {
      guard argument.isSmallInt, argument.smallInt > 0 else { return .null }
      if argument.smallInt >= least, case let waiting = waiting(descriptor), waiting >= least {
        // More goes into its memory while others run (`take`).
        return argument.smallInt <= most ? try received(vm, descriptor, min(argument.smallInt, waiting)) : .null
      }
      if scratch == nil { scratch = malloc(least) }
      guard let memory = scratch else { return .null }
      let n = recv(descriptor, memory, min(argument.smallInt, least), Int32(MSG_DONTWAIT))
      if n < 0 { return try failed(vm) }
      return try vm.bytes(UnsafeRawBufferPointer(start: memory, count: n))
    }
    let type = argument.isCell ? argument.type : nil
    guard type == rt.types.bytes || type == rt.types.bytearray || type == rt.types.memoryview else { return .null }
    var view: BufferView
    do throws(Raised) { view = try vm.buffer(of: argument, code == receiveInto ? .writable : .simple) } catch {
      vm.clearPending()
      return .null
    }
    defer { vm.release(&view) }
    let count = view.byteCount
    guard count > 0, count <= most, let memory = view.memory else { return .null }
    if code == receiveInto {
      let n = recv(descriptor, memory, count, Int32(MSG_DONTWAIT))
      return n < 0 ? try failed(vm) : Value(smallInt: n)
    }
    let n = Glibc.send(descriptor, memory, count, Int32(MSG_DONTWAIT))
    if n < 0 { return try failed(vm) }
    if n == count { return code == sendAll ? .none : Value(smallInt: n) }
    // A socket that blocks takes everything.
    if code == send, fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0 { return Value(smallInt: n) }
    let rest = try vm.bytes(UnsafeRawBufferPointer(start: memory + n, count: count - n))
    let answer = try call(vm, code, socket, rest)
    return answer.isSmallInt ? Value(smallInt: n + answer.smallInt) : answer
  }
  private static let most = 1 << 18

  // MARK: ours for `_ssl`

  /// A class of CPython's sockets that have room for weak references: `_ssl` has such a reference to its socket. Nil until one is needed.
  nonisolated(unsafe) private static var counterparts: PyRef?

  private static func counterpartClass(_ vm: VM) throws(Raised) -> PyRef {
    if let known = counterparts { return known }
    let module = try ModuleLoader.twin(vm, try vm.intern("_socket"))
    defer { release(module) }
    let base = try ToPython.check(vm, py.pointee.PyObject_GetAttrString(module, "socket"))
    defer { release(base) }
    let arguments = try ToPython.check(vm, py.pointee.PyTuple_New(3))
    defer { release(arguments) }
    amphis_tuple_set(arguments, 0, try ToPython.str(vm, try vm.intern("socket")))
    let bases = try ToPython.check(vm, py.pointee.PyTuple_New(1))
    amphis_tuple_set(bases, 0, retain(base))
    amphis_tuple_set(arguments, 1, bases)
    amphis_tuple_set(arguments, 2, try ToPython.check(vm, py.pointee.PyDict_New()))
    let metatype = UnsafeMutableRawPointer(amphis_type(base)).assumingMemoryBound(to: PyObject.self)
    let made = try ToPython.check(vm, py.pointee.PyObject_Call(metatype, arguments, nil))
    counterparts = made
    return made
  }

  /// `_ssl` gets sockets of CPython's in the place of ours (`SocketTwins`).
  static func serve(_ vm: VM, _ module: Value) throws(Raised) {
    let context = try vm.getAttribute(module, try vm.intern("_SSLContext"))
    let connection = try vm.getAttribute(module, try vm.intern("_SSLSocket"))
    try SocketTwins.install(vm, context: context, socket: connection) { (vm, family, kind, proto) throws(Raised) in
      let cls = try counterpartClass(vm)
      // Made and not initialised, which would open one: its fields are set here.
      let new = try ToPython.check(vm, py.pointee.PyObject_GetAttrString(cls, "__new__"))
      defer { release(new) }
      let arguments = try ToPython.check(vm, py.pointee.PyTuple_New(1))
      defer { release(arguments) }
      amphis_tuple_set(arguments, 0, retain(cls))
      let o = try ToPython.check(vm, py.pointee.PyObject_Call(new, arguments, nil))
      let fields = (UnsafeMutableRawPointer(o) + MemoryLayout<PyObject>.size).assumingMemoryBound(to: SocketTwinFields.self)
      guard fields.pointee.descriptor == -1, fields.pointee.timeout == -1_000_000_000, fields.pointee.onError != nil else {
        release(o)
        throw vm.raise(.systemError, "libpython's sockets are not those of CPython 3.11")
      }
      fields.pointee.family = family
      fields.pointee.kind = kind
      fields.pointee.proto = proto
      return (try FromPython.take(vm, o), fields)
    }
  }

  /// What a socket has received, which is `count` bytes at least: it goes where it stays.
  private static func received(_ vm: VM, _ descriptor: Int32, _ count: Int) throws(Raised) -> Value {
    let bytes = try vm.bytes(count: count)
    let memory = bytes.as(BytesLayout.self).bytes
    let n = recv(descriptor, memory, count, Int32(MSG_DONTWAIT))
    if n == count { return bytes }
    return n < 0 ? try failed(vm) : try vm.bytes(UnsafeRawBufferPointer(start: memory, count: n))
  }

  private static func failed(_ vm: VM) throws(Raised) -> Value {
    if errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR { return .null }
    throw vm.raiseOSError(errno)
  }

  /// Closing waits only where `SO_LINGER` says so.
  private static func closeAtOnce(_ vm: VM, _ socket: PyRef, _ descriptor: Int32) throws(Raised) -> Value {
    var patience = linger()
    var size = socklen_t(MemoryLayout<linger>.size)
    guard descriptor >= 0, getsockopt(descriptor, SOL_SOCKET, SO_LINGER, &patience, &size) == 0, patience.l_onoff == 0,
      let detach, number(detach, socket) == descriptor
    else { return .null }
    // The peer may have closed the connection: no error, as CPython has it.
    if Glibc.close(descriptor) != 0, errno != ECONNRESET, errno != EINTR { throw vm.raiseOSError(errno) }
    return .none
  }

  /// How much has come, −1 if nobody knows
  private static func waiting(_ descriptor: Int32) -> Int {
    var count: Int32 = 0
    return descriptor >= 0 && ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : -1
  }

  /// The number that a function without arguments answers with.
  private static func number(_ function: UnsafeMutableRawPointer, _ socket: PyRef) -> Int32? {
    guard let word = unsafeBitCast(function, to: Parked.Two.self)(socket, nil)?.assumingMemoryBound(to: PyObject.self) else {
      py.pointee.PyErr_Clear()
      return nil
    }
    defer { release(word) }
    return Int32(exactly: amphis_short_int(word))
  }

  /// The method itself, which may wait.
  private static func call(_ vm: VM, _ code: UnsafeMutableRawPointer, _ socket: PyRef, _ argument: Value) throws(Raised) -> Value {
    guard let arguments = py.pointee.PyTuple_New(1) else { throw Errors.fetch(vm) }
    defer { release(arguments) }
    amphis_tuple_set(arguments, 0, try ToPython.convert(vm, argument))
    let state = vm.thread
    let thread = BridgeThread.of(vm)
    thread.pointee.depth &+= 1
    let raw = amphis_parked_2(Parked.slot(state), unsafeBitCast(code, to: Parked.Two.self), socket, arguments)
    Parked.resume(state)
    thread.pointee.depth &-= 1
    guard let answer = raw?.assumingMemoryBound(to: PyObject.self) else { throw Errors.fetch(vm) }
    return try FromPython.take(vm, answer)
  }

  /// What `recv(wanted)` of that socket answers. `.some(nil)`: an exception is pending; nil: nothing has been received, and CPython's own function
  /// does it.
  static func take(_ parked: UnsafeMutablePointer<UnsafeRawPointer?>, _ socket: PyRef, _ wanted: PyRef) -> PyRef?? {
    guard amphis_type(wanted) == Names.long, amphis_int_is_short(wanted) != 0, case let most = amphis_short_int(wanted), most >= least,
      let function = receiveInto, let number = fileno, let bytes = window
    else { return .none }
    guard let descriptor = Self.number(number, socket), case let waiting = waiting(descriptor), waiting >= least,
      let state = Parked.runtime.pointee.currentThread
    else { return .none }
    let vm = VM(state)
    let count = min(Int(most), waiting)
    let ours: Value
    let result: PyRef
    do throws(Raised) {
      ours = try vm.bytes(count: count)
      result = try ToPython.convert(vm, ours)
    } catch {
      vm.clearPending()
      return .none
    }
    guard let arguments = py.pointee.PyTuple_New(1) else {
      release(result)
      return .some(nil)
    }
    // A callback or another thread meanwhile goes CPython's way.
    window = nil
    let memory = ours.as(BytesLayout.self).bytes
    amphis_bytearray_point(bytes, UnsafeMutableRawPointer(memory).assumingMemoryBound(to: CChar.self), count)
    amphis_tuple_set(arguments, 0, retain(bytes))
    let raw = amphis_parked_3(parked, unsafeBitCast(function, to: Parked.Three.self), socket, arguments, nil)
    Parked.resume(state)
    release(arguments)
    amphis_bytearray_point(bytes, nil, 0)
    window = bytes
    guard let answer = raw?.assumingMemoryBound(to: PyObject.self) else {
      release(result)
      return .some(nil)
    }
    let received = Int(amphis_short_int(answer))
    release(answer)
    if received == count { return result }
    let part = py.pointee.PyBytes_FromStringAndSize(UnsafeRawPointer(memory).assumingMemoryBound(to: CChar.self), received)
    release(result)
    return .some(part)
  }
}
