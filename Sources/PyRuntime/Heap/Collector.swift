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
  @inline(__always) func visit<Layout>(_ pointer: UnsafeMutablePointer<Layout>?) {
    if let pointer { mark(UnsafeMutableRawPointer(pointer)) }
  }
  /// `items` points just past the header of a value-buffer cell.
  @inline(__always) func visitBuffer<Element>(_ items: UnsafeMutablePointer<Element>?) {
    if let items { mark(UnsafeMutableRawPointer(items) - BufferCell.headerSize) }
  }
  func visit(_ values: UnsafeMutablePointer<Value>, count: Int) {
    for i in 0..<max(0, count) { visit(values[i]) }
  }
  /// `cell` must be the start of a live cell.
  @inline(__always) func mark(_ cell: UnsafeMutableRawPointer) {
    let byte = HeapGeometry.markByte(cell)
    let state = byte.pointee
    if state & MarkBits.marked != 0 { return }
    if heap.pointee.checks { HeapChecks.checkReference(cell, heap) }
    byte.pointee = state | MarkBits.marked
    heap.pointee.markStack.append(cell)
  }
  @inline(__always) init(_ raw: UnsafeMutableRawPointer) { heap = raw.assumingMemoryBound(to: Heap.self) }
  init(heap: UnsafeMutablePointer<Heap>) { self.heap = heap }
}

/// Internal cells that hold the storage of growable objects: a header word, then the payload.
enum BufferCell {
  static let headerSize = 16
}

extension Heap {
  mutating func collectIfAllowed() {
    if collectionDisabled == 0 && !isCollecting && rt.heapReady { collect() }
  }

  /// A full collection. Runs no Python code.
  @inline(never)
  mutating func collect() {
    isCollecting = true
    finishSweep()
    let tracer = Tracer(heap: rt.heapPointer)
    markRoots(tracer)
    drain(tracer)
    clearWeakReferences()
    queueFinalizers(tracer)
    rt.bridgeHooks.afterMark?()
    startSweep()
    collections &+= 1
    isCollecting = false
  }

  /// Whether the collector found this cell alive; meaningful between marking and sweeping.
  @inline(__always) func isMarked(_ cell: UnsafeMutableRawPointer) -> Bool {
    HeapGeometry.markByte(cell).pointee & MarkBits.marked != 0
  }

  // MARK: marking

