import CRuntimeSupport
import Glibc

/// Mark–sweep. Marking is exact inside the heap and conservative on native stacks, on VM stacks above their live part and in the
/// program's own data segment; sweeping is lazy, block by block, when a size class runs dry.
///
/// Order of a collection: finish the last sweep · mark from the roots · clear weak references to what is dead · mark what has
/// a finalizer and is dead, and queue it · hand every block to the sweeper. Python code (finalizers, weakref callbacks) runs
/// later, at a safepoint of the thread that collected.
package struct Tracer {
  let heap: UnsafeMutablePointer<Heap>

  /// Marks the cell that `value` refers to, if it refers to one.
  @inline(__always) package func visit(_ value: Value) {
    if value.isCell { mark(value.cell) }
  }
  @inline(__always) package func visit<Layout>(_ pointer: UnsafeMutablePointer<Layout>?) {
    if let pointer { mark(UnsafeMutableRawPointer(pointer)) }
  }
  /// `items` points just past the header of a value-buffer cell.
  @inline(__always) package func visitBuffer<Element>(_ items: UnsafeMutablePointer<Element>?) {
    if let items { mark(UnsafeMutableRawPointer(items) - BufferCell.headerSize) }
  }
  package func visit(_ values: UnsafeMutablePointer<Value>, count: Int) {
    // Neighbours are often the same object: the parts of a table that was filled with one.
    var last = Value.null
    for i in 0..<max(0, count) {
      let value = values[i]
      if value == last { continue }
      visit(value)
      last = value
    }
  }
  /// The values of an object and the value buffer that belongs to it.
  package func visit(_ values: UnsafeMutablePointer<Value>, count: Int, buffer: UnsafeMutablePointer<Value>?) {
    visit(values, count: count)
    visitBuffer(buffer)
  }
  /// The same for what many cells refer to (types, shapes, names, namespaces): mostly it is marked already, and its mark byte in the cache.
  @inline(__always) package func visitShared(_ value: Value) {
    if value.isCell { markShared(value.cell) }
  }
  @inline(__always) package func markShared(_ cell: UnsafeMutableRawPointer) {
    if !heap.pointee.isLooking, heap.pointee.isMarked(cell) { return }
    mark(cell)
  }
  /// Sees to it that `cell`, the start of a live cell, is marked by the next `drain`.
  @inline(__always) package func mark(_ cell: UnsafeMutableRawPointer) {
    if heap.pointee.isLooking { return look(cell) }
    if UInt(bitPattern: cell) < heap.pointee.base { return }
    heap.pointee.markStack.append(cell)
  }
  @inline(never)
  private func look(_ cell: UnsafeMutableRawPointer) {
    switch heap.pointee.observation {
    case .none: break
    case .noting: return heap.pointee.observed.append(cell)
    case .counting, .uncounting: return DeadReferences.note(cell, heap)
    }
    if heap.pointee.checks {
      HeapChecks.checkReference(cell, heap)
      if heap.pointee.verifying { return }
    }
    if UInt(bitPattern: cell) < heap.pointee.base { return }
    if heap.pointee.seeksYoung, heap.pointee.markByte(cell).pointee & MarkBits.kept != 0 { return }
    heap.pointee.markStack.append(cell)
  }
  @inline(__always) package init(_ raw: UnsafeMutableRawPointer) { heap = raw.assumingMemoryBound(to: Heap.self) }
  init(heap: UnsafeMutablePointer<Heap>) { self.heap = heap }
}

