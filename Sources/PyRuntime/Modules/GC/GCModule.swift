import CRuntimeSupport

/// `gc`. Collection is by tracing; there are no generations to count, so thresholds are remembered and have no effect.
enum GCModule {
  nonisolated(unsafe) private static var thresholds = (700, 10, 10)
  nonisolated(unsafe) private static var debug = 0
  /// Explicit collections and what they collected, by the generation that was asked for
  nonisolated(unsafe) private static var statistics = ((0, 0), (0, 0), (0, 0))
  nonisolated(unsafe) private static var frozen = 0
  nonisolated(unsafe) private static var callbacks = Value.null
  nonisolated(unsafe) private static var garbage = Value.null
  nonisolated(unsafe) private static var isCollecting = false

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("The garbage collector.")
    callbacks = try m.vm.list()
    m.value("callbacks", callbacks)
    garbage = try m.vm.list()
    m.value("garbage", garbage)
    for (name, n) in [("DEBUG_STATS", 1), ("DEBUG_COLLECTABLE", 2), ("DEBUG_UNCOLLECTABLE", 4), ("DEBUG_SAVEALL", 32), ("DEBUG_LEAK", 38)] {
      try Dicts.set(m.vm, m.dict, try m.vm.str(name), Value(smallInt: n))
    }
    m.function(
      "collect", "($module, /, generation=2)", "Collects everything whatever the generation; answers how many objects were in dead cycles."
    ) {
      (vm, _, args: Args) throws(Raised) in
      let n = Int(try PosixArgs.int32(vm, args[0], 2))
      if n < 0 || n > 2 { throw vm.raise(.valueError, "invalid generation") }
      if !isCollecting { try CollectCalls.leaveLoop(vm, n) }
      return try vm.int(try collect(vm, n))
    }
    CollectCalls.function = Dicts.get(m.vm, m.dict, "collect")
    m.function("enable", "($module, /)", "Lets collections happen by themselves.") { (_, _) in
      rt.heapPointer.pointee.isPaused = false
      return .none
    }
    m.function("disable", "($module, /)", "Collections happen only when the heap has doubled.") { (_, _) in
      rt.heapPointer.pointee.isPaused = true
      return .none
    }
    m.function("isenabled", "($module, /)", "Whether collections happen by themselves.") { (_, _) in .bool(!rt.heapPointer.pointee.isPaused)
    }
    m.function("get_count", "($module, /)", "(0, 0, 0): there are no generations.") { (vm, _) throws(Raised) in
      try vm.tuple(Value(smallInt: 0), Value(smallInt: 0), Value(smallInt: 0))
    }
    m.function("get_threshold", "($module, /)", "The thresholds that were set.") { (vm, _) throws(Raised) in
      try vm.tuple(Value(smallInt: thresholds.0), Value(smallInt: thresholds.1), Value(smallInt: thresholds.2))
    }
    m.function("set_threshold", nil, "set_threshold(threshold0, [threshold1, [threshold2]])\n\nRemembers thresholds.") {
      (vm, _, args: Args) throws(Raised) in
      if args.keywordCount > 0 { throw vm.raise(.typeError, "set_threshold() takes no keyword arguments") }
      if args.count == 0 { throw vm.raise(.typeError, "set_threshold() takes at least 1 argument (0 given)") }
      if args.count > 3 { throw vm.raise(.typeError, "set_threshold() takes at most 3 arguments (\(args.count) given)") }
      var new = thresholds
      new.0 = try threshold(vm, args[0])
      if args.count > 1 { new.1 = try threshold(vm, args[1]) }
      if args.count > 2 { new.2 = try threshold(vm, args[2]) }
      thresholds = new
      return .none
    }
    m.function("get_debug", "($module, /)", "The debugging flags.") { (_, _) in Value(smallInt: debug) }
    m.function("set_debug", "($module, flags, /)", "Remembers debugging flags.") { (vm, _, v) throws(Raised) in
      debug = try vm.asInt(v)
      return .none
    }
    m.function("freeze", "($module, /)", "Counts the objects there are: without generations there is nothing else to do.") {
      (_, _) in
      frozen = 0
      rt.heapPointer.pointee.forEachCell { cell in if isTracked(cell) { frozen += 1 } }
      return .none
    }
    m.function("unfreeze", "($module, /)", "Forgets what freeze counted.") { (_, _) in
      frozen = 0
      return .none
    }
    m.function("get_freeze_count", "($module, /)", "What freeze counted.") { (_, _) in Value(smallInt: frozen) }
    m.function("is_tracked", "($module, obj, /)", "Whether the object can refer to others.") { (_, _, v) in
      .bool(v.isCell && isTracked(v.cell) && !hasOnlyAtoms(v))
    }
    m.function("is_finalized", "($module, obj, /)", "Whether __del__ has run.") { (_, _, v: Value) in
      guard v.isCell, v.type.pointee.flags.contains(.heapType), !Types.lookup(v.type, rt.names.__del__).isNull else { return .false }
      let waiting = rt.pointee.heap.finalizable
      for i in 0..<waiting.count where waiting.items?[i] == v.cell { return .false }
      return .true
    }
    m.function("get_stats", "($module, /)", "Collections so far.") { (vm, _) throws(Raised) in
      let list = try vm.list()
      for (collections, collected) in [statistics.0, statistics.1, statistics.2] {
        let d = try vm.dict()
        try Dicts.set(vm, d, "collections", Value(smallInt: collections))
        try Dicts.set(vm, d, "collected", Value(smallInt: collected))
        try Dicts.set(vm, d, "uncollectable", Value(smallInt: 0))
        try vm.append(list, d)
      }
      return list
    }
    m.function("get_objects", "($module, /, generation=None)", "All objects that can refer to others.") {
      (vm, _, args: Args) throws(Raised) in
      if !args[0].isNull, !args[0].isNone {
        guard args[0].isInt || args[0].type.pointee.slots.index != nil else {
          throw vm.raise(.typeError, "argument should be integer or None, not '\(args[0].typeName)'")
        }
        let n = try vm.asIndex(args[0], overflow: .overflowError)
        if n > 2 { throw vm.raise(.valueError, "generation parameter must be less than the number of available generations (3)") }
        if n < -1 { throw vm.raise(.valueError, "generation parameter cannot be negative") }
      }
      try CollectCalls.leaveLoopForObjects(vm)
      return try objects(vm)
    }
    CollectCalls.objectsFunction = Dicts.get(m.vm, m.dict, "get_objects")
    m.function("get_referents", nil, "get_referents(*objs)\n\nThe objects that the given ones refer to directly.") {
      (vm, _, args: Args) throws(Raised) in
      let list = try withoutCollections(vm) { found in
        for i in 0..<args.count where args[i].isCell {
          let first = found.count
          HeapReferences.referents(of: args[i].cell, rt.heapPointer, &found)
          if args[i].isDict, hasOnlyNames(args[i]) { forgetKeys(args[i], &found, first) }
        }
      }
      for i in 0..<args.count { try appendImmediates(vm, args[i], list) }
      return list
    }
    m.function("get_referrers", nil, "get_referrers(*objs)\n\nThe objects that refer directly to one of the given ones.") {
      (vm, _, args: Args) throws(Raised) in
      dropUnreachable(vm)
      return try withoutCollections(vm) { found in
        var targets = PointerVector()
        for i in 0..<args.count where args[i].isCell { targets.append(args[i].cell) }
        found = HeapReferences.referrers(of: targets, rt.heapPointer)
        targets.discard()
      }
    }
  }

  /// A list of all objects that can refer to others.
  static func objects(_ vm: VM) throws(Raised) -> Value {
    dropUnreachable(vm)
    let list = try vm.list()
    var found = PointerVector()
    defer { found.discard() }
    rt.heapPointer.pointee.forEachCell { cell in
      if isTracked(cell) { found.append(cell) }
    }
    // Nothing is collected while the addresses are outside the heap.
    rt.heapPointer.pointee.collectionDisabled += 1
    defer { rt.heapPointer.pointee.collectionDisabled -= 1 }
    for i in 0..<found.count {
      guard let c = found.items?[i] else { continue }
      LoopIterators.disown(Value(cell: c))
      try vm.append(list, Value(cell: c))
    }
    return list
  }

  /// The unreachable are no objects of the program's any more. What earlier calls have left on the stack would keep some of them.
  private static func dropUnreachable(_ vm: VM) {
    DeadRegisters.clear(vm)
    rt.heapPointer.pointee.collect()
  }

  private static func threshold(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let n = try vm.asInt(v)
    if n > Int(Int32.max) { throw vm.raise(.overflowError, "signed integer is greater than maximum") }
    if n < Int(Int32.min) { throw vm.raise(.overflowError, "signed integer is less than minimum") }
    return n
  }

  /// Everything unreachable is finalized when this returns, in the calling thread; answers how many objects were in dead cycles.
  static func collect(_ vm: VM, _ generation: Int) throws(Raised) -> Int {
    // A finalizer that collects: the collection is under way.
    if isCollecting { return 0 }
    isCollecting = true
    defer { isCollecting = false }
    try announce(vm, "start", generation, 0)
    let lookedAt = rt.heapPointer.pointee.lookedAt
    let count = try collectEverything(vm)
    DroppedObjects.noteCollection(lookedAt: rt.heapPointer.pointee.lookedAt &- lookedAt)
    switch generation {
    case 0: statistics.0 = (statistics.0.0 + 1, statistics.0.1 + count)
    case 1: statistics.1 = (statistics.1.0 + 1, statistics.1.1 + count)
    default: statistics.2 = (statistics.2.0 + 1, statistics.2.1 + count)
    }
    try announce(vm, "stop", generation, count)
    return count
  }

  /// The same for a thread that waits: no one is told, and errors go nowhere.
  static func collectIdly(_ vm: VM) {
    if isCollecting || rt.heapPointer.pointee.collectionDisabled > 0 || rt.heapPointer.pointee.isCollecting { return }
    isCollecting = true
    defer { isCollecting = false }
    do throws(Raised) { _ = try collectEverything(vm) } catch { vm.clearPending() }
  }

  /// Finalizes and frees what reference counting would have, for an object that has just been dropped (`DroppedObjects`).
  /// - Parameter object: the complement of its address
  /// - Parameter looksAgain: where collections keep things and the object is not found dead, what is kept is looked at, too: some of that may have
  ///   died and refer to the object.
  /// - Returns: whether it was found dead
  static func collectDropped(_ vm: VM, _ object: UInt, looksAgain: Bool) -> Bool {
    let heap = rt.heapPointer
    if isCollecting || heap.pointee.collectionDisabled > 0 || heap.pointee.isCollecting { return true }
    isCollecting = true
    heap.pointee.dropped = object
    defer {
      isCollecting = false
      heap.pointee.dropped = 0
    }
    // What a finalizer lets go is finalized, too.
    for round in 0..<4 {
      DeadRegisters.clear(vm, isBetween: true)
      let isFull = heap.pointee.fullIsDue
      heap.pointee.collect(isFull: isFull, sortingDead: true, keepsCycles: true)
      if looksAgain, round == 0, !isFull, heap.pointee.dropped != 0 { heap.pointee.collect(sortingDead: true, keepsCycles: true) }
      if heap.pointee.pendingFinalization.count &+ heap.pointee.pendingCallbacks.count == 0 { break }
      vm.runFinalizers()
    }
    return heap.pointee.dropped == 0
  }

  private static func collectEverything(_ vm: VM) throws(Raised) -> Int {
    let heap = rt.heapPointer
    heap.pointee.savesCycles = debug & 32 != 0
    var count = 0
    // What a finalizer lets go is finalized, too: reference counting would have done it at once.
    for _ in 0..<16 {
      DeadRegisters.clear(vm)
      heap.pointee.collect(sortingDead: true, isCounting: true)
      count += heap.pointee.cyclesFound
      let more = heap.pointee.pendingFinalization.count &+ heap.pointee.pendingCallbacks.count
      if heap.pointee.savesCycles { try keepGarbage(vm) }
      if more == 0 || heap.pointee.savesCycles { break }
      vm.runFinalizers()
    }
    heap.pointee.savesCycles = false
    vm.runFinalizers()
    // What our side let go may have closed a cycle on CPython's, and the other way round: a chain ends after a few rounds.
    for _ in 0..<8 {
      guard let collect = rt.bridgeHooks.collectGarbage, collect(vm) else { break }
      heap.pointee.collect()
      vm.runFinalizers()
    }
    return count
  }

  /// DEBUG_SAVEALL: what the collection kept goes to `gc.garbage`.
  private static func keepGarbage(_ vm: VM) throws(Raised) {
    let heap = rt.heapPointer
    heap.pointee.collectionDisabled += 1
    defer {
      heap.pointee.collectionDisabled -= 1
      heap.pointee.savedCycles.discard()
    }
    for i in 0..<heap.pointee.savedCycles.count {
      if let cell = heap.pointee.savedCycles.items?[i] { try vm.append(garbage, Value(cell: cell)) }
    }
  }

  /// The ints, floats and singletons in a container, which are no cells.
  private static func appendImmediates(_ vm: VM, _ v: Value, _ list: Value) throws(Raised) {
    if v.isTuple || v.isList {
      let count = v.isTuple ? v.as(TupleLayout.self).pointee.count : v.as(ListLayout.self).pointee.count
      for i in 0..<count {
        guard let items = v.isTuple ? v.as(TupleLayout.self).items : v.as(ListLayout.self).pointee.items else { return }
        if !items[i].isCell { try vm.append(list, items[i]) }
      }
    } else if v.isDict {
      var position = 0
      while let entry = Dicts.next(v, &position) {
        if !entry.key.isCell, !entry.key.isStr { try vm.append(list, entry.key) }
        if !entry.value.isCell { try vm.append(list, entry.value) }
      }
    }
  }

  private static func hasOnlyNames(_ dict: Value) -> Bool {
    var position = 0
    while let entry = Dicts.next(dict, &position) { if !entry.key.isStr { return false } }
    return true
  }

  /// CPython's dicts of strs name their values only: each value once, instead of both.
  private static func forgetKeys(_ dict: Value, _ found: inout PointerVector, _ first: Int) {
    found.count = first
    var position = 0
    while let entry = Dicts.next(dict, &position) { if entry.value.isCell { found.append(entry.value.cell) } }
  }

  /// A list of the objects that `body` finds: nothing is collected while their addresses are outside the heap.
  private static func withoutCollections(_ vm: VM, _ body: (inout PointerVector) -> Void) throws(Raised) -> Value {
    rt.heapPointer.pointee.collectionDisabled += 1
    defer { rt.heapPointer.pointee.collectionDisabled -= 1 }
    var found = PointerVector()
    defer { found.discard() }
    body(&found)
    let list = try vm.list()
    for i in 0..<found.count {
      guard let cell = found.items?[i] else { continue }
      LoopIterators.disown(Value(cell: cell))
      try vm.append(list, Value(cell: cell))
    }
    return list
  }

  /// Objects that may refer to others: containers, and all instances of classes of Python's. Builtin types live for ever.
  private static func isTracked(_ cell: UnsafeMutableRawPointer) -> Bool {
    let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
    if !HeapReferences.isObject(cell) || type.pointee.traceKind == .buffer || type == rt.types.object { return false }
    if type == rt.types.type || type.pointee.flags.contains(.typeSubclass) {
      return cell.assumingMemoryBound(to: TypeLayout.self).pointee.flags.contains(.heapType)
    }
    if type == rt.types.bytearray || type == rt.types.code || type == rt.types.str || type == rt.types.bytes { return false }
    return type.pointee.flags.contains(.heapType) || type.pointee.traceKind != .leaf || !type.hasPlainInstances
  }

  /// The empty tuple, and a dict of atoms, which CPython's collector leaves alone.
  private static func hasOnlyAtoms(_ v: Value) -> Bool {
    if v.isExact(rt.types.tuple) { return v.as(TupleLayout.self).pointee.count == 0 }
    guard v.isExact(rt.types.dict) else { return false }
    func isAtom(_ x: Value) -> Bool { !x.isCell || !isTracked(x.cell) || x.isExact(rt.types.tuple) && hasOnlyAtoms(x) }
    var position = 0
    while let entry = Dicts.next(v, &position) { if !isAtom(entry.key) || !isAtom(entry.value) { return false } }
    return true
  }

  private static func announce(_ vm: VM, _ phase: StaticString, _ generation: Int, _ collected: Int) throws(Raised) {
    if callbacks.as(ListLayout.self).pointee.count == 0 { return }
    let info = try vm.dict()
    try Dicts.set(vm, info, "generation", Value(smallInt: generation))
    try Dicts.set(vm, info, "collected", Value(smallInt: collected))
    try Dicts.set(vm, info, "uncollectable", Value(smallInt: 0))
    let name = try vm.intern(phase)
    try vm.forEach(callbacks) { (f) throws(Raised) in
      do throws(Raised) { _ = try vm.call(f, name, info) } catch { vm.writeUnraisable("", f) }
    }
  }
}
