import Glibc
import PyRuntime

/// `TreeBuilder`. The open elements below `this` are `path[0 ..< depth]`. Text since the last tag: first `data` (an object, or a list of
/// them that `joinsData`), then `text[0 ..< textCount]`, UTF-8 in a raw-buffer cell, which the parser fills. It belongs to `lastForTail` as
/// its tail, or without one to `last` as its text. Fields that may be missing are null, `this` and `last` None.
struct TreeBuilderLayout {
  var header: CellHeader
  var root: Value, this: Value, last: Value, lastForTail: Value
  var data: Value
  var elementFactory: Value, commentFactory: Value, piFactory: Value
  /// What is called with (event, node), and the objects that name the events asked for
  var report: Value
  var startEvent: Value, endEvent: Value, startSpaceEvent: Value, endSpaceEvent: Value, commentEvent: Value, piEvent: Value
  var path: UnsafeMutablePointer<Value>?
  var depth: Int
  var capacity: Int
  var text: UnsafeMutablePointer<UInt8>?
  var textCount: Int
  var textCapacity: Int
  var joinsData: Bool
  var insertsComments: Bool
  var insertsInstructions: Bool

  static let valueCount = 15
  static let trace: TraceFunction = { cell, raw in
    let tracer = Tracer(raw)
    let b = cell.assumingMemoryBound(to: TreeBuilderLayout.self)
    tracer.visit((cell + 8).assumingMemoryBound(to: Value.self), count: valueCount, buffer: b.pointee.path)
    tracer.visitBuffer(b.pointee.text)
  }
}
typealias TreeBuilderRef = UnsafeMutablePointer<TreeBuilderLayout>

/// What a tree builder does with the events of a document.
extension UnsafeMutablePointer where Pointee == TreeBuilderLayout {
  // MARK: text

  /// Adds UTF-8 from the parser.
  func add(_ vm: VM, text: UnsafePointer<CChar>, _ count: Int) throws(Raised) {
    if pointee.last.isNone || count <= 0 { return }
    let needed = pointee.textCount &+ count
    if needed > pointee.textCapacity {
      let capacity = max(256, needed &+ needed / 2)
      let memory = try vm.allocateBytes(capacity).assumingMemoryBound(to: UInt8.self)
      if let old = pointee.text { memcpy(memory, old, pointee.textCount) }
      pointee.text = memory
      pointee.textCapacity = capacity
    }
    guard let memory = pointee.text else { return }
    memcpy(memory + pointee.textCount, text, count)
    pointee.textCount = needed
  }

  /// Adds an object, as `data` of Python code does: anything that `str.join` takes.
  func add(_ vm: VM, data: Value) throws(Raised) {
    if pointee.last.isNone && pointee.data.isNull { return }
    if pointee.textCount > 0 { try keep(vm, try takeText(vm)) }
    try keep(vm, data)
  }

  private func keep(_ vm: VM, _ data: Value) throws(Raised) {
    if pointee.data.isNull {
      pointee.data = data
      pointee.joinsData = false
    } else if pointee.joinsData {
      try vm.append(pointee.data, data)
    } else {
      let list = try vm.list(capacity: 4)
      try vm.append(list, pointee.data)
      try vm.append(list, data)
      pointee.data = list
      pointee.joinsData = true
    }
  }

  private func takeText(_ vm: VM) throws(Raised) -> Value {
    let count = pointee.textCount
    pointee.textCount = 0
    let text = try vm.str(utf8: UnsafeRawBufferPointer(start: pointee.text, count: count))
    if pointee.textCapacity > 1 << 16 {
      pointee.text = nil
      pointee.textCapacity = 0
    }
    return text
  }

