/// `_ast`: the node classes. They are ordinary classes made by `type()` over one native base, `ast.AST`, so programs may subclass and
/// change them; what the conversions need of them is kept in a `NodeTable`.
enum AstModule {
  nonisolated(unsafe) private static var table: NodeTable?

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    let table = try nodes(m.vm)
    m.value("AST", table.groupType(NodeTable.groupCount))
    try m.int("PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000)
    try m.int("PyCF_ONLY_AST", 0x400)
    try m.int("PyCF_TYPE_COMMENTS", 0x1000)
    for g in 0..<NodeTable.groupCount {
      let group = table.groups[g]
      try Dicts.set(m.vm, m.dict, group.name, table.groupType(g))
      if group.isProduct { continue }
      for kind in group.firstKind..<group.firstKind + group.kindCount {
        try Dicts.set(m.vm, m.dict, table.type(kind).pointee.name, Value(table.type(kind)))
      }
    }
  }

  /// Whether `v` is a node; false without any work while nobody has asked for nodes.
  static func isNode(_ v: Value) -> Bool {
    guard let table, v.isCell else { return false }
    return v.type.isSubtype(of: table.groupType(NodeTable.groupCount).asType)
  }

  /// The table, made on first use.
  static func nodes(_ vm: VM) throws(Raised) -> NodeTable {
    if let table { return table }
    let table = try NodeTable(vm)
    var builder = try NodeClassBuilder(vm: vm, table: table)
    try builder.build()
    self.table = table
    return table
  }
}

/// Makes the classes that `NodeDeclarations` describes.
private struct NodeClassBuilder {
  let vm: VM
  let table: NodeTable
  var kind = 0
  var group = 0
  let noNames: Value
  let positionNames: Value
  /// Name of each `FieldType`; interned, so identity decides.
  let typeNames: [Value]

  init(vm: VM, table: NodeTable) throws(Raised) {
    var names: [Value] = []
    for type in FieldType.allCases { names.append(try vm.intern(try vm.str("\(type)"))) }
    typeNames = names
    self.vm = vm
    self.table = table
    noNames = rt.pointee.emptyTuple
    positionNames = try vm.tuple(copying: table.positionNames, count: 4)
  }

  mutating func build() throws(Raised) {
    let base = try AstType.make(vm)
    table.set(groupType: Value(base), NodeTable.groupCount)
    var builder = self
    try NodeDeclarations.rows { row throws(Raised) in try builder.group(row, base) }
  }

