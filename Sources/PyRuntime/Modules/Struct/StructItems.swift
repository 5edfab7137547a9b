/// Single items in and out of memory.
enum StructItems {
  // MARK: reading

  private static func load(_ p: UnsafePointer<UInt8>, _ size: Int, _ big: Bool) -> UInt64 {
    var bits: UInt64 = 0
    if big {
      for i in 0..<size { bits = bits << 8 | UInt64(p[i]) }
    } else {
      var i = size
      while i > 0 {
        i &-= 1
        bits = bits << 8 | UInt64(p[i])
      }
    }
    return bits
  }

  private static func store(_ p: UnsafeMutablePointer<UInt8>, _ size: Int, _ big: Bool, _ bits: UInt64) {
    for i in 0..<size { p[big ? size &- 1 &- i : i] = UInt8(truncatingIfNeeded: bits >> UInt64(i &* 8)) }
  }

  static func unpack(_ vm: VM, _ code: StructCode, _ p: UnsafePointer<UInt8>, _ big: Bool) throws(Raised) -> Value {
    switch code.letter {
    case UInt8(ascii: "c"): return try vm.bytes(UnsafeRawBufferPointer(start: p, count: 1))
    case UInt8(ascii: "s"): return try vm.bytes(UnsafeRawBufferPointer(start: p, count: code.size))
    case UInt8(ascii: "p"):
      if code.size == 0 { return try vm.bytes(count: 0) }
      return try vm.bytes(UnsafeRawBufferPointer(start: p + 1, count: min(Int(p[0]), code.size &- 1)))
    case UInt8(ascii: "?"): return .bool(p[0] != 0)
    case UInt8(ascii: "e"): return Value(HalfFloat.unpack(UInt16(load(p, 2, big))))
    case UInt8(ascii: "f"): return Value(Double(Float(bitPattern: UInt32(load(p, 4, big)))))
    case UInt8(ascii: "d"): return Value(Double(bitPattern: load(p, 8, big)))
    case UInt8(ascii: "B"), UInt8(ascii: "H"), UInt8(ascii: "I"), UInt8(ascii: "L"), UInt8(ascii: "Q"), UInt8(ascii: "N"),
      UInt8(ascii: "P"):
      return try Ints.make(vm, unsigned: load(p, code.size, big))
    default:
      let unused = UInt64(64 &- code.size &* 8)
      return try vm.int(Int(Int64(bitPattern: load(p, code.size, big) << unused) >> Int64(unused)))
    }
  }

  // MARK: writing

  static func pack(
    _ vm: VM, _ code: StructCode, _ p: UnsafeMutablePointer<UInt8>, _ order: StructFormat.Order, _ v: Value
  ) throws(Raised) {
    let big = order == .big
    switch code.letter {
    case UInt8(ascii: "c"):
      guard v.isBytes, v.as(BytesLayout.self).pointee.count == 1 else {
        throw StructModule.error(vm, "char format requires a bytes object of length 1")
      }
      p[0] = v.as(BytesLayout.self).bytes[0]
    case UInt8(ascii: "s"), UInt8(ascii: "p"): try packText(vm, code, p, v)
    case UInt8(ascii: "?"): p[0] = try vm.isTrue(v) ? 1 : 0
    case UInt8(ascii: "e"):
      let d = try double(vm, v)
      guard let h = HalfFloat.pack(d) else { throw overflow(vm, v, "e") }
      store(p, 2, big, UInt64(h))
    case UInt8(ascii: "f"):
      let d = try double(vm, v)
      let f = Float(d)
      if f.isInfinite && d.isFinite { throw overflow(vm, v, "f") }
      store(p, 4, big, UInt64(f.bitPattern))
    case UInt8(ascii: "d"): store(p, 8, big, try double(vm, v).bitPattern)
    default: try packInt(vm, code, p, order, v)
    }
  }

