enum DictIterators {
  typealias Ref = UnsafeMutablePointer<TableIteratorLayout>

  static func make(_ vm: VM, _ type: TypeRef, _ d: Value, backward: Bool) throws(Raised) -> Value {
    let it = try vm.make(TableIteratorLayout.self, type)
    let layout = d.as(DictLayout.self)
    it.pointee.container = d
    it.pointee.size = layout.pointee.count
    it.pointee.remaining = layout.pointee.count
    it.pointee.position = backward ? layout.pointee.used &- 1 : 0
    return Value(it)
  }

  static func layout(_ v: Value) -> Ref { v.as(TableIteratorLayout.self) }

  /// The next entry; nil at the end.
  @inline(__always)
  static func step(_ vm: VM, _ it: Ref, backward: Bool) throws(Raised) -> UnsafeMutablePointer<DictEntry>? {
    guard !it.pointee.container.isNull else { return nil }
    let d = it.pointee.container.as(DictLayout.self)
    if d.pointee.count != it.pointee.size {
      it.pointee.size = -1
      throw vm.raise(.runtimeError, "dictionary changed size during iteration")
    }
    if let entries = d.pointee.entries {
      let used = d.pointee.used
      var i = backward ? min(it.pointee.position, used &- 1) : it.pointee.position
      while backward ? i >= 0 : i < used {
        let e = entries + i
        i = backward ? i &- 1 : i &+ 1
        if e.pointee.key == .tombstone { continue }
        if it.pointee.remaining == 0 {
          it.pointee.container = .null
          throw vm.raise(.runtimeError, "dictionary keys changed during iteration")
        }
        it.pointee.position = i
        it.pointee.remaining &-= 1
        return e
      }
    }
    it.pointee.container = .null
    return nil
  }

  static func declareCommon(_ t: inout TypeBuilder) {
    t.trace(TableIteratorLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.method("__length_hint__", "($self, /)", "How many items are still to come.", lengthHint)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
  }

  private static let lengthHint: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    if it.pointee.container.isNull { return Value(smallInt: 0) }
    let same = it.pointee.container.as(DictLayout.self).pointee.count == it.pointee.size
    return try vm.int(same ? it.pointee.remaining : 0)
  }

  /// Pickles as an iterator over a list of what is left; does not move this one.
  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    let twin = try vm.make(TableIteratorLayout.self, v.cellType)
    twin.pointee.container = it.pointee.container
    twin.pointee.position = it.pointee.position
    twin.pointee.size = it.pointee.size
    twin.pointee.remaining = it.pointee.remaining
    return try vm.tuple(try Iterators.builtin(vm, "iter"), try vm.tuple(try vm.list(from: Value(twin))))
  }

  // MARK: steps

  static let nextKey: NativeNoArgs = { vm, v throws(Raised) in
    guard let e = try step(vm, layout(v), backward: false) else { return .exhausted }
    return e.pointee.key
  }
  static let nextValue: NativeNoArgs = { vm, v throws(Raised) in
    guard let e = try step(vm, layout(v), backward: false) else { return .exhausted }
    return e.pointee.value
  }
  static let nextItem: NativeNoArgs = { vm, v throws(Raised) in
    guard let e = try step(vm, layout(v), backward: false) else { return .exhausted }
    return try vm.tuple(e.pointee.key, e.pointee.value)
  }
  static let previousKey: NativeNoArgs = { vm, v throws(Raised) in
    guard let e = try step(vm, layout(v), backward: true) else { return .exhausted }
    return e.pointee.key
  }
  static let previousValue: NativeNoArgs = { vm, v throws(Raised) in
    guard let e = try step(vm, layout(v), backward: true) else { return .exhausted }
    return e.pointee.value
  }
  static let previousItem: NativeNoArgs = { vm, v throws(Raised) in
    guard let e = try step(vm, layout(v), backward: true) else { return .exhausted }
    return try vm.tuple(e.pointee.key, e.pointee.value)
  }
}

enum DictKeyIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    DictIterators.declareCommon(&t)
    t.slots.next = NoArgsCode(DictIterators.nextKey)
  }
}
enum DictValueIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    DictIterators.declareCommon(&t)
    t.slots.next = NoArgsCode(DictIterators.nextValue)
  }
}
enum DictItemIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    DictIterators.declareCommon(&t)
    t.slots.next = NoArgsCode(DictIterators.nextItem)
  }
}
enum DictReverseKeyIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    DictIterators.declareCommon(&t)
    t.slots.next = NoArgsCode(DictIterators.previousKey)
  }
}
enum DictReverseValueIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    DictIterators.declareCommon(&t)
    t.slots.next = NoArgsCode(DictIterators.previousValue)
  }
}
enum DictReverseItemIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    DictIterators.declareCommon(&t)
    t.slots.next = NoArgsCode(DictIterators.previousItem)
  }
}
