import Glibc

/// The `%` operator of str, bytes and bytearray: C-like conversions.
enum PercentFormat {
  static func format(_ vm: VM, _ v: Value, _ args: Value) throws(Raised) -> Value {
    if args.isExact(rt.types.tuple), case let t = args.as(TupleLayout.self) {
      let made = try plain(vm, v, t.items, t.pointee.count)
      if !made.isNull { return made }
    } else if args.isExactStr {
      var items = args
      let made = try withUnsafePointer(to: &items) { p throws(Raised) in try plain(vm, v, p, 1) }
      if !made.isNull { return made }
    }
    var out = StrBuilder(vm)
    try run(vm, StrText.self, StrView(v), args, &out)
    return try out.finish()
  }
  /// The result where all is Latin-1, each conversion a plain `%s` and each argument an exact str, as in headers and keys: it is measured first and
  /// made at once. Null for everything else, and where the numbers of arguments differ.
  private static func plain(_ vm: VM, _ v: Value, _ items: UnsafePointer<Value>, _ count: Int) throws(Raised) -> Value {
    let format = v.as(StrLayout.self)
    guard format.pointee.unit == 1 else { return .null }
    let n = format.pointee.length, units = UnsafeRawPointer(format.units).assumingMemoryBound(to: UInt8.self)
    var length = n, used = 0, ascii = format.isASCII, i = 0
    while i < n {
      if units[i] != 37 {
        i &+= 1
        continue
      }
      guard i &+ 1 < n, units[i &+ 1] == 0x73, used < count, items[used].isExactStr, case let s = items[used].as(StrLayout.self),
        s.pointee.unit == 1
      else { return .null }
      length &+= s.pointee.length &- 2
      ascii = ascii && s.isASCII
      used &+= 1
      i &+= 2
    }
    guard used == count, length > 1 else { return .null }
    let made = try vm.newStr(length: length, unit: 1, ascii: ascii)
    let to = made.units.assumingMemoryBound(to: UInt8.self)
    var end = 0
    used = 0
    i = 0
    while i < n {
      if units[i] == 37 {
        let s = items[used].as(StrLayout.self), part = s.pointee.length
        memcpy(to + end, s.units, part)
        end &+= part
        used &+= 1
        i &+= 2
      } else {
        to[end] = units[i]
        end &+= 1
        i &+= 1
      }
    }
    return Value(made)
  }

  /// The result as bytes; `text` must stay in place.
  static func formatBytes(_ vm: VM, _ text: StrView, _ args: Value) throws(Raised) -> StrBuilder {
    var out = StrBuilder(vm)
    try run(vm, BytesText.self, text, args, &out)
    return out
  }

  private struct Flags: OptionSet {
    var rawValue: UInt8
    static let left = Flags(rawValue: 1), sign = Flags(rawValue: 2), blank = Flags(rawValue: 4)
    static let alternate = Flags(rawValue: 8), zero = Flags(rawValue: 16)
  }

  private struct Conversion {
    var flags: Flags = []
    var width = -1
    var precision = -1
    var code: UInt32 = 0
  }

  /// The values still to be formatted. `count` is -1 for a single value that is no tuple, then `index` runs from -2 to -1.
  private struct Source {
    let whole: Value
    var args: Value
    var index: Int
    var count: Int
    /// Null when the right operand is no mapping
    let mapping: Value

    init(_ args: Value, isMapping: Bool) {
      whole = args
      self.args = args
      index = args.isTuple ? 0 : -2
      count = args.isTuple ? args.as(TupleLayout.self).pointee.count : -1
      mapping = isMapping ? args : .null
    }
    mutating func next(_ vm: VM) throws(Raised) -> Value {
      guard index < count else { throw vm.raise(.typeError, "not enough arguments for format string") }
      index &+= 1
      return count < 0 ? args : args.as(TupleLayout.self).items[index &- 1]
    }
  }

  @inline(__always)
  private static func run<K: TextKind>(
    _ vm: VM, _: K.Type, _ text: StrView, _ args: Value, _ out: inout StrBuilder
  ) throws(Raised) {
    let isMapping =
      args.type.pointee.slots.subscripted != nil && !args.isTuple && !args.isStr
      && !(K.isBytes && (args.isBytes || args.isInstance(of: rt.types.bytearray)))
    var source = Source(args, isMapping: isMapping)
    var i = 0
    try out.reserve(text.length, unit: text.unit)
    while i < text.length {
      let next = text.find(codePoint: 37, from: i)
      if next < 0 {
        try out.append(text.slice(i, text.length))
        break
      }
      try out.append(text.slice(i, next))
      i = next &+ 1
      if i < text.length && text[i] == 37 {
        try out.append(37)
        i &+= 1
        continue
      }
      let keyed = i < text.length && text[i] == 40
      if keyed { try key(vm, K.self, text, &i, &source) }
      let c = try conversion(vm, text, &i, &source)
      try apply(vm, K.self, c, try source.next(vm), i &- 1, &out)
    }
    if source.index < source.count && source.mapping.isNull {
      throw vm.raise(.typeError, "not all arguments converted during \(K.isBytes ? "bytes" : "string") formatting")
    }
  }