  private static func packText(_ vm: VM, _ code: StructCode, _ p: UnsafeMutablePointer<UInt8>, _ v: Value) throws(Raised) {
    let source: [UInt8]?
    if v.isBytes || v.isInstance(of: rt.types.bytearray) { source = try NumberText.bytes(vm, v) } else { source = nil }
    guard let source else {
      throw StructModule.error(vm, "argument for '\(code.letter == UInt8(ascii: "s") ? "s" : "p")' must be a bytes object")
    }
    if code.letter == UInt8(ascii: "s") {
      for i in 0..<min(source.count, code.size) { p[i] = source[i] }
    } else if code.size > 0 {
      let n = min(source.count, code.size &- 1)
      p[0] = UInt8(min(n, 255))
      for i in 0..<n { p[1 &+ i] = source[i] }
    }
  }

  private static func overflow(_ vm: VM, _ v: Value, _ letter: String) -> Raised {
    v.isInt
      ? StructModule.error(vm, "int too large to convert")
      : vm.raise(.overflowError, "float too large to pack with \(letter) format")
  }

  private static func double(_ vm: VM, _ v: Value) throws(Raised) -> Double {
    if v.isDouble { return v.double }
    do throws(Raised) { return try vm.asDouble(v) } catch {
      if v.isInt && vm.pendingIs(.overflowError) { throw StructModule.replace(vm, "int too large to convert") }
      if v.isInt { throw error }
      throw StructModule.replace(vm, "required argument is not a float")
    }
  }

  private static func packInt(
    _ vm: VM, _ code: StructCode, _ p: UnsafeMutablePointer<UInt8>, _ order: StructFormat.Order, _ v: Value
  ) throws(Raised) {
    let letter = code.letter
    let i: Value
    if v.isInt {
      i = Ints.exact(v)
    } else if v.type.pointee.slots.index != nil {
      i = try vm.index(v)
    } else {
      throw StructModule.error(vm, "required argument is not an integer")
    }
    let unsigned = letter < 97  // capital letters
    if letter == UInt8(ascii: "P") {
      guard let bits = Ints.asUInt64(i) ?? Ints.asInt64(i).map({ UInt64(bitPattern: Int64($0)) }) else {
        throw StructModule.error(vm, "int too large to convert")
      }
      return store(p, 8, false, bits)
    }
    if code.size == 8 {
      if unsigned {
        guard let bits = Ints.asUInt64(i) else { throw tooLarge(vm, order) }
        return store(p, 8, order == .big, bits)
      }
      guard let n = Ints.asInt64(i) else { throw tooLarge(vm, order) }
      return store(p, 8, order == .big, UInt64(bitPattern: Int64(n)))
    }
    let bits = UInt64(code.size * 8)
    let low = unsigned ? 0 : -(1 << (bits - 1)), high = unsigned ? (1 << bits) - 1 : (1 << (bits - 1)) - 1
    let wide =
      unsigned && (code.size == 4 || (code.size == 2 && order == .big))
      ? Ints.asUInt64(i).map { Int(min($0, UInt64(Int.max))) } : Ints.asInt64(i)
    guard let n = wide else {
      throw StructModule.error(vm, "argument out of range")
    }
    guard n >= low && n <= high else {
      let name: String
      switch letter {
      case UInt8(ascii: "b"): name = "byte"
      case UInt8(ascii: "B"): name = "ubyte"
      case UInt8(ascii: "h") where order != .big: name = "short"
      case UInt8(ascii: "H") where order != .big: name = "ushort"
      default: name = "'\(String(UnicodeScalar(letter)))'"
      }
      throw StructModule.error(vm, "\(name) format requires \(low) <= number <= \(high)")
    }
    store(p, code.size, order == .big, UInt64(bitPattern: Int64(n)))
  }

  private static func tooLarge(_ vm: VM, _ order: StructFormat.Order) -> Raised {
    StructModule.error(vm, order == .big ? "int too large to convert" : "argument out of range")
  }
}
