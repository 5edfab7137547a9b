import CPython
import Glibc
import PyRuntime

/// A cursor of sqlite3's that has not come to its end locks its tables until it is let go: with us when the next collection has found it dead.
enum DeadCursors {
  /// SQLITE_LOCKED
  private static let locked = 6

  /// sqlite3 has refused a statement because of a lock. Where cursors that nobody has any more are let go, the exception is forgotten, and the
  /// answer is that it may be tried again: such a statement has done nothing.
  static func mayTryAgain(_ vm: VM, _ definition: UnsafePointer<PyMethodDef>) -> Bool {
    isRefusal(definition) && Errors.forget { value in value.map { code(vm, $0) == locked } ?? false && Buffers.letGo(vm) }
  }

  /// Whether the pending exception may be such a refusal.
  static func isRefusal(_ definition: UnsafePointer<PyMethodDef>) -> Bool {
    guard let error = py.pointee.PyErr_Occurred(), amphis_is_type(error) != 0,
      let kind = UnsafeMutableRawPointer(error).assumingMemoryBound(to: PyTypeObject.self).pointee.tp_name
    else { return false }
    return (strcmp(kind, "OperationalError") == 0 || strcmp(kind, "sqlite3.OperationalError") == 0)
      && strcmp(definition.pointee.ml_name, "execute") == 0
  }

  private static func code(_ vm: VM, _ error: PyRef) -> Int {
    do throws(Raised) {
      let name = try ToPython.str(vm, try vm.intern("sqlite_errorcode"))
      defer { release(name) }
      guard let number = py.pointee.PyObject_GetAttr(error, name) else {
        py.pointee.PyErr_Clear()
        return -1
      }
      defer { release(number) }
      return amphis_type(number) == Names.long && amphis_int_is_short(number) != 0 ? amphis_short_int(number) : -1
    } catch {
      vm.clearPending()
      return -1
    }
  }
}