extension Tracer {
  /// Marks and traces what is on the mark stack until nothing is left. What is taken from the stack waits in a short queue while the
  /// processor fetches its mark byte and its header: a heap larger than the caches is marked twice as fast so.
  package func drain() {
    let queue = heap.pointee.markQueue
    let mask = Heap.markQueueLength &- 1
    var place = 0
    var waiting = 0
    while true {
      if let entry = heap.pointee.markStack.popLast() {
        let bits = UInt(bitPattern: entry)
        if bits & 1 != 0 {
          if let items = heap.pointee.markStack.popLast() { visitInParts(items.assumingMemoryBound(to: Value.self), Int(bits >> 1)) }
          continue
        }
        amphis_prefetch(heap.pointee.markByte(entry))
        amphis_prefetch(entry)
        let oldest = queue[place]
        queue[place] = entry
        place = (place &+ 1) & mask
        if let oldest { markAndTrace(oldest) } else { waiting &+= 1 }
      } else if waiting > 0 {
        // The oldest is the first behind `place` that is there.
        while queue[place] == nil { place = (place &+ 1) & mask }
        if let oldest = queue[place] {
          queue[place] = nil
          waiting &-= 1
          place = (place &+ 1) & mask
          markAndTrace(oldest)
        }
      } else {
        break
      }
    }
    heap.pointee.traced = nil
    if heap.pointee.markStack.capacity > 1 << 16 { heap.pointee.markStack.discard() }
  }

  /// The same, and notes the cells that have `MarkBits.waits`, which it takes from them; from those that refer to nothing it does not.
  func drain(noting found: inout PointerVector) {
    while let entry = heap.pointee.markStack.popLast() {
      let bits = UInt(bitPattern: entry)
      if bits & 1 == 0 {
        let byte = heap.pointee.markByte(entry)
        if byte.pointee & MarkBits.marked == 0, byte.pointee & MarkBits.waits != 0, !isLeaf(entry) {
          byte.pointee &= ~MarkBits.waits
          found.append(entry)
        }
        markAndTrace(entry)
      } else if let items = heap.pointee.markStack.popLast() {
        visitInParts(items.assumingMemoryBound(to: Value.self), Int(bits >> 1))
      }
    }
    heap.pointee.traced = nil
  }

  @inline(__always)
  func isLeaf(_ cell: UnsafeMutableRawPointer) -> Bool {
    let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
    return type.pointee.traceKind == .leaf && type.hasPlainInstances
  }

  @inline(__always)
  private func markAndTrace(_ cell: UnsafeMutableRawPointer) {
    let byte = heap.pointee.markByte(cell)
    if byte.pointee & MarkBits.marked != 0 { return }
    byte.pointee |= MarkBits.marked
    let block = heap.pointee.block(of: cell)
    block.pointee.markedCells &+= 1
    if heap.pointee.keeps { keep(cell, byte, block) }
    if isLeaf(cell) {
      if block.pointee.cellSize >= Heap.leastLeaf {
        heap.pointee.leafBytes &+= block.cellBytes
        if byte.pointee & MarkBits.kept != 0 { heap.pointee.keptLeafBytes &+= block.cellBytes }
      }
      return
    }
    heap.pointee.traced = cell
    trace(cell)
  }

  /// Notes that `cell`, which is being traced, turns out to refer to nothing.
  func countLeaf(_ cell: UnsafeMutableRawPointer) {
    // Who only looks may look at cells of the image, which lie in no block.
    if heap.pointee.verifying || heap.pointee.observation != .none { return }
    let block = heap.pointee.block(of: cell)
    if block.pointee.cellSize >= Heap.leastLeaf { heap.pointee.leafBytes &+= block.cellBytes }
  }

  /// Visits all references of a cell, for those who do not mark.
  func retrace(_ cell: UnsafeMutableRawPointer) {
    heap.pointee.traced = cell
    trace(cell)
  }

  /// Visits the values of a buffer a part at a time, the rest waiting on the mark stack (as address, then count with bit 0 set), so
  /// that the stack grows with the depth of the heap and not with the length of its lists.
  private func visitInParts(_ items: UnsafeMutablePointer<Value>, _ count: Int) {
    let part = heap.pointee.verifying || heap.pointee.seeksYoung || heap.pointee.observation != .none ? count : min(count, 128)
    if part < count {
      heap.pointee.markStack.append(UnsafeMutableRawPointer(items + part))
      if let rest = UnsafeMutableRawPointer(bitPattern: UInt(count &- part) << 1 | 1) { heap.pointee.markStack.append(rest) }
    }
    visit(items, count: part)
  }

