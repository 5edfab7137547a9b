/// `_bisect`: binary search in sorted sequences.
enum BisectModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Search and insertion in sorted sequences.")
    let signature: StaticString = "($module, /, a, x, lo=0, hi=None, *, key=None)"
    m.function("bisect_right", signature, "Where to insert x into sorted a, behind equal items.") { (vm, _, args: Args) throws(Raised) in
      try vm.int(try search(vm, args, args[1], left: false))
    }
    m.function("bisect_left", signature, "Where to insert x into sorted a, before equal items.") { (vm, _, args: Args) throws(Raised) in
      try vm.int(try search(vm, args, args[1], left: true))
    }
    m.function("insort_right", signature, "Insert x into sorted a, behind equal items.") { (vm, _, args: Args) throws(Raised) in
      try insert(vm, args, left: false)
    }
    m.function("insort_left", signature, "Insert x into sorted a, before equal items.") { (vm, _, args: Args) throws(Raised) in
      try insert(vm, args, left: true)
    }
  }

  private static func search(_ vm: VM, _ args: Args, _ x: Value, left: Bool) throws(Raised) -> Int {
    let sequence = args[0]
    var low = args[2].isNull ? 0 : try vm.asInt(args[2])
    var high = args[3].isNull || args[3].isNone ? -1 : try vm.asInt(args[3])
    let key = args[4].isNull ? Value.none : args[4]
    if low < 0 { throw vm.raise(.valueError, "lo must be non-negative") }
    if high == -1 { high = try vm.length(sequence) }
    while low < high {
      let middle = low + (high - low) >> 1
      var item = try Iterators.item(vm, sequence, middle)
      if !key.isNone { item = try vm.call(key, item) }
      if left {
        if try vm.less(item, x) { low = middle + 1 } else { high = middle }
      } else {
        if try vm.less(x, item) { high = middle } else { low = middle + 1 }
      }
    }
    return low
  }

  private static func insert(_ vm: VM, _ args: Args, left: Bool) throws(Raised) -> Value {
    let key = args[4].isNull ? Value.none : args[4]
    let x = key.isNone ? args[1] : try vm.call(key, args[1])
    let i = try search(vm, args, x, left: left)
    let l = args[0]
    if l.isExact(rt.types.list), l.as(ListLayout.self).isOwn {
      let count = l.as(ListLayout.self).pointee.count
      try Lists.insert(vm, l.as(ListLayout.self), at: min(i, count), args[1])
    } else {
      _ = try vm.callMethod(l, "insert", try vm.int(i), args[1])
    }
    return .none
  }
}
