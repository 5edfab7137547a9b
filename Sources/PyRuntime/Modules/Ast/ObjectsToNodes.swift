/// Writes Python's node objects into a stream, with the checks that `compile()` makes on the way (CPython 3.11): required fields, types
/// of fields, recursion. What a tree means is checked later, on the parser's tree.
struct ObjectNodes {
  private let vm: VM
  private let table: NodeTable
  private var depth: Int
  private let depthLimit: Int
  /// list of the constants that have an identity
  private let constants: Value
  var stream = NodeStream(capacity: 1024)

  /// - Parameters:
  ///   - root: an instance of a class of the group `mod`
  ///   - constants: list to which the constants are added that have an identity
  /// - Returns: a stream that the caller frees
  static func make(_ vm: VM, _ root: Value, constants: Value) throws(Raised) -> NodeStream {
    var writer = ObjectNodes(vm: vm, table: try AstModule.nodes(vm), constants: constants)
    do throws(Raised) { _ = try writer.group(.mod, root) } catch {
      writer.stream.free()
      throw error
    }
    return writer.stream
  }

  private init(vm: VM, table: NodeTable, constants: Value) {
    self.vm = vm
    self.constants = constants
    self.table = table
    depth = vm.thread.pointee.recursionDepth
    depthLimit = rt.pointee.recursionLimit
  }

  private mutating func enter(_ name: Value) throws(Raised) {
    depth &+= 1
    if depth > depthLimit || vm.nativeStackIsLow {
      throw vm.raiseRecursionError(" while traversing '\(name.swiftString)' node")
    }
  }

  /// A node of a group. Answers false for None, which is written as null.
  private mutating func group(_ type: FieldType, _ v: Value) throws(Raised) -> Bool {
    let group = table.group(type)
    if v.isNone && (group.isProduct ? false : !table.kinds[group.firstKind].isSingleton) {
      stream.append(.null)
      return false
    }
    var start: UInt64 = 0
    var end: UInt64 = 0
    if !group.isProduct { (start, end) = try positions(v, group) }
    let kind = group.isProduct ? group.firstKind : table.kind(of: v, in: type)
    if kind < 0 {
      throw vm.raise(.typeError, "expected some sort of \(group.name.swiftString), but got \(try vm.repr(v).swiftString)")
    }
    let info = table.kinds[kind]
    let name = table.type(kind).pointee.name
    var missing = -1
    for i in 0..<info.count {
      let isThere = try field(v, info.fields[i], name)
      if !isThere && missing < 0 && needsValue(info.fields[i]) { missing = i }
    }
    if group.isProduct { (start, end) = try positions(v, group) }
    if missing >= 0 {
      throw vm.raise(.valueError, "field '\(info.fields[missing].name.swiftString)' is required for \(name.swiftString)")
    }
    stream.append(.node, kind)
    if info.positions != .none {
      stream.append(start)
      stream.append(end)
    }
    return true
  }

  private func needsValue(_ field: NodeField) -> Bool { field.quantifier == .one && field.type != .int }

  private mutating func positions(_ v: Value, _ group: NodeGroup) throws(Raised) -> (UInt64, UInt64) {
    if group.positions == .none { return (0, 0) }
    let line = try position(v, 0, group, instead: nil)
    let column = try position(v, 1, group, instead: nil)
    let isOptional = group.positions == .optionalEnd
    let endLine = try position(v, 2, group, instead: isOptional ? line : nil)
    let endColumn = try position(v, 3, group, instead: isOptional ? column : nil)
    return (pair(line, column), pair(endLine, endColumn))
  }

  private func pair(_ a: Int32, _ b: Int32) -> UInt64 { UInt64(UInt32(bitPattern: a)) << 32 | UInt64(UInt32(bitPattern: b)) }

  private mutating func position(_ v: Value, _ index: Int, _ group: NodeGroup, instead: Int32?) throws(Raised) -> Int32 {
    let value = try attribute(v, table.positionNames[index])
    if let instead, value.isNull || value.isNone { return instead }
    if value.isNull {
      throw vm.raise(
        .typeError, "required field \"\(table.positionNames[index].swiftString)\" missing from \(group.name.swiftString)")
    }
    try enter(group.name)
    defer { depth &-= 1 }
    return try int(value)
  }

  /// The attribute, or null if there is none. Plain instance attributes are found without a look-up on the class.
  @inline(__always)
  private func attribute(_ v: Value, _ name: Value) throws(Raised) -> Value {
    if v.isCell, v.cellType.pointee.flags.contains(.genericGetAttribute) {
      // None of a class's own attributes of these names is a data descriptor unless a program put it there.
      let own = Attributes.get(v, name)
      if !own.isNull && Types.lookup(v.cellType, name).isDescriptorless { return own }
    }
    return try vm.getAttributeOrNull(v, name)
  }

  /// Writes a field's value; false if it is None or missing.
  private mutating func field(_ v: Value, _ field: NodeField, _ owner: Value) throws(Raised) -> Bool {
    let value = try attribute(v, field.name)
    if value.isNull || (value.isNone && field.quantifier == .optional) {
      if field.quantifier != .optional {
        throw vm.raise(.typeError, "required field \"\(field.name.swiftString)\" missing from \(owner.swiftString)")
      }
      // A level that is left out is 0.
      if field.type == .int { stream.append(.int, 0) } else { stream.append(.null) }
      return false
    }
    if field.quantifier == .many {
      try list(value, field, owner)
      return true
    }
    try enter(owner)
    defer { depth &-= 1 }
    return try single(value, field.type)
  }