  @inline(__always)
  private func trace(_ cell: UnsafeMutableRawPointer) {
    let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
    if type.pointee.flags.contains(.heapType) { markShared(UnsafeMutableRawPointer(type)) }
    switch type.pointee.traceKind {
    case .leaf: break
    case .counted:
      let tuple = cell.assumingMemoryBound(to: TupleLayout.self)
      visitInParts(tuple.items, tuple.pointee.count)
    case .buffer:
      // A fresh buffer is zeroed, so all its words may be read as values; the bound is written in its second word.
      let words = cell.load(fromByteOffset: 8, as: Int.self)
      visitInParts((cell + BufferCell.headerSize).assumingMemoryBound(to: Value.self), words)
    case .custom: break
    }
    type.pointee.trace?(cell, UnsafeMutableRawPointer(heap))
    if type.pointee.attributesOffset != 0 { AttributeStorage.trace(type.attributeStorage(of: cell), self) }
    let slots = Int(type.pointee.slotCount)
    if slots != 0 {
      let offset = Int(type.pointee.slotsOffset) + (type.hasInlineItems ? type.inlineItemBytes(of: cell) : 0)
      visit((cell + offset).assumingMemoryBound(to: Value.self), count: slots)
    }
  }
}

extension UnsafeMutablePointer where Pointee == TypeLayout {
  /// Instances hold no references but what `traceKind` and `trace` say, and need not keep this type alive.
  @inline(__always) var hasPlainInstances: Bool {
    !pointee.flags.contains(.heapType) && pointee.trace == nil && pointee.attributesOffset == 0 && pointee.slotCount == 0
  }
}

/// Internal cells that hold the storage of growable objects: a header word, then the payload.
enum BufferCell {
  static let headerSize = 16
}

/// What a collection is asked for (`Heap.collect`).
private struct CollectionRequest {
  var isFull: Bool
  var sortingDead: Bool
  var keepsCycles: Bool
  var isCounting: Bool
}

extension Heap {
  /// - Parameter isUrgent: there is no memory left.
  mutating func collectIfAllowed(isUrgent: Bool = false) {
    if isPaused, !isUrgent, stressPeriod == 0, allocatedSinceCollection < max(Heap.pausedBudget, liveBytesAfterCollection) { return }
    if collectionDisabled == 0 && !isCollecting && rt.heapReady { collect(isFull: isUrgent || fullIsDue) }
  }

  /// Runs no Python code.
  /// - Parameter isFull: what earlier collections have kept is looked at again.
  /// - Parameter sortingDead: for `gc.collect`: finalizers run in the order in which reference counting would have run them, and
  ///   `cyclesFound` is counted. With `savesCycles` these objects are kept and go to `savedCycles` instead.
  /// - Parameter keepsCycles: with `sortingDead`: only what reference counting would free is finalized and freed; dead cycles and what they
  ///   refer to are left to a later collection, if their end could be noticed.
  /// - Parameter isCounting: somebody wants `cyclesFound`.
  @inline(never)
  mutating func collect(isFull: Bool = true, sortingDead: Bool = false, keepsCycles: Bool = false, isCounting: Bool = false) {
    // The native stack counts from here on: what the collector's own frames have below, and what earlier calls have left there, does not.
    var request = CollectionRequest(
      isFull: isFull, sortingDead: sortingDead, keepsCycles: keepsCycles, isCounting: isCounting || savesCycles)
    withUnsafeMutablePointer(to: &request) {
      amphis_with_spilled_registers(
        { context, stack in
          guard let request = context?.assumingMemoryBound(to: CollectionRequest.self).pointee, let stack else { return }
          rt.heapPointer.pointee.collect(request, nativeStack: stack)
        }, $0)
    }
  }

