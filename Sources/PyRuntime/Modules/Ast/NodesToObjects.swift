/// Makes Python's node objects from a stream. A node gets all its attributes at once: its class's shape says where they go, and no
/// attribute is stored by name.
struct NodeObjects {
  private let vm: VM
  private let table: NodeTable
  /// What has been made and belongs to no node yet, `stack[0 ..< depth]`. Kept by a cell, as are the names.
  private var stack: UnsafeMutablePointer<Value>
  private var depth = 0
  private var stackCapacity = 512
  private var names: UnsafeMutablePointer<Value>
  private var nameCount = 0
  private var nameCapacity = 256

  /// - Throws: `MemoryError`
  static func make(_ vm: VM, _ stream: NodeStream) throws(Raised) -> Value {
    var maker = try NodeObjects(vm)
    // The cells that hold unfinished work are found through this struct, which lies on the native stack.
    return try withUnsafeMutablePointer(to: &maker) { p throws(Raised) in try p.pointee.run(stream) }
  }

  private init(_ vm: VM) throws(Raised) {
    self.vm = vm
    table = try AstModule.nodes(vm)
    stack = try vm.allocateValues(stackCapacity)
    names = try vm.allocateValues(nameCapacity)
  }

  private mutating func run(_ stream: NodeStream) throws(Raised) -> Value {
    var at = stream.base
    let end = stream.base + stream.count
    while at < end {
      let word = at.pointee
      let number = NodeStream.number(word)
      at += 1
      switch NodeStream.op(word) {
      case .node: try node(number, &at)
      case .list: try collect(number) { vm, items, count throws(Raised) in try vm.list(copying: items, count: count) }
      case .null, .constNone: try push(.none)
      case .int: try push(Value(smallInt: number))
      case .newName:
        let name = try vm.intern(try text(&at, number))
        if nameCount == nameCapacity { try growNames() }
        names[nameCount] = name
        nameCount &+= 1
        try push(name)
      case .name: try push(number < nameCount ? names[number] : .none)
      case .string, .constString: try push(try text(&at, number))
      case .constBytes:
        let bytes = UnsafeRawBufferPointer(start: at, count: number)
        at += (number &+ 7) >> 3
        try push(try vm.bytes(bytes))
      case .constTrue: try push(.true)
      case .constFalse: try push(.false)
      case .constEllipsis: try push(.ellipsis)
      case .constInt:
        let value = Int(Int64(bitPattern: at.pointee))
        at += 1
        try push(try vm.int(value))
      case .constBigInt:
        let count = number >> 1
        let limbs = UnsafeBufferPointer(start: at, count: count)
        at += count
        try push(try Ints.make(vm, negative: number & 1 != 0, limbs: limbs))
      case .constFloat:
        let value = Value(Double(bitPattern: at.pointee))
        at += 1
        try push(value)
      case .constComplex:
        let complex = try vm.make(ComplexLayout.self, rt.pointee.types.complex)
        complex.pointee.real = Double(bitPattern: at[0])
        complex.pointee.imaginary = Double(bitPattern: at[1])
        at += 2
        try push(Value(complex))
      case .constOther:
        at += (number &+ 7) >> 3
        try push(.none)
      case .constTuple: try collect(number) { vm, items, count throws(Raised) in try vm.tuple(copying: items, count: count) }
      case .constFrozenSet:
        try collect(number) { vm, items, count throws(Raised) in
          try vm.call(Value(rt.pointee.types.frozenset), try vm.tuple(copying: items, count: count))
        }
      }
    }
    return depth == 1 ? stack[0] : .none
  }

  @inline(__always)
  private mutating func push(_ v: Value) throws(Raised) {
    if depth == stackCapacity { try growStack() }
    stack[depth] = v
    depth &+= 1
  }

  @inline(__always)
  private mutating func node(_ kind: Int, _ at: inout UnsafeMutablePointer<UInt64>) throws(Raised) {
    let info = table.kinds + kind
    if info.pointee.isSingleton { return try push(table.singleton(kind)) }
    let count = info.pointee.count
    let type = table.type(kind)
    let shape = table.shape(kind)
    let hasPositions = info.pointee.positions != .none
    let total = hasPositions ? count &+ 4 : count
    let cell = try vm.allocate(
      type, Int(type.pointee.attributesOffset) &+ AttributeStorage.inlineOffset &+ max(total, Int(shape.pointee.inlineCapacity)) &* 8)
    let storage = type.attributeStorage(of: cell)
    let values = storage.inlineValues
    depth &-= count
    for i in 0..<count { values[i] = stack[depth &+ i] }
    if hasPositions {
      let start = at[0]
      let end = at[1]
      at += 2
      values[count] = position(start >> 32)
      values[count &+ 1] = position(start)
      values[count &+ 2] = position(end >> 32)
      values[count &+ 3] = position(end)
    }
    storage.pointee.shape = shape
    stack[depth] = Value(cell: cell)
    depth &+= 1
    if depth == stackCapacity { try growStack() }
  }

  @inline(__always)
  private func position(_ bits: UInt64) -> Value { Value(smallInt: Int(Int32(truncatingIfNeeded: bits))) }

  @inline(__always)
  private mutating func collect(
    _ count: Int, _ make: (VM, UnsafePointer<Value>, Int) throws(Raised) -> Value
  ) throws(Raised) {
    let collected = try make(vm, stack + (depth &- count), count)
    depth &-= count
    try push(collected)
  }

  private func text(_ at: inout UnsafeMutablePointer<UInt64>, _ count: Int) throws(Raised) -> Value {
    let bytes = UnsafeRawBufferPointer(start: at, count: count)
    at += (count &+ 7) >> 3
    return try vm.str(utf8: bytes)
  }

  private mutating func growStack() throws(Raised) {
    let larger = try vm.allocateValues(stackCapacity &* 2)
    larger.update(from: stack, count: depth)
    stack = larger
    stackCapacity &*= 2
  }

  private mutating func growNames() throws(Raised) {
    let larger = try vm.allocateValues(nameCapacity &* 2)
    larger.update(from: names, count: nameCount)
    names = larger
    nameCapacity &*= 2
  }
}
