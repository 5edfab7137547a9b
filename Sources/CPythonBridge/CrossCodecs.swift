import CPython
import PyRuntime

/// Handlers for encoding errors are one table for both sides: what our program registers, C codecs (`_multibytecodec`) find too.
enum CrossCodecs {
  /// What was registered before libpython was loaded.
  static func install(_ vm: VM) throws(Raised) {
    let table = BridgeAccess.errorHandlers
    if table.isNull { return }
    var position = 0
    while let entry = Dicts.next(table, &position) {
      // CPython has the standard ones itself.
      if entry.key.isStr, !entry.value.isExact(rt.pointee.types.builtinFunction) { try register(vm, entry.key, entry.value) }
    }
  }

  static func register(_ vm: VM, _ name: Value, _ handler: Value) throws(Raised) {
    let o = try ToPython.convert(vm, handler)
    defer { release(o) }
    if py.pointee.PyCodec_RegisterError(name.swiftString, o) != 0 { throw Errors.fetch(vm) }
  }
}