  private mutating func group(_ row: NodeDeclarations.Row, _ base: TypeRef) throws(Raised) {
    let text = row.text.rawBuffer
    let nameEnd = text.firstIndex { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "(") } ?? text.count
    let name = try string(text[..<nameEnd])
    let isProduct = text[nameEnd] == UInt8(ascii: "(")
    let type = fieldType(name)
    let first = kind
    if isProduct {
      let fields = try declareKind(text[...], type, row.positions)
      let made = try make(name, base, doc: try vm.str(utf8: text), fields, ownPositions: row.positions)
      try finish(made)
      table.set(groupType: made, group)
    } else {
      let made = try make(name, base, doc: try vm.str(utf8: text), noNames, ownPositions: row.positions)
      table.set(groupType: made, group)
      for alternative in text[(nameEnd + 3)...].split(separator: UInt8(ascii: "|")) {
        let declaration = trimmed(alternative)
        let open = declaration.firstIndex(of: UInt8(ascii: "(")) ?? declaration.endIndex
        let fields = try declareKind(declaration, type, row.positions)
        let doc = try vm.str(utf8: UnsafeRawBufferPointer(rebasing: declaration))
        try finish(try make(try string(declaration[..<open]), made.asType, doc: doc, fields, ownPositions: nil))
      }
    }
    table.groups[group] = NodeGroup(
      name: name, firstKind: first, kindCount: kind - first, positions: row.positions, isProduct: isProduct)
    group += 1
  }

  /// Enters the facts of the class declared by `Name(type name, …)`.
  /// - Returns: its `_fields`
  private func declareKind(
    _ text: UnsafeRawBufferPointer.SubSequence, _ group: FieldType, _ positions: NodeDeclarations.Positions
  ) throws(Raised) -> Value {
    var fields: [NodeField] = []
    if let open = text.firstIndex(of: UInt8(ascii: "(")) {
      let close = text.lastIndex(of: UInt8(ascii: ")")) ?? text.endIndex
      for part in text[(open + 1)..<close].split(separator: UInt8(ascii: ",")) {
        let field = trimmed(part)
        guard let space = field.firstIndex(of: UInt8(ascii: " ")) else { continue }
        var typeName = field[..<space]
        var quantifier = NodeField.Quantifier.one
        if typeName.last == UInt8(ascii: "?") { quantifier = .optional }
        if typeName.last == UInt8(ascii: "*") { quantifier = .many }
        if quantifier != .one { typeName = typeName.dropLast() }
        fields.append(
          NodeField(name: try string(field[(space + 1)...]), type: fieldType(try string(typeName)), quantifier: quantifier))
      }
    }
    let memory = UnsafeMutablePointer<NodeField>.allocate(capacity: max(fields.count, 1))
    memory.initialize(from: fields, count: fields.count)
    table.kinds[kind] = NodeInfo(
      fields: memory, count: fields.count, group: group, positions: positions,
      isSingleton: fields.isEmpty && positions == .none)
    let names = try vm.tuple(count: fields.count)
    for (i, field) in fields.enumerated() { names.as(TupleLayout.self).items[i] = field.name }
    return names
  }

  /// `type(name, (base,), {...})`. `ownPositions`: those of a class that derives from AST directly.
  private func make(
    _ name: Value, _ base: TypeRef, doc: Value, _ fields: Value, ownPositions: NodeDeclarations.Positions?
  ) throws(Raised) -> Value {
    let namespace = try vm.dict()
    try Dicts.set(vm, namespace, "_fields", fields)
    try Dicts.set(vm, namespace, "__module__", try vm.intern("ast"))
    try Dicts.set(vm, namespace, "__doc__", doc)
    try Dicts.set(vm, namespace, "__match_args__", fields)
    if let ownPositions {
      try Dicts.set(vm, namespace, "_attributes", ownPositions == .none ? noNames : positionNames)
    }
    if fields != noNames {
      let info = table.kinds[kind]
      for i in 0..<info.count where info.fields[i].quantifier == .optional { try Dicts.set(vm, namespace, info.fields[i].name, .none) }
    }
    if ownPositions == .optionalEnd {
      try Dicts.set(vm, namespace, table.positionNames[2], .none)
      try Dicts.set(vm, namespace, table.positionNames[3], .none)
    }
    return try vm.call(Value(rt.pointee.types.type), name, try vm.tuple(Value(base)), namespace)
  }

  /// Enters a class: gives its instances room for all attributes and makes the shape they will have.
  private mutating func finish(_ made: Value) throws(Raised) {
    let type = made.asType
    let info = table.kinds[kind]
    let positions = info.positions == .none ? 0 : 4
    type.pointee.inlineCapacity = Int32(info.count + positions)
    type.pointee.rootShape = try Shapes.makeRoot(vm, type)
    guard var shape = type.pointee.rootShape else { return }
    for i in 0..<info.count { shape = try child(shape, info.fields[i].name) }
    for i in 0..<positions { shape = try child(shape, table.positionNames[i]) }
    table.set(type: made, kind)
    table.set(shape: Value(shape), kind)
    if info.isSingleton { table.set(singleton: Value(try vm.instance(CellHeader.self, of: type)), kind) }
    kind += 1
  }

  private func child(_ shape: ShapeRef, _ name: Value) throws(Raised) -> ShapeRef {
    guard let next = try Shapes.child(vm, shape, adding: name) else { throw vm.raise(.systemError, "no shape for an AST node") }
    return next
  }

  private func string(_ text: UnsafeRawBufferPointer.SubSequence) throws(Raised) -> Value {
    try vm.intern(try vm.str(utf8: UnsafeRawBufferPointer(rebasing: text)))
  }

  private func trimmed(_ text: UnsafeRawBufferPointer.SubSequence) -> UnsafeRawBufferPointer.SubSequence {
    var text = text
    while text.first == UInt8(ascii: " ") { text = text.dropFirst() }
    while let c = text.last, c == UInt8(ascii: " ") || c == UInt8(ascii: "\n") { text = text.dropLast() }
    return text
  }

  private func fieldType(_ name: Value) -> FieldType {
    FieldType(rawValue: UInt8(truncatingIfNeeded: typeNames.firstIndex(of: name) ?? 0)) ?? .identifier
  }
}
