/// `types.SimpleNamespace`
enum SimpleNamespaceType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("SimpleNamespace(**kwargs)\n--\n\nAn object whose attributes are its keyword arguments.")
    t.slots.new = NewCode(new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.repr = NoArgsCode(repr)
    t.slots.compare = CompareCode(compare)
    t.method("__reduce__", "($self, /)", "Return state information for pickling", reduce)
  }
  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    Value(try vm.instance(CellHeader.self, of: type.asType))
  }
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    if args.count != 0 { throw vm.raise(.typeError, "no positional arguments expected") }
    for i in 0..<args.keywordCount { try Attributes.set(vm, v, try vm.attributeName(args.keywordName(i)), args.keywordValue(i)) }
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let exact = v.isExact(rt.pointee.types.simpleNamespace)
    let name = exact ? "namespace" : TypeNames.short(v.type)
    guard try ReprGuard.enter(vm, v) else { return try vm.str("\(name)(...)") }
    do throws(Raised) {
      let dict = try Attributes.snapshot(vm, v)
      var parts: [String] = []
      var position = 0
      while let entry = Dicts.next(dict, &position) {
        if entry.key.isStr && entry.key.as(StrLayout.self).pointee.length > 0 {
          parts.append("\(entry.key.swiftString)=\(try vm.repr(entry.value).swiftString)")
        }
      }
      ReprGuard.leave(vm, v)
      return try vm.str("\(name)(\(parts.joined(separator: ", ")))")
    } catch {
      ReprGuard.leave(vm, v)
      throw error
    }
  }
  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    let type = rt.pointee.types.simpleNamespace
    guard a.isInstance(of: type) && b.isInstance(of: type) else { return .notImplemented }
    return try vm.compare(try Attributes.dictionary(vm, a), try Attributes.dictionary(vm, b), op)
  }
  private static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try vm.tuple(Value(v.type), rt.pointee.emptyTuple, try Attributes.dictionary(vm, v))
  }
  /// A namespace for native code: attributes are added with `vm.setAttribute`.
  static func make(_ vm: VM) throws(Raised) -> Value {
    Value(try vm.instance(CellHeader.self, of: rt.pointee.types.simpleNamespace))
  }
}
