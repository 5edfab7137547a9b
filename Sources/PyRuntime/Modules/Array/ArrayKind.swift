/// What an `array.array` holds, in the order of `array.typecodes`.
enum ArrayKind: UInt8, CaseIterable {
  case int8, uint8, character, int16, uint16, int32, uint32, long, unsignedLong, longLong, unsignedLongLong, float, double

  private static let letters: StaticString = "bBuhHiIlLqQfd"

  init?(letter: UInt8) {
    guard let kind = ArrayKind.allCases.first(where: { $0.letter == letter }) else { return nil }
    self = kind
  }
  var letter: UInt8 { ArrayKind.letters.utf8Start[Int(rawValue)] }

  /// Bytes of an item, as a power of two
  @inline(__always) var shift: Int {
    switch self {
    case .int8, .uint8: 0
    case .int16, .uint16: 1
    case .character, .int32, .uint32, .float: 2
    case .long, .unsignedLong, .longLong, .unsignedLongLong, .double: 3
    }
  }
  var size: Int { 1 << shift }
  var isFloat: Bool { self == .float || self == .double }
  var isSigned: Bool {
    switch self {
    case .int8, .int16, .int32, .long, .longLong: true
    default: false
    }
  }
  var isInteger: Bool { !isFloat && self != .character }

  /// The format of a buffer of such items (`struct` has no character of four bytes: "w" is a buffer's).
  var bufferFormat: UInt8 { self == .character ? UInt8(ascii: "w") : letter }

  // MARK: items

  /// Item `i` of `storage`.
  @inline(__always)
  func load(_ vm: VM, _ storage: UnsafeMutableRawPointer, _ i: Int) throws(Raised) -> Value {
    let v = loadAtOnce(storage, i)
    return v.isNull ? try loadLarge(vm, storage, i) : v
  }

  /// The same without an allocation; null for what needs one.
  @inline(__always)
  func loadAtOnce(_ storage: UnsafeMutableRawPointer, _ i: Int) -> Value {
    switch self {
    case .double: return Value(storage.assumingMemoryBound(to: Double.self)[i])
    case .float: return Value(Double(storage.assumingMemoryBound(to: Float.self)[i]))
    case .int8: return Value(smallInt: Int(storage.assumingMemoryBound(to: Int8.self)[i]))
    case .uint8: return Value(smallInt: Int(storage.assumingMemoryBound(to: UInt8.self)[i]))
    case .int16: return Value(smallInt: Int(storage.assumingMemoryBound(to: Int16.self)[i]))
    case .uint16: return Value(smallInt: Int(storage.assumingMemoryBound(to: UInt16.self)[i]))
    case .int32: return Value(smallInt: Int(storage.assumingMemoryBound(to: Int32.self)[i]))
    case .uint32: return Value(smallInt: Int(storage.assumingMemoryBound(to: UInt32.self)[i]))
    case .long, .longLong:
      let n = storage.assumingMemoryBound(to: Int.self)[i]
      return Value.fitsSmallInt(n) ? Value(smallInt: n) : .null
    case .unsignedLong, .unsignedLongLong:
      let n = storage.assumingMemoryBound(to: UInt.self)[i]
      return n <= UInt(Value.smallIntMax) ? Value(smallInt: Int(n)) : .null
    case .character: return .null
    }
  }

  @inline(never)
  private func loadLarge(_ vm: VM, _ storage: UnsafeMutableRawPointer, _ i: Int) throws(Raised) -> Value {
    if self == .character {
      let c = storage.assumingMemoryBound(to: UInt32.self)[i]
      if c > 0x10FFFF { throw ArrayText.outOfRange(vm, c) }
      return try vm.str(codePoint: c)
    }
    if isSigned { return try Ints.make(vm, storage.assumingMemoryBound(to: Int.self)[i]) }
    return try Ints.make(vm, unsigned: storage.assumingMemoryBound(to: UInt64.self)[i])
  }

  @inline(__always)
  func store(_ storage: UnsafeMutableRawPointer, _ i: Int, _ bits: UInt64) {
    switch shift {
    case 0: storage.assumingMemoryBound(to: UInt8.self)[i] = UInt8(truncatingIfNeeded: bits)
    case 1: storage.assumingMemoryBound(to: UInt16.self)[i] = UInt16(truncatingIfNeeded: bits)
    case 2: storage.assumingMemoryBound(to: UInt32.self)[i] = UInt32(truncatingIfNeeded: bits)
    default: storage.assumingMemoryBound(to: UInt64.self)[i] = bits
    }
  }

