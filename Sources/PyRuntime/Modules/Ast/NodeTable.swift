/// A field of a node class. Interned strs are never freed, so they may lie outside the heap.
struct NodeField {
  var name: Value
  var type: FieldType
  var quantifier: Quantifier

  enum Quantifier: UInt8 { case one, optional, many }
}

/// What is known of a node class: `fields[0 ..< count]` in order of declaration.
struct NodeInfo {
  var fields: UnsafeMutablePointer<NodeField>
  var count: Int
  var group: FieldType
  var positions: NodeDeclarations.Positions
  /// Made once and shared by all trees: operators and contexts.
  var isSingleton: Bool
}

struct NodeGroup {
  var name: Value
  var firstKind: Int
  var kindCount: Int
  var positions: NodeDeclarations.Positions
  /// The group is its only class.
  var isProduct: Bool
}

/// Facts and Python objects of all node classes; made when `_ast` is first needed and kept. The objects lie in a cell that `values`
/// points to: for each kind its class, its shape with all attributes set, and its only instance if it is a singleton; then the group classes.
struct NodeTable {
  var kinds: UnsafeMutablePointer<NodeInfo>
  var groups: UnsafeMutablePointer<NodeGroup>
  var values: UnsafeMutablePointer<Value>
  /// lineno, col_offset, end_lineno, end_col_offset
  var positionNames: UnsafeMutablePointer<Value>
  /// Kinds by class: open addressing over class addresses, twice as many places as needed.
  var places: UnsafeMutablePointer<(type: UInt64, kind: UInt8)>

  static let kindCount = NodeKind.allCases.count
  static let groupCount = FieldType.allCases.count - Int(FieldType.firstGroup)
  private static let placeMask = 511

  init(_ vm: VM) throws(Raised) {
    kinds = .allocate(capacity: NodeTable.kindCount)
    groups = .allocate(capacity: NodeTable.groupCount)
    values = try vm.allocateValues(NodeTable.kindCount * 3 + NodeTable.groupCount + 1)
    positionNames = .allocate(capacity: 4)
    places = .allocate(capacity: NodeTable.placeMask + 1)
    places.initialize(repeating: (0, 0), count: NodeTable.placeMask + 1)
    positionNames[0] = try vm.intern("lineno")
    positionNames[1] = try vm.intern("col_offset")
    positionNames[2] = try vm.intern("end_lineno")
    positionNames[3] = try vm.intern("end_col_offset")
  }

  @inline(__always) func type(_ kind: Int) -> TypeRef { values[kind].asType }
  @inline(__always) func shape(_ kind: Int) -> UnsafeMutablePointer<ShapeLayout> {
    values[NodeTable.kindCount &+ kind].as(ShapeLayout.self)
  }
  @inline(__always) func singleton(_ kind: Int) -> Value { values[NodeTable.kindCount &* 2 &+ kind] }
  func set(type: Value, _ kind: Int) {
    values[kind] = type
    var i = NodeTable.place(type.bits)
    while places[i].type != 0 { i = (i &+ 1) & NodeTable.placeMask }
    places[i] = (type.bits, UInt8(truncatingIfNeeded: kind))
  }
  func set(shape: Value, _ kind: Int) { values[NodeTable.kindCount + kind] = shape }
  func set(singleton: Value, _ kind: Int) { values[NodeTable.kindCount * 2 + kind] = singleton }
  /// The class of a group; `ast.AST` itself behind the last.
  func groupType(_ index: Int) -> Value { values[NodeTable.kindCount * 3 + index] }
  func set(groupType: Value, _ index: Int) { values[NodeTable.kindCount * 3 + index] = groupType }

  func group(_ type: FieldType) -> NodeGroup { groups[Int(type.rawValue &- FieldType.firstGroup)] }

  private static func place(_ bits: UInt64) -> Int {
    Int(truncatingIfNeeded: ((bits >> 4) &* 0x9E37_79B9_7F4A_7C15) >> 40) & placeMask
  }

  /// The kind whose class `v` is an instance of, in this group; -1 for none. An instance of a subclass counts.
  func kind(of v: Value, in group: FieldType) -> Int {
    let info = self.group(group)
    let type = v.type
    let bits = Value(type).bits
    var i = NodeTable.place(bits)
    while places[i].type != 0 {
      if places[i].type == bits {
        let kind = Int(places[i].kind)
        return kinds[kind].group == group ? kind : -1
      }
      i = (i &+ 1) & NodeTable.placeMask
    }
    for kind in info.firstKind..<info.firstKind + info.kindCount where type.isSubtype(of: self.type(kind)) { return kind }
    return -1
  }
}