  private mutating func markRoots(_ tracer: Tracer) {
    rt.traceRoots(tracer)
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
      // The VM stack below `stackTop` is exact; what a native callee is about to push lies above it and counts too.
      if let stack = t.pointee.stackBase {
        let top = max(t.pointee.stackTop, stack)
        let scanned = min(top + ThreadState.scanSlack, t.pointee.stackLimit)
        scanConservatively(low: UnsafeRawPointer(stack), high: UnsafeRawPointer(scanned))
      }
      if t == rt.currentThread {
        amphis_scan_native_stack(
          t.pointee.nativeStackHigh,
          { context, low, high in
            guard let context, let low, let high else { return }
            context.assumingMemoryBound(to: Heap.self).pointee.scanConservatively(low: low, high: high)
          }, rt.heapPointer)
      } else if let low = t.pointee.parkedStackPointer, let high = t.pointee.nativeStackHigh {
        scanConservatively(low: low, high: high)
      }
      thread = t.pointee.next
    }
  }

  /// Marks every cell that a word in [low, high) points into, interior pointers included.
  mutating func scanConservatively(low: UnsafeRawPointer, high: UnsafeRawPointer) {
    var p = low
    while p < high {
      let word = p.load(as: UInt.self)
      if word &- base < UInt(frontier) << UInt(HeapGeometry.blockShift), let cell = cell(containing: word) {
        Tracer(heap: rt.heapPointer).mark(cell)
      }
      p += 8
    }
  }

  /// The live cell that `address` points into, if it does. `address` must lie below the frontier.
  func cell(containing address: UInt) -> UnsafeMutableRawPointer? {
    var i = Int((address &- base) >> UInt(HeapGeometry.blockShift))
    let kind = map[i]
    if kind == 0 { return nil }
    i &-= Int(kind) &- 1
    let block = block(i)
    let cell: UnsafeMutableRawPointer
    if block.isLarge {
      cell = block.firstCell
    } else {
      let offset = Int(bitPattern: address &- UInt(bitPattern: block.firstCell))
      if offset < 0 { return nil }
      let n = Int((UInt64(offset) &* block.pointee.reciprocal) >> 32)
      if n >= Int(block.pointee.cellCount) { return nil }
      cell = block.firstCell + n &* Int(block.pointee.cellSize)
    }
    return cell.load(as: UInt.self) == 0 ? nil : cell
  }

  private mutating func drain(_ tracer: Tracer) {
    while let cell = markStack.popLast() {
      traced = cell
      trace(cell, tracer)
    }
  }

  @inline(__always)
  private func trace(_ cell: UnsafeMutableRawPointer, _ tracer: Tracer) {
    let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
    if type.pointee.flags.contains(.heapType) { tracer.mark(UnsafeMutableRawPointer(type)) }
    switch type.pointee.traceKind {
    case .leaf: break
    case .counted:
      let tuple = cell.assumingMemoryBound(to: TupleLayout.self)
      tracer.visit(tuple.items, count: tuple.pointee.count)
    case .buffer:
      // A fresh buffer is zeroed, so all its words may be read as values; the bound is written in its second word.
      let words = cell.load(fromByteOffset: 8, as: Int.self)
      tracer.visit((cell + BufferCell.headerSize).assumingMemoryBound(to: Value.self), count: words)
    case .custom: break
    }
    type.pointee.trace?(cell, UnsafeMutableRawPointer(tracer.heap))
    if type.pointee.attributesOffset != 0 { AttributeStorage.trace(type.attributeStorage(of: cell), tracer) }
    let slots = Int(type.pointee.slotCount)
    if slots != 0 {
      let offset = Int(type.pointee.slotsOffset) + (type.hasInlineItems ? type.inlineItemBytes(of: cell) : 0)
      tracer.visit((cell + offset).assumingMemoryBound(to: Value.self), count: slots)
    }
  }

  private mutating func clearWeakReferences() {
    guard let items = weakReferences.items else { return }
    var kept = 0
    for i in 0..<weakReferences.count {
      let cell = items[i]
      if !isMarked(cell) { continue }
      let ref = cell.assumingMemoryBound(to: WeakRefLayout.self)
      if ref.pointee.referent.isCell && !isMarked(ref.pointee.referent.cell) {
        ref.pointee.referent = .null
        if !ref.pointee.callback.isNull { pendingCallbacks.append(cell) }
        continue
      }
      items[kept] = cell
      kept &+= 1
    }
    weakReferences.count = kept
    if pendingCallbacks.count > 0 { rt.requestSafepoint(.finalizers) }
  }

  private mutating func queueFinalizers(_ tracer: Tracer) {
    guard let items = finalizable.items else { return }
    var kept = 0
    let first = pendingFinalization.count
    for i in 0..<finalizable.count {
      if isMarked(items[i]) {
        items[kept] = items[i]
        kept &+= 1
      } else {
        pendingFinalization.append(items[i])
      }
    }
    finalizable.count = kept
    if pendingFinalization.count == first { return }
    for i in first..<pendingFinalization.count { if let c = pendingFinalization.items?[i] { tracer.mark(c) } }
    drain(tracer)
    rt.requestSafepoint(.finalizers)
  }

  // MARK: sweeping

  private mutating func startSweep() {
    var live = 0
    for c in 0..<classCount {
      freeLists[c] = nil
      parkedLists[c] = nil
      var b = classBlocks[c]
      sweepCursor[c] = b
      while let block = b {
        block.pointee.needsSweep = true
        b = block.pointee.next
      }
    }
    var i = 0
    while i < frontier {
      let kind = map[i]
      if kind == 1 {
        let b = block(i)
        let count = Int(b.pointee.blockCount)
        if b.isLarge {
          if b.pointee.largeMark & MarkBits.marked != 0 {
            b.pointee.largeMark &= ~MarkBits.marked
            live &+= count << HeapGeometry.blockShift
          } else {
            releaseBlocks(b)
          }
        } else {
          // An estimate until the block is swept: the share of it that was live the last time, or all of it.
          live &+= HeapGeometry.blockSize
        }
        i &+= count
      } else {
        i &+= 1
      }
    }
    liveBytesAfterCollection = live
    allocatedSinceCollection = 0
    collectAt = max(8 << 20, live / 2 + live / 4)
  }

  /// Rebuilds the free list of the block's class with the block's dead cells; an empty block goes back.
  mutating func sweep(_ block: BlockRef) {
    block.pointee.needsSweep = false
    let size = Int(block.pointee.cellSize)
    let count = Int(block.pointee.cellCount)
    let c = Int(block.pointee.sizeClass)
    let start = block.firstCell
    let marks = (block.base + HeapGeometry.marksOffset).assumingMemoryBound(to: UInt8.self)
    let firstGranule = HeapGeometry.cellsOffset >> HeapGeometry.granuleShift
    let granulesPerCell = size >> HeapGeometry.granuleShift
    var list = freeLists[c]
    var live = 0
    var i = count
    while i > 0 {
      i &-= 1
      let mark = marks + (firstGranule &+ i &* granulesPerCell)
      if mark.pointee & MarkBits.marked != 0 {
        mark.pointee &= ~MarkBits.marked
        live &+= 1
      } else {
        mark.pointee = 0
        let cell = (start + i &* size).assumingMemoryBound(to: FreeCell.self)
        cell.pointee = FreeCell(type: nil, next: list)
        list = cell
      }
    }
    freeLists[c] = list
    block.pointee.liveBytes = Int32(truncatingIfNeeded: live &* size)
    allocatedSinceCollection &+= (count &- live) &* size
  }

  private mutating func finishSweep() {
    for c in 0..<classCount {
      while let block = sweepCursor[c] {
        sweepCursor[c] = block.pointee.next
        if block.pointee.needsSweep { sweep(block) }
      }
    }
  }
}