  @inline(never)
  private mutating func collect(_ request: CollectionRequest, nativeStack: UnsafeRawPointer) {
    let (isFull, sortingDead) = (request.isFull, request.sortingDead)
    isCollecting = true
    let start = HeapStatistics.clock()
    forgetPeak()
    TupleHashes.forget()
    finishSweep()
    if isFull { forgetKept() }
    if checks {
      HeapChecks(heap: rt.heapPointer).checkBlocks()
      if !isFull { HeapChecks(heap: rt.heapPointer).checkClean() }
    }
    let tracer = Tracer(heap: rt.heapPointer)
    tracer.heap.pointee.traced = nil
    // What tracing asks for is set as it asks for it, not through `self`, which nothing else may be using.
    let keeping = isFull && (!sortingDead || request.keepsCycles) && isSteady
    tracer.heap.pointee.keeps = keeping
    tracer.heap.pointee.hasKeptNames = !isFull && fullCollections > 0
    markRoots(tracer, nativeStack)
    if !isFull { Heap.traceUnclean(tracer) }
    tracer.drain()
    tracer.heap.pointee.keeps = false
    Heap.releaseHeld(tracer.heap)
    // Where nothing is kept, the next collection is a full one, too.
    if isFull && !keeping { collectionsOfRound = Heap.longestRound }
    rt.bridgeHooks.afterRoots?(tracer)
    var cycles = PointerVector(), order = PointerVector()
    if sortingDead, request.isCounting || !orderIsKnown(keepsCycles: request.keepsCycles, &order) {
      DeadReferences.sort(rt.heapPointer, keepsCycles: request.keepsCycles, cycles: &cycles, order: &order)
    }
    if request.keepsCycles {
      for i in 0..<cycles.count { if let c = cycles.items?[i] { tracer.mark(c) } }
      tracer.drain()
      let heap = rt.heapPointer
      order.filter { !heap.pointee.isMarked($0) }
    }
    if dropped != 0, let object = UnsafeMutableRawPointer(bitPattern: ~dropped), !isMarked(object) { dropped = 0 }
    clearWeakReferences()
    queueFinalizers(tracer, sortingDead ? order : nil)
    if sortingDead { countCycles(tracer, cycles) }
    cycles.discard()
    order.discard()
    rt.bridgeHooks.afterMark?(tracer)
    dropWeakReferences()
    InternTable.purge(rt.heapPointer)
    if traces.isOn {
      let heap = rt.heapPointer
      traces.removeDead { heap.pointee.isMarked($0) }
    }
    if checks { HeapChecks(heap: rt.heapPointer).checkLiveCells() }
    startSweep(isFull: isFull)
    // Programs change what they do about as often as such collections come: what they have run before is in the page cache.
    if isFull, !sortingDead, stressPeriod == 0 {
      amphis_split_text(Heap.pieceOfText)
      amphis_drop_library(nil)
    }
    collectionsOfRound &+= 1
    collections &+= 1
    let pause = HeapStatistics.clock() &- start
    pauses &+= pause
    longestPause = max(longestPause, pause)
    isCollecting = false
  }

  /// Lets `mostInUse` follow what is in use: by what has been allocated, not by collections, of which large cells make many.
  private mutating func forgetPeak() {
    let beyond = mostInUse &- blockBytes
    if beyond <= 0 {
      mostInUse = blockBytes
      return
    }
    let share = Double(allocatedSinceCollection) / Double(max(1, mostInUse &* Heap.peakDecay))
    mostInUse &-= Int(Double(beyond) * min(1, share))
  }

  /// Whether the collector found this cell alive; meaningful between marking and sweeping.
  /// What lies below the heap, in the image, always lives.
  @inline(__always) func isMarked(_ cell: UnsafeMutableRawPointer) -> Bool {
    UInt(bitPattern: cell) < base || markByte(cell).pointee & MarkBits.marked != 0
  }

