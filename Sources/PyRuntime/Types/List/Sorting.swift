// Stable adaptive merge sort (Peters' timsort with the powersort merge policy, as CPython 3.11): natural runs are found, short
// ones extended by binary insertion, and merged with galloping. The array always holds a permutation of what it held before,
// also when a comparison raises.

import Glibc

/// How two keys are ordered.
protocol SortOrder {
  func less(_ a: Value, _ b: Value) throws(Raised) -> Bool
}

/// All keys are inline ints.
struct IntOrder: SortOrder {
  @inline(__always) func less(_ a: Value, _ b: Value) throws(Raised) -> Bool {
    Int64(bitPattern: a.bits &<< 16) < Int64(bitPattern: b.bits &<< 16)
  }
}
/// All keys are exact floats.
struct FloatOrder: SortOrder {
  @inline(__always) func less(_ a: Value, _ b: Value) throws(Raised) -> Bool { a.double < b.double }
}
/// All keys are exact strs.
struct StrOrder: SortOrder {
  @inline(__always) func less(_ a: Value, _ b: Value) throws(Raised) -> Bool { Str.order(a, b) < 0 }
}
/// All keys are exact nonempty tuples. Items of the usual types are compared in line; at anything else the general comparison takes over.
struct TupleOrder: SortOrder {
  let vm: VM
  @inline(__always) func less(_ a: Value, _ b: Value) throws(Raised) -> Bool {
    let x = a.as(TupleLayout.self), y = b.as(TupleLayout.self)
    let n = min(x.pointee.count, y.pointee.count)
    var i = 0
    while i < n {
      let p = x.items[i], q = y.items[i]
      if p != q {
        if Value.bothSmallInts(p, q) { return p.smallInt < q.smallInt }
        if p.isExactStr && q.isExactStr {
          let order = Str.order(p, q)
          if order != 0 { return order < 0 }
        } else if p.isDouble && q.isDouble && p.double != q.double {
          return p.double < q.double
        } else {
          return try vm.less(a, b)
        }
      }
      i &+= 1
    }
    return x.pointee.count < y.pointee.count
  }
}
struct AnyOrder: SortOrder {
  let vm: VM
  @inline(__always) func less(_ a: Value, _ b: Value) throws(Raised) -> Bool {
    // 48 bits are exact in a double.
    if a.isDouble && (b.isDouble || b.isSmallInt) { return a.double < (b.isDouble ? b.double : Double(b.smallInt)) }
    if a.isSmallInt && (b.isDouble || b.isSmallInt) { return Double(a.smallInt) < (b.isDouble ? b.double : Double(b.smallInt)) }
    return try vm.less(a, b)
  }
}

/// What is moved about: the items themselves, or items with their keys. Made of `Value`s only, so that arrays of them can lie in
/// value buffers.
protocol SortElement {
  var key: Value { get }
}
extension Value: SortElement {
  @inline(__always) var key: Value { self }
}
struct KeyedItem: SortElement {
  var key: Value
  var item: Value
}

struct Sorter<Element: SortElement, Order: SortOrder> {
  typealias Items = UnsafeMutablePointer<Element>
  private let vm: VM
  private let order: Order
  private let base: Items
  private let count: Int
  /// Value-buffer cell for the shorter side of a merge.
  private var temp: Items?
  private var tempCapacity = 0
  /// How many wins in a row make a merge gallop; adapts to the data.
  private var minGallop = 7
  private var runs: UnsafeMutablePointer<Run>
  private var runCount = 0

  private struct Run {
    var start: Items
    var count: Int
    /// Depth in the ideal merge tree of the boundary to the next run
    var power: Int
  }
  private static var gallopThreshold: Int { 7 }
  /// The merge stack's powers strictly increase and are at most 64.
  private static var maxRuns: Int { 96 }

  init(_ vm: VM, _ order: Order, _ base: Items, count: Int) throws(Raised) {
    self.vm = vm
    self.order = order
    self.base = base
    self.count = count
    // All runs but the last have the minimal length, which is 32 at least where there is more than one.
    let mostRuns = min(count / 32 &+ 2, Self.maxRuns)
    runs = try vm.allocateBytes(MemoryLayout<Run>.stride * mostRuns).assumingMemoryBound(to: Run.self)
  }

