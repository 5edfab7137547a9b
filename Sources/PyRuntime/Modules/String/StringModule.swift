/// `_string`: what `string.Formatter` takes apart format strings with.
enum StringModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    let m = m
    m.doc("Parsing of format strings, for string.Formatter.")
    formatterIterator = try m.type("formatteriterator", layoutSize: MemoryLayout<FormatIteratorLayout>.size, flags: []) {
      t throws(Raised) in
      t.flags.insert(.disallowInstantiation)
      t.trace(FormatIteratorLayout.trace)
      t.slots.iter = NoArgsCode(Iterators.itself)
      t.slots.next = NoArgsCode(nextField)
    }
    fieldNameIterator = try m.type("fieldnameiterator", layoutSize: MemoryLayout<FormatIteratorLayout>.size, flags: []) {
      t throws(Raised) in
      t.flags.insert(.disallowInstantiation)
      t.trace(FormatIteratorLayout.trace)
      t.slots.iter = NoArgsCode(Iterators.itself)
      t.slots.next = NoArgsCode(nextPart)
    }
    _ = try Dicts.remove(m.vm, m.dict, try m.vm.intern("formatteriterator"))
    _ = try Dicts.remove(m.vm, m.dict, try m.vm.intern("fieldnameiterator"))
    m.function("formatter_parser", nil, "An iterator over the literals and fields of a format string.", parse)
    m.function("formatter_field_name_split", nil, "The first part of a field name, and an iterator over the rest.", split)
  }

  nonisolated(unsafe) private static var formatterIterator: TypeRef?
  nonisolated(unsafe) private static var fieldNameIterator: TypeRef?

  private static func make(_ vm: VM, _ type: TypeRef?, _ text: Value, _ at: Int) throws(Raised) -> Value {
    guard let type else { throw vm.notBuilt("_string") }
    let it = try vm.make(FormatIteratorLayout.self, type)
    it.pointee.text = text
    it.pointee.at = at
    return Value(it)
  }

  private static func parse(_ vm: VM, _ module: Value, _ text: Value) throws(Raised) -> Value {
    guard text.isStr else { throw vm.raise(.typeError, "expected str, got \(text.typeName)") }
    return try make(vm, formatterIterator, text, 0)
  }

  private static func nextField(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let it = v.as(FormatIteratorLayout.self)
    let text = StrView(it.pointee.text)
    var parser = FieldParser(text, it.pointee.at, text.length)
    guard let step = try parser.next(vm) else { return .exhausted }
    it.pointee.at = parser.at
    let literal = try vm.str(copying: text.slice(step.literalStart, step.literalEnd))
    let result = try vm.tuple(count: 4)
    let items = result.as(TupleLayout.self).items
    for i in 0..<4 { items[i] = .none }
    items[0] = literal
    if step.hasField {
      items[1] = try vm.str(copying: text.slice(step.name.start, step.name.end))
      items[2] = try vm.str(copying: text.slice(step.spec.start, step.spec.end))
      if step.conversion != 0 { items[3] = try vm.str(codePoint: step.conversion) }
    }
    return result
  }

  private static func split(_ vm: VM, _ module: Value, _ text: Value) throws(Raised) -> Value {
    guard text.isStr else { throw vm.raise(.typeError, "expected str, got \(text.typeName)") }
    let view = StrView(text)
    let name = try FieldName(vm, view, 0, view.length)
    let first =
      name.firstIndex >= 0 ? try vm.int(name.firstIndex) : try vm.str(copying: view.slice(name.first.start, name.first.end))
    return try vm.tuple(first, try make(vm, fieldNameIterator, text, name.at))
  }

  private static func nextPart(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let it = v.as(FormatIteratorLayout.self)
    let view = StrView(it.pointee.text)
    var name = FieldName(rest: view, at: it.pointee.at)
    guard let part = try name.next(vm) else { return .exhausted }
    it.pointee.at = name.at
    switch part {
    case .attribute(let start, let end): return try vm.tuple(.true, try vm.str(copying: view.slice(start, end)))
    case .item(let start, let end, index: let i):
      return try vm.tuple(.false, i < 0 ? try vm.str(copying: view.slice(start, end)) : try vm.int(i))
    }
  }
}

/// Both iterators: a str and how far it has been read.
struct FormatIteratorLayout {
  var header: CellHeader
  var text: Value
  var at: Int

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: FormatIteratorLayout.self).pointee.text)
  }
}