  /// `(key)`: the value for it becomes the only one.
  private static func key<K: TextKind>(_ vm: VM, _: K.Type, _ text: StrView, _ i: inout Int, _ source: inout Source) throws(Raised) {
    if source.mapping.isNull { throw vm.raise(.typeError, "format requires a mapping") }
    i &+= 1
    let start = i
    var depth = 1
    while i < text.length {
      let c = text[i]
      if c == 41 { depth &-= 1 } else if c == 40 { depth &+= 1 }
      if depth == 0 { break }
      i &+= 1
    }
    if depth > 0 { throw vm.raise(.valueError, "incomplete format key") }
    let part = text.slice(start, i)
    let key = K.isBytes ? try vm.bytes(UnsafeRawBufferPointer(start: part.units, count: part.length)) : try vm.str(copying: part)
    i &+= 1
    source.args = try vm.getItem(source.mapping, key)
    source.count = -1
    source.index = -2
  }

  private static func conversion(_ vm: VM, _ text: StrView, _ i: inout Int, _ source: inout Source) throws(Raised) -> Conversion {
    var c = Conversion()
    flags: while i < text.length {
      switch text[i] {
      case 45: c.flags.insert(.left)
      case 43: c.flags.insert(.sign)
      case 32: c.flags.insert(.blank)
      case 35: c.flags.insert(.alternate)
      case 48: c.flags.insert(.zero)
      default: break flags
      }
      i &+= 1
    }
    if i < text.length && text[i] == 42 {
      let n = try source.next(vm)
      guard n.isInt else { throw vm.raise(.typeError, "* wants int") }
      c.width = try vm.asInt(Ints.exact(n))
      if c.width < 0 {
        c.flags.insert(.left)
        c.width = c.width == Int.min ? Int.max : -c.width
      }
      i &+= 1
    } else {
      c.width = try number(vm, text, &i, Int.max, "width too big") ?? -1
    }
    if i < text.length && text[i] == 46 {
      i &+= 1
      c.precision = 0
      if i < text.length && text[i] == 42 {
        let n = try source.next(vm)
        guard n.isInt else { throw vm.raise(.typeError, "* wants int") }
        guard let p = Ints.asInt64(Ints.exact(n)), p <= Int(Int32.max), p >= Int(Int32.min) else {
          throw vm.raise(.overflowError, "Python int too large to convert to C int")
        }
        c.precision = max(0, p)
        i &+= 1
      } else {
        c.precision = try number(vm, text, &i, Int(Int32.max), "precision too big") ?? 0
      }
    }
    if i < text.length && (text[i] == 104 || text[i] == 108 || text[i] == 76) { i &+= 1 }
    if i >= text.length { throw vm.raise(.valueError, "incomplete format") }
    c.code = text[i]
    i &+= 1
    return c
  }

  private static func number(
    _ vm: VM, _ text: StrView, _ i: inout Int, _ limit: Int, _ complaint: String
  ) throws(Raised) -> Int? {
    var n: Int?
    while i < text.length, text[i] &- 48 < 10 {
      let d = Int(text[i] &- 48)
      if (n ?? 0) > (limit &- d) / 10 { throw vm.raise(.valueError, complaint) }
      n = (n ?? 0) &* 10 &+ d
      i &+= 1
    }
    return n
  }

