import CRuntimeSupport
import Glibc

// Substring search over code points or bytes. One-byte units are searched sixteen at a time for places where the needle's first and
// last unit stand at their distance; a text that has too many such places without a match is left to the two-way algorithm (Crochemore
// and Perrin; libc's memmem for bytes), so the time is linear in the worst case too.

extension StrView {
  /// Index of the first occurrence of `needle` at or after `from`, or -1. An empty needle is found at once.
  func find(_ needle: StrView, from: Int = 0) -> Int {
    let n = length &- from
    if needle.length == 0 { return n >= 0 ? from : -1 }
    if needle.length > n { return -1 }
    if needle.length == 1 { return find(codePoint: needle[0], from: from) }
    if needle.unit > unit {
      // Only a view that is wider than its contents can still match.
      if needle.largestCodePoint > Str.limit(unit) { return -1 }
    }
    if needle.unit != unit {
      return withConverted(needle) { converted in converted.length == 0 ? -1 : findSameWidth(converted, from) }
    }
    return findSameWidth(needle, from)
  }

  private func findSameWidth(_ needle: StrView, _ from: Int) -> Int {
    switch unit {
    case 1:
      let i = ByteSearch.find(pointer(UInt8.self), length, needle.pointer(UInt8.self), needle.length, from)
      if i != ByteSearch.undecided { return i }
      guard let hit = memmem(units + from, length &- from, needle.units, needle.length) else { return -1 }
      return UnsafeRawPointer(hit) - units
    case 2: return TwoWay.find(pointer(UInt16.self), length, needle.pointer(UInt16.self), needle.length, from)
    default: return TwoWay.find(pointer(UInt32.self), length, needle.pointer(UInt32.self), needle.length, from)
    }
  }

  func find(codePoint c: UInt32, from: Int = 0) -> Int {
    if from >= length { return -1 }
    switch unit {
    case 1:
      if c > 255 { return -1 }
      let p = pointer(UInt8.self)
      // Near hits and short texts do not pay for a call.
      let near = min(length, from &+ 12)
      var i = from
      while i < near {
        if p[i] == UInt8(truncatingIfNeeded: c) { return i }
        i &+= 1
      }
      guard i < length, let hit = memchr(units + i, Int32(c), length &- i) else { return -1 }
      return UnsafeRawPointer(hit) - units
    case 2:
      guard c < 0x10000 else { return -1 }
      let p = pointer(UInt16.self)
      let x = UInt16(truncatingIfNeeded: c)
      var i = from
      while i < length {
        if p[i] == x { return i }
        i &+= 1
      }
      return -1
    default:
      let p = pointer(UInt32.self)
      var i = from
      while i < length {
        if p[i] == c { return i }
        i &+= 1
      }
      return -1
    }
  }

  func rfind(codePoint c: UInt32) -> Int {
    if unit == 1 {
      guard c < 256, length > 0, let hit = memrchr(units, Int32(c), length) else { return -1 }
      return UnsafeRawPointer(hit) - units
    }
    var i = length
    while i > 0 {
      i &-= 1
      if self[i] == c { return i }
    }
    return -1
  }

  /// Index of the last occurrence, or -1.
  func rfind(_ needle: StrView) -> Int {
    if needle.length == 0 { return length }
    if needle.length > length { return -1 }
    if needle.length == 1 { return rfind(codePoint: needle[0]) }
    if needle.unit != unit {
      if needle.unit > unit && needle.largestCodePoint > Str.limit(unit) { return -1 }
      return withConverted(needle) { converted in converted.length == 0 ? -1 : rfindSameWidth(converted) }
    }
    return rfindSameWidth(needle)
  }
  private func rfindSameWidth(_ needle: StrView) -> Int {
    let first = needle[0]
    let bytes = needle.length &* Int(unit)
    var end = length &- needle.length &+ 1
    while end > 0 {
      let i = slice(0, end).rfind(codePoint: first)
      if i < 0 { return -1 }
      if memcmp(units + i &* Int(unit), needle.units, bytes) == 0 { return i }
      end = i
    }
    return -1
  }

  /// Non-overlapping occurrences, at most `limit`; an empty needle occurs before each code point and at the end.
  func count(_ needle: StrView, limit: Int = Int.max) -> Int {
    if needle.length == 0 { return min(length &+ 1, limit) }
    if needle.unit != unit {
      if needle.unit > unit && needle.largestCodePoint > Str.limit(unit) { return 0 }
      return withConverted(needle) { converted in converted.length == 0 ? 0 : countSameWidth(converted, limit) }
    }
    return countSameWidth(needle, limit)
  }
  private func countSameWidth(_ needle: StrView, _ limit: Int) -> Int {
    var n = 0
    var at = 0
    if unit == 1 && needle.length == 1 && limit == Int.max {
      let p = pointer(UInt8.self)
      let c = needle.pointer(UInt8.self)[0]
      var i = 0
      // Sums of single bytes stay below 256 for so many rounds.
      while i &+ 16 <= length {
        let rounds = min((length &- i) / 16, 255)
        var sums = SIMD16<UInt8>(repeating: 0)
        for _ in 0..<rounds {
          let hits = units.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self) .== SIMD16<UInt8>(repeating: c)
          sums = sums &+ SIMD16<UInt8>(repeating: 0).replacing(with: 1, where: hits)
          i &+= 16
        }
        for k in 0..<16 { n &+= Int(sums[k]) }
      }
      while i < length {
        n &+= p[i] == c ? 1 : 0
        i &+= 1
      }
      return n
    }
    while n < limit {
      let i = find(needle, from: at)
      if i < 0 { return n }
      n &+= 1
      at = i &+ needle.length
    }
    return n
  }

  func hasPrefix(_ p: StrView) -> Bool { p.length <= length && slice(0, p.length).isEqual(p) }
  func hasSuffix(_ s: StrView) -> Bool { s.length <= length && slice(length &- s.length, length).isEqual(s) }

  /// Runs `body` with the needle in this view's width; an empty view if there is no memory for it. Whoever converts repeatedly
  /// does so once, out here.
  @inline(__always)
  private func withConverted<R>(_ needle: StrView, _ body: (StrView) -> R) -> R {
    withUnsafeTemporaryAllocation(byteCount: max(1, needle.length &* Int(unit)), alignment: 4) { memory in
      guard let base = memory.baseAddress else { return body(StrView(units: nil, length: 0, unit: unit)) }
      needle.copy(to: base, unit: unit)
      return body(StrView(units: UnsafeRawPointer(base), length: needle.length, unit: unit))
    }
  }
}

