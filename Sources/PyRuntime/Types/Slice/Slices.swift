/// A slice applied to a length: items `start`, `start + step`, …, `count` of them.
package struct SliceRange {
  package var start: Int
  package var stop: Int
  package var step: Int
  package var count: Int
}

package enum Slices {
  static func make(_ vm: VM, _ start: Value, _ stop: Value, _ step: Value = .none) throws(Raised) -> Value {
    let s = try vm.make(SliceLayout.self, rt.types.slice)
    s.pointee.start = start
    s.pointee.stop = stop
    s.pointee.step = step
    return Value(s)
  }

  /// A bound as a machine integer, clamped to its range; anything with `__index__`.
  static func bound(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    if v.isSmallInt { return v.smallInt }
    guard v.isInt || v.type.pointee.slots.index != nil else {
      throw vm.raise(.typeError, "slice indices must be integers or None or have an __index__ method")
    }
    let i = try vm.index(v)
    if i.isSmallInt { return i.smallInt }
    if let n = Ints.asInt64(i) { return n }
    return Self.isNegative(i) ? -Int.max - 1 : Int.max
  }

  /// Sign of an exact int.
  static func isNegative(_ i: Value) -> Bool {
    i.isSmallInt ? i.smallInt < 0 : i.as(BigIntLayout.self).pointee.signedCount < 0
  }

  /// Resolves a slice against a length. The bounds are converted first, which may run Python code, so `length` is asked for
  /// only afterwards.
  package static func resolve(_ vm: VM, _ slice: Value, _ length: () throws(Raised) -> Int) throws(Raised) -> SliceRange {
    let s = slice.as(SliceLayout.self)
    var step = 1
    if !s.pointee.step.isNone {
      step = try bound(vm, s.pointee.step)
      if step == 0 { throw vm.raise(.valueError, "slice step cannot be zero") }
      if step < -Int.max { step = -Int.max }
    }
    let start = s.pointee.start.isNone ? (step < 0 ? Int.max : 0) : try bound(vm, s.pointee.start)
    let stop = s.pointee.stop.isNone ? (step < 0 ? Int.min : Int.max) : try bound(vm, s.pointee.stop)
    return adjust(start: start, stop: stop, step: step, length: try length())
  }

  package static func resolve(_ vm: VM, _ slice: Value, length: Int) throws(Raised) -> SliceRange {
    try resolve(vm, slice) { () throws(Raised) in length }
  }

  /// A bound that is had without Python code: None or an inline int
  static func isPlain(_ bound: Value) -> Bool { bound.isNone || bound.isSmallInt }

  /// The range for plain bounds; nil for others, and for a step of 0.
  static func plain(_ start: Value, _ stop: Value, _ step: Value, length: Int) -> SliceRange? {
    guard isPlain(start), isPlain(stop), isPlain(step) else { return nil }
    let by = step.isNone ? 1 : step.smallInt
    if by == 0 { return nil }
    return adjust(
      start: start.isNone ? (by < 0 ? Int.max : 0) : start.smallInt, stop: stop.isNone ? (by < 0 ? Int.min : Int.max) : stop.smallInt,
      step: by,
      length: length)
  }

  static func adjust(start: Int, stop: Int, step: Int, length: Int) -> SliceRange {
    let first = clamp(start, step, length)
    let last = clamp(stop, step, length)
    var count = 0
    if step < 0 {
      if last < first { count = (first &- last &- 1) / (0 &- step) &+ 1 }
    } else if first < last {
      count = (last &- first &- 1) / step &+ 1
    }
    return SliceRange(start: first, stop: last, step: step, count: count)
  }

  private static func clamp(_ i: Int, _ step: Int, _ length: Int) -> Int {
    if i < 0 {
      let j = i &+ length
      return j < 0 ? (step < 0 ? -1 : 0) : j
    }
    return i >= length ? (step < 0 ? length &- 1 : length) : i
  }

  /// An index already known to be no slice, made positive: for `list[i]` and its like. The result may be out of range.
  @inline(__always)
  static func index(_ vm: VM, _ key: Value, _ kind: StaticString, _ count: () -> Int) throws(Raised) -> Int {
    var i: Int
    if key.isSmallInt {
      i = key.smallInt
    } else {
      guard key.isInt || key.type.pointee.slots.index != nil else {
        throw vm.raise(.typeError, "\(kind) indices must be integers or slices, not \(key.typeName)")
      }
      i = try vm.asIndex(key, overflow: .indexError)
    }
    if i < 0 { i &+= count() }
    return i
  }

  /// Optional start and stop arguments of `index` methods: like slice bounds, but not None.
  static func searchBound(_ vm: VM, _ v: Value, _ fallback: Int) throws(Raised) -> Int {
    if v.isNull { return fallback }
    guard v.isInt || v.type.pointee.slots.index != nil else {
      throw vm.raise(.typeError, "slice indices must be integers or have an __index__ method")
    }
    return try bound(vm, v)
  }
}