  @inline(__always)
  private static func apply<K: TextKind>(
    _ vm: VM, _: K.Type, _ c: Conversion, _ v: Value, _ index: Int, _ out: inout StrBuilder
  ) throws(Raised) {
    switch c.code {
    case 0x73 where !K.isBytes:
      let s = v.isExactStr ? v : try vm.str(of: v)
      if c.width < 0 && c.precision < 0 { return try out.append(s) }
      try pad(StrView(s), c, &out)
    case 0x72 where !K.isBytes: try pad(StrView(try vm.repr(v)), c, &out)
    case 0x61, 0x72: try pad(StrView(try StrFormat.ascii(vm, v)), c, &out)
    case 0x73 where K.isBytes, 0x62 where K.isBytes: try bytesLike(vm, v, c, &out)
    case 0x63: try character(vm, K.self, v, c, &out)
    case 0x64, 0x69, 0x75, 0x6F, 0x78, 0x58: try integer(vm, v, c, &out)
    case 0x65, 0x45, 0x66, 0x46, 0x67, 0x47:
      let d: Double
      if K.isBytes && !v.isFloat {
        do throws(Raised) { d = try vm.asDouble(v) } catch {
          guard vm.pendingIs(.typeError) else { throw error }
          vm.clearPending()
          throw vm.raise(.typeError, "float argument required, not \(v.typeName)")
        }
      } else {
        d = try vm.asDouble(v)
      }
      if try quickFloat(d, c, &out) { return }
      let text = try NumberFormat.percentFloat(
        vm, d, UInt8(truncatingIfNeeded: c.code), alternate: c.flags.contains(.alternate), precision: c.precision)
      try number(text, c, prefix: 0, &out)
    default:
      let shown = c.code > 31 && c.code < 128 ? String(UnicodeScalar(UInt8(c.code))) : "?"
      throw vm.raise(.valueError, "unsupported format character '\(shown)' (0x\(String(c.code, radix: 16))) at index \(index)")
    }
  }

  private static func pad(_ text: StrView, _ c: Conversion, _ out: inout StrBuilder) throws(Raised) {
    let shown = c.precision >= 0 && c.precision < text.length ? text.slice(0, c.precision) : text
    let padding = c.width &- shown.length
    if padding > 0 && !c.flags.contains(.left) { try out.append(32, count: padding) }
    try out.append(shown)
    if padding > 0 && c.flags.contains(.left) { try out.append(32, count: padding) }
  }

  private static func character<K: TextKind>(
    _ vm: VM, _: K.Type, _ v: Value, _ c: Conversion, _ out: inout StrBuilder
  ) throws(Raised) {
    var shown = c
    shown.precision = -1
    var unit: UInt32 = 0
    if !K.isBytes {
      if v.isStr {
        guard Str.length(v) == 1 else { throw vm.raise(.typeError, "%c requires int or char") }
        unit = StrView(v)[0]
      } else {
        guard v.isInt || v.type.pointee.slots.index != nil else { throw vm.raise(.typeError, "%c requires int or char") }
        let n = vm.clamped(try vm.index(v))
        guard n >= 0 && n <= 0x10FFFF else { throw vm.raise(.overflowError, "%c arg not in range(0x110000)") }
        unit = UInt32(n)
      }
    } else if v.isBytes && BytesText.view(v).length == 1 {
      unit = BytesText.view(v)[0]
    } else if v.isInstance(of: rt.types.bytearray) && ByteArrayText.view(v).length == 1 {
      unit = ByteArrayText.view(v)[0]
    } else {
      guard v.isInt || v.type.pointee.slots.index != nil else {
        throw vm.raise(.typeError, "%c requires an integer in range(256) or a single byte")
      }
      let n = vm.clamped(try vm.index(v))
      guard n >= 0 && n < 256 else { throw vm.raise(.overflowError, "%c arg not in range(256)") }
      unit = UInt32(n)
    }
    let padding = c.width &- 1
    if padding > 0 && !c.flags.contains(.left) { try out.append(32, count: padding) }
    try out.append(unit)
    if padding > 0 && c.flags.contains(.left) { try out.append(32, count: padding) }
  }

  private static func bytesLike(_ vm: VM, _ v: Value, _ c: Conversion, _ out: inout StrBuilder) throws(Raised) {
    if v.isBytes { return try pad(BytesText.view(v), c, &out) }
    if v.isInstance(of: rt.types.bytearray) { return try pad(ByteArrayText.view(v), c, &out) }
    let method = try vm.lookupSpecial(v, rt.names.__bytes__)
    if !method.isNull {
      let b = try vm.call(method)
      guard b.isBytes else { throw vm.raise(.typeError, "__bytes__ returned non-bytes (type \(b.typeName))") }
      return try pad(BytesText.view(b), c, &out)
    }
    if v.type.pointee.slots.buffer != nil {
      var buffer = try vm.buffer(of: v, .fullReadOnly)
      defer { vm.release(&buffer) }
      let b = try MemoryViews.contiguousBytes(vm, buffer)
      return try pad(BytesText.view(b), c, &out)
    }
    throw vm.raise(.typeError, "%b requires a bytes-like object, or an object that implements __bytes__, not '\(v.typeName)'")
  }

