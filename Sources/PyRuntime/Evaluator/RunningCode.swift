/// Frames find their code through their function. Before a function gets other code, frames that run the old one are given a
/// hidden copy of the function.
enum RunningCode {
  static func detach(_ vm: VM, _ function: UnsafeMutablePointer<FunctionLayout>) throws(Raised) {
    let copy = try vm.instance(FunctionLayout.self, of: rt.types.function)
    let size = MemoryLayout<FunctionLayout>.size
    UnsafeMutableRawPointer(copy).copyMemory(from: UnsafeRawPointer(function), byteCount: size)
    var thread = rt.threads
    while let t = thread {
      var frame = t.pointee.frame.map { $0.assumingMemoryBound(to: Value.self) }
      while let fp = frame {
        if fp[-1] == Value(function) { fp[-1] = Value(copy) }
        frame = fp.frameCaller
      }
      thread = t.pointee.next
    }
    // Only generators' frames live on without a thread, and finding them takes a walk through the heap.
    if !function.pointee.hasGenerators { return }
    function.pointee.hasGenerators = false
    rt.heapPointer.pointee.forEachCell(atLeast: GeneratorLayout.registersOffset) { cell in
      let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
      guard type == rt.types.generator || type == rt.types.coroutine || type == rt.types.asyncGenerator else { return }
      let g = cell.assumingMemoryBound(to: GeneratorLayout.self)
      if g.pointee.state != .finished, g.registers[-1] == Value(function) { g.registers[-1] = Value(copy) }
    }
  }
}