  mutating func sort() throws(Raised) {
    if count < 2 { return }
    let minRun = Self.minimalRun(count)
    var low = base
    var left = count
    while left > 0 {
      var n = try countRun(low, left)
      if n < minRun {
        let forced = min(left, minRun)
        try insertionSort(low, forced, sorted: n)
        n = forced
      }
      try mergeBefore(n)
      runs[runCount] = Run(start: low, count: n, power: 0)
      runCount += 1
      low += n
      left -= n
    }
    while runCount > 1 {
      var i = runCount - 2
      if i > 0 && runs[i - 1].count < runs[i + 1].count { i -= 1 }
      try merge(at: i)
    }
    vm.freeBuffer(runs)
    if let temp { vm.freeBuffer(temp) }
    temp = nil
  }

  /// Runs shorter than this are extended; count / minimalRun is a power of two or a little less.
  private static func minimalRun(_ count: Int) -> Int {
    var n = count
    var odd = 0
    while n >= 64 {
      odd |= n & 1
      n >>= 1
    }
    return n + odd
  }

  /// Length of the run that begins at `low`; a strictly descending one is reversed.
  private func countRun(_ low: Items, _ n: Int) throws(Raised) -> Int {
    if n < 2 { return n }
    var i = 2
    if try order.less(low[1].key, low[0].key) {
      while i < n, try order.less(low[i].key, low[i - 1].key) { i += 1 }
      Self.reverse(low, i)
    } else {
      while i < n, try !order.less(low[i].key, low[i - 1].key) { i += 1 }
    }
    return i
  }

  static func reverse(_ items: Items, _ n: Int) {
    var i = 0, j = n - 1
    while i < j {
      let x = items[i]
      items[i] = items[j]
      items[j] = x
      i += 1
      j -= 1
    }
  }

  /// `items[0 ..< sorted]` is in order; makes `items[0 ..< n]` so.
  private func insertionSort(_ items: Items, _ n: Int, sorted: Int) throws(Raised) {
    var i = max(1, sorted)
    while i < n {
      let pivot = items[i]
      var low = 0, high = i
      while low < high {
        let middle = (low + high) >> 1
        if try order.less(pivot.key, items[middle].key) { high = middle } else { low = middle + 1 }
      }
      var j = i
      while j > low {
        items[j] = items[j - 1]
        j -= 1
      }
      items[low] = pivot
      i += 1
    }
  }

  // MARK: merge policy

  /// A new run of `n` items is about to be pushed: merges what the powersort tree says comes first.
  private mutating func mergeBefore(_ n: Int) throws(Raised) {
    guard runCount > 0 else { return }
    let last = runs[runCount - 1]
    let power = Self.power(start: last.start - base, last.count, n, total: count)
    while runCount > 1 && runs[runCount - 2].power > power { try merge(at: runCount - 2) }
    runs[runCount - 1].power = power
  }

  /// First binary digit in which the midpoints of two adjacent runs, as fractions of the array, differ.
  private static func power(start: Int, _ n1: Int, _ n2: Int, total: Int) -> Int {
    var a = 2 &* start &+ n1
    var b = a &+ n1 &+ n2
    var result = 0
    while result < 64 {
      result += 1
      if a >= total {
        a &-= total
        b &-= total
      } else if b >= total {
        break
      }
      a &<<= 1
      b &<<= 1
    }
    return result
  }

  /// Merges runs i and i + 1.
  private mutating func merge(at i: Int) throws(Raised) {
    var a = runs[i].start
    var na = runs[i].count
    let b = runs[i + 1].start
    var nb = runs[i + 1].count
    runs[i].count = na + nb
    runs[i].power = runs[i + 1].power
    if i + 2 < runCount { runs[i + 1] = runs[i + 2] }
    runCount -= 1
    // What is already in its place at either end stays.
    let skip = try gallopRight(b[0].key, a, na, hint: 0)
    a += skip
    na -= skip
    if na == 0 { return }
    nb = try gallopLeft(a[na - 1].key, b, nb, hint: nb - 1)
    if nb == 0 { return }
    if na <= nb { try mergeLow(a, na, b, nb) } else { try mergeHigh(a, na, b, nb) }
  }

