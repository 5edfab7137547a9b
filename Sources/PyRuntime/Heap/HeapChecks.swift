import Glibc

/// Checks of the heap's consistency, for tests (`-X gccheck`). What is wrong is said on standard error, then the process aborts.
///
///     before marking   block headers, map, counters, free lists
///     while marking    every reference leads to the start of a live cell (or, from the roots, into one)
///     after marking    every cell that lives on has a type, refers to marked cells only, and keeps its layout's invariant
struct HeapChecks {
  let heap: UnsafeMutablePointer<Heap>

  static func checkReference(_ cell: UnsafeMutableRawPointer, _ heap: UnsafeMutablePointer<Heap>) {
    if rt.pointee.image.isAttached, HeapImage.contains(cell) { return }
    let address = UInt(bitPattern: cell)
    let inside = address &- heap.pointee.base < UInt(heap.pointee.frontier) << UInt(HeapGeometry.blockShift)
    if inside, heap.pointee.cell(containing: address) == cell {
      if !heap.pointee.verifying || heap.pointee.isMarked(cell) { return }
      fail(heap, "refers to \(cell), which was not marked")
    }
    fail(heap, "refers to \(cell), which is not the start of a live cell")
  }

  private static func fail(_ heap: UnsafeMutablePointer<Heap>, _ what: String) -> Never {
    var owner = "a root"
    if let traced = heap.pointee.traced {
      let type = traced.assumingMemoryBound(to: CellHeader.self).pointee.type
      owner = "a cell of type \(type.nameForMessages) at \(traced)"
    }
    die("\(owner) \(what)")
  }

  /// A dead object, the one that is being traced, refers to what is no cell.
  static func reportDangling(_ found: UnsafeMutableRawPointer, _ heap: UnsafeMutablePointer<Heap>) {
    fail(heap, "a dead object refers to \(found), which is no cell")
  }

  private static func die(_ what: String) -> Never {
    var text = "amphis: heap check: \(what)\n"
    text.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
    abort()
  }

  private func check(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { HeapChecks.die(what()) }
  }

  // MARK: before marking

  /// Blocks, map and free lists. No block waits to be swept.
  func checkBlocks() {
    let h = heap.pointee
    var used = 0, free = 0, dirty = 0
    var i = 0
    while i < h.frontier {
      let state = h.map[i]
      if state == BlockState.clean || state == BlockState.dirty {
        free += 1
        if state == BlockState.dirty { dirty += 1 }
        check(i >= h.freeHint, "block \(i) is free, below the hint \(h.freeHint)")
        i += 1
        continue
      }
      check(state == BlockState.first, "block \(i) should begin something, its state is \(state)")
      let b = h.headers[i]
      let count = Int(b.blockCount)
      check(count >= 1 && i + count <= h.frontier, "block \(i) says that it has \(count) blocks")
      for k in 0..<count {
        check(h.map[i + k] == UInt32(k + 1), "block \(i + k) should be part \(k) of a run, its state is \(h.map[i + k])")
      }
      check(b.markedCells == b.keptCells && (b.sizeClass == 255 || !b.needsSweep), "block \(i) was not swept")
      let kept = MarkBits.marked | MarkBits.kept, clean = MarkBits.clean
      if b.sizeClass == 255 {
        check(b.cellCount == 1 && b.carved == 1, "large run \(i) has a wrong header")
        check(h.markByte(h.address(i)).pointee & ~clean == (b.keptCells == 0 ? 0 : kept), "large run \(i) is marked before marking")
      } else {
        check(Int(b.sizeClass) < h.classCount && b.cellSize == h.classSize[Int(b.sizeClass)], "block \(i) has a wrong cell size")
        check(count == 1 && b.carved >= 0 && b.carved <= b.cellCount, "block \(i) has a wrong header")
        let marks = h.markByte(h.address(i))
        var keptCells = 0
        for g in 0..<HeapGeometry.granulesPerBlock where marks[g] != 0 {
          check(marks[g] & ~clean == kept, "block \(i): something is marked before marking")
          keptCells += 1
        }
        check(keptCells == Int(b.keptCells), "block \(i) has \(keptCells) kept cells, \(b.keptCells) counted")
      }
      used += count
      i += count
    }
    check(used << HeapGeometry.blockShift == h.blockBytes, "\(used) blocks are in use, \(h.blockBytes) bytes counted")
    check(free == h.freeBlockCount && dirty == h.dirtyBlockCount, "\(free) free and \(dirty) dirty blocks were miscounted")
    for c in 0..<h.classCount { checkClass(c) }
  }

