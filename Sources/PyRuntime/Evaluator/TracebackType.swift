/// `traceback`
enum TracebackType {
  static let trace: TraceFunction = { cell, raw in
    let tracer = Tracer(raw)
    let t = cell.assumingMemoryBound(to: TracebackLayout.self)
    tracer.visit(t.pointee.next)
    tracer.visit(t.pointee.frame)
  }

  static func declare(_ t: inout TypeBuilder) {
    t.doc("TracebackType(tb_next, tb_frame, tb_lasti, tb_lineno)\n--\n\nCreate a traceback entry.")
    t.trace(trace)
    t.slots.new = NewCode(new)
    t.member("tb_frame", nil, offset: MemoryLayout<TracebackLayout>.offset(of: \.frame))
    t.getset("tb_lasti", nil) { vm, v throws(Raised) in try vm.int(Int(v.as(TracebackLayout.self).pointee.lasti)) }
    t.getset("tb_lineno", nil) { vm, v throws(Raised) in
      let line = Tracebacks.line(v.as(TracebackLayout.self))
      return line < 0 ? .none : try vm.int(line)
    }
    t.getset("tb_next", nil, getNext, setNext)
    t.method("__dir__", "($self, /)", "Names of the attributes.") { vm, _ throws(Raised) in
      let names = try vm.list()
      try vm.append(names, try vm.intern("tb_frame"))
      try vm.append(names, try vm.intern("tb_next"))
      try vm.append(names, try vm.intern("tb_lasti"))
      try vm.append(names, try vm.intern("tb_lineno"))
      return names
    }
  }

  private static func getNext(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let next = v.as(TracebackLayout.self).pointee.next
    return next.isNull ? .none : next
  }

  private static func setNext(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    if x.isNull { throw vm.raise(.typeError, "can't delete tb_next attribute") }
    if x.isNone {
      v.as(TracebackLayout.self).pointee.next = .null
      return
    }
    guard x.isExact(rt.types.traceback) else { throw vm.raise(.typeError, "expected traceback object, got '\(x.typeName)'") }
    var cursor = x
    while cursor.isCell {
      if cursor == v { throw vm.raise(.valueError, "traceback loop detected") }
      cursor = cursor.as(TracebackLayout.self).pointee.next
    }
    v.as(TracebackLayout.self).pointee.next = x
  }

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    var values = (Value.null, Value.null, Value.null, Value.null)
    return try withValues(&values) { given throws(Raised) -> Value in
      try SlotArguments.bind(vm, args, "TracebackType", ["tb_next", "tb_frame", "tb_lasti", "tb_lineno"], required: 4, into: given)
      let next = given[0]
      if !next.isNone && !next.isExact(rt.types.traceback) {
        throw vm.raise(.typeError, "expected traceback object or None, got '\(next.typeName)'")
      }
      guard given[1].isExact(rt.types.frame) else {
        throw vm.raise(.typeError, "TracebackType() argument 'tb_frame' must be frame, not \(given[1].argumentTypeName)")
      }
      let lasti = try vm.asInt(given[2]), line = try vm.asInt(given[3])
      let t = try vm.make(TracebackLayout.self, rt.types.traceback)
      t.pointee.next = next.isNone ? .null : next
      t.pointee.frame = given[1]
      t.pointee.lasti = Int32(truncatingIfNeeded: lasti)
      t.pointee.line = Int32(truncatingIfNeeded: line)
      return Value(t)
    }
  }
}
