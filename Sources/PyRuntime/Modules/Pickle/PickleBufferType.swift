/// `PickleBuffer`: another object's memory, to be pickled out of band. Holds a view until it is released or dies.
struct PickleBufferLayout {
  var header: CellHeader
  var view: BufferView
  /// What the view was taken of; null once released
  var object: Value

  static let trace: TraceFunction = { cell, tracer in
    let b = cell.assumingMemoryBound(to: PickleBufferLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(b.pointee.object)
    tracer.visit(b.pointee.view.exporter)
    tracer.visit(b.pointee.view.format)
    tracer.visit(b.pointee.view.shape)
    tracer.visit(b.pointee.view.strides)
    tracer.visit(b.pointee.view.suboffsets)
  }
}

enum PickleBufferType {
  static func layout(_ v: Value) -> UnsafeMutablePointer<PickleBufferLayout> { v.as(PickleBufferLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.doc("Wrapper for potentially out-of-band buffers")
    t.trace(PickleBufferLayout.trace)
    t.slots.new = NewCode { (vm, cls, args) throws(Raised) in
      try vm.bind(args, "PickleBuffer", "(object, /)") { a throws(Raised) in
        let b = try vm.instance(PickleBufferLayout.self, of: cls.asType)
        b.pointee.view = BufferView()
        b.pointee.object = .null
        let view = try vm.buffer(of: a[0], .fullReadOnly)
        b.pointee.view = view
        b.pointee.object = a[0]
        return Value(b)
      }
    }
    t.slots.finalize = VisitCode { (vm, v) in release(vm, v) }
    t.slots.buffer = BufferCode { (vm, v, flags, view) throws(Raised) in view = try vm.buffer(of: try object(vm, v), flags) }
    t.slots.releaseBuffer = VisitCode { (_, _) in }
    t.method("raw", "($self, /)", "Return a memoryview of the raw memory underlying this buffer.", raw)
    t.method("release", "($self, /)", "Release the underlying buffer held by the PickleBuffer object.") { (vm, v) throws(Raised) in
      release(vm, v)
      return .none
    }
  }

  static func release(_ vm: VM, _ v: Value) {
    let b = layout(v)
    if b.pointee.object.isNull { return }
    var view = b.pointee.view
    b.pointee.object = .null
    b.pointee.view = BufferView()
    vm.release(&view)
  }
  static func object(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let o = layout(v).pointee.object
    if o.isNull { throw vm.raise(.valueError, "operation forbidden on released PickleBuffer object") }
    return o
  }

  /// C or Fortran order without gaps.
  static func isContiguous(_ vm: VM, _ view: BufferView) throws(Raised) -> Bool {
    guard view.strides.isTuple, view.shape.isTuple else { return true }
    let strides = view.strides.as(TupleLayout.self), shape = view.shape.as(TupleLayout.self)
    let n = min(strides.pointee.count, shape.pointee.count)
    var c = view.itemSize, f = view.itemSize
    var isC = true, isF = true
    for k in 0..<n {
      let length = try vm.asInt(shape.items[k])
      if length == 0 { return true }
      if length > 1, try vm.asInt(strides.items[k]) != f { isF = false }
      f = f &* length
    }
    for k in stride(from: n - 1, through: 0, by: -1) {
      let length = try vm.asInt(shape.items[k])
      if length > 1, try vm.asInt(strides.items[k]) != c { isC = false }
      c = c &* length
    }
    return isC || isF
  }

  private static func raw(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let o = try object(vm, v)
    guard try isContiguous(vm, layout(v).pointee.view) else {
      throw vm.raise(.bufferError, "cannot extract raw buffer from non-contiguous buffer")
    }
    return try MemoryViews.make(vm, rawOf: o)
  }
}