  private mutating func reserve(_ n: Int) throws(Raised) -> Items {
    if let temp, n <= tempCapacity { return temp }
    let words = MemoryLayout<Element>.stride / 8
    let fresh = UnsafeMutableRawPointer(try vm.allocateValues(n * words)).assumingMemoryBound(to: Element.self)
    temp = fresh
    tempCapacity = n
    return fresh
  }

  // MARK: galloping

  /// The first index at which `key` could be inserted before equal ones; exponential search from `hint`.
  private func gallopLeft(_ key: Value, _ a: Items, _ n: Int, hint: Int) throws(Raised) -> Int {
    var last = 0, offset = 1
    if try order.less(a[hint].key, key) {
      let limit = n - hint
      while offset < limit, try order.less(a[hint + offset].key, key) {
        last = offset
        offset = offset &* 2 &+ 1
      }
      offset = min(offset, limit)
      last += hint
      offset += hint
    } else {
      let limit = hint + 1
      while offset < limit, try !order.less(a[hint - offset].key, key) {
        last = offset
        offset = offset &* 2 &+ 1
      }
      offset = min(offset, limit)
      let k = last
      last = hint - offset
      offset = hint - k
    }
    last += 1
    while last < offset {
      let middle = last + (offset - last) >> 1
      if try order.less(a[middle].key, key) { last = middle + 1 } else { offset = middle }
    }
    return offset
  }

  /// Like `gallopLeft`, but behind equal ones.
  private func gallopRight(_ key: Value, _ a: Items, _ n: Int, hint: Int) throws(Raised) -> Int {
    var last = 0, offset = 1
    if try order.less(key, a[hint].key) {
      let limit = hint + 1
      while offset < limit, try order.less(key, a[hint - offset].key) {
        last = offset
        offset = offset &* 2 &+ 1
      }
      offset = min(offset, limit)
      let k = last
      last = hint - offset
      offset = hint - k
    } else {
      let limit = n - hint
      while offset < limit, try !order.less(key, a[hint + offset].key) {
        last = offset
        offset = offset &* 2 &+ 1
      }
      offset = min(offset, limit)
      last += hint
      offset += hint
    }
    last += 1
    while last < offset {
      let middle = last + (offset - last) >> 1
      if try order.less(key, a[middle].key) { offset = middle } else { last = middle + 1 }
    }
    return offset
  }

  // MARK: merging

  /// Where a merge stands. Low: `a` reads the copied left run, `target` fills the gap before `b`. High: all run downwards.
  private struct Cursor {
    var a: Items
    var na: Int
    var b: Items
    var nb: Int
    var target: Items
  }

  /// The left run is the shorter one: it moves to the side.
  private mutating func mergeLow(_ a: Items, _ na: Int, _ b: Items, _ nb: Int) throws(Raised) {
    let side = try reserve(na)
    side.update(from: a, count: na)
    var c = Cursor(a: side, na: na, b: b, nb: nb, target: a)
    do throws(Raised) {
      try mergeLow(&c)
    } catch {
      if c.na > 0 { c.target.update(from: c.a, count: c.na) }
      throw error
    }
    // Exactly the gap between target and b is left over for what remains of a; a last item of a goes behind all of b.
    if c.nb > 0 {
      memmove(c.target, c.b, c.nb * MemoryLayout<Element>.stride)
      c.target += c.nb
    }
    if c.na > 0 { c.target.update(from: c.a, count: c.na) }
  }

