import PyRuntime

/// `Element`: construction, attributes, items.
enum ElementType {
  static func layout(_ v: Value) -> ElementRef { v.as(ElementLayout.self) }

  static func declare(_ t: inout TypeBuilder) throws(Raised) {
    t.trace(ElementLayout.trace)
    t.slots.new = NewCode { (vm, cls, _) throws(Raised) in
      let e = try vm.instance(ElementLayout.self, of: cls.asType)
      e.pointee.tag = .none
      e.pointee.text = .none
      e.pointee.tail = .none
      return Value(e)
    }
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.repr = NoArgsCode(repr)
    t.slots.sequenceLength = HashCode { _, v throws(Raised) in layout(v).pointee.count }
    t.slots.item = IndexedCode { vm, v, i throws(Raised) in
      let child = layout(v).child(i)
      if child.isNull { throw vm.raise(.indexError, "child index out of range") }
      return child
    }
    t.slots.storeItem = StoreIndexedCode(storeItem)
    t.slots.mappingLength = HashCode { _, v throws(Raised) in layout(v).pointee.count }
    t.slots.subscripted = OneCode(subscripted)
    t.slots.storeSubscript = StoreCode(storeSubscript)
    let refusal: StaticString = "can't delete element attribute"
    t.member(
      "tag", "What kind of element this is", offset: MemoryLayout<ElementLayout>.offset(of: \.tag),
      refusal: refusal)
    t.member(
      "text", "The text between the start tag and the next tag, or None", offset: MemoryLayout<ElementLayout>.offset(of: \.text),
      refusal: refusal)
    t.member(
      "tail", "The text between the end tag and the next tag, or None", offset: MemoryLayout<ElementLayout>.offset(of: \.tail),
      refusal: refusal)
    t.getset(
      "attrib", "The attributes as a dict", { vm, v throws(Raised) in try Elements.attributes(vm, layout(v)) }
    ) { vm, v, x, _ throws(Raised) in
      if x.isNull { throw vm.raise(.attributeError, "can't delete element attribute") }
      guard x.isDict else { throw vm.raise(.typeError, "attrib must be dict, not \(x.typeName)") }
      layout(v).pointee.attrib = x
    }
    ElementMethods.declare(&t)
    ElementCopies.declare(&t)
  }

  private static let initialize: NativeInit = { vm, v, args throws(Raised) in
    let e = layout(v)
    let attrib = try attributes(vm, args, 0, "Element")
    e.pointee.tag = args[0]
    e.pointee.attrib = attrib
    e.pointee.text = .none
    e.pointee.tail = .none
    e.pointee.children = nil
    e.pointee.count = 0
    e.pointee.capacity = 0
  }

  /// What `Element(tag, attrib={}, **extra)` says of attributes, a dict of its own or null; the tag is argument `first`.
  static func attributes(_ vm: VM, _ args: Args, _ first: Int, _ name: StaticString) throws(Raised) -> Value {
    let least = first &+ 1, most = first &+ 2
    if args.count < least || args.count > most {
      let bound = args.count < least ? least : most
      throw vm.raise(
        .typeError,
        "\(name)() takes at \(args.count < least ? "least" : "most") \(bound) argument\(bound == 1 ? "" : "s") (\(args.count) given)")
    }
    var result = Value.null
    if args.count == most {
      let given = args[first &+ 1]
      guard given.isDict else { throw vm.raise(.typeError, "\(name)() argument \(most) must be dict, not \(given.nameAsArgument)") }
      result = try Dicts.copy(vm, given)
    }
    let keywords = args.keywordCount
    if keywords == 0 { return result.isNull || Dicts.count(result) > 0 ? result : .null }
    if result.isNull {
      // The dict may itself come by name.
      let attrib = try vm.intern("attrib")
      for k in 0..<keywords where try Elements.isEqual(vm, args.keywordName(k), attrib) {
        let given = args.keywordValue(k)
        guard given.isDict else { throw vm.raise(.typeError, "attrib must be dict, not \(given.typeName)") }
        result = try Dicts.copy(vm, given)
      }
      let named = !result.isNull
      if !named { result = try vm.dict() }
      for k in 0..<keywords {
        if named, try Elements.isEqual(vm, args.keywordName(k), attrib) { continue }
        try Dicts.set(vm, result, args.keywordName(k), args.keywordValue(k))
      }
      return result
    }
    for k in 0..<keywords { try Dicts.set(vm, result, args.keywordName(k), args.keywordValue(k)) }
    return result
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    let tag = layout(v).pointee.tag
    guard try ReprGuard.enter(vm, v) else { throw vm.raise(.runtimeError, "reentrant call inside \(v.typeName).__repr__") }
    let text: Value
    do throws(Raised) { text = try vm.repr(tag) } catch {
      ReprGuard.leave(vm, v)
      throw error
    }
    ReprGuard.leave(vm, v)
    let start = try vm.intern("<Element ")
    let end = try vm.str(" at 0x\(String(v.bits, radix: 16))>")
    return try vm.binary(.add, try vm.binary(.add, start, text), end)
  }

