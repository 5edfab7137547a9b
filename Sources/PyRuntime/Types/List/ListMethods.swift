enum ListMethods {
  static func declare(_ t: inout TypeBuilder) {
    t.method("__getitem__", "($self, object, /)", "x.__getitem__(y) <==> x[y]", getItem)
    t.method("__reversed__", "($self, /)", "An iterator from the last item to the first.", reversed)
    t.method("__sizeof__", "($self, /)", "Bytes of memory the list itself takes.", sizeOf)
    t.method("clear", "($self, /)", "Take out all items.", clear)
    t.method("copy", "($self, /)", "A new list of the same items.", copy)
    t.method("append", "($self, object, /)", "Add an item at the end.", append)
    t.method("insert", "($self, index, object, /)", "Put an item before the one at index.", insert)
    t.method("extend", "($self, iterable, /)", "Add all items of an iterable at the end.", extend)
    t.method("pop", "($self, index=-1, /)", "Take out the item at index and return it.", pop)
    t.method("remove", "($self, value, /)", "Take out the first item equal to value. ValueError if there is none.", remove)
    t.method(
      "index", "($self, value, start=0, stop=sys.maxsize, /)", "First index of value. Raises ValueError if it is not there.",
      index)
    t.method("count", "($self, value, /)", "How often value occurs.", count)
    t.method("reverse", "($self, /)", "Turn the list around, in place.", reverse)
    t.method(
      "sort", "($self, /, *, key=None, reverse=False)",
      "Sort the list in place, ascending, equal items in their old order.\n\nkey: what to sort by, a function of the item.", sort)
    t.classMethod("__class_getitem__", "($type, object, /)", "See PEP 585", Iterators.genericAlias)
  }

  @inline(__always) private static func layout(_ v: Value) -> ListRef { v.as(ListLayout.self) }

  private static let getItem: NativeOne = { vm, v, key throws(Raised) in
    guard let slot = rt.types.list.pointee.slots.subscripted else { return .none }
    return try slot(vm, v, key)
  }

  private static let reversed: NativeNoArgs = { vm, v throws(Raised) in
    try Iterators.indexed(vm, rt.types.listReverseIterator, v, try ListType.count(vm, v) &- 1)
  }

  private static let sizeOf: NativeNoArgs = { vm, v throws(Raised) in
    try vm.int(40 &+ max(0, layout(v).pointee.capacity) &* 8)
  }

  private static let clear: NativeNoArgs = { _, v throws(Raised) in
    Lists.truncate(layout(v), 0)
    return .none
  }

  private static let copy: NativeNoArgs = { vm, v throws(Raised) in
    let l = layout(v)
    return try ListType.slice(vm, l, SliceRange(start: 0, stop: l.pointee.count, step: 1, count: l.pointee.count))
  }

  private static let append: NativeOne = { vm, v, item throws(Raised) in
    try vm.append(v, item)
    return .none
  }

  private static let insert: NativeTwo = { vm, v, index, item throws(Raised) in
    guard index.isInt || index.type.pointee.slots.index != nil else {
      throw vm.raise(.typeError, "'\(index.typeName)' object cannot be interpreted as an integer")
    }
    var i = try vm.asInt(index)
    let n = layout(v).pointee.count
    if i < 0 { i = max(0, i &+ n) }
    try Lists.insert(vm, layout(v), at: min(i, n), item)
    return .none
  }

  private static let extend: NativeOne = { vm, v, iterable throws(Raised) in
    try Lists.extend(vm, layout(v), iterable)
    return .none
  }

  private static let pop: NativeOne = { vm, v, index throws(Raised) in
    let l = layout(v)
    var i = index.isNull ? -1 : try vm.asInt(index)
    let n = l.pointee.count
    if n == 0 { throw vm.raise(.indexError, "pop from empty list") }
    if i < 0 { i &+= n }
    guard i >= 0 && i < n else { throw vm.raise(.indexError, "pop index out of range") }
    return Lists.remove(l, at: i)
  }

  private static let remove: NativeOne = { vm, v, x throws(Raised) in
    let l = layout(v)
    var i = 0
    while i < l.pointee.count, let items = l.pointee.items {
      if try ItemCompare.equal(vm, items[i], x) {
        // The comparison may have shortened the list.
        if i < l.pointee.count { _ = Lists.remove(l, at: i) }
        return .none
      }
      i &+= 1
    }
    throw vm.raise(.valueError, "list.remove(x): x not in list")
  }

  private static let index: NativeMany = { vm, v, args throws(Raised) in
    let l = layout(v)
    var start = try Slices.searchBound(vm, args[1], 0)
    var stop = try Slices.searchBound(vm, args[2], Int.max)
    if start < 0 { start = max(0, start &+ l.pointee.count) }
    if stop < 0 { stop = max(0, stop &+ l.pointee.count) }
    var i = start
    while i < stop, i < l.pointee.count, let items = l.pointee.items {
      if try ItemCompare.equal(vm, items[i], args[0]) { return try vm.int(i) }
      i &+= 1
    }
    throw vm.raise(.valueError, "\(try vm.repr(args[0]).swiftString) is not in list")
  }

  private static let count: NativeOne = { vm, v, x throws(Raised) in
    let l = layout(v)
    var found = 0
    var i = 0
    while i < l.pointee.count, let items = l.pointee.items {
      if try ItemCompare.equal(vm, items[i], x) { found &+= 1 }
      i &+= 1
    }
    return try vm.int(found)
  }

  private static let reverse: NativeNoArgs = { _, v throws(Raised) in
    let l = layout(v)
    if let items = l.pointee.items { Sorter<Value, IntOrder>.reverse(items, l.pointee.count) }
    return .none
  }

  private static let sort: NativeMany = { vm, v, args throws(Raised) in
    // CPython takes `reverse` as a C int.
    let reverse = args[1].isNull ? false : try PosixArgs.int32(vm, args[1]) != 0
    try Sorting.sort(vm, list: layout(v), key: args[0], reverse: reverse)
    return .none
  }
}
