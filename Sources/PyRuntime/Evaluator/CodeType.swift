/// `code`
enum CodeType {
  static let trace: TraceFunction = { cell, raw in
    let tracer = Tracer(raw)
    let c = cell.assumingMemoryBound(to: CodeLayout.self)
    tracer.visit(c.pointee.code)
    tracer.visit(c.pointee.consts)
    tracer.visit(c.pointee.names)
    tracer.visit(c.pointee.localsplusNames)
    tracer.visit(c.pointee.localsplusKinds)
    tracer.visit(c.pointee.filename)
    tracer.visit(c.pointee.name)
    tracer.visit(c.pointee.qualname)
    tracer.visit(c.pointee.lineTable)
    tracer.visit(c.pointee.exceptionTable)
    tracer.visit(c.pointee.extra)
  }
  static func declare(_ t: inout TypeBuilder) {
    t.trace(trace)
  }
}
