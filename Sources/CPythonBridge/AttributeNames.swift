import CPython
import PyRuntime

/// Interned strs of CPython's by which C code asks for attributes of ours, and the names that they are here: a small table by address. It has a
/// reference to each, so that no other str comes to lie there.
enum AttributeNames {
  private typealias Entry = (theirs: PyRef?, ours: Value)
  private static let count = 64
  nonisolated(unsafe) private static var entries: UnsafeMutablePointer<Entry>?

  @inline(__always) private static func slot(_ o: PyRef) -> Int {
    let address = UInt(bitPattern: o)
    return Int(truncatingIfNeeded: address >> 4 ^ address >> 10) & (count &- 1)
  }

  @inline(__always) static func name(_ vm: VM, _ o: PyRef) throws(Raised) -> Value {
    if let entries, case let e = entries + slot(o), e.pointee.theirs == o { return e.pointee.ours }
    return try enter(vm, o)
  }
  @inline(never)
  private static func enter(_ vm: VM, _ o: PyRef) throws(Raised) -> Value {
    let name = try vm.intern(try FromPython.str(vm, o))
    if amphis_type(o) != Names.unicode || amphis_unicode_is_interned(o) == 0 { return name }
    if entries == nil {
      entries = UnsafeMutablePointer.allocate(capacity: count)
      entries?.initialize(repeating: (nil, .null), count: count)
    }
    guard let e = entries.map({ $0 + slot(o) }) else { return name }
    let old = e.pointee.theirs
    e.pointee = (retain(o), name)
    if let old { release(old) }
    return name
  }

  static func traceRoots(_ tracer: Tracer) {
    guard let entries else { return }
    for i in 0..<count { tracer.visit(entries[i].ours) }
  }
}

/// The twin of a bound method that C code has asked an object for and let go of: it does so each time that it calls the method, as sqlite3 for each row of an aggregate.
/// The twin is kept for the next time, with the only reference to it, until another takes its place or the collector comes.
enum MethodTwin {
  /// Made where C code asked for an attribute; only compared, forgotten when it goes
  nonisolated(unsafe) private static var latest: PyRef?
  nonisolated(unsafe) private static var kept: PyRef?

  /// The one that was kept, if it is `function` bound to `receiver`. A new reference.
  @inline(__always) static func take(_ receiver: Value, _ function: Value) -> PyRef? {
    guard let o = kept else { return nil }
    let method = TwinSlots.value(o).as(BoundMethodLayout.self)
    guard method.pointee.receiver == receiver, method.pointee.function == function else { return nil }
    kept = nil
    return o
  }

  static func note(_ o: PyRef) { latest = o }

  /// The last reference to a twin has gone. Answers whether it is kept.
  @inline(__always) static func keep(_ o: PyRef) -> Bool {
    if latest != o { return false }
    if kept == nil {
      amphis_incref(o)
      kept = o
      return true
    }
    latest = nil
    return false
  }

  /// No Python code runs.
  static func drop() {
    guard let o = kept else { return }
    kept = nil
    latest = nil
    release(o)
  }
}