  /// The mark bits of an interned str: one in the image lives and need not be looked at again.
  @inline(__always) func marksOfName(_ cell: UnsafeMutableRawPointer) -> UInt8 {
    UInt(bitPattern: cell) < base ? MarkBits.marked | MarkBits.kept : markByte(cell).pointee
  }

  // MARK: marking

  private mutating func markRoots(_ tracer: Tracer, _ nativeStack: UnsafeRawPointer) {
    rt.traceRoots(tracer)
    if traces.isOn { traces.mark(tracer) }
    for i in 0..<pendingFinalization.count { if let c = pendingFinalization.items?[i] { tracer.mark(c) } }
    for i in 0..<pendingCallbacks.count { if let c = pendingCallbacks.items?[i] { tracer.mark(c) } }
    var i = 0
    while i + 1 < rootRanges.count, let items = rootRanges.items {
      scanConservatively(low: items[i], high: items[i + 1])
      i += 2
    }
    var thread = rt.threads
    while let t = thread {
      scanConservatively(low: UnsafeRawPointer(t), high: UnsafeRawPointer(t + 1))
      for i in 0..<t.pointee.finalizing.count { if let c = t.pointee.finalizing.items?[i] { tracer.mark(c) } }
      // The VM stack below `stackTop` is exact; what a native callee is about to push lies above it and counts too.
      if let stack = t.pointee.stackBase {
        let top = max(t.pointee.stackTop, stack)
        let scanned = min(top + ThreadState.scanSlack, t.pointee.stackLimit)
        scanConservatively(low: UnsafeRawPointer(stack), high: UnsafeRawPointer(scanned))
      }
      if t == rt.currentThread {
        if !ignoresNativeStack { scanNativeStack(t, from: nativeStack) }
      } else if let low = t.pointee.parkedStackPointer {
        scanNativeStack(t, from: low)
      }
      thread = t.pointee.next
    }
  }

  /// Marks what the native stack of thread `t` refers to from `low` on, but for the part that the thread has said to pass by.
  private mutating func scanNativeStack(_ t: UnsafeMutablePointer<ThreadState>, from low: UnsafeRawPointer) {
    guard let high = t.pointee.nativeStackHigh else { return }
    guard let passed = t.pointee.passed, low < passed.low, passed.high < high else { return scanConservatively(low: low, high: high) }
    scanConservatively(low: low, high: passed.low)
    scanConservatively(low: passed.high, high: high)
  }

  /// Marks every cell that a word in [low, high) points into, interior pointers included.
  mutating func scanConservatively(low: UnsafeRawPointer, high: UnsafeRawPointer) {
    let size = UInt(frontier) << UInt(HeapGeometry.blockShift)
    var p = low
    var word: UInt = 0
    while let found = amphis_find_word(p, high, base, size, &word), found < high {
      if let cell = cell(containing: word) {
        if rt.heapPointer.pointee.keeps { Heap.hold(cell) }
        Tracer(heap: rt.heapPointer).mark(cell)
      }
      p = found + 8
    }
  }

  /// Clears the references to what is dead, those too that are dead themselves: a finalizer may bring them back, but not their objects.
  private mutating func clearWeakReferences() {
    guard let items = weakReferences.items else { return }
    var kept = 0
    for i in 0..<weakReferences.count {
      let cell = items[i]
      let ref = cell.assumingMemoryBound(to: WeakRefLayout.self)
      if ref.pointee.referent.isCell && !isMarked(ref.pointee.referent.cell) {
        ref.pointee.referent = .null
        if !ref.pointee.callback.isNull && isMarked(cell) { pendingCallbacks.append(cell) }
        continue
      }
      items[kept] = cell
      kept &+= 1
    }
    weakReferences.count = kept
    if pendingCallbacks.count > 0 { rt.requestSafepoint(.finalizers) }
  }

