/// `weakref.ref`
enum WeakRefType {
  static func declare(_ t: inout TypeBuilder) { WeakReferenceBody.declare(&t) }
}
enum WeakProxyType {
  static func declare(_ t: inout TypeBuilder) { t.trace(WeakReferenceBody.trace) }
}
enum WeakCallableProxyType {
  static func declare(_ t: inout TypeBuilder) { t.trace(WeakReferenceBody.trace) }
}
enum WeakReferenceBody {
  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: WeakRefLayout.self).pointee.callback)
  }
  static func declare(_ t: inout TypeBuilder) { t.trace(trace) }
}
enum WeakTable {
  static func first(_ v: Value) -> Value { .null }
}
