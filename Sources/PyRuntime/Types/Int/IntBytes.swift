/// `int.to_bytes` and `int.from_bytes`.
enum IntBytes {
  private static func isLittle(_ vm: VM, _ order: Value) throws(Raised) -> Bool {
    if order.isNull { return false }
    guard order.isStr else { throw vm.raise(.typeError, "an argument must be str, not \(order.argumentTypeName)") }
    if Str.equal(order, "little") { return true }
    if Str.equal(order, "big") { return false }
    throw vm.raise(.valueError, "byteorder must be either 'little' or 'big'")
  }

  static func toBytes(_ vm: VM, _ a: Value, _ args: Args) throws(Raised) -> Value {
    let length = args[0].isNull ? 1 : try vm.asInt(args[0])
    if !args[1].isNull && !args[1].isStr {
      throw vm.raise(.typeError, "to_bytes() argument 'byteorder' must be str, not \(args[1].argumentTypeName)")
    }
    let signed = args[2].isNull ? false : try vm.isTrue(args[2])
    let little = try isLittle(vm, args[1])
    if length < 0 { throw vm.raise(.valueError, "length argument must be non-negative") }
    let out = try vm.bytes(count: length)
    let p = out.as(BytesLayout.self).bytes
    switch store(Ints.exact(a), p, length, little: little, signed: signed) {
    case .stored: return out
    case .negative: throw vm.raise(.overflowError, "can't convert negative int to unsigned")
    case .tooBig: throw vm.raise(.overflowError, "int too big to convert")
    }
  }

  enum StoreOutcome { case stored, negative, tooBig }

  /// Two's complement (or plain binary) of an exact int in exactly `length` bytes.
  static func store(
    _ a: Value, _ p: UnsafeMutablePointer<UInt8>, _ length: Int, little: Bool, signed: Bool
  ) -> StoreOutcome {
    var scratch: UInt = 0
    return withUnsafeMutablePointer(to: &scratch) { s in
      let x = Ints.view(a, s)
      if x.isNegative && !signed { return .negative }
      var carry: UInt16 = x.isNegative ? 1 : 0
      let mask: UInt8 = x.isNegative ? 0xFF : 0
      let available = x.count &* 8
      for i in 0..<length {
        var byte: UInt8 = i < available ? UInt8(truncatingIfNeeded: x.limbs[i >> 3] &>> UInt((i & 7) &* 8)) : 0
        byte ^= mask
        let sum = UInt16(byte) &+ carry
        carry = sum >> 8
        p[little ? i : length &- 1 &- i] = UInt8(truncatingIfNeeded: sum)
      }
      // Magnitude bits that fit: all of the bytes, one less when signed, but -2^n fits n + 1 bits.
      let (room, overflow) = length.multipliedReportingOverflow(by: 8)
      if overflow { return .stored }
      var bits = x.bitLength
      if signed {
        if x.isNegative && isPowerOfTwo(x) { bits &-= 1 }
        return bits < room || (bits == 0 && room == 0) ? .stored : .tooBig
      }
      return bits <= room ? .stored : .tooBig
    }
  }

  private static func isPowerOfTwo(_ x: IntView) -> Bool {
    guard x.count > 0, x.limbs[x.count &- 1].nonzeroBitCount == 1 else { return false }
    for i in 0..<(x.count &- 1) where x.limbs[i] != 0 { return false }
    return true
  }

  static func fromBytes(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    if !args[1].isNull && !args[1].isStr {
      throw vm.raise(.typeError, "from_bytes() argument 'byteorder' must be str, not \(args[1].argumentTypeName)")
    }
    let little = try isLittle(vm, args[1])
    let signed = args[2].isNull ? false : try vm.isTrue(args[2])
    let bytes = try bytesObject(vm, args[0])
    let b = bytes.as(BytesLayout.self)
    let value = try load(vm, UnsafePointer(b.bytes), b.pointee.count, little: little, signed: signed)
    return try NumberText.wrap(vm, type, rt.types.int, value)
  }

  /// The int that `length` bytes stand for.
  static func load(
    _ vm: VM, _ p: UnsafePointer<UInt8>, _ length: Int, little: Bool, signed: Bool
  ) throws(Raised) -> Value {
    if length == 0 { return Value(smallInt: 0) }
    if length <= 7 {
      var word: UInt = 0
      for i in 0..<length { word = word << 8 | UInt(p[little ? length &- 1 &- i : i]) }
      let bits = UInt(length &* 8)
      if signed && word >> (bits &- 1) == 1 { return try vm.int(Int(bitPattern: word) &- (1 << Int(bits))) }
      return try vm.int(Int(bitPattern: word))
    }
    let top = p[little ? length &- 1 : 0]
    let negative = signed && top & 0x80 != 0
    let n = (length &+ 7) / 8
    let r = try Ints.allocate(vm, n)
    let limbs = r.limbs
    var carry: UInt16 = negative ? 1 : 0
    let mask: UInt8 = negative ? 0xFF : 0
    for i in 0..<length {
      let sum = UInt16(p[little ? i : length &- 1 &- i] ^ mask) &+ carry
      carry = sum >> 8
      limbs[i >> 3] |= UInt(sum & 0xFF) &<< UInt((i & 7) &* 8)
    }
    // -2^(8·length) cannot occur: the top bit of a negative number is set.
    return Ints.finish(r, count: n, negative: negative)
  }

  /// `bytes(x)` without the meaning "so many zeros" for an int.
  private static func bytesObject(_ vm: VM, _ x: Value) throws(Raised) -> Value {
    if x.isExact(rt.types.bytes) { return x }
    let method = try vm.lookupSpecial(x, rt.names.__bytes__)
    if !method.isNull {
      let r = try vm.call(method)
      if !r.isBytes { throw vm.raise(.typeError, "__bytes__ returned non-bytes (type \(r.typeName))") }
      return r
    }
    if let b = try NumberText.bytes(vm, x) { return try vm.bytes(b) }
    if x.isStr || x.type.pointee.slots.iter == nil && x.type.pointee.slots.item == nil {
      throw vm.raise(.typeError, "cannot convert '\(x.typeName)' object to bytes")
    }
    let items = try vm.list(from: x)
    var out: [UInt8] = []
    var i = 0
    while i < items.as(ListLayout.self).pointee.count, let p = items.as(ListLayout.self).pointee.items {
      let n = try vm.asIndex(p[i], overflow: .valueError)
      guard n >= 0 && n < 256 else { throw vm.raise(.valueError, "bytes must be in range(0, 256)") }
      out.append(UInt8(n))
      i += 1
    }
    return try vm.bytes(out)
  }
}