  /// Ends with `nb == 0`, or with `na ≤ 1` and everything left of b smaller than what is left of a.
  private mutating func mergeLow(_ c: inout Cursor) throws(Raised) {
    c.target[0] = c.b[0]
    c.target += 1
    c.b += 1
    c.nb -= 1
    if c.nb == 0 || c.na == 1 { return }
    while true {
      var wonA = 0, wonB = 0
      while true {
        if try order.less(c.b[0].key, c.a[0].key) {
          c.target[0] = c.b[0]
          c.target += 1
          c.b += 1
          c.nb -= 1
          wonB += 1
          wonA = 0
          if c.nb == 0 { return }
          if wonB >= minGallop { break }
        } else {
          c.target[0] = c.a[0]
          c.target += 1
          c.a += 1
          c.na -= 1
          wonA += 1
          wonB = 0
          if c.na == 1 { return }
          if wonA >= minGallop { break }
        }
      }
      minGallop += 1
      repeat {
        minGallop -= minGallop > 1 ? 1 : 0
        wonA = try gallopRight(c.b[0].key, c.a, c.na, hint: 0)
        if wonA > 0 {
          c.target.update(from: c.a, count: wonA)
          c.target += wonA
          c.a += wonA
          c.na -= wonA
          if c.na <= 1 { return }
        }
        c.target[0] = c.b[0]
        c.target += 1
        c.b += 1
        c.nb -= 1
        if c.nb == 0 { return }
        wonB = try gallopLeft(c.a[0].key, c.b, c.nb, hint: 0)
        if wonB > 0 {
          memmove(c.target, c.b, wonB * MemoryLayout<Element>.stride)
          c.target += wonB
          c.b += wonB
          c.nb -= wonB
          if c.nb == 0 { return }
        }
        c.target[0] = c.a[0]
        c.target += 1
        c.a += 1
        c.na -= 1
        if c.na == 1 { return }
      } while wonA >= Self.gallopThreshold || wonB >= Self.gallopThreshold
      minGallop += 1
    }
  }

  /// The right run is the shorter one: it moves to the side, and the merge goes from the end.
  private mutating func mergeHigh(_ a: Items, _ na: Int, _ b: Items, _ nb: Int) throws(Raised) {
    let side = try reserve(nb)
    side.update(from: b, count: nb)
    // Pointers are to the last item not yet merged.
    var c = Cursor(a: a + (na - 1), na: na, b: side + (nb - 1), nb: nb, target: b + (nb - 1))
    do throws(Raised) {
      try mergeHigh(&c)
    } catch {
      if c.nb > 0 { (c.target - (c.nb - 1)).update(from: side, count: c.nb) }
      throw error
    }
    if c.na > 0 {
      c.target -= c.na
      memmove(c.target + 1, c.a - (c.na - 1), c.na * MemoryLayout<Element>.stride)
    }
    if c.nb > 0 { (c.target - (c.nb - 1)).update(from: side, count: c.nb) }
  }

  /// Ends with `na == 0`, or with `nb ≤ 1` and everything left of a greater than what is left of b.
  private mutating func mergeHigh(_ c: inout Cursor) throws(Raised) {
    c.target[0] = c.a[0]
    c.target -= 1
    c.a -= 1
    c.na -= 1
    if c.na == 0 || c.nb == 1 { return }
    while true {
      var wonA = 0, wonB = 0
      while true {
        if try order.less(c.b[0].key, c.a[0].key) {
          c.target[0] = c.a[0]
          c.target -= 1
          c.a -= 1
          c.na -= 1
          wonA += 1
          wonB = 0
          if c.na == 0 { return }
          if wonA >= minGallop { break }
        } else {
          c.target[0] = c.b[0]
          c.target -= 1
          c.b -= 1
          c.nb -= 1
          wonB += 1
          wonA = 0
          if c.nb == 1 { return }
          if wonB >= minGallop { break }
        }
      }
      minGallop += 1
      repeat {
        minGallop -= minGallop > 1 ? 1 : 0
        let firstA = c.a - (c.na - 1)
        wonA = c.na - (try gallopRight(c.b[0].key, firstA, c.na, hint: c.na - 1))
        if wonA > 0 {
          c.target -= wonA
          c.a -= wonA
          memmove(c.target + 1, c.a + 1, wonA * MemoryLayout<Element>.stride)
          c.na -= wonA
          if c.na == 0 { return }
        }
        c.target[0] = c.b[0]
        c.target -= 1
        c.b -= 1
        c.nb -= 1
        if c.nb == 1 { return }
        let firstB = c.b - (c.nb - 1)
        wonB = c.nb - (try gallopLeft(c.a[0].key, firstB, c.nb, hint: c.nb - 1))
        if wonB > 0 {
          c.target -= wonB
          c.b -= wonB
          (c.target + 1).update(from: c.b + 1, count: wonB)
          c.nb -= wonB
          if c.nb <= 1 { return }
        }
        c.target[0] = c.a[0]
        c.target -= 1
        c.a -= 1
        c.na -= 1
        if c.na == 0 { return }
      } while wonA >= Self.gallopThreshold || wonB >= Self.gallopThreshold
      minGallop += 1
    }
  }
}

