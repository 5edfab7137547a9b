/// Struct sequences (`os.stat_result`, `sys.flags`, `time.struct_time`): tuples whose items also have names.
///
/// An instance is a tuple cell with room for all fields. The first `visible` are its items; hidden ones follow them in memory
/// and are declared to the collector as slots of the type.
struct StructSequence {
  let type: TypeRef
  /// Items that the tuple shows.
  let visible: Int
  /// Visible and hidden ones.
  let fields: Int

  /// Makes the type. `names` are all fields in order; an empty name is a position without a name.
  /// - Parameter qualifiedName: "module.name", as in the repr; the name alone for one of no module
  static func makeType(
    _ vm: VM, _ qualifiedName: StaticString, module: Value, doc: StaticString, names: [StaticString], visible: Int,
    instantiable: Bool = true
  ) throws(Raised) -> StructSequence {
    let full = qualifiedName.rawBuffer
    let start = TypeNames.shortStart(full)
    let shortName = try vm.intern(try vm.internName(utf8: UnsafeRawBufferPointer(rebasing: full[start...])))
    let hidden = names.count - visible
    let type = try TypeFactory.makeBuiltin(
      vm, qualifiedName, base: rt.types.tuple, layoutSize: TupleLayout.itemsOffset + 8 * visible, flags: [], module: module)
    type.pointee.name = shortName
    type.pointee.qualname = shortName
    // The collector adds the visible items of a tuple to this.
    type.pointee.slotsOffset = Int32(TupleLayout.itemsOffset)
    type.pointee.slotCount = Int32(hidden)
    type.pointee.doc = vm.staticStr(doc)
    let builder = TypeBuilder(vm: vm, type: type)
    type.pointee.slots.repr = NoArgsCode(repr)
    if instantiable {
      type.pointee.slots.new = ManyCode(new)
    } else {
      type.pointee.flags.insert(.disallowInstantiation)
    }
    var named = 0
    for (i, name) in names.enumerated() where name.utf8CodeUnitCount > 0 {
      builder.member(name, nil, offset: TupleLayout.itemsOffset + 8 * i, readOnly: true, whenNull: .none)
      if i < visible { named += 1 }
    }
    builder.attribute("n_fields", try vm.int(names.count))
    builder.attribute("n_sequence_fields", try vm.int(visible))
    builder.attribute("n_unnamed_fields", try vm.int(visible - named))
    let labels = try vm.tuple(count: names.count)
    for (i, name) in names.enumerated() {
      labels.as(TupleLayout.self).items[i] = name.utf8CodeUnitCount == 0 ? .none : try vm.intern(name)
    }
    builder.attribute("_field_names", labels)
    // Fields without a name cannot be matched.
    let matchable = try vm.tuple(count: named)
    var place = 0
    for i in 0..<visible where labels.as(TupleLayout.self).items[i].isStr {
      matchable.as(TupleLayout.self).items[place] = labels.as(TupleLayout.self).items[i]
      place += 1
    }
    builder.attribute("__match_args__", matchable)
    builder.method("__reduce__", "($self, /)", "Helper for pickle.", reduce)
    try TypeFactory.ready(vm, type)
    let home = start == 0 ? try vm.intern("builtins") : try vm.str(utf8: UnsafeRawBufferPointer(rebasing: full[..<(start - 1)]))
    vm.bootstrapStore(type.pointee.dict, "__module__", home)
    return StructSequence(type: type, visible: visible, fields: names.count)
  }

  /// An instance whose fields are all None, for the caller to fill through `items`.
  func make(_ vm: VM) throws(Raised) -> Value {
    let cell = try vm.allocate(type, TupleLayout.itemsOffset + 8 * fields)
    let t = cell.assumingMemoryBound(to: TupleLayout.self)
    t.pointee.count = visible
    for i in 0..<fields { t.items[i] = .none }
    return Value(t)
  }

  private static func counts(_ type: TypeRef) -> (visible: Int, fields: Int) {
    var t = type
    while t.pointee.flags.contains(.heapType), let base = t.pointee.base { t = base }
    let visible = (Int(t.pointee.instanceSize) - TupleLayout.itemsOffset) / 8
    return (visible, visible + Int(t.pointee.slotCount))
  }

  private static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    let type = cls.asType
    let (visible, fields) = counts(type)
    var given = args[0], extra = args[1]
    for i in 0..<args.keywordCount {
      if Str.equal(args.keywordName(i), "sequence") { given = args.keywordValue(i) }
      if Str.equal(args.keywordName(i), "dict") { extra = args.keywordValue(i) }
    }
    if given.isNull { throw vm.raise(.typeError, "\(type.nameForMessages)() missing required argument 'sequence' (pos 1)") }
    if !extra.isNull && !extra.isDict {
      throw vm.raise(.typeError, "\(type.nameForMessages)() takes a dict as second arg, if any")
    }
    guard given.type.pointee.slots.iter != nil || given.type.pointee.slots.item != nil else {
      throw vm.raise(.typeError, "constructor requires a sequence")
    }
    let items = try vm.tuple(from: given)
    let n = items.as(TupleLayout.self).pointee.count
    let module = Types.lookup(type, rt.names.__module__)
    let home = module.isStr ? module.swiftString + "." : ""
    let name = (home == "builtins." ? "" : home) + type.nameForMessages
    if visible == fields {
      if n != visible { throw vm.raise(.typeError, "\(name)() takes a \(visible)-sequence (\(n)-sequence given)") }
    } else if n < visible {
      throw vm.raise(.typeError, "\(name)() takes an at least \(visible)-sequence (\(n)-sequence given)")
    } else if n > fields {
      throw vm.raise(.typeError, "\(name)() takes an at most \(fields)-sequence (\(n)-sequence given)")
    }
    let result = try StructSequence(type: type, visible: visible, fields: fields).make(vm)
    let target = result.as(TupleLayout.self).items
    for i in 0..<n { target[i] = items.as(TupleLayout.self).items[i] }
    if !extra.isNull && n < fields {
      let labels = Types.lookup(type, try vm.intern("_field_names"))
      for i in n..<fields {
        let v = try Dicts.get(vm, extra, labels.as(TupleLayout.self).items[i])
        if !v.isNull { target[i] = v }
      }
    }
    return result
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let type = v.type
    let (visible, _) = counts(type)
    let labels = Types.lookup(type, try vm.intern("_field_names"))
    let module = Types.lookup(type, rt.names.__module__)
    var text = module.isStr && !Str.equal(module, "builtins") ? module.swiftString + "." : ""
    text += type.nameForMessages + "("
    for i in 0..<visible {
      if i > 0 { text += ", " }
      let label = labels.isTuple ? labels.as(TupleLayout.self).items[i] : .none
      if label.isStr { text += label.swiftString + "=" }
      text += try vm.repr(v.as(TupleLayout.self).items[i]).swiftString
    }
    return try vm.str(text + ")")
  }

  private static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let (visible, fields) = counts(v.type)
    let items = v.as(TupleLayout.self).items
    let shown = try vm.tuple(copying: UnsafePointer(items), count: visible)
    let dict = try vm.dict()
    let labels = Types.lookup(v.type, try vm.intern("_field_names"))
    for i in visible..<max(visible, fields) { try Dicts.set(vm, dict, labels.as(TupleLayout.self).items[i], items[i]) }
    return try vm.tuple(Value(v.type), try vm.tuple(shown, dict))
  }
}
