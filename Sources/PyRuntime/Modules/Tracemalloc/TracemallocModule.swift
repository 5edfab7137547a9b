/// `_tracemalloc`: where the memory of the heap's cells was allocated. `MemoryTraces` keeps the tables.
///
/// What is asked for is what is alive: the answers begin with a collection, since a dead cell counts until one finds it.
enum TracemallocModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Debug module to trace memory blocks allocated by Python.")
    m.function("is_tracing", "($module, /)", "Return True if the tracemalloc module is tracing Python memory allocations.") { (_, _) in
      .bool(rt.heapPointer.pointee.traces.isOn)
    }
    m.function("start", "($module, nframe=1, /)", "Start tracing Python memory allocations.") { (vm, _, args: Args) throws(Raised) in
      let limit = args[0].isNull ? 1 : try vm.asInt(args[0])
      guard limit >= 1, limit <= MemoryTraces.largestLimit else {
        throw vm.raise(.valueError, "the number of frames must be in range [1; \(MemoryTraces.largestLimit)]")
      }
      rt.heapPointer.pointee.startTracing(limit: limit)
      return .none
    }
    m.function("stop", "($module, /)", "Stop tracing Python memory allocations.") { (_, _) in
      rt.heapPointer.pointee.stopTracing()
      return .none
    }
    m.function("clear_traces", "($module, /)", "Clear traces of memory blocks allocated by Python.") { (_, _) in
      if rt.heapPointer.pointee.traces.isOn { rt.heapPointer.pointee.traces.clear() }
      return .none
    }
    m.function("reset_peak", "($module, /)", "Set the peak size of memory blocks traced by tracemalloc to the current size.") { (_, _) in
      collect()
      rt.heapPointer.pointee.traces.resetPeak()
      return .none
    }
    m.function("get_traceback_limit", "($module, /)", "Get the maximum number of frames stored in the traceback of a trace.") { (_, _) in
      Value(smallInt: rt.heapPointer.pointee.traces.limit)
    }
    m.function("get_tracemalloc_memory", "($module, /)", "Get the memory usage in bytes of the tracemalloc module.") { (_, _) in
      Value(smallInt: rt.heapPointer.pointee.traces.ownBytes)
    }
    m.function("get_traced_memory", "($module, /)", "Get the current size and peak size of memory blocks traced by tracemalloc.") {
      (vm, _) throws(Raised) in
      collect()
      let traced = rt.heapPointer.pointee.traces.traced, peak = rt.heapPointer.pointee.traces.peak
      return try vm.tuple(Value(smallInt: traced), Value(smallInt: peak))
    }
    m.function("_get_traces", "($module, /)", "Get traces of all memory blocks allocated by Python.", getTraces)
    m.function("_get_object_traceback", "($module, obj, /)", "Get the traceback where the Python object obj was allocated.") {
      (vm, _, object: Value) throws(Raised) in
      guard object.isCell, let entry = rt.heapPointer.pointee.traces.entry(of: object.cell) else { return .none }
      return try traceback(vm, entry.traceback)
    }
  }

  private static func collect() {
    if rt.heapPointer.pointee.traces.isOn { rt.heapPointer.pointee.collectIfAllowed(isUrgent: true) }
  }

  private static func getTraces(_ vm: VM, _ module: Value) throws(Raised) -> Value {
    let result = try vm.list()
    guard rt.heapPointer.pointee.traces.isOn else { return result }
    collect()
    // What is allocated from here on is not part of the answer: it is made of a copy.
    let count = rt.heapPointer.pointee.traces.count
    let entries = try vm.allocateBytes(count * MemoryLayout<MemoryTraces.Entry>.stride).assumingMemoryBound(to: MemoryTraces.Entry.self)
    var n = 0
    try rt.heapPointer.pointee.traces.forEach { (entry) throws(Raised) in
      if n < count { entries[n] = entry }
      n += 1
    }
    // Equal tracebacks are one tuple.
    let known = try vm.tuple(count: rt.heapPointer.pointee.traces.tracebackCount)
    for i in 0..<min(n, count) {
      let number = Int(entries[i].traceback)
      guard number < known.as(TupleLayout.self).pointee.count else { continue }
      if !known.as(TupleLayout.self).items[number].isTuple {
        let frames = try traceback(vm, entries[i].traceback)
        known.as(TupleLayout.self).items[number] = frames
      }
      guard let t = rt.heapPointer.pointee.traces.tracebacks?[number] else { continue }
      let trace = try vm.tuple(count: 4)
      let items = trace.as(TupleLayout.self).items
      items[0] = Value(smallInt: 0)
      items[1] = Value(smallInt: entries[i].size)
      items[2] = known.as(TupleLayout.self).items[number]
      items[3] = Value(smallInt: Int(t.total))
      try vm.append(result, trace)
    }
    return try vm.withKept(known) { () throws(Raised) in result }
  }

  /// ((file, line), …), the innermost frame first.
  private static func traceback(_ vm: VM, _ number: Int32) throws(Raised) -> Value {
    guard let t = rt.heapPointer.pointee.traces.tracebacks?[Int(number)] else { return .none }
    let result = try vm.tuple(count: Int(t.count))
    for i in 0..<Int(t.count) {
      guard let frame = rt.heapPointer.pointee.traces.frames?[Int(t.first) + i] else { break }
      let file = frame.file.isNull ? try vm.str("<unknown>") : frame.file
      let pair = try vm.tuple(file, Value(smallInt: frame.line))
      result.as(TupleLayout.self).items[i] = pair
    }
    return result
  }
}
