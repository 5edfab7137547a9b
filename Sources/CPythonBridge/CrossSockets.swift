import CPython
import CRuntimeSupport
import Glibc
import PyRuntime

/// What a socket receives goes into the memory of the bytes that it becomes: `recv(n)` of much is made by `recv_into`, for as much as has
/// come, in bytes of ours. By way of CPython's own it would be copied once more, a quarter of a megabyte at a time for asyncio's transports.
enum CrossSockets {
  /// The C functions of `_socket.socket`'s methods; nil until that module is loaded
  nonisolated(unsafe) private(set) static var receive: UnsafeMutableRawPointer?
  nonisolated(unsafe) private static var receiveInto: UnsafeMutableRawPointer?
  nonisolated(unsafe) private static var fileno: UnsafeMutableRawPointer?
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
    py.pointee.PyErr_Clear()
  }

  /// What `recv(wanted)` of that socket answers. `.some(nil)`: an exception is pending; nil: nothing has been received, and CPython's own function
  /// does it.
  static func take(_ parked: UnsafeMutablePointer<UnsafeRawPointer?>, _ socket: PyRef, _ wanted: PyRef) -> PyRef?? {
    guard amphis_type(wanted) == Names.long, amphis_int_is_short(wanted) != 0, case let most = amphis_short_int(wanted), most >= least,
      let function = receiveInto, let number = fileno, let bytes = window
    else { return .none }
    guard let word = unsafeBitCast(number, to: Parked.Two.self)(socket, nil)?.assumingMemoryBound(to: PyObject.self) else {
      py.pointee.PyErr_Clear()
      return .none
    }
    let descriptor = amphis_short_int(word)
    release(word)
    var waiting: Int32 = 0
    guard descriptor >= 0, ioctl(Int32(truncatingIfNeeded: descriptor), UInt(FIONREAD), &waiting) == 0, Int(waiting) >= least,
      let state = Parked.runtime.pointee.currentThread
    else { return .none }
    let vm = VM(state)
    let count = min(Int(most), Int(waiting))
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
