/// Looks for an object where a program would find it: among the names of the frames that run, and in the objects that these lead to. What is found needs no collection
/// to be known alive; of what is not, nothing is known. Allocates nothing in the heap.
enum NamedObjects {
  private static let mostFrames = 32
  /// Objects that are looked through, a tenth of a millisecond's worth
  private static let mostObjects = 1024
  private static let mostItems = 1024

  /// - Parameter frame: the innermost one whose names count
  /// - Parameter result: what that one is about to be given; null: nothing
  static func lead(to object: Value, from frame: Registers?, _ result: Value) -> Bool {
    let heap = rt.heapPointer
    var waiting = PointerVector(), namespaces = PointerVector()
    defer {
      waiting.discard()
      namespaces.discard()
    }
    if result.isCell { waiting.append(result.cell) }
    var next = frame
    for _ in 0..<mostFrames {
      guard let fp = next else { break }
      next = fp.frameCaller
      guard fp[-1].isExact(rt.types.function) else { continue }
      for i in 0..<Int(fp.frameCode.pointee.nlocalsplus) {
        if fp[i] == object { return true }
        if fp[i].isCell { waiting.append(fp[i].cell) }
      }
      let globals = fp.frameFunction.pointee.globals
      if globals.isCell, namespaces.last != globals.cell { namespaces.append(globals.cell) }
    }
    waiting.append(contentsOf: namespaces)
    var seen: Set<UnsafeMutableRawPointer> = []
    var i = 0
    while i < waiting.count, seen.count < mostObjects, let cell = waiting.items?[i] {
      i += 1
      // A register that machine code has left may name what is dead; what the image has refers to nothing that is made at run time.
      guard seen.insert(cell).inserted, heap.pointee.isLive(cell), isLookedThrough(Value(cell: cell)) else { continue }
      let first = waiting.count
      HeapReferences.referents(of: cell, heap, &waiting)
      for k in first..<waiting.count where waiting.items?[k] == object.cell { return true }
    }
    return false
  }

  private static func isLookedThrough(_ v: Value) -> Bool {
    let type = v.cellType
    if type == rt.types.dict { return v.as(DictLayout.self).pointee.used <= mostItems }
    if type == rt.types.list { return v.as(ListLayout.self).pointee.count <= mostItems }
    if type == rt.types.tuple { return v.as(TupleLayout.self).pointee.count <= mostItems }
    if type == rt.types.function || type == rt.types.module || type == rt.types.code || v.isType { return false }
    // Registers of one that waits may have what nobody reads again.
    if type == rt.types.generator || type == rt.types.coroutine || type == rt.types.asyncGenerator { return false }
    return type.pointee.traceKind != .leaf || !type.hasPlainInstances
  }
}
