import Glibc

/// Puts a formatted number together: padding, sign, prefix, grouped digits, point and remainder.
package enum NumberLayout {
  /// Separators of a grouping.
  package struct Marks {
    package var point: [UInt32]
    package var separator: [UInt32]
    /// Group sizes from the right; the last one repeats; empty: no grouping; 127: no further grouping
    package var groups: [UInt8]

    package init(point: [UInt32] = [46], separator: [UInt32] = [], groups: [UInt8] = []) {
      self.point = point
      self.separator = separator
      self.groups = groups
    }
  }

  static func marks(_ grouping: FormatSpec.Grouping) -> Marks {
    switch grouping {
    case .none: return Marks()
    case .comma: return Marks(separator: [44], groups: [3])
    case .underscore: return Marks(separator: [95], groups: [3])
    case .underscoreFour: return Marks(separator: [95], groups: [4])
    case .locale: return localeMarks()
    }
  }

  /// Those of the current locale.
  package static func localeMarks() -> Marks {
    guard let conventions = localeconv() else { return Marks() }
    func text(_ p: UnsafeMutablePointer<CChar>?) -> [UInt32] {
      guard let p else { return [] }
      return String(cString: p).unicodeScalars.map { $0.value }
    }
    var groups: [UInt8] = []
    if var p = conventions.pointee.grouping {
      while p.pointee != 0 {
        groups.append(UInt8(bitPattern: p.pointee))
        p += 1
      }
    }
    let point = text(conventions.pointee.decimal_point)
    return Marks(point: point.isEmpty ? [46] : point, separator: text(conventions.pointee.thousands_sep), groups: groups)
  }

  /// Appends `digits` with separators, filled with zeros on the left to `minimumWidth`.
  package static func appendGrouped(_ digits: ArraySlice<UInt8>, _ minimumWidth: Int, _ marks: Marks, _ out: inout [UInt32]) {
    var reversed: [UInt32] = []
    var remaining = digits.count
    var width = minimumWidth
    var index = 0
    var separate = false
    var source = digits.endIndex
    while true {
      // Size of the next group; without one, all that is left.
      var size = Int.max
      if !marks.groups.isEmpty {
        let g = marks.groups[min(index, marks.groups.count - 1)]
        index += 1
        if g != 127 && g != 0 { size = Int(g) }
      }
      let length = min(size, max(max(remaining, width), 1))
      if separate { reversed.append(contentsOf: marks.separator.reversed()) }
      let characters = max(0, min(remaining, length))
      for _ in 0..<characters {
        source -= 1
        reversed.append(UInt32(digits[source]))
      }
      for _ in 0..<(length - characters) { reversed.append(48) }
      separate = true
      remaining -= characters
      width -= length
      if remaining <= 0 && width <= 0 { break }
      width -= marks.separator.count
    }
    out.append(contentsOf: reversed.reversed())
  }

  /// A number as text: `body` is digits, then an optional '.' (replaced by the locale's point), then anything.
  static func assemble(
    _ vm: VM, negative: Bool, prefix: [UInt8], body: [UInt8], upper: Bool = false, _ spec: FormatSpec, _ marks: Marks
  ) throws(Raised) -> [UInt32] {
    var digitEnd = 0
    while digitEnd < body.count && isDigit(body[digitEnd], spec) { digitEnd += 1 }
    let hasPoint = digitEnd < body.count && body[digitEnd] == 46
    let rest = body[(digitEnd + (hasPoint ? 1 : 0))...]
    return try compose(
      vm, negative: negative, prefix: prefix, digits: body[..<digitEnd], hasPoint: hasPoint, rest: rest.map { UInt32($0) }, spec, marks)
  }
  private static func isDigit(_ c: UInt8, _ spec: FormatSpec) -> Bool { c >= 48 && c <= 57 }

  static func compose(
    _ vm: VM, negative: Bool, prefix: [UInt8], digits: ArraySlice<UInt8>, hasPoint: Bool, rest: [UInt32], _ spec: FormatSpec,
    _ marks: Marks
  ) throws(Raised) -> [UInt32] {
    if spec.width > 1 << 30 { throw vm.raiseMemoryError() }
    var sign: UInt32 = 0
    switch spec.sign {
    case 43: sign = negative ? 45 : 43
    case 32: sign = negative ? 45 : 32
    default: sign = negative ? 45 : 0
    }
    let fixedWidth = (sign == 0 ? 0 : 1) + prefix.count + (hasPoint ? marks.point.count : 0) + rest.count
    let minimum = spec.fill == 48 && spec.align == 61 ? spec.width - fixedWidth : 0
    var grouped: [UInt32] = []
    if !digits.isEmpty { appendGrouped(digits, minimum, marks, &grouped) }
    let padding = max(0, spec.width - fixedWidth - grouped.count)
    let left = spec.align == 62 ? padding : spec.align == 94 ? padding / 2 : 0
    let middle = spec.align == 61 ? padding : 0
    let right = padding - left - middle
    var out: [UInt32] = []
    out.reserveCapacity(fixedWidth + grouped.count + padding)
    out.append(contentsOf: repeatElement(spec.fill, count: left))
    if sign != 0 { out.append(sign) }
    for c in prefix { out.append(UInt32(c)) }
    out.append(contentsOf: repeatElement(spec.fill, count: middle))
    out.append(contentsOf: grouped)
    if hasPoint { out.append(contentsOf: marks.point) }
    out.append(contentsOf: rest)
    out.append(contentsOf: repeatElement(spec.fill, count: right))
    return out
  }

  package static func str(_ vm: VM, _ codePoints: [UInt32]) throws(Raised) -> Value {
    let result: Result<Value, Raised> = codePoints.withUnsafeBufferPointer { p in
      do throws(Raised) { return .success(try vm.str(codePoints: p)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
