import PyRuntime

/// What `iter` and `itertext` of an element give: a walk in document order. `path[0 ..< 2 * depth]` are the elements from the first one
/// down to where the walk is, each followed by the number of its next child (an inline int); the words behind are null. `root` is the
/// first element until the walk begins, then null.
struct ElementIteratorLayout {
  var header: CellHeader
  var root: Value
  /// None: any
  var tag: Value
  var path: UnsafeMutablePointer<Value>?
  var depth: Int
  var capacity: Int
  var givesText: Bool

  static let trace: TraceFunction = { cell, tracer in
    let fields = (cell + 8).assumingMemoryBound(to: Value.self)
    Tracer(tracer).visit(fields, count: 2, buffer: cell.assumingMemoryBound(to: ElementIteratorLayout.self).pointee.path)
  }
}

enum ElementIterator {
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped
  private static func layout(_ v: Value) -> UnsafeMutablePointer<ElementIteratorLayout> { v.as(ElementIteratorLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.trace(ElementIteratorLayout.trace)
    t.slots.iter = NoArgsCode { _, v throws(Raised) in v }
    t.slots.next = NoArgsCode(next)
  }

  static func make(_ vm: VM, _ root: Value, _ tag: Value, givesText: Bool) throws(Raised) -> Value {
    let it = try vm.allocate(type, MemoryLayout<ElementIteratorLayout>.size).assumingMemoryBound(to: ElementIteratorLayout.self)
    it.pointee.root = root
    it.pointee.tag = tag
    it.pointee.givesText = givesText
    let path = try vm.allocateValues(8)
    it.pointee.path = path
    it.pointee.capacity = 4
    return Value(it)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    while let path = it.pointee.path {
      var element = it.pointee.root
      let depth = it.pointee.depth
      if depth == 0 {
        if element.isNull { return .exhausted }
        it.pointee.root = .null
      } else {
        let parent = path[2 &* depth &- 2].as(ElementLayout.self)
        let i = path[2 &* depth &- 1].smallInt
        if i >= parent.pointee.count {
          it.pointee.depth = depth &- 1
          path[2 &* depth &- 2] = .null
          path[2 &* depth &- 1] = .null
          // Not what follows the first element: that is no part of it.
          if it.pointee.givesText && depth > 1 {
            let text = parent.pointee.tail
            if try isShown(vm, text) { return text }
          }
          continue
        }
        element = parent.child(i)
        path[2 &* depth &- 1] = Value(smallInt: i &+ 1)
      }
      try push(vm, it, element)
      let e = element.as(ElementLayout.self)
      if it.pointee.givesText {
        let text = e.pointee.text
        if try isShown(vm, text) { return text }
        continue
      }
      if it.pointee.tag.isNone { return element }
      if try Elements.isEqual(vm, e.pointee.tag, it.pointee.tag) { return element }
    }
    return .exhausted
  }

  @inline(__always)
  private static func isShown(_ vm: VM, _ text: Value) throws(Raised) -> Bool {
    if text.isNone { return false }
    if text.isCell, text.typeOfCell == Elements.strType { return text.as(StrLayout.self).pointee.length > 0 }
    return try vm.isTrue(text)
  }

  @inline(__always)
  private static func push(_ vm: VM, _ it: UnsafeMutablePointer<ElementIteratorLayout>, _ element: Value) throws(Raised) {
    let depth = it.pointee.depth
    if depth == it.pointee.capacity {
      let (path, room) = try vm.reallocateValues(it.pointee.path, used: 2 &* depth, 4 &* depth)
      it.pointee.path = path
      it.pointee.capacity = room / 2
    }
    it.pointee.path?[2 &* depth] = element
    it.pointee.path?[2 &* depth &+ 1] = Value(smallInt: 0)
    it.pointee.depth = depth &+ 1
  }
}
