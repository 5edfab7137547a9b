/// `traceback`
enum TracebackType {
  static let trace: TraceFunction = { cell, raw in
    let tracer = Tracer(raw)
    let t = cell.assumingMemoryBound(to: TracebackLayout.self)
    tracer.visit(t.pointee.next)
    tracer.visit(t.pointee.frame)
  }
  static func declare(_ t: inout TypeBuilder) {
    t.trace(trace)
  }
}
