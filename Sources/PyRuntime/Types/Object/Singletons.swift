/// The types of None, NotImplemented and Ellipsis.
enum NoneType {
  static func declare(_ t: inout TypeBuilder) {
    t.slots.new = NewCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.bool = TestCode { (_, _) in false }
  }
  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    if args.count != 0 || args.keywordCount != 0 { throw vm.raise(.typeError, "NoneType takes no arguments") }
    return .none
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value { try vm.intern("None") }
}

enum NotImplementedType {
  static func declare(_ t: inout TypeBuilder) {
    t.slots.new = NewCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.bool = TestCode(test)
    t.method("__reduce__", nil, nil, repr)
  }
  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    if args.count != 0 || args.keywordCount != 0 { throw vm.raise(.typeError, "NotImplementedType takes no arguments") }
    return .notImplemented
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value { try vm.intern("NotImplemented") }
  private static func test(_ vm: VM, _ v: Value) throws(Raised) -> Bool {
    try vm.warn(.deprecationWarning, "NotImplemented should not be used in a boolean context")
    return true
  }
}

enum EllipsisType {
  static func declare(_ t: inout TypeBuilder) {
    t.slots.new = NewCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.method("__reduce__", nil, nil, repr)
  }
  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    if args.count != 0 || args.keywordCount != 0 { throw vm.raise(.typeError, "EllipsisType takes no arguments") }
    return .ellipsis
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value { try vm.intern("Ellipsis") }
}