  /// Clean cells refer to kept ones only: a store that `Heap.noteStore` has not heard of shows here, at the first collection after it.
  func checkClean() {
    let h = heap.pointee
    let tracer = Tracer(heap: heap)
    heap.pointee.seeksYoung = true
    var remembered: Set<UnsafeMutableRawPointer> = []
    for i in 0..<h.remembered.count { if let cell = h.remembered.items?[i] { remembered.insert(cell) } }
    for i in 0..<h.frontier where h.map[i] == BlockState.first && h.headers[i].keptCells != 0 {
      let b = h.headers[i]
      for n in 0..<Int(b.carved) {
        let cell = h.address(i) + n * Int(b.cellSize)
        if h.markByte(cell).pointee & MarkBits.clean == 0 { continue }
        heap.pointee.traced = cell
        let waiting = heap.pointee.markStack.count
        tracer.retrace(cell)
        for k in waiting..<heap.pointee.markStack.count {
          guard let young = heap.pointee.markStack.items?[k], !remembered.contains(young) else { continue }
          let type = young.assumingMemoryBound(to: CellHeader.self).pointee.type
          HeapChecks.fail(heap, "was given a reference to \(young), a \(type.nameForMessages), without a note")
        }
        heap.pointee.markStack.count = waiting
      }
    }
    heap.pointee.traced = nil
    heap.pointee.seeksYoung = false
  }

  private func checkClass(_ c: Int) {
    let h = heap.pointee
    var cells = 0
    var block = h.classBlocks[c]
    while let b = block {
      let i = h.index(of: b)
      check(i >= 0 && i < h.frontier && h.map[i] == BlockState.first, "class \(c) lists block \(i), which is not in use")
      check(Int(b.pointee.sizeClass) == c, "class \(c) lists block \(i) of class \(b.pointee.sizeClass)")
      check(b.pointee.carved == b.pointee.cellCount || h.carving[c] == b, "block \(i) has lost the cells that were not carved")
      cells += Int(b.pointee.carved)
      block = b.pointee.next
    }
    for list in [h.freeLists[c], h.parkedLists[c]] {
      var cell = list
      while let f = cell {
        let address = UInt(bitPattern: f)
        let inside = address &- h.base < UInt(h.frontier) << UInt(HeapGeometry.blockShift)
        check(inside, "class \(c) has a free cell outside of the heap: \(f)")
        let b = h.block(of: UnsafeMutableRawPointer(f))
        let offset = Int(address & UInt(HeapGeometry.blockSize - 1)), size = Int(h.classSize[c])
        check(Int(b.pointee.sizeClass) == c && offset % size == 0, "class \(c) has a free cell that is none: \(f)")
        check(offset / size < Int(b.pointee.carved), "class \(c) has a free cell that was not carved: \(f)")
        check(f.pointee.type == nil, "class \(c) has a free cell with a type: \(f)")
        cells -= 1
        check(cells >= 0, "class \(c) has more free cells than cells")
        cell = f.pointee.next
      }
    }
  }

  // MARK: after marking