  private static func integer(_ vm: VM, _ v: Value, _ c: Conversion, _ out: inout StrBuilder) throws(Raised) {
    var n = Value.null
    let slots = v.type.pointee.slots
    let code = UInt8(truncatingIfNeeded: c.code)
    let needsInteger = c.code == 0x6F || c.code | 32 == 0x78
    if v.isInt {
      n = Ints.exact(v)
    } else if needsInteger {
      if slots.index != nil { n = try vm.index(v) }
    } else if v.isFloat || slots.int != nil || slots.index != nil || slots.float != nil {
      do throws(Raised) { n = Ints.exact(try vm.call(Value(rt.types.int), v)) } catch {
        guard vm.pendingIs(.typeError) else { throw error }
        vm.clearPending()
      }
    }
    if n.isNull {
      let kind = needsInteger ? "an integer" : "a real number"
      throw vm.raise(.typeError, "%\(String(UnicodeScalar(code))) format: \(kind) is required, not \(v.typeName)")
    }
    let alternate = c.flags.contains(.alternate)
    if n.isSmallInt && !alternate && c.precision < 0 {
      let i = n.smallInt
      let base: UInt = code == 111 ? 8 : code | 32 == 120 ? 16 : 10
      return try FastNumbers.withRoom { room throws(Raised) in
        let end = room + FastNumbers.room
        let count = FastNumbers.write(i.magnitude, base: base, upper: code == 88, endingAt: end)
        try layOut(UnsafePointer(end - count), count, negative: i < 0, c, &out)
      }
    }
    let text = try NumberFormat.percentInt(vm, n, code, alternate: alternate, precision: c.precision)
    try number(text, c, prefix: alternate && needsInteger ? 2 : 0, &out)
  }

  /// A double of ordinary size and precision; false leaves it to the general code.
  private static func quickFloat(_ d: Double, _ c: Conversion, _ out: inout StrBuilder) throws(Raised) -> Bool {
    let precision = c.precision < 0 ? 6 : c.precision
    if precision > 19 || c.flags.contains(.alternate) { return false }
    return try FastNumbers.withRoom { room throws(Raised) in
      let end = room + FastNumbers.room
      let count = FastNumbers.text(d, UInt8(truncatingIfNeeded: c.code), precision, end)
      if count == 0 { return false }
      try layOut(UnsafePointer(end - count), count, negative: d.sign == .minus, c, &out)
      return true
    }
  }

  /// ASCII digits with sign and padding.
  private static func layOut(
    _ digits: UnsafePointer<UInt8>, _ count: Int, negative: Bool, _ c: Conversion, _ out: inout StrBuilder
  ) throws(Raised) {
    let sign: UInt32 = negative ? 45 : c.flags.contains(.sign) ? 43 : c.flags.contains(.blank) ? 32 : 0
    let padding = max(0, c.width &- count &- (sign != 0 ? 1 : 0))
    let left = c.flags.contains(.left)
    if padding > 0 && !left && !c.flags.contains(.zero) { try out.append(32, count: padding) }
    if sign != 0 { try out.append(sign) }
    if padding > 0 && !left && c.flags.contains(.zero) { try out.append(48, count: padding) }
    try out.append(StrView(units: UnsafeRawPointer(digits), length: count, unit: 1))
    if padding > 0 && left { try out.append(32, count: padding) }
  }

  /// A number's text (sign first, then a prefix such as 0x of `prefix` characters) with sign and padding.
  private static func number(_ text: [UInt8], _ c: Conversion, prefix: Int, _ out: inout StrBuilder) throws(Raised) {
    var from = 0
    var sign: UInt32 = c.flags.contains(.sign) ? 43 : c.flags.contains(.blank) ? 32 : 0
    if let first = text.first, first == 45 || first == 43 {
      sign = UInt32(first)
      from = 1
    }
    let length = text.count &- from &+ (sign != 0 ? 1 : 0)
    let padding = max(0, c.width &- length)
    let zeros = c.flags.contains(.zero) && !c.flags.contains(.left)
    if padding > 0 && !zeros && !c.flags.contains(.left) { try out.append(32, count: padding) }
    if sign != 0 { try out.append(sign) }
    for i in from..<min(text.count, from &+ prefix) { try out.append(UInt32(text[i])) }
    if zeros { try out.append(48, count: padding) }
    for i in min(text.count, from &+ prefix)..<text.count { try out.append(UInt32(text[i])) }
    if padding > 0 && c.flags.contains(.left) { try out.append(32, count: padding) }
  }
}
