/// NFKC of identifiers: decompose, put combining marks in order, compose.
struct Normalization {
  private var decompositions: [UInt32: [UInt32]] = [:]
  private var compositions: [UInt64: UInt32] = [:]
  private var seconds: Set<UInt32> = []

  /// Built when the first non-ASCII identifier is met.
  static let shared = Normalization()

  private init() {
    var code: UInt32 = 0
    Normalization.records(UnicodeTables.decompositions) { numbers in
      code &+= numbers[0]
      decompositions[code] = Array(numbers.dropFirst())
    }
    Normalization.records(UnicodeTables.compositions) { numbers in
      compositions[UInt64(numbers[0]) << 32 | UInt64(numbers[1])] = numbers[2]
      seconds.insert(numbers[1])
    }
  }

  private static func records(_ text: StaticString, _ each: ([UInt32]) -> Void) {
    var numbers: [UInt32] = []
    var number: UInt32 = 0
    for byte in UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount) {
      switch byte {
      case 0x2C, 0x3B:
        numbers.append(number)
        number = 0
        if byte == 0x3B {
          each(numbers)
          numbers.removeAll(keepingCapacity: true)
        }
      case 0x30...0x39: number = number &* 36 &+ UInt32(byte - 0x30)
      default: number = number &* 36 &+ UInt32(byte &- 0x57)
      }
    }
  }

  private static let hangulBase: UInt32 = 0xAC00
  private static let hangulCount: UInt32 = 11172

  private func combiningClass(_ value: UInt32) -> UInt8 {
    UnicodeScalar(value)?.properties.canonicalCombiningClass.rawValue ?? 0
  }

  func nfkc(_ scalars: [UInt32]) -> [UInt32] {
    var text: [UInt32] = []
    for scalar in scalars {
      if let full = decompositions[scalar] {
        text += full
      } else if scalar >= Normalization.hangulBase && scalar < Normalization.hangulBase + Normalization.hangulCount {
        let index = scalar - Normalization.hangulBase
        text.append(0x1100 + index / 588)
        text.append(0x1161 + index % 588 / 28)
        if index % 28 != 0 { text.append(0x11A7 + index % 28) }
      } else {
        text.append(scalar)
      }
    }
    reorder(&text)
    return composed(text)
  }

  /// Sorts each run of combining marks by class, keeping the order of equals.
  private func reorder(_ text: inout [UInt32]) {
    let classes = text.map(combiningClass)
    var index = 0
    while index < text.count {
      guard classes[index] != 0 else {
        index += 1
        continue
      }
      var end = index
      while end < text.count && classes[end] != 0 { end += 1 }
      let order = (index..<end).sorted { (classes[$0], $0) < (classes[$1], $1) }
      let run = order.map { text[$0] }
      text.replaceSubrange(index..<end, with: run)
      index = end
    }
  }

  private func composed(_ text: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    var starter: Int?
    var lastClass: UInt8 = 0
    for scalar in text {
      let combining = combiningClass(scalar)
      if let position = starter, lastClass == 0 && position == result.count - 1 || lastClass != 0 && lastClass < combining,
        let composite = pair(result[position], scalar)
      {
        result[position] = composite
        continue
      }
      if combining == 0 { starter = result.count }
      lastClass = combining
      result.append(scalar)
    }
    return result
  }

  private func pair(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if first >= 0x1100 && first < 0x1113 && second >= 0x1161 && second < 0x1176 {
      return Normalization.hangulBase + ((first - 0x1100) * 21 + (second - 0x1161)) * 28
    }
    if first >= Normalization.hangulBase && first < Normalization.hangulBase + Normalization.hangulCount
      && (first - Normalization.hangulBase) % 28 == 0 && second > 0x11A7 && second < 0x11C3
    {
      return first + (second - 0x11A7)
    }
    guard seconds.contains(second) else { return nil }
    return compositions[UInt64(first) << 32 | UInt64(second)]
  }
}
