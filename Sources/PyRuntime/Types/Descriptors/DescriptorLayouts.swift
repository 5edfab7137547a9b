/// `wrapper_descriptor`: a special method of a builtin type. `code` is the slot's native code as `kind` says.
struct WrapperDescriptorLayout {
  var header: CellHeader
  /// str; type
  var name: Value, owner: Value
  var code: UnsafeRawPointer
  /// Index into `SlotTable.entries`
  var entry: Int
}

/// `method-wrapper`: a wrapper descriptor bound to `receiver`.
struct MethodWrapperLayout {
  var header: CellHeader
  var descriptor: Value, receiver: Value
}

/// `getset_descriptor`. `set` null: read-only.
struct GetsetLayout {
  var header: CellHeader
  var name: Value, owner: Value
  var get: NoArgsCode
  var set: StoreCode?
  var doc: StaticText
}

/// `member_descriptor`: a `Value` at `offset` of the instance. Null reads as `whenNull`, or is an
/// AttributeError when that is null too (`__slots__`). With `get` what the instance has there is no Value: offset is 0, and it is read only.
struct MemberLayout {
  var header: CellHeader
  var name: Value, owner: Value
  var whenNull: Value
  var doc: StaticText
  var offset: Int32
  var readOnly: Bool
  var get: NoArgsCode?
  /// What deleting says; none: the word becomes null.
  var refusal = StaticText()
}

/// `mappingproxy`
struct MappingProxyLayout {
  var header: CellHeader
  var mapping: Value
}

/// `property`. Functions are null when absent (None reads the same).
struct PropertyLayout {
  var header: CellHeader
  var get: Value, set: Value, delete: Value
  var doc: Value
  /// From `__set_name__`, or null
  var name: Value
  /// The docstring came from the getter
  var docFromGetter: Bool
}

/// `classmethod` and `staticmethod`
struct MethodHolderLayout {
  var header: CellHeader
  var callable: Value
}

/// `super`. `type` null until initialised; `object` null when unbound.
struct SuperLayout {
  var header: CellHeader
  var type: Value, object: Value, objectType: Value
}

enum DescriptorTrace {
  static let wrapper: TraceFunction = { cell, tracer in
    let d = cell.assumingMemoryBound(to: WrapperDescriptorLayout.self)
    let t = Tracer(tracer)
    t.visit(d.pointee.name)
    t.visit(d.pointee.owner)
  }
  static let methodWrapper: TraceFunction = { cell, tracer in
    let d = cell.assumingMemoryBound(to: MethodWrapperLayout.self)
    let t = Tracer(tracer)
    t.visit(d.pointee.descriptor)
    t.visit(d.pointee.receiver)
  }
  static let getset: TraceFunction = { cell, tracer in
    let d = cell.assumingMemoryBound(to: GetsetLayout.self)
    let t = Tracer(tracer)
    t.visit(d.pointee.name)
    t.visit(d.pointee.owner)
  }
  static let member: TraceFunction = { cell, tracer in
    let d = cell.assumingMemoryBound(to: MemberLayout.self)
    let t = Tracer(tracer)
    t.visit(d.pointee.name)
    t.visit(d.pointee.owner)
    t.visit(d.pointee.whenNull)
  }
  static let property: TraceFunction = { cell, tracer in
    let d = cell.assumingMemoryBound(to: PropertyLayout.self)
    let t = Tracer(tracer)
    t.visit(d.pointee.get)
    t.visit(d.pointee.set)
    t.visit(d.pointee.delete)
    t.visit(d.pointee.doc)
    t.visit(d.pointee.name)
  }
  /// One value after the header: mappingproxy, classmethod, staticmethod.
  static let oneValue: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: MethodHolderLayout.self).pointee.callable)
  }
  static let superObject: TraceFunction = { cell, tracer in
    let d = cell.assumingMemoryBound(to: SuperLayout.self)
    let t = Tracer(tracer)
    t.visit(d.pointee.type)
    t.visit(d.pointee.object)
    t.visit(d.pointee.objectType)
  }
  static let nativeFunction: TraceFunction = { cell, tracer in
    let f = cell.assumingMemoryBound(to: NativeFunctionLayout.self)
    let t = Tracer(tracer)
    t.visit(f.pointee.name)
    t.visit(f.pointee.qualname)
    t.visit(f.pointee.receiver)
    t.visit(f.pointee.module)
    t.visit(f.pointee.owner)
  }
  static let boundMethod: TraceFunction = { cell, tracer in
    let m = cell.assumingMemoryBound(to: BoundMethodLayout.self)
    let t = Tracer(tracer)
    t.visit(m.pointee.function)
    t.visit(m.pointee.receiver)
  }
}