extension Str {
  /// Largest code point of a unit.
  @inline(__always) static func limit(_ unit: UInt8) -> UInt32 { unit == 1 ? 0xFF : unit == 2 ? 0xFFFF : 0x10FFFF }
}

/// Search for two or more bytes.
private enum ByteSearch {
  static let undecided = -2

  /// Index of the first occurrence at or after `from`, -1, or `undecided` when comparing candidates became too expensive.
  static func find(
    _ hay: UnsafePointer<UInt8>, _ n: Int, _ needle: UnsafePointer<UInt8>, _ m: Int, _ from: Int
  ) -> Int {
    let first = needle[0], final = needle[m &- 1]
    let firsts = SIMD16<UInt8>(repeating: first), finals = SIMD16<UInt8>(repeating: final)
    let raw = UnsafeRawPointer(hay)
    var i = from
    let last = n &- m
    // Work on candidates may be a constant factor of the work on the text.
    var budget = 1024
    while i &+ 15 <= last {
      let a = raw.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self) .== firsts
      let b = raw.loadUnaligned(fromByteOffset: i &+ m &- 1, as: SIMD16<UInt8>.self) .== finals
      let hits = unsafeBitCast(a .& b, to: SIMD2<UInt64>.self)
      if hits[0] | hits[1] != 0 {
        for half in 0..<2 {
          var bits = hits[half]
          while bits != 0 {
            let k = bits.trailingZeroBitCount >> 3
            let at = i &+ half &* 8 &+ k
            if m <= 2 || memcmp(hay + at + 1, needle + 1, m &- 2) == 0 { return at }
            bits &= ~(0xFF &<< UInt64(k &* 8))
            budget &-= m
          }
        }
        if budget < 0 { return undecided }
      }
      budget = min(budget &+ 32, 1 << 20)
      i &+= 16
    }
    while i <= last {
      if hay[i] == first && hay[i &+ m &- 1] == final && (m <= 2 || memcmp(hay + i + 1, needle + 1, m &- 2) == 0) { return i }
      i &+= 1
    }
    return -1
  }
}

private enum TwoWay {
  static func find<T: FixedWidthInteger & UnsignedInteger>(
    _ hay: UnsafePointer<T>, _ n: Int, _ needle: UnsafePointer<T>, _ m: Int, _ from: Int
  ) -> Int {
    // Small work does not pay for preprocessing.
    if m < 8 || n &- from < 256 { return simple(hay, n, needle, m, from) }
    let (cutA, periodA) = maximalSuffix(needle, m, reversed: false)
    let (cutB, periodB) = maximalSuffix(needle, m, reversed: true)
    let cut = max(cutA, cutB)
    var period = cutA > cutB ? periodA : periodB
    var periodic = cut &+ period <= m
    if periodic { for i in 0..<cut where needle[i] != needle[i &+ period] { periodic = false } }
    if !periodic { period = max(cut, m &- cut) &+ 1 }
    var at = from
    var memory = 0
    let last = n &- m
    while at <= last {
      var i = periodic ? max(cut, memory) : cut
      while i < m && needle[i] == hay[at &+ i] { i &+= 1 }
      if i < m {
        at &+= i &- cut &+ 1
        memory = 0
        continue
      }
      i = cut &- 1
      let stop = periodic ? memory : 0
      while i >= stop && needle[i] == hay[at &+ i] { i &-= 1 }
      if i < stop { return at }
      at &+= period
      memory = periodic ? m &- period : 0
    }
    return -1
  }

  private static func simple<T: FixedWidthInteger & UnsignedInteger>(
    _ hay: UnsafePointer<T>, _ n: Int, _ needle: UnsafePointer<T>, _ m: Int, _ from: Int
  ) -> Int {
    let first = needle[0], lastUnit = needle[m &- 1]
    var i = from
    let last = n &- m
    while i <= last {
      if hay[i] == first && hay[i &+ m &- 1] == lastUnit {
        var j = 1
        while j < m &- 1 && hay[i &+ j] == needle[j] { j &+= 1 }
        if j >= m &- 1 { return i }
      }
      i &+= 1
    }
    return -1
  }

  /// Start and period of the maximal suffix under the usual or the reversed order.
  private static func maximalSuffix<T: FixedWidthInteger & UnsignedInteger>(
    _ p: UnsafePointer<T>, _ m: Int, reversed: Bool
  ) -> (Int, Int) {
    var start = 0, candidate = 1, k = 0, period = 1
    while candidate &+ k < m {
      let a = p[candidate &+ k], b = p[start &+ k]
      if reversed ? b < a : a < b {
        candidate &+= k &+ 1
        k = 0
        period = candidate &- start
      } else if a == b {
        if k &+ 1 != period {
          k &+= 1
        } else {
          candidate &+= period
          k = 0
        }
      } else {
        start = candidate
        candidate &+= 1
        k = 0
        period = 1
      }
    }
    return (start, period)
  }
}