  private mutating func list(_ value: Value, _ field: NodeField, _ owner: Value) throws(Raised) {
    guard value.isList else {
      throw vm.raise(
        .typeError, "\(owner.swiftString) field \"\(field.name.swiftString)\" must be a list, not a \(value.typeName)")
    }
    let count = try itemCount(value)
    for i in 0..<count {
      let item: Value
      if let run = Lists.items(of: value), i < run.count {
        item = run.items[i]
      } else {
        item = try vm.getItem(value, try vm.int(i))
      }
      try enter(owner)
      _ = try single(item, field.type)
      depth &-= 1
      if try itemCount(value) != count { throw changedSize(field, owner) }
    }
    stream.append(.list, count)
  }

  /// How many items a list really has, whatever a subclass's `__len__` says.
  private func itemCount(_ list: Value) throws(Raised) -> Int {
    if let run = Lists.items(of: list) { return run.count }
    return try vm.length(list)
  }

  private func changedSize(_ field: NodeField, _ owner: Value) -> Raised {
    vm.raise(.runtimeError, "\(owner.swiftString) field \"\(field.name.swiftString)\" changed size during iteration")
  }

  private mutating func single(_ value: Value, _ type: FieldType) throws(Raised) -> Bool {
    switch type {
    case .identifier:
      if value.isNone {
        stream.append(.null)
        return false
      }
      guard value.isExactStr else { throw vm.raise(.typeError, "AST identifier must be of type str") }
      text(.newName, value)
    case .string:
      if value.isNone {
        stream.append(.null)
        return false
      }
      if value.isExact(rt.pointee.types.bytes) {
        let bytes = value.as(BytesLayout.self)
        stream.append(.string, bytes: bytes.bytes, count: bytes.pointee.count)
        return true
      }
      guard value.isExactStr else { throw vm.raise(.typeError, "AST string must be of type str") }
      text(.string, value)
    case .int: stream.append(.int, Int(try int(value)))
    case .constant:
      try constant(value)
      if value.isCell { try vm.append(constants, value) }
    default: return try group(type, value)
    }
    return true
  }

  private mutating func text(_ op: NodeStream.Op, _ value: Value) {
    let view = StrView(value)
    if value.as(StrLayout.self).isASCII {
      stream.append(op, bytes: view.units, count: view.length)
    } else {
      let bytes = value.utf8Bytes
      bytes.withUnsafeBytes { stream.append(op, bytes: $0.baseAddress, count: $0.count) }
    }
  }

  private func int(_ value: Value) throws(Raised) -> Int32 {
    if value.isSmallInt, let small = Int32(exactly: value.smallInt) { return small }
    guard value.isInt || value.isBool else {
      throw vm.raise(.valueError, "invalid integer value: \(try vm.repr(value).swiftString)")
    }
    guard let wide = Ints.asInt64(try vm.index(value)), let narrow = Int32(exactly: wide) else {
      throw vm.raise(.overflowError, "Python int too large to convert to C int")
    }
    return narrow
  }

  // MARK: constants

  /// Objects that are not constants are written as an error by name: whether they may stand there is for the validator to say.
  private mutating func constant(_ value: Value) throws(Raised) {
    if value.isNone { return stream.append(.constNone) }
    if value == .true { return stream.append(.constTrue) }
    if value == .false { return stream.append(.constFalse) }
    if value == .ellipsis { return stream.append(.constEllipsis) }
    let types = rt.pointee.types
    if value.isExactInt {
      if let small = Ints.asInt64(value) {
        stream.append(.constInt)
        stream.append(UInt64(bitPattern: Int64(small)))
      } else {
        try Ints.withView(value) { view throws(Raised) in
          stream.append(.constBigInt, view.count &* 2 &+ (view.isNegative ? 1 : 0))
          for i in 0..<view.count { stream.append(UInt64(view.limbs[i])) }
        }
      }
    } else if value.isDouble {
      stream.append(.constFloat)
      stream.append(value.double.bitPattern)
    } else if value.isExactStr {
      text(.constString, value)
    } else if value.isExact(types.bytes) {
      let bytes = value.as(BytesLayout.self)
      stream.append(.constBytes, bytes: bytes.bytes, count: bytes.pointee.count)
    } else if value.isExact(types.complex) {
      let complex = value.as(ComplexLayout.self)
      stream.append(.constComplex)
      stream.append(complex.pointee.real.bitPattern)
      stream.append(complex.pointee.imaginary.bitPattern)
    } else if value.isExact(types.tuple) {
      let count = value.as(TupleLayout.self).pointee.count
      for i in 0..<count { try item(value.as(TupleLayout.self).items[i]) }
      stream.append(.constTuple, count)
    } else if value.isExact(types.frozenset) {
      let items = try vm.list(from: value)
      let count = items.as(ListLayout.self).pointee.count
      for i in 0..<count { if let run = Lists.items(of: items) { try item(run.items[i]) } }
      stream.append(.constFrozenSet, count)
    } else {
      let name = Array(value.typeName.utf8)
      name.withUnsafeBytes { stream.append(.constOther, bytes: $0.baseAddress, count: $0.count) }
    }
  }

  private mutating func item(_ value: Value) throws(Raised) {
    depth &+= 1
    defer { depth &-= 1 }
    if depth > depthLimit * 3 || vm.nativeStackIsLow { throw vm.raiseRecursionError(" during compilation") }
    try constant(value)
  }
}

extension Value {
  /// Null, or an object that does not intercept reading an instance's attribute of its name.
  fileprivate var isDescriptorless: Bool { isNull || isNone || type.pointee.slots.descriptorSet == nil }
}