  /// Every marked cell: traced again, so that `checkReference` sees all its references, and compared with its layout.
  func checkLiveCells() {
    heap.pointee.verifying = true
    let tracer = Tracer(heap: heap)
    let h = heap.pointee
    var i = 0
    while i < h.frontier {
      guard h.map[i] == BlockState.first else {
        i += 1
        continue
      }
      let b = h.headers[i]
      var marked = 0
      for n in 0..<Int(b.carved) {
        let cell = h.address(i) + n * Int(b.cellSize)
        if !h.isMarked(cell) { continue }
        marked += 1
        check(cell.load(as: UInt.self) != 0, "\(cell) is marked and has no type")
        heap.pointee.traced = cell
        checkType(cell)
        tracer.retrace(cell)
        checkLayout(cell, h.capacity(ofCell: cell))
      }
      check(marked == Int(b.markedCells), "block \(i) has \(marked) marked cells, \(b.markedCells) counted")
      i += Int(b.blockCount)
    }
    for k in 0..<h.weakReferences.count {
      guard let cell = h.weakReferences.items?[k] else { continue }
      heap.pointee.traced = cell
      let referent = cell.assumingMemoryBound(to: WeakRefLayout.self).pointee.referent
      if referent.isCell { HeapChecks.checkReference(referent.cell, heap) }
    }
    heap.pointee.traced = nil
    heap.pointee.verifying = false
  }

  private func checkType(_ cell: UnsafeMutableRawPointer) {
    let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
    let typeCell = UnsafeMutableRawPointer(type)
    HeapChecks.checkBuiltinOrMarked(typeCell, heap)
    let meta = type.pointee.header.type
    check(
      meta == rt.types.type || meta.pointee.flags.contains(.typeSubclass),
      "\(cell) has a type at \(typeCell) that is not a type object")
  }

  /// Types that are not heap types live for the whole process; instances need not mark them, so only their place is checked.
  private static func checkBuiltinOrMarked(_ cell: UnsafeMutableRawPointer, _ heap: UnsafeMutablePointer<Heap>) {
    let address = UInt(bitPattern: cell)
    let inside = address &- heap.pointee.base < UInt(heap.pointee.frontier) << UInt(HeapGeometry.blockShift)
    if !inside || heap.pointee.cell(containing: address) != cell { fail(heap, "has a type at \(cell), which is not a live cell") }
    if !heap.pointee.isMarked(cell) { fail(heap, "has a type at \(cell), which was not marked") }
  }

  private func checkLayout(_ cell: UnsafeMutableRawPointer, _ capacity: Int) {
    let v = Value(cell: cell)
    let type = v.cellType
    func check(_ holds: Bool, _ what: @autoclosure () -> String) {
      if !holds { HeapChecks.fail(heap, what()) }
    }
    if type == rt.types.valueBuffer || type == rt.types.rawBuffer {
      let count = cell.load(fromByteOffset: 8, as: Int.self)
      let unit = type == rt.types.valueBuffer ? 8 : 1
      check(count >= 0 && count <= (capacity - BufferCell.headerSize) / unit, "has room for \(capacity) bytes and says \(count) items")
    } else if v.isTuple {
      let count = v.as(TupleLayout.self).pointee.count
      check(count >= 0 && count <= (capacity - TupleLayout.itemsOffset) / 8, "has room for \(capacity) bytes and says \(count) items")
    } else if v.isList {
      let l = v.as(ListLayout.self).pointee
      if l.capacity == -1 && l.count == 0 && l.items == nil { return }  // `sort` has its items
      check(l.count >= 0 && l.count <= l.capacity, "has \(l.count) items, room for \(l.capacity)")
      check((l.items == nil) == (l.capacity == 0), "has items without room or room without items")
      if let items = l.items { checkBuffer(UnsafeMutableRawPointer(items), bytes: l.capacity * 8) }
    } else if v.isDict || v.isSetOrFrozenSet {
      checkTable(cell.assumingMemoryBound(to: TableLayout.self), v.isDict ? HashTable.dictStride : HashTable.setStride)
    } else if v.isStr {
      let s = v.as(StrLayout.self)
      let unit = Int(s.pointee.unit)
      check(unit == 1 || unit == 2 || unit == 4, "has units of \(unit) bytes")
      check(!s.pointee.flags.contains(.ascii) || unit == 1, "is ASCII in wide units")
      let inline = s.pointee.flags.contains(.external) ? 0 : (s.pointee.length + 1) * unit
      check(s.pointee.length >= 0 && StrLayout.unitsOffset + inline <= capacity, "has \(s.pointee.length) units in \(capacity) bytes")
      if s.pointee.flags.contains(.ascii) {
        for i in 0..<min(s.pointee.length, 64) { check(s[codePoint: i] < 0x80, "is not ASCII as it says") }
      }
    } else if v.isBytes {
      let b = v.as(BytesLayout.self)
      let inline =
        b.isRoomy ? BytesLayout.roomyOffset - BytesLayout.bytesOffset + b.pointee.count + 1 : b.pointee.isExternal ? 0 : b.pointee.count + 1
      check(b.pointee.count >= 0 && BytesLayout.bytesOffset + inline <= capacity, "has \(b.pointee.count) bytes in \(capacity)")
    } else if type == rt.types.int {
      let count = abs(v.as(BigIntLayout.self).pointee.signedCount)
      check(count > 0 && BigIntLayout.limbsOffset + count * 8 <= capacity, "has \(count) limbs in \(capacity) bytes")
      // Not whether it is normal: a stack scan also finds results that arithmetic has given up for a small int.
    } else if Generators.isGeneratorLike(v) {
      let count = Int(v.as(GeneratorLayout.self).pointee.registerCount)
      check(count >= 0 && GeneratorLayout.registersOffset + count * 8 <= capacity, "has \(count) registers in \(capacity) bytes")
    } else if type == rt.types.function {
      check(v.as(FunctionLayout.self).pointee.code.isExact(rt.types.code), "is a function without code")
    }
    if type.pointee.attributesOffset != 0 {
      let storage = type.attributeStorage(of: cell)
      guard let shape = storage.pointee.shape else { return }
      check(shape.pointee.header.type == rt.types.shape, "has a shape that is none")
      if shape == rt.pointee.dictionaryShape { return }
      let end = UnsafeMutableRawPointer(storage) - cell + AttributeStorage.inlineOffset + Int(shape.pointee.inlineCapacity) * 8
      check(end <= capacity, "has inline attributes up to \(end) in \(capacity) bytes")
      let overflow = Int(shape.pointee.count - shape.pointee.inlineCapacity)
      if overflow > 0 {
        check(storage.pointee.overflow != nil, "has \(overflow) attributes too many")
        if let values = storage.pointee.overflow { checkBuffer(values, bytes: overflow * 8) }
      }
    }
  }