enum Sorting {
  /// Sorts elements in place by the cheapest order that fits all keys.
  static func sort<Element: SortElement>(_ vm: VM, _ items: UnsafeMutablePointer<Element>, count: Int) throws(Raised) {
    if count < 2 { return }
    var ints = true, floats = true, strs = true, tuples = true
    for i in 0..<count {
      let k = items[i].key
      ints = ints && k.isSmallInt
      floats = floats && k.isDouble
      strs = strs && k.isExactStr
      tuples = tuples && k.isExact(rt.types.tuple) && k.as(TupleLayout.self).pointee.count > 0
      if !ints && !floats && !strs && !tuples { break }
    }
    if ints {
      var s = try Sorter(vm, IntOrder(), items, count: count)
      try s.sort()
    } else if floats {
      var s = try Sorter(vm, FloatOrder(), items, count: count)
      try s.sort()
    } else if strs {
      var s = try Sorter(vm, StrOrder(), items, count: count)
      try s.sort()
    } else if tuples {
      var s = try Sorter(vm, TupleOrder(vm: vm), items, count: count)
      try s.sort()
    } else {
      var s = try Sorter(vm, AnyOrder(vm: vm), items, count: count)
      try s.sort()
    }
  }

  /// `list.sort(key=key, reverse=reverse)`; `key` null or None: none. The list is empty for whoever looks at it meanwhile.
  static func sort(_ vm: VM, list: ListRef, key: Value, reverse: Bool) throws(Raised) {
    let count = list.pointee.count
    let capacity = list.pointee.capacity
    guard let items = list.pointee.items else {
      return
    }
    list.pointee.items = nil
    list.pointee.count = 0
    // Any operation that stores into the list makes this nonnegative.
    list.pointee.capacity = -1
    var failed = false
    do throws(Raised) {
      if key.isNull || key.isNone {
        if reverse { Sorter<Value, IntOrder>.reverse(items, count) }
        try sort(vm, items, count: count)
        if reverse { Sorter<Value, IntOrder>.reverse(items, count) }
      } else {
        try sort(vm, items, count: count, by: key, reverse: reverse)
      }
    } catch {
      if reverse && (key.isNull || key.isNone) { Sorter<Value, IntOrder>.reverse(items, count) }
      failed = true
    }
    let modified = list.pointee.capacity != -1
    list.pointee.items = items
    list.pointee.count = count
    list.pointee.capacity = capacity
    if failed { throw Raised() }
    if modified { throw vm.raise(.valueError, "list modified during sort") }
  }

  private static func sort(
    _ vm: VM, _ items: UnsafeMutablePointer<Value>, count: Int, by key: Value, reverse: Bool
  ) throws(Raised) {
    let pairs = UnsafeMutableRawPointer(try vm.allocateValues(count &* 2)).assumingMemoryBound(to: KeyedItem.self)
    for i in 0..<count { pairs[i] = KeyedItem(key: try vm.call(key, items[i]), item: items[i]) }
    if reverse { Sorter<KeyedItem, IntOrder>.reverse(pairs, count) }
    var failed = false
    do throws(Raised) { try sort(vm, pairs, count: count) } catch { failed = true }
    if reverse { Sorter<KeyedItem, IntOrder>.reverse(pairs, count) }
    for i in 0..<count { items[i] = pairs[i].item }
    vm.freeBuffer(pairs)
    if failed { throw Raised() }
  }
}
