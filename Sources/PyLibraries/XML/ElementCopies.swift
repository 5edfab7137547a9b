import PyRuntime

/// Copies of elements, and their state as pickles have it.
enum ElementCopies {
  private static func layout(_ v: Value) -> ElementRef { v.as(ElementLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.method("__copy__", "($self, /)", nil) { vm, v throws(Raised) in
      let e = layout(v)
      let copy = try Elements.make(vm, e.pointee.tag, e.pointee.attrib.isNull ? .null : try Dicts.copy(vm, e.pointee.attrib))
      copy.pointee.text = e.pointee.text
      copy.pointee.tail = e.pointee.tail
      try Elements.reserve(vm, copy, e.pointee.count)
      for i in 0..<e.pointee.count { copy.pointee.children?[i] = e.child(i) }
      copy.pointee.count = e.pointee.count
      return Value(copy)
    }
    t.method("__deepcopy__", "($self, memo, /)", nil) { vm, v, memo throws(Raised) in
      guard memo.isDict else { throw vm.raise(.typeError, "__deepcopy__() argument must be dict, not \(memo.nameAsArgument)") }
      return try deepCopy(vm, v, memo)
    }
    t.method("__getstate__", "($self, /)", nil, getState)
    t.method("__setstate__", "($self, state, /)", nil, setState)
    t.method("__sizeof__", "($self, /)", nil) { vm, v throws(Raised) in
      let e = layout(v)
      // What CPython's struct has: with attributes or children a second one, with room for four.
      let second = e.pointee.attrib.isNull && e.pointee.capacity == 0 ? 0 : 64
      return try vm.int(56 &+ second &+ (e.pointee.capacity > 4 ? e.pointee.capacity &* 8 : 0))
    }
  }

  private static func deepCopy(_ vm: VM, _ v: Value, _ memo: Value) throws(Raised) -> Value {
    // As deep as the native stack allows: CPython's recursion limit does not count here.
    if vm.nativeStackIsLow { throw vm.raiseRecursionError() }
    let e = layout(v)
    let copy = try Elements.make(vm, try part(vm, e.pointee.tag, memo), .null)
    if !e.pointee.attrib.isNull { copy.pointee.attrib = try part(vm, e.pointee.attrib, memo) }
    copy.pointee.text = try part(vm, e.pointee.text, memo)
    copy.pointee.tail = try part(vm, e.pointee.tail, memo)
    try Elements.reserve(vm, copy, e.pointee.count)
    var i = 0
    while i < e.pointee.count {
      let child = try part(vm, e.child(i), memo)
      guard Elements.isElement(child) else { throw Elements.notElement(vm, child) }
      try Elements.append(vm, copy, child)
      i &+= 1
    }
    try Dicts.set(vm, memo, try vm.identity(of: v), Value(copy))
    return Value(copy)
  }

  private static func part(_ vm: VM, _ v: Value, _ memo: Value) throws(Raised) -> Value {
    if v.isNone || (v.isCell && v.typeOfCell == Elements.strType) { return v }
    if Elements.isExact(v) {
      let known = try Dicts.get(vm, memo, try vm.identity(of: v))
      return known.isNull ? try deepCopy(vm, v, memo) : known
    }
    if v.isExact(rt.types.dict) {
      var position = 0
      var isPlain = true
      while isPlain, let entry = Dicts.next(v, &position) { isPlain = entry.key.isExactStr && entry.value.isExactStr }
      if isPlain { return try Dicts.copy(vm, v) }
    }
    return try vm.callMethod(try vm.importModule("copy"), "deepcopy", v, memo)
  }

  private static let getState: NativeNoArgs = { vm, v throws(Raised) in
    let e = layout(v)
    let state = try vm.dict()
    try Dicts.set(vm, state, "tag", e.pointee.tag)
    let children = try vm.list(capacity: e.pointee.count)
    for i in 0..<e.pointee.count { try vm.append(children, e.child(i)) }
    try Dicts.set(vm, state, "_children", children)
    try Dicts.set(vm, state, "attrib", e.pointee.attrib.isNull ? try vm.dict() : e.pointee.attrib)
    try Dicts.set(vm, state, "text", e.pointee.text)
    try Dicts.set(vm, state, "tail", e.pointee.tail)
    return state
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    guard state.isExact(rt.types.dict) else {
      throw vm.raise(.typeError, "Don't know how to unpickle \"\(try vm.repr(state).swiftString)\" as an Element")
    }
    let known: [StaticString] = ["tag", "attrib", "text", "tail", "_children"]
    var position = 0
    while let entry = Dicts.next(state, &position) {
      guard entry.key.isStr else { throw vm.raise(.typeError, "keywords must be strings") }
      let name = entry.key.swiftString
      guard known.contains(where: { "\($0)" == name }) else {
        throw vm.raise(.typeError, "'\(name)' is an invalid keyword argument for this function")
      }
    }
    let e = layout(v)
    func field(_ name: StaticString) -> Value { Dicts.get(vm, state, name) }
    let tag = field("tag")
    if tag.isNull { throw vm.raise(.typeError, "tag may not be NULL") }
    let text = field("text"), tail = field("tail"), attrib = field("attrib"), children = field("_children")
    e.pointee.tag = tag
    e.pointee.text = text.isNull ? .none : text
    e.pointee.tail = tail.isNull ? .none : tail
    if attrib.isNull && children.isNull { return .none }
    if !children.isNull {
      guard children.isList else { throw vm.raise(.typeError, "'_children' is not a list") }
      let items = try vm.list(from: children)
      guard let run = Lists.items(of: items) else { return .none }
      for i in 0..<run.count where !Elements.isElement(run.items[i]) { throw Elements.notElement(vm, run.items[i]) }
      try Elements.replace(vm, e, at: 0, e.pointee.count, with: run.items, run.count)
    } else {
      try Elements.replace(vm, e, at: 0, e.pointee.count, with: nil, 0)
    }
    if attrib.isNull || attrib.isNone {
      e.pointee.attrib = .null
    } else {
      guard attrib.isDict else { throw vm.raise(.typeError, "attrib must be dict, not \(attrib.typeName)") }
      e.pointee.attrib = attrib
    }
    return .none
  }
}
