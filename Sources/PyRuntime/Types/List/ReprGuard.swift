import Glibc

/// Objects whose repr is being made, so that a container inside itself shows as "[...]" instead of recursing forever.
package enum ReprGuard {
  /// False when `v`'s repr is already under way; otherwise it is now, and `leave` must follow.
  package static func enter(_ vm: VM, _ v: Value) throws(Raised) -> Bool {
    let thread = vm.thread
    if thread.pointee.reprStack.isNull { thread.pointee.reprStack = try vm.list(capacity: 16) }
    let l = thread.pointee.reprStack.as(ListLayout.self)
    if let items = l.pointee.items {
      for i in 0..<l.pointee.count where items[i] == v { return false }
    }
    try vm.append(thread.pointee.reprStack, v)
    return true
  }

  package static func leave(_ vm: VM, _ v: Value) {
    guard !vm.thread.pointee.reprStack.isNull else { return }
    let l = vm.thread.pointee.reprStack.as(ListLayout.self)
    guard let items = l.pointee.items else { return }
    var i = l.pointee.count
    while i > 0 {
      i &-= 1
      if items[i] == v {
        _ = Lists.remove(l, at: i)
        return
      }
    }
  }

  /// The repr made by `body`, or `placeholder` when `v`'s is already under way.
  static func guarded(
    _ vm: VM, _ v: Value, _ placeholder: StaticString, _ body: () throws(Raised) -> Value
  ) throws(Raised) -> Value {
    guard try enter(vm, v) else { return try vm.intern(placeholder) }
    do throws(Raised) {
      let result = try body()
      leave(vm, v)
      return result
    } catch {
      leave(vm, v)
      throw error
    }
  }
}

/// Collects the pieces of a repr. Pieces are strs in a list; `finish` joins them in one copy.
struct ReprBuilder {
  let vm: VM
  private let parts: Value
  private var length = 0
  private var unit: UInt8 = 1

  init(_ vm: VM) throws(Raised) {
    self.vm = vm
    parts = try vm.list(capacity: 16)
  }

  mutating func add(_ literal: StaticString) throws(Raised) { try add(str: try vm.intern(literal)) }
  mutating func add(repr v: Value) throws(Raised) { try add(str: try vm.repr(v)) }
  mutating func add(str s: Value) throws(Raised) {
    let p = s.as(StrLayout.self)
    let (sum, overflow) = length.addingReportingOverflow(p.pointee.length)
    if overflow { throw vm.raiseMemoryError() }
    length = sum
    unit = max(unit, p.pointee.unit)
    try vm.append(parts, s)
  }

  func finish() throws(Raised) -> Value {
    let l = parts.as(ListLayout.self)
    guard let items = l.pointee.items, l.pointee.count > 0 else { return try vm.str("") }
    if unit == 1 {
      let scratch = try vm.allocateBytes(length)
      var at = scratch
      for i in 0..<l.pointee.count {
        let s = items[i].as(StrLayout.self)
        memcpy(at, s.units, s.pointee.length)
        at += s.pointee.length
      }
      return try vm.str(latin1: UnsafeRawBufferPointer(start: scratch, count: length))
    }
    let (bytes, overflow) = length.multipliedReportingOverflow(by: 4)
    if overflow { throw vm.raiseMemoryError() }
    let scratch = try vm.allocateBytes(bytes).assumingMemoryBound(to: UInt32.self)
    var at = 0
    for i in 0..<l.pointee.count {
      let s = items[i].as(StrLayout.self)
      for j in 0..<s.pointee.length { scratch[at + j] = s[codePoint: j] }
      at += s.pointee.length
    }
    return try vm.str(codePoints: UnsafeBufferPointer(start: scratch, count: length))
  }
}