  /// Forgets the weak references that no finalizer keeps.
  private mutating func dropWeakReferences() {
    let heap = rt.heapPointer
    weakReferences.filter { heap.pointee.isMarked($0) }
  }

  /// Between marking and sweeping: whether references among the dead need not be counted, because no two of the dead have an end that shows. `order` gets
  /// the one that has a finalizer, if any.
  /// - Parameter keepsCycles: as for `collect`. Then it takes counting to tell whether that one is in a cycle, or what a weak reference refers to.
  private func orderIsKnown(keepsCycles: Bool, _ order: inout PointerVector) -> Bool {
    var last: UnsafeMutableRawPointer?
    for i in 0..<finalizable.count {
      guard let c = finalizable.items?[i], !isMarked(c), !Generators.isFinished(c) else { continue }
      if keepsCycles || last != nil { return false }
      last = c
    }
    for i in 0..<(keepsCycles ? weakReferences.count : 0) {
      guard let cell = weakReferences.items?[i], isMarked(cell) else { continue }
      let ref = cell.assumingMemoryBound(to: WeakRefLayout.self).pointee
      if !ref.isInternal, ref.referent.isCell, !isMarked(ref.referent.cell) { return false }
    }
    if let last { order.append(last) }
    return true
  }

  /// Objects in cycles that no finalizer may still see: one that it could bring back to life is counted when it has not been.
  private mutating func countCycles(_ tracer: Tracer, _ cycles: PointerVector) {
    cyclesFound = 0
    for i in 0..<cycles.count {
      guard let c = cycles.items?[i], savesCycles || !isMarked(c) else { continue }
      cyclesFound &+= 1
      if savesCycles {
        savedCycles.append(c)
        tracer.mark(c)
      }
    }
    tracer.drain()
  }

  /// Queues the dead objects with finalizers, and keeps what they refer to.
  /// - Parameter order: them, the first to be finalized first; nil: as `orderFinalizers` finds it.
  private mutating func queueFinalizers(_ tracer: Tracer, _ order: PointerVector?) {
    guard let items = finalizable.items else { return }
    var kept = 0
    var dead = PointerVector()
    for i in 0..<finalizable.count {
      if Generators.isFinished(items[i]) { continue }
      if isMarked(items[i]) {
        items[kept] = items[i]
        kept &+= 1
      } else {
        dead.append(items[i])
      }
    }
    finalizable.count = kept
    defer { dead.discard() }
    if dead.count == 0 { return }
    // They are taken from the end.
    if let order {
      var i = order.count
      while i > 0 {
        i &-= 1
        guard let c = order.items?[i] else { continue }
        pendingFinalization.append(c)
        tracer.mark(c)
      }
      tracer.drain()
    } else {
      orderFinalizers(tracer, dead)
    }
    rt.requestSafepoint(.finalizers)
  }

  /// An object is finalized before those it refers to, as reference counting would have it: a text stream writes what it has to its buffer
  /// and that to the file. Nothing is known of the references but what marking finds, so this goes from the newest to the oldest: an object
  /// that those before have not reached does not come after any of them. What it reaches follows it as marking met it. Objects that refer
  /// to nothing end the row.
  private mutating func orderFinalizers(_ tracer: Tracer, _ dead: PointerVector) {
    var group = PointerVector(), leaves = PointerVector()
    for i in 0..<dead.count { if let c = dead.items?[i] { markByte(c).pointee |= MarkBits.waits } }
    let first = pendingFinalization.count
    var i = dead.count
    while i > 0 {
      i &-= 1
      guard let c = dead.items?[i], !isMarked(c) else { continue }
      tracer.mark(c)
      tracer.drain(noting: &group)
      // What refers to nothing was not traced.
      if group.count == 0 { continue }
      while let member = group.popLast() { pendingFinalization.append(member) }
    }
    for i in 0..<dead.count {
      guard let c = dead.items?[i], markByte(c).pointee & MarkBits.waits != 0 else { continue }
      markByte(c).pointee &= ~MarkBits.waits
      leaves.append(c)
    }
    if leaves.count > 0 {
      // Below the others.
      for i in first..<pendingFinalization.count { if let c = pendingFinalization.items?[i] { leaves.append(c) } }
      pendingFinalization.count = first
      for i in 0..<leaves.count { if let c = leaves.items?[i] { pendingFinalization.append(c) } }
    }
    group.discard()
    leaves.discard()
  }