  /// `items` points just past the header of a buffer cell that has room for `bytes`.
  private func checkBuffer(_ items: UnsafeMutableRawPointer, bytes: Int) {
    let cell = items - BufferCell.headerSize
    HeapChecks.checkReference(cell, heap)
    let type = Value(cell: cell).cellType
    if type != rt.types.valueBuffer && type != rt.types.rawBuffer { HeapChecks.fail(heap, "has items in a cell that is no buffer") }
    let room = heap.pointee.capacity(ofCell: cell) - BufferCell.headerSize
    if bytes < 0 || bytes > room { HeapChecks.fail(heap, "needs \(bytes) bytes of a buffer of \(room)") }
  }

  private func checkTable(_ t: TableRef, _ stride: Int) {
    let table = t.pointee
    func check(_ holds: Bool, _ what: @autoclosure () -> String) {
      if !holds { HeapChecks.fail(heap, what()) }
    }
    check((table.entries == nil) == (table.indices == nil), "has entries without an index, or the reverse")
    guard let entries = table.entries, let indices = table.indices else { return }
    check(table.log2Size <= 31 && table.capacity >= 0, "has an impossible size")
    let counts = table.count >= 0 && table.count <= table.used && table.used <= Int(table.capacity)
    check(counts, "counts \(table.count) of \(table.used) entries")
    let size = 1 << Int(table.log2Size)
    check(indices >= entries + Int(table.capacity) * stride, "has an index among its entries")
    checkBuffer(entries, bytes: indices - entries + size * HashTable.slotWidth(table.log2Size))
    var live = 0
    for i in 0..<table.used where HashTable.entry(entries, i, stride).pointee.key != .tombstone { live += 1 }
    check(live == table.count, "has \(live) live entries and counts \(table.count)")
    for i in 0..<size {
      let n = HashTable.slot(indices, table.log2Size, i)
      check(n < table.used && n >= HashTable.dummy, "has an index slot for entry \(n) of \(table.used)")
    }
  }
}