  private static func storeItem(_ vm: VM, _ v: Value, _ i: Int, _ x: Value) throws(Raised) {
    let e = layout(v)
    guard i >= 0, i < e.pointee.count else { throw vm.raise(.indexError, "child assignment index out of range") }
    if x.isNull { return try Elements.replace(vm, e, at: i, 1, with: nil, 0) }
    guard Elements.isElement(x) else { throw Elements.notElement(vm, x) }
    e.pointee.children?[i] = x
  }

  /// Which child `key` is, counted from the first; nil for a slice.
  private static func index(_ vm: VM, _ e: ElementRef, _ key: Value) throws(Raised) -> Int? {
    if key.isInt || key.type.pointee.slots.index != nil {
      let i = key.isSmallInt ? key.smallInt : try vm.asIndex(key, overflow: .indexError)
      return i < 0 ? i &+ e.pointee.count : i
    }
    guard key.isExact(rt.types.slice) else { throw vm.raise(.typeError, "element indices must be integers") }
    return nil
  }

  private static let subscripted: NativeOne = { vm, v, key throws(Raised) in
    let e = layout(v)
    if let i = try index(vm, e, key) {
      let child = e.child(i)
      if child.isNull { throw vm.raise(.indexError, "child index out of range") }
      return child
    }
    let range = try Slices.resolve(vm, key) { () throws(Raised) in e.pointee.count }
    let list = try vm.list(capacity: range.count)
    var i = range.start
    for _ in 0..<range.count {
      let child = e.child(i)
      if child.isNull { break }
      try vm.append(list, child)
      i &+= range.step
    }
    return list
  }

  private static func storeSubscript(_ vm: VM, _ v: Value, _ key: Value, _ x: Value) throws(Raised) {
    let e = layout(v)
    if let i = try index(vm, e, key) { return try storeItem(vm, v, i, x) }
    let range = try Slices.resolve(vm, key) { () throws(Raised) in e.pointee.count }
    if x.isNull { return try delete(vm, e, range) }
    let items = try Lists.sequence(vm, x, "expected sequence, not \"\(x.typeName)\"")
    guard let run = Lists.items(of: items) else { return }
    if range.step != 1 && run.count != range.count {
      throw vm.raise(.valueError, "attempt to assign sequence of size \(run.count) to extended slice of size \(range.count)")
    }
    for i in 0..<run.count where !Elements.isElement(run.items[i]) { throw Elements.notElement(vm, run.items[i]) }
    // What made the items may have removed children.
    if range.step == 1 {
      let start = min(range.start, e.pointee.count)
      return try Elements.replace(vm, e, at: start, min(range.count, e.pointee.count &- start), with: run.items, run.count)
    }
    var at = range.start
    for i in 0..<run.count {
      if at >= 0, at < e.pointee.count { e.pointee.children?[at] = run.items[i] }
      at &+= range.step
    }
  }

  private static func delete(_ vm: VM, _ e: ElementRef, _ range: SliceRange) throws(Raised) {
    if range.count == 0 { return }
    if range.step == 1 { return try Elements.replace(vm, e, at: range.start, range.count, with: nil, 0) }
    guard let children = e.pointee.children else { return }
    // The lowest and the distance of those that go.
    let step = abs(range.step), first = range.step > 0 ? range.start : range.start &+ (range.count &- 1) &* range.step
    var kept = first, gone = 0
    for i in first..<e.pointee.count {
      if gone < range.count, i == first &+ gone &* step {
        gone &+= 1
      } else {
        children[kept] = children[i]
        kept &+= 1
      }
    }
    (children + kept).update(repeating: .null, count: e.pointee.count &- kept)
    e.pointee.count = kept
  }
}
