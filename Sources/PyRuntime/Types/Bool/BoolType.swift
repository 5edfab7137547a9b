/// `bool`: the constants True and False. A subclass of int that only changes repr, construction and `&`, `|`, `^` of two bools.
enum BoolType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("bool(x) -> bool\n\nTrue when x is true, else False. There are no other instances, and no subclasses.")
    t.flags.formUnion([.intSubclass, .matchSelf])
    t.flags.remove(.baseType)
    var s = t.slots
    s.new = NewCode(new)
    s.repr = NoArgsCode { (vm, a) throws(Raised) in try vm.intern(a == .true ? "True" : "False") }
    s.and = OneCode { (vm, a, b) throws(Raised) in
      if a.isBool && b.isBool { return .bool(a == .true && b == .true) }
      return try IntSlots.and(vm, a, b)
    }
    s.or = OneCode { (vm, a, b) throws(Raised) in
      if a.isBool && b.isBool { return .bool(a == .true || b == .true) }
      return try IntSlots.or(vm, a, b)
    }
    s.xor = OneCode { (vm, a, b) throws(Raised) in
      if a.isBool && b.isBool { return .bool(a != b) }
      return try IntSlots.xor(vm, a, b)
    }
    t.slots = s
  }

  static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "bool() takes no keyword arguments") }
    if args.count > 1 { throw vm.raise(.typeError, "bool expected at most 1 argument, got \(args.count)") }
    return args.count == 0 ? .false : .bool(try vm.isTrue(args[0]))
  }
}