  // MARK: sweeping

  /// Hands the blocks that have live cells to the sweeper, frees the others, and sets the budget until the next collection.
  private mutating func startSweep(isFull: Bool) {
    var live = 0, kept = 0
    for c in 0..<classCount {
      freeLists[c] = nil
      parkedLists[c] = nil
      var next = classBlocks[c]
      var last: BlockRef?
      classBlocks[c] = nil
      while let block = next {
        next = block.pointee.next
        kept &+= Int(block.pointee.keptCells) &* Int(block.pointee.cellSize)
        if block.pointee.keptCells == block.pointee.cellCount {
          // All marks stay, and nothing is free.
          live &+= Int(block.pointee.markedCells) &* Int(block.pointee.cellSize)
          block.pointee.next = nil
          if let last { last.pointee.next = block } else { classBlocks[c] = block }
          last = block
          continue
        }
        if block.pointee.markedCells == 0 {
          if carving[c] == block { carving[c] = nil }
          release(block)
          continue
        }
        live &+= Int(block.pointee.markedCells) &* Int(block.pointee.cellSize)
        if block.pointee.settledCells != block.pointee.markedCells { block.pointee.settledCells = -1 }
        block.pointee.markedCells = block.pointee.keptCells
        block.pointee.needsSweep = true
        block.pointee.next = nil
        if let last { last.pointee.next = block } else { classBlocks[c] = block }
        last = block
      }
      sweepCursor[c] = classBlocks[c]
    }
    var i = 0
    while i < frontier {
      let block = headers + i
      if map[i] == BlockState.first, block.isLarge {
        let count = Int(block.pointee.blockCount)
        if block.pointee.markedCells != 0 {
          block.pointee.markedCells = block.pointee.keptCells
          if block.pointee.keptCells == 0 { markByte(address(i)).pointee = 0 }
          live &+= count << HeapGeometry.blockShift
          if block.pointee.keptCells != 0 { kept &+= count << HeapGeometry.blockShift }
          // One that others follow soon would cost page faults: what lives for a full collection lives for long.
          if isFull && block.pointee.needsSweep { trimEnd(of: block) }
        } else {
          release(block)
        }
        i &+= count
      } else {
        i &+= 1
      }
    }
    // What most collections cost is the marking of objects that live long: where little of what was allocated survives, the next one may
    // come later.
    if allocatedSinceCollection >= nursery, live &- liveBytesAfterCollection < allocatedSinceCollection / 8 {
      nursery = min(nursery &* 2, Heap.largestNursery)
    }
    // One right after another says nothing about what the program builds up.
    let isRepeated = allocatedSinceCollection < collectAt / 8
    liveBytesAfterCollection = live
    allocatedBefore &+= allocatedSinceCollection
    allocatedSinceCollection = 0
    let traced = max(0, live &- leafBytes)
    let tracedKept = max(0, kept &- keptLeafBytes)
    let young = max(0, traced &- tracedKept)
    noteLive(live &- (leafBytes &- keptLeafBytes), young: young, isFull: isFull, isRepeated: isRepeated)
    lookedAt &+= isFull ? steadyBytes : young &+ rt.heapPointer.pointee.uncleanBytes
    let least: Int
    if kept > 0 {
      // What is kept is passed over, but for the full collections and what of it is traced each time. So little work pays at a small budget, and that
      // is little memory.
      let work = young &+ rt.heapPointer.pointee.uncleanBytes &+ tracedKept / Heap.shortRound
      least = min(max(work &* Heap.allocatedForWork, Heap.smallestBudget), Heap.largestNursery)
    } else {
      least = min(nursery, max(traced &* Heap.allocatedForWork, Heap.smallestNursery))
    }
    let share = young / Heap.youngShare &+ tracedKept / Heap.keptShare &+ leafBytes / 16
    collectAt = max(least, min(traced, Heap.generousBudget), share)
    // What large cells cost is memory that is written, not objects that are marked: a stream's buffers had a collection come every few of them.
    uncounted = min(Heap.mostUncounted, max(Heap.leastUncounted, collectAt &* 2))
    leafBytesAfterCollection = leafBytes
    leafBytes = keptLeafBytes
    // A program that allocates evenly needs as much again until the next collection: what is given back would cost it page faults. One that
    // allocates large cells goes beyond its budget, now more and now less, and finds no room for them between those that live: so what was in use in
    // the last dozens of collections counts, and a sixteenth more.
    trim(keeping: max(collectAt, min(mostInUse &- blockBytes &+ mostInUse / 16, Heap.mostKept)) >> HeapGeometry.blockShift)
  }

