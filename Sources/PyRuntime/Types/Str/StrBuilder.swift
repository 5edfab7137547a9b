import Glibc

/// Builds a str piece by piece in a growing buffer cell, widening it when a larger code point comes. Lives on the native stack, where
/// the collector sees the buffer; never store one elsewhere.
struct StrBuilder {
  let vm: VM
  private(set) var units: UnsafeMutableRawPointer?
  private(set) var length = 0
  private var capacity = 0
  private(set) var unit: UInt8 = 1
  /// Bitwise or of all code points: bounds the largest one
  private var seen: UInt32 = 0

  init(_ vm: VM) { self.vm = vm }

  /// Makes room for `count` more code points of width `wanted`.
  @inline(__always)
  mutating func reserve(_ count: Int, unit wanted: UInt8 = 1) throws(Raised) {
    if wanted > unit || capacity &- length < count { try grow(count, wanted) }
  }
  @inline(never)
  private mutating func grow(_ count: Int, _ wanted: UInt8) throws(Raised) {
    let newUnit = max(unit, wanted)
    let (needed, overflow) = length.addingReportingOverflow(count)
    guard !overflow, needed < Int.max >> 4 else { throw vm.raiseMemoryError() }
    let larger = needed > capacity ? max(32, needed &+ needed / 2) : capacity
    let memory = try vm.allocateRawBytes(larger &* Int(newUnit))
    if let old = units {
      StrView(units: old, length: length, unit: unit).copy(to: memory, unit: newUnit)
      vm.freeBuffer(old.assumingMemoryBound(to: UInt8.self))
    }
    units = memory
    unit = newUnit
    capacity = larger
  }

  @inline(__always)
  mutating func append(_ c: UInt32) throws(Raised) {
    try reserve(1, unit: Str.unit(for: c))
    guard let units else { return }
    Str.store(units, unit, length, c)
    seen |= c
    length &+= 1
  }
  mutating func append(_ c: UInt32, count: Int) throws(Raised) {
    if count <= 0 { return }
    try reserve(count, unit: Str.unit(for: c))
    guard let units else { return }
    if unit == 1 {
      memset(units + length, Int32(c), count)
    } else {
      for i in 0..<count { Str.store(units, unit, length &+ i, c) }
    }
    seen |= c
    length &+= count
  }
  mutating func append(_ view: StrView) throws(Raised) {
    if view.length == 0 { return }
    let largest = view.unit == 1 ? (UTF8Scan.firstNonASCII(view.units, view.length) == view.length ? 0x7F : 0xFF) : view.largestCodePoint
    try reserve(view.length, unit: Str.unit(for: largest))
    guard let units else { return }
    view.copy(to: units + length &* Int(unit), unit: unit)
    seen |= largest
    length &+= view.length
  }
  /// A str.
  @inline(__always) mutating func append(_ s: Value) throws(Raised) {
    let p = s.as(StrLayout.self)
    if p.isASCII && unit == 1 {
      let n = p.pointee.length
      if n == 0 { return }
      try reserve(n)
      guard let units else { return }
      memcpy(units + length, p.units, n)
      seen |= 0x7F
      length &+= n
      return
    }
    try append(StrView(s))
  }
  mutating func append(_ s: StaticString) throws(Raised) {
    let b = s.rawBuffer
    try append(StrView(units: b.baseAddress, length: b.count, unit: 1))
  }
  /// ASCII or any other Swift string; for cold paths.
  mutating func append(string s: String) throws(Raised) {
    for c in s.unicodeScalars { try append(c.value) }
  }

  var view: StrView { StrView(units: UnsafeRawPointer(units), length: length, unit: unit) }

  /// The str. The builder is empty then, and its buffer is free for the next one.
  mutating func finish() throws(Raised) -> Value {
    let result: Value
    if length == 0 {
      result = try vm.emptyStr()
    } else if length == 1 {
      result = try vm.str(codePoint: view[0])
    } else {
      let width = Str.unit(for: seen)
      let s = try vm.newStr(length: length, unit: width, ascii: seen < 128)
      view.copy(to: s.units, unit: width)
      result = Value(s)
    }
    if let units { vm.freeBuffer(units.assumingMemoryBound(to: UInt8.self)) }
    units = nil
    length = 0
    capacity = 0
    unit = 1
    seen = 0
    return result
  }
}
