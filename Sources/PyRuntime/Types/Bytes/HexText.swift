/// Hexadecimal digits of bytes, in lower case.
enum HexText {
  @inline(__always) static func digit(_ c: UInt8) -> UInt8? {
    let n = values[Int(c)]
    return n < 16 ? n : nil
  }
  @inline(__always) static func upper(_ n: UInt8) -> UInt8 { n < 10 ? 48 &+ n : 55 &+ n }

  /// The value of each digit, 255 for what is none
  nonisolated(unsafe) private static let values: UnsafePointer<UInt8> = {
    let t = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
    t.initialize(repeating: 255, count: 256)
    for i: UInt8 in 0..<10 { t[48 &+ Int(i)] = i }
    for i: UInt8 in 0..<6 {
      t[65 &+ Int(i)] = 10 &+ i
      t[97 &+ Int(i)] = 10 &+ i
    }
    return UnsafePointer(t)
  }()
  /// The two digits of each byte as they lie in memory
  nonisolated(unsafe) private static let pairs: UnsafePointer<UInt16> = {
    let t = UnsafeMutablePointer<UInt16>.allocate(capacity: 256)
    let digits: StaticString = "0123456789abcdef"
    for i in 0..<256 { t[i] = UInt16(littleEndian: UInt16(digits.utf8Start[i >> 4]) | UInt16(digits.utf8Start[i & 15]) << 8) }
    return UnsafePointer(t)
  }()

  /// False at a character that is no digit. `text` has an even number of them.
  static func decode(_ text: UnsafeBufferPointer<UInt8>, into to: UnsafeMutablePointer<UInt8>) -> Bool {
    guard let from = text.baseAddress else { return true }
    let values = values
    var i = 0
    while i &+ 1 < text.count {
      let high = values[Int(from[i])], low = values[Int(from[i &+ 1])]
      if (high | low) > 15 { return false }
      to[i >> 1] = high << 4 | low
      i &+= 2
    }
    return true
  }

  /// The arguments `sep` and `bytes_per_sep`: `size` bytes between two separators, counted from the right, or from the left if it is
  /// negative; 0: none.
  struct Groups {
    private var separator: UInt8 = 0
    private var size = 0

    /// - Parameter ascii: whether the separator must be ASCII; that of bytes need not.
    init(_ vm: VM, _ separator: Value, _ group: Value, ascii: Bool) throws(Raised) {
      let size = Int(try PosixArgs.int32(vm, group, 1))
      if separator.isNull { return }
      if try vm.length(separator) != 1 { throw vm.raise(.valueError, "sep must be length 1.") }
      let text: StrView
      if separator.isStr {
        text = StrView(separator)
      } else if separator.isBytes {
        text = BytesText.view(separator)
      } else {
        throw vm.raise(.typeError, "sep must be str or bytes.")
      }
      let c = text.length > 0 ? text[0] : 0
      if c > (ascii ? 127 : 255) { throw vm.raise(.valueError, "sep must be ASCII.") }
      self.separator = UInt8(truncatingIfNeeded: c)
      self.size = size
    }

    func length(_ vm: VM, _ count: Int) throws(Raised) -> Int {
      guard count <= Int.max / 4 else { throw vm.raiseMemoryError() }
      return count &* 2 &+ (size == 0 || count == 0 ? 0 : (count &- 1) / abs(size))
    }

    /// Writes `length(_:_:)` characters.
    func write(_ data: UnsafeBufferPointer<UInt8>, into to: UnsafeMutablePointer<UInt8>) {
      guard let from = data.baseAddress, data.count > 0 else { return }
      let pairs = pairs
      let raw = UnsafeMutableRawPointer(to)
      let width = size == 0 ? data.count : abs(size)
      // The first group is the short one if groups are counted from the right.
      var left = size > 0 ? (data.count &- 1) % width &+ 1 : width
      var at = 0
      for i in 0..<data.count {
        if left == 0 {
          to[at] = separator
          at &+= 1
          left = width
        }
        raw.storeBytes(of: pairs[Int(from[i])], toByteOffset: at, as: UInt16.self)
        at &+= 2
        left &-= 1
      }
    }
  }
}