  /// Gives the text so far to its element.
  @inline(__always)
  func flush(_ vm: VM) throws(Raised) {
    if pointee.textCount > 0 || !pointee.data.isNull { try flushSlowly(vm) }
  }
  private func flushSlowly(_ vm: VM) throws(Raised) {
    var joined: Value
    if pointee.data.isNull {
      joined = try takeText(vm)
    } else {
      if pointee.textCount > 0 { try keep(vm, try takeText(vm)) }
      joined = pointee.data
      pointee.data = .null
      if pointee.joinsData { joined = try vm.callMethod(try vm.emptyStr(), "join", joined) }
    }
    let isTail = !pointee.lastForTail.isNull
    let element = isTail ? pointee.lastForTail : pointee.last
    if Elements.isExact(element) {
      let e = Elements.layout(element)
      if isTail {
        e.pointee.tail = e.pointee.tail.isNone ? joined : try vm.binary(.add, e.pointee.tail, joined)
      } else {
        e.pointee.text = e.pointee.text.isNone ? joined : try vm.binary(.add, e.pointee.text, joined)
      }
      return
    }
    let name = try vm.intern(isTail ? "tail" : "text")
    let before = try vm.getAttribute(element, name)
    if !before.isNone { joined = try vm.binary(.add, before, joined) }
    try vm.setAttribute(element, name, joined)
  }

  // MARK: elements

  /// Opens an element; `attrib` is a dict or null.
  func start(_ vm: VM, _ tag: Value, _ attrib: Value) throws(Raised) -> Value {
    try flush(vm)
    let node: Value
    if pointee.elementFactory.isNull {
      node = Value(try Elements.make(vm, tag, attrib))
    } else {
      node = try vm.call(pointee.elementFactory, tag, attrib.isNull ? try vm.dict() : attrib)
    }
    let parent = pointee.this
    pointee.lastForTail = .null
    if !parent.isNone {
      try append(vm, node, to: parent)
    } else {
      if !pointee.root.isNull { throw EtreeModule.error(vm, "multiple elements on top level") }
      pointee.root = node
    }
    if pointee.depth == pointee.capacity {
      let (path, room) = try vm.reallocateValues(pointee.path, used: pointee.depth, max(16, pointee.depth &* 2))
      pointee.path = path
      pointee.capacity = room
    }
    pointee.path?[pointee.depth] = parent
    pointee.depth &+= 1
    pointee.this = node
    pointee.last = node
    if !pointee.startEvent.isNull { try tell(vm, pointee.startEvent, node) }
    return node
  }

  private func append(_ vm: VM, _ node: Value, to parent: Value) throws(Raised) {
    if Elements.isExact(parent), Elements.isElement(node) { return try Elements.append(vm, Elements.layout(parent), node) }
    _ = try vm.callMethod(parent, "append", node)
  }

  /// Closes the innermost element.
  func end(_ vm: VM) throws(Raised) -> Value {
    try flush(vm)
    guard pointee.depth > 0, let path = pointee.path else { throw vm.raise(.indexError, "pop from empty stack") }
    let node = pointee.this
    pointee.last = node
    pointee.lastForTail = node
    pointee.depth &-= 1
    pointee.this = path[pointee.depth]
    path[pointee.depth] = .null
    if !pointee.endEvent.isNull { try tell(vm, pointee.endEvent, node) }
    return node
  }

  func comment(_ vm: VM, _ text: Value) throws(Raised) -> Value {
    try flush(vm)
    var node = text
    if !pointee.commentFactory.isNull {
      node = try vm.call(pointee.commentFactory, text)
      if pointee.insertsComments { try insert(vm, node) }
    }
    if !pointee.commentEvent.isNull { try tell(vm, pointee.commentEvent, node) }
    return node
  }

  func instruction(_ vm: VM, _ target: Value, _ text: Value) throws(Raised) -> Value {
    try flush(vm)
    let node: Value
    if pointee.piFactory.isNull {
      node = try vm.tuple(target, text)
    } else {
      node = try vm.call(pointee.piFactory, target, text)
      if pointee.insertsInstructions { try insert(vm, node) }
    }
    if !pointee.piEvent.isNull { try tell(vm, pointee.piEvent, node) }
    return node
  }

  private func insert(_ vm: VM, _ node: Value) throws(Raised) {
    if pointee.this.isNone { return }
    try append(vm, node, to: pointee.this)
    pointee.lastForTail = node
  }

  func tell(_ vm: VM, _ event: Value, _ node: Value) throws(Raised) {
    if pointee.report.isNull { return }
    _ = try vm.call(pointee.report, try vm.tuple(event, node))
  }
}
