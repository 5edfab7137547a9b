import PyRuntime

/// Methods of `Element`. Paths that are more than a tag go to `xml.etree.ElementPath`.
enum ElementMethods {
  private static func layout(_ v: Value) -> ElementRef { v.as(ElementLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.method("append", "($self, subelement, /)", nil) { vm, v, child throws(Raised) in
      guard Elements.isElement(child) else { throw wrongArgument(vm, "append() argument", child) }
      try Elements.append(vm, layout(v), child)
      return .none
    }
    t.method("clear", "($self, /)", nil) { _, v throws(Raised) in
      let e = layout(v)
      e.pointee.attrib = .null
      e.pointee.children = nil
      e.pointee.count = 0
      e.pointee.capacity = 0
      e.pointee.text = .none
      e.pointee.tail = .none
      return .none
    }
    t.method("extend", "($self, elements, /)", nil) { vm, v, elements throws(Raised) in
      let items = try Lists.sequence(vm, elements, "expected sequence, not \"\(elements.typeName)\"")
      let e = layout(v)
      var i = 0
      while let run = Lists.items(of: items), i < run.count {
        guard Elements.isElement(run.items[i]) else { throw Elements.notElement(vm, run.items[i]) }
        try Elements.append(vm, e, run.items[i])
        i &+= 1
      }
      return .none
    }
    t.method("insert", "($self, index, subelement, /)", nil) { vm, v, index, child throws(Raised) in
      var i = try vm.asInt(index)
      guard Elements.isElement(child) else { throw wrongArgument(vm, "insert() argument 2", child) }
      let e = layout(v), n = e.pointee.count
      if i < 0 { i = max(0, i &+ n) }
      var one = child
      try withUnsafeMutablePointer(to: &one) { p throws(Raised) in try Elements.replace(vm, e, at: min(i, n), 0, with: p, 1) }
      return .none
    }
    t.method("remove", "($self, subelement, /)", nil, remove)
    t.method("makeelement", "($self, tag, attrib, /)", nil) { vm, v, tag, attrib throws(Raised) in
      guard attrib.isDict else { throw vm.raise(.typeError, "makeelement() argument 2 must be dict, not \(attrib.nameAsArgument)") }
      return Value(try Elements.make(vm, tag, try Dicts.copy(vm, attrib)))
    }
    declareAttributes(&t)
    declareSearches(&t)
  }

  private static func wrongArgument(_ vm: VM, _ place: StaticString, _ v: Value) -> Raised {
    vm.raise(.typeError, "\(place) must be xml.etree.ElementTree.Element, not \(v.nameAsArgument)")
  }

  private static func declareAttributes(_ t: inout TypeBuilder) {
    t.method("get", "($self, /, key, default=None)", nil) { (vm, v, key: Value, fallback: Value) throws(Raised) in
      let attrib = layout(v).pointee.attrib
      let found = attrib.isNull ? .null : try Dicts.get(vm, attrib, key)
      return found.isNull ? (fallback.isNull ? .none : fallback) : found
    }
    t.method("set", "($self, key, value, /)", nil) { vm, v, key, value throws(Raised) in
      try Dicts.set(vm, try Elements.attributes(vm, layout(v)), key, value)
      return .none
    }
    t.method("keys", "($self, /)", nil) { vm, v throws(Raised) in
      let list = try vm.list(), attrib = layout(v).pointee.attrib
      var position = 0
      while !attrib.isNull, let entry = Dicts.next(attrib, &position) { try vm.append(list, entry.key) }
      return list
    }
    t.method("items", "($self, /)", nil) { vm, v throws(Raised) in
      let list = try vm.list(), attrib = layout(v).pointee.attrib
      var position = 0
      while !attrib.isNull, let entry = Dicts.next(attrib, &position) { try vm.append(list, try vm.tuple(entry.key, entry.value)) }
      return list
    }
  }

  // MARK: searches

  private static func declareSearches(_ t: inout TypeBuilder) {
    t.method("find", "($self, /, path, namespaces=None)", nil) { (vm, v, path: Value, spaces: Value) throws(Raised) in
      if isPath(path) || !(spaces.isNull || spaces.isNone) { return try ask(vm, "find", v, path, spaces) }
      let child = try first(vm, layout(v), path)
      return child.isNull ? .none : child
    }
    t.method("findall", "($self, /, path, namespaces=None)", nil) { (vm, v, path: Value, spaces: Value) throws(Raised) in
      if isPath(path) || !(spaces.isNull || spaces.isNone) { return try ask(vm, "findall", v, path, spaces) }
      let e = layout(v), list = try vm.list()
      var i = 0
      while i < e.pointee.count {
        let child = e.child(i)
        if try Elements.isEqual(vm, layout(child).pointee.tag, path) { try vm.append(list, child) }
        i &+= 1
      }
      return list
    }
    t.method("findtext", "($self, /, path, default=None, namespaces=None)", nil) { (vm, v, args: Args) throws(Raised) in
      let path = args[0], fallback = args[1].isNull ? Value.none : args[1], spaces = args[2]
      if isPath(path) || !(spaces.isNull || spaces.isNone) {
        let function = try vm.getAttribute(EtreeModule.elementPath, try vm.intern("findtext"))
        return try vm.call(function, v, path, fallback, spaces.isNull ? .none : spaces)
      }
      let child = try first(vm, layout(v), path)
      if child.isNull { return fallback }
      let text = layout(child).pointee.text
      return text.isNone ? try vm.emptyStr() : text
    }
    t.method("iterfind", "($self, /, path, namespaces=None)", nil) { (vm, v, path: Value, spaces: Value) throws(Raised) in
      try ask(vm, "iterfind", v, path, spaces)
    }
    t.method("iter", "($self, /, tag=None)", nil) { (vm, v, tag: Value) throws(Raised) in
      try ElementIterator.make(vm, v, tag.isNull || isStar(tag) ? .none : tag, givesText: false)
    }
    t.method("itertext", "($self, /)", nil) { vm, v throws(Raised) in try ElementIterator.make(vm, v, .none, givesText: true) }
  }

  /// The first child with a tag, or null.
  private static func first(_ vm: VM, _ e: ElementRef, _ tag: Value) throws(Raised) -> Value {
    var i = 0
    while i < e.pointee.count {
      let child = e.child(i)
      if try Elements.isEqual(vm, layout(child).pointee.tag, tag) { return child }
      i &+= 1
    }
    return .null
  }

  private static func ask(_ vm: VM, _ name: StaticString, _ v: Value, _ path: Value, _ spaces: Value) throws(Raised) -> Value {
    try vm.call(try vm.getAttribute(EtreeModule.elementPath, try vm.intern(name)), v, path, spaces.isNull ? .none : spaces)
  }

  private static func isStar(_ tag: Value) -> Bool {
    if tag.isStr {
      let s = tag.as(StrLayout.self)
      return s.pointee.length == 1 && s[codePoint: 0] == 42
    }
    guard tag.isBytes else { return false }
    let b = tag.as(BytesLayout.self)
    return b.pointee.count == 1 && b.bytes[0] == 42
  }

  /// Whether a path may be more than the tag of a child. What stands between braces is a namespace.
  private static func isPath(_ path: Value) -> Bool {
    let count: Int
    if path.isStr {
      count = path.as(StrLayout.self).pointee.length
    } else if path.isBytes {
      count = path.as(BytesLayout.self).pointee.count
    } else {
      return true
    }
    let isText = path.isStr
    func at(_ i: Int) -> UInt32 { isText ? path.as(StrLayout.self)[codePoint: i] : UInt32(path.as(BytesLayout.self).bytes[i]) }
    if count >= 3, at(0) == 0x7B, at(1) == 0x7D || (at(1) == 0x2A && at(2) == 0x7D) { return true }
    var outside = true
    for i in 0..<count {
      switch at(i) {
      case 0x7B: outside = false
      case 0x7D: outside = true
      case 0x2F, 0x2A, 0x5B, 0x40, 0x2E: if outside { return true }
      default: break
      }
    }
    return false
  }

  private static let remove: NativeOne = { vm, v, child throws(Raised) in
    guard Elements.isElement(child) else { throw wrongArgument(vm, "remove() argument", child) }
    let e = layout(v)
    var i = 0
    while i < e.pointee.count && e.child(i) != child { i &+= 1 }
    if i == e.pointee.count {
      i = 0
      while i < e.pointee.count, try !vm.isTrue(try vm.compare(e.child(i), child, .eq)) { i &+= 1 }
    }
    if i >= e.pointee.count { throw vm.raise(.valueError, "list.remove(x): x not in list") }
    try Elements.replace(vm, e, at: i, 1, with: nil, 0)
    return .none
  }
}
