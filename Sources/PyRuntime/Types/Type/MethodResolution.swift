/// The order in which classes are searched: C3 linearisation.
enum MethodResolution {
  /// The mro of a type with one base whose own is known.
  static func ofBuiltin(_ vm: VM, _ type: TypeRef) throws(Raised) -> Value {
    guard let base = type.pointee.base else { return try vm.tuple(Value(type)) }
    let bases = type.pointee.bases.as(TupleLayout.self)
    if bases.pointee.count > 1 { return try compute(vm, type) }
    let rest = base.pointee.mro.as(TupleLayout.self)
    let mro = try vm.tuple(count: rest.pointee.count + 1)
    let items = mro.as(TupleLayout.self).items
    items[0] = Value(type)
    for i in 0..<rest.pointee.count { items[i + 1] = rest.items[i] }
    return mro
  }

  /// C3 over the bases' mros and the list of bases.
  static func compute(_ vm: VM, _ type: TypeRef) throws(Raised) -> Value {
    let bases = type.pointee.bases.as(TupleLayout.self)
    let n = bases.pointee.count
    for i in 0..<n {
      for j in 0..<i where bases.items[i] == bases.items[j] {
        throw vm.raise(.typeError, "duplicate base class \(TypeNames.short(bases.items[i].asType))")
      }
      if bases.items[i].asType.pointee.mro.isNull {
        throw vm.raise(.typeError, "Cannot extend an incomplete type '\(bases.items[i].asType.nameForMessages)'")
      }
    }
    if n == 1 { return try ofBuiltinLike(vm, type, bases.items[0].asType) }
    // Lists to merge: the mro of every base, then the bases themselves; `heads` holds the next position of each.
    let result = try vm.list()
    try vm.append(result, Value(type))
    let heads = UnsafeMutablePointer<Int>.allocate(capacity: n + 1)
    defer { heads.deallocate() }
    heads.initialize(repeating: 0, count: n + 1)
    func list(_ i: Int) -> UnsafeMutablePointer<TupleLayout> {
      i == n ? bases : bases.items[i].asType.pointee.mro.as(TupleLayout.self)
    }
    while true {
      var remaining = false
      var chosen = Value.null
      for i in 0...n {
        let l = list(i)
        if heads[i] >= l.pointee.count { continue }
        remaining = true
        let candidate = l.items[heads[i]]
        if !isInTail(candidate, n, list, heads) {
          chosen = candidate
          break
        }
      }
      if !remaining { break }
      if chosen.isNull { throw inconsistent(vm, n, list, heads) }
      try vm.append(result, chosen)
      for i in 0...n {
        let l = list(i)
        if heads[i] < l.pointee.count && l.items[heads[i]] == chosen { heads[i] += 1 }
      }
    }
    return try vm.tuple(from: result)
  }

  private static func ofBuiltinLike(_ vm: VM, _ type: TypeRef, _ base: TypeRef) throws(Raised) -> Value {
    let rest = base.pointee.mro.as(TupleLayout.self)
    let mro = try vm.tuple(count: rest.pointee.count + 1)
    let items = mro.as(TupleLayout.self).items
    items[0] = Value(type)
    for i in 0..<rest.pointee.count { items[i + 1] = rest.items[i] }
    return mro
  }

  private static func isInTail(
    _ candidate: Value, _ n: Int, _ list: (Int) -> UnsafeMutablePointer<TupleLayout>, _ heads: UnsafeMutablePointer<Int>
  ) -> Bool {
    for i in 0...n {
      let l = list(i)
      var j = heads[i] + 1
      while j < l.pointee.count {
        if l.items[j] == candidate { return true }
        j += 1
      }
    }
    return false
  }

  private static func inconsistent(
    _ vm: VM, _ n: Int, _ list: (Int) -> UnsafeMutablePointer<TupleLayout>, _ heads: UnsafeMutablePointer<Int>
  ) -> Raised {
    var names: [String] = []
    var seen: [UInt64] = []
    for i in 0...n {
      let l = list(i)
      if heads[i] < l.pointee.count, !seen.contains(l.items[heads[i]].bits) {
        seen.append(l.items[heads[i]].bits)
        names.append(TypeNames.short(l.items[heads[i]].asType))
      }
    }
    return vm.raise(
      .typeError,
      "Cannot create a consistent method resolution\norder (MRO) for bases \(names.joined(separator: ", "))")
  }
}