  /// The bits of an item for a small int or a float that fits; nil when `bits` has to look.
  @inline(__always)
  func bitsAtOnce(_ v: Value) -> UInt64? {
    if v.isDouble {
      if self == .double { return v.double.bitPattern }
      return self == .float ? UInt64(Float(v.double).bitPattern) : nil
    }
    guard v.isSmallInt else { return nil }
    let n = v.smallInt
    switch self {
    case .int8: return n == Int(Int8(truncatingIfNeeded: n)) ? UInt64(bitPattern: Int64(n)) : nil
    case .uint8: return n == Int(UInt8(truncatingIfNeeded: n)) ? UInt64(bitPattern: Int64(n)) : nil
    case .int16: return n == Int(Int16(truncatingIfNeeded: n)) ? UInt64(bitPattern: Int64(n)) : nil
    case .uint16: return n == Int(UInt16(truncatingIfNeeded: n)) ? UInt64(bitPattern: Int64(n)) : nil
    case .int32: return n == Int(Int32(truncatingIfNeeded: n)) ? UInt64(bitPattern: Int64(n)) : nil
    case .uint32: return n == Int(UInt32(truncatingIfNeeded: n)) ? UInt64(bitPattern: Int64(n)) : nil
    case .long, .longLong: return UInt64(bitPattern: Int64(n))
    case .unsignedLong, .unsignedLongLong: return n >= 0 ? UInt64(n) : nil
    case .double: return Double(n).bitPattern
    case .float: return UInt64(Float(Double(n)).bitPattern)
    case .character: return nil
    }
  }

  /// The bits of an item for any value that may be one. May run Python code.
  func bits(_ vm: VM, _ v: Value) throws(Raised) -> UInt64 {
    if let bits = bitsAtOnce(v) { return bits }
    switch self {
    case .double: return try vm.asDouble(v).bitPattern
    case .float: return UInt64(Float(try vm.asDouble(v)).bitPattern)
    case .character:
      guard v.isStr, Str.length(v) == 1 else { throw vm.raise(.typeError, "array item must be unicode character") }
      return UInt64(StrView(v)[0])
    case .int8:
      let n = try signed(vm, v, 1 << 15, "signed short integer")
      return try within(vm, n, -128, 127, "signed char")
    case .uint8: return try within(vm, try signed(vm, v), 0, 255, "unsigned byte integer")
    case .int16: return UInt64(bitPattern: Int64(try signed(vm, v, 1 << 15, "signed short integer")))
    case .uint16: return try within(vm, try signed(vm, v, 1 << 31, "signed integer"), 0, 65535, "unsigned short")
    case .int32: return UInt64(bitPattern: Int64(try signed(vm, v, 1 << 31, "signed integer")))
    case .long: return UInt64(bitPattern: Int64(try signed(vm, v)))
    case .uint32, .unsignedLong:
      let i = try integer(vm, v)
      if Slices.isNegative(i) { throw vm.raise(.overflowError, "can't convert negative value to unsigned int") }
      guard let n = Ints.asUInt64(i) else { throw vm.raise(.overflowError, "Python int too large to convert to C unsigned long") }
      if self == .uint32 && n > UInt64(UInt32.max) { throw vm.raise(.overflowError, "unsigned int is greater than maximum") }
      return n
    case .longLong:
      guard let n = Ints.asInt64(try integer(vm, v)) else { throw vm.raise(.overflowError, "int too big to convert") }
      return UInt64(bitPattern: Int64(n))
    case .unsignedLongLong:
      let i = try integer(vm, v)
      if Slices.isNegative(i) { throw vm.raise(.overflowError, "can't convert negative int to unsigned") }
      guard let n = Ints.asUInt64(i) else { throw vm.raise(.overflowError, "int too big to convert") }
      return n
    }
  }

  private func integer(_ vm: VM, _ v: Value) throws(Raised) -> Value { v.isInt ? Ints.exact(v) : try vm.index(v) }
  private func signed(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    guard let n = Ints.asInt64(try integer(vm, v)) else { throw vm.raise(.overflowError, "Python int too large to convert to C long") }
    return n
  }
  private func signed(_ vm: VM, _ v: Value, _ limit: Int, _ name: StaticString) throws(Raised) -> Int {
    let n = try signed(vm, v)
    if n >= limit { throw vm.raise(.overflowError, "\(name) is greater than maximum") }
    if n < 0 &- limit { throw vm.raise(.overflowError, "\(name) is less than minimum") }
    return n
  }
  private func within(_ vm: VM, _ n: Int, _ low: Int, _ high: Int, _ name: StaticString) throws(Raised) -> UInt64 {
    if n < low { throw vm.raise(.overflowError, "\(name) is less than minimum") }
    if n > high { throw vm.raise(.overflowError, "\(name) is greater than maximum") }
    return UInt64(bitPattern: Int64(n))
  }
}

/// Text in arrays of characters.
enum ArrayText {
  static func outOfRange(_ vm: VM, _ c: UInt32) -> Raised {
    vm.raise(.valueError, "character U+\(String(c, radix: 16)) is not in range [U+0000; U+10ffff]")
  }

  static func str(_ vm: VM, _ a: ArrayRef) throws(Raised) -> Value {
    guard let storage = a.pointee.storage, a.pointee.count > 0 else { return try vm.emptyStr() }
    let units = storage.assumingMemoryBound(to: UInt32.self)
    for i in 0..<a.pointee.count where units[i] > 0x10FFFF { throw outOfRange(vm, units[i]) }
    return try vm.str(codePoints: UnsafeBufferPointer(start: units, count: a.pointee.count))
  }

  static func append(_ vm: VM, _ a: ArrayRef, _ text: Value) throws(Raised) {
    let n = Str.length(text), old = a.pointee.count
    if n == 0 { return }
    try Arrays.resize(vm, a, old &+ n)
    guard let storage = a.pointee.storage else { return }
    let view = StrView(text)
    for i in 0..<n { storage.assumingMemoryBound(to: UInt32.self)[old &+ i] = view[i] }
  }
}