  /// Clears the marks of a block and puts its dead cells on the free list of its class.
  mutating func sweep(_ block: BlockRef) {
    block.pointee.needsSweep = false
    block.pointee.settledCells = -1
    let size = Int(block.pointee.cellSize)
    let count = Int(block.pointee.carved)
    let c = Int(block.pointee.sizeClass)
    let start = address(index(of: block))
    let marks = markByte(start)
    let granulesPerCell = size >> HeapGeometry.granuleShift
    var list = freeLists[c]
    var freed = 0
    var i = count
    while i > 0 {
      i &-= 1
      let mark = marks + i &* granulesPerCell
      let state = mark.pointee
      if state != 0 {
        mark.pointee = state & MarkBits.kept == 0 ? 0 : state
      } else {
        let cell = (start + i &* size).assumingMemoryBound(to: FreeCell.self)
        cell.pointee = FreeCell(type: nil, next: list)
        list = cell
        freed &+= 1
      }
    }
    freeLists[c] = list
    allocatedSinceCollection &+= freed &* size
  }

  mutating func finishSweep() {
    for c in 0..<classCount {
      while let block = sweepCursor[c] {
        sweepCursor[c] = block.pointee.next
        if !block.pointee.needsSweep { continue }
        if !isCollecting {
          sweep(block)
        } else if block.pointee.settledCells >= 0 {
          clearMarks(of: block)
        } else {
          // What is free now has not been allocated, and is not before it is swept again.
          let allocated = allocatedSinceCollection
          sweep(block)
          let free = (allocatedSinceCollection &- allocated) / Int(block.pointee.cellSize)
          allocatedSinceCollection = allocated
          block.pointee.settledCells = block.pointee.carved &- Int32(truncatingIfNeeded: free)
        }
      }
    }
    if isWatched { parkFreeCells() }
  }

  /// What `sweep` does where nothing has died, and all that is free is known.
  private func clearMarks(of block: BlockRef) {
    block.pointee.needsSweep = false
    let marks = UnsafeMutableRawPointer(markByte(address(index(of: block))))
    let granules = Int(block.pointee.carved) &* Int(block.pointee.cellSize) >> HeapGeometry.granuleShift
    if block.pointee.keptCells == 0 {
      memset(marks, 0, granules)
      return
    }
    // Bytes without `kept` become zero, eight at a time.
    let words = marks.assumingMemoryBound(to: UInt64.self)
    for i in 0..<(granules &+ 7) >> 3 {
      let kept = words[i] >> 2 & 0x0101_0101_0101_0101
      words[i] &= kept &* 255
    }
  }
}
