import Glibc

// replace, join, center, ljust, rjust, zfill, expandtabs: shared by str, bytes and bytearray.

extension TextMethods {
  static func replace(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    if !K.isBytes, args[0].isStr, args[1].isStr, args[2].isNull {
      let old = args[0].as(StrLayout.self), s = v.as(StrLayout.self)
      // Escaping asks for one character after the other that is hardly ever there.
      if old.pointee.length == 1, old.pointee.unit == 1, s.pointee.unit == 1, v.isExactStr,
        memchr(s.units, Int32(old.units.load(as: UInt8.self)), s.pointee.length) == nil
      {
        return v
      }
      return try replace(vm, v, StrView(args[0]), StrView(args[1]), by: args[1], most: Int.max)
    }
    var old = try TextArgument(vm, args[0], K.self) { notText("replace", args[0], argument: 1) }
    defer { old.end() }
    var new = try TextArgument(vm, args[1], K.self) { notText("replace", args[1], argument: 2) }
    defer { new.end() }
    var most = args[2].isNull ? -1 : try vm.asInt(args[2])
    if most < 0 { most = Int.max }
    return try replace(vm, v, old.view, new.view, by: args[1], most: most)
  }
  private static func replace(
    _ vm: VM, _ v: Value, _ a: StrView, _ b: StrView, by new: Value, most: Int
  ) throws(Raised) -> Value {
    let view = K.view(v)
    if most == 0 || a.length == 0 && b.length == 0 { return try K.make(vm, view, v) }
    if a.length == 1 && b.length == 1 && view.unit == 1 && a.unit == 1 && b.unit == 1 && most == Int.max {
      return try replaceByte(vm, v, new, view, a[0], b[0])
    }
    let first = a.length == 0 ? 0 : view.find(a, from: 0)
    if first < 0 { return try K.make(vm, view, v) }
    let n = view.count(a, limit: most)
    if n == 0 { return try K.make(vm, view, v) }
    let (growth, overflow) = (b.length &- a.length).multipliedReportingOverflow(by: n)
    let (length, overflow2) = view.length.addingReportingOverflow(growth)
    if overflow || overflow2 || length > Int.max >> 4 {
      throw vm.raise(.overflowError, K.isBytes ? "replace bytes is too long" : "replace string is too long")
    }
    // The widest of the parts is wide enough; what it leaves out may allow a narrower unit, which `finish` finds.
    let unit = max(view.unit, b.unit)
    let ascii = !K.isBytes && K.isASCII(v) && K.isASCII(new)
    var result = try TextOutput<K>(vm, length: length, unit: unit, ascii: ascii)
    if a.length == 0 {
      var left = n
      for i in 0...view.length {
        if left > 0 {
          result.append(b)
          left &-= 1
        }
        if i < view.length { result.append(view.slice(i, i &+ 1)) }
      }
      return try result.finish()
    }
    var from = 0
    var i = first
    for k in 0..<n {
      if k > 0 { i = view.find(a, from: from) }
      if i < 0 { break }
      result.append(view.slice(from, i))
      result.append(b)
      from = i &+ a.length
    }
    result.append(view.slice(from, view.length))
    return try result.finish()
  }

  /// One byte for another everywhere.
  private static func replaceByte(
    _ vm: VM, _ v: Value, _ new: Value, _ view: StrView, _ old: UInt32, _ by: UInt32
  ) throws(Raised) -> Value {
    let first = view.find(codePoint: old)
    if first < 0 { return try K.make(vm, view, v) }
    let ascii = !K.isBytes && K.isASCII(v) && K.isASCII(new)
    var result = try TextOutput<K>(vm, length: view.length, unit: 1, ascii: ascii)
    let to = result.reserve(view.length)
    memcpy(to, view.units, view.length)
    let p = to.assumingMemoryBound(to: UInt8.self)
    let a = UInt8(truncatingIfNeeded: old), b = UInt8(truncatingIfNeeded: by)
    var i = first
    while i &+ 16 <= view.length {
      let x = UnsafeRawPointer(p).loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self)
      let replaced = x.replacing(with: b, where: x .== SIMD16<UInt8>(repeating: a))
      UnsafeMutableRawPointer(p).storeBytes(of: replaced, toByteOffset: i, as: SIMD16<UInt8>.self)
      i &+= 16
    }
    while i < view.length {
      if p[i] == a { p[i] = b }
      i &+= 1
    }
    return try result.finish()
  }

  // MARK: padding

  static func center(_ vm: VM, _ v: Value, _ width: Value, _ fill: Value) throws(Raised) -> Value {
    let n = try vm.asInt(width)
    let c = try fillUnit(vm, fill, "center")
    let margin = n &- K.view(v).length
    if n <= K.view(v).length { return try K.make(vm, K.view(v), v) }
    let left = margin / 2 &+ (margin & n & 1)
    return try pad(vm, v, left, margin &- left, c)
  }
  static func ljust(_ vm: VM, _ v: Value, _ width: Value, _ fill: Value) throws(Raised) -> Value {
    let n = try vm.asInt(width)
    let c = try fillUnit(vm, fill, "ljust")
    return try pad(vm, v, 0, n <= K.view(v).length ? 0 : n &- K.view(v).length, c)
  }
  static func rjust(_ vm: VM, _ v: Value, _ width: Value, _ fill: Value) throws(Raised) -> Value {
    let n = try vm.asInt(width)
    let c = try fillUnit(vm, fill, "rjust")
    return try pad(vm, v, n <= K.view(v).length ? 0 : n &- K.view(v).length, 0, c)
  }
  private static func fillUnit(_ vm: VM, _ fill: Value, _ name: StaticString) throws(Raised) -> UInt32 {
    if fill.isNull { return 32 }
    if !K.isBytes {
      guard fill.isStr else { throw vm.raise(.typeError, "The fill character must be a unicode character, not \(fill.typeName)") }
      guard Str.length(fill) == 1 else { throw vm.raise(.typeError, "The fill character must be exactly one character long") }
      return StrView(fill)[0]
    }
    if fill.isBytes, BytesText.view(fill).length == 1 { return BytesText.view(fill)[0] }
    if fill.type.isSubtype(of: rt.types.bytearray), ByteArrayText.view(fill).length == 1 { return ByteArrayText.view(fill)[0] }
    throw vm.raise(.typeError, "\(name)() argument 2 must be a byte string of length 1, not \(fill.typeName)")
  }
  static func pad(_ vm: VM, _ v: Value, _ left: Int, _ right: Int, _ fill: UInt32) throws(Raised) -> Value {
    let view = K.view(v)
    if left <= 0 && right <= 0 { return try K.make(vm, view, v) }
    let (a, overflow) = left.addingReportingOverflow(right)
    let (length, overflow2) = a.addingReportingOverflow(view.length)
    if overflow || overflow2 { throw vm.raise(.overflowError, K.isBytes ? "padded bytes is too long" : "padded string is too long") }
    let unit = K.isBytes ? 1 : max(view.unit, Str.unit(for: fill))
    var result = try TextOutput<K>(vm, length: length, unit: unit, ascii: !K.isBytes && K.isASCII(v) && fill < 128)
    result.append(fill, count: left)
    result.append(view)
    result.append(fill, count: right)
    return try result.finish()
  }

  static func zfill(_ vm: VM, _ v: Value, _ width: Value) throws(Raised) -> Value {
    let n = try vm.asInt(width)
    let view = K.view(v)
    if n <= view.length { return try K.make(vm, view, v) }
    var result = try TextOutput<K>(vm, length: n, unit: view.unit, ascii: !K.isBytes && K.isASCII(v))
    let fill = n &- view.length
    var from = 0
    if view.length > 0 && (view[0] == 43 || view[0] == 45) {
      result.append(view.slice(0, 1))
      from = 1
    }
    result.append(48, count: fill)
    result.append(view.slice(from, view.length))
    return try result.finish()
  }

  static func expandtabs(_ vm: VM, _ v: Value, _ tabSize: Value) throws(Raised) -> Value {
    var size = 8
    if !tabSize.isNull {
      size = try vm.asInt(tabSize)
      if size > Int(Int32.max) || size < Int(Int32.min) { throw vm.raise(.overflowError, "Python int too large to convert to C int") }
    }
    let view = K.view(v)
    var length = 0, column = 0
    for i in 0..<view.length {
      let c = view[i]
      if c == 9 {
        if size > 0 {
          let step = size &- column % size
          if step > Int.max >> 4 &- length { throw vm.raise(.overflowError, K.isBytes ? "result too long" : "new string is too long") }
          column &+= step
          length &+= step
        }
      } else {
        column = c == 10 || c == 13 ? 0 : column &+ 1
        length &+= 1
      }
    }
    if length > Int.max >> 4 { throw vm.raise(.overflowError, K.isBytes ? "result too long" : "new string is too long") }
    if view.find(codePoint: 9) < 0 { return try K.make(vm, view, v) }
    var result = try TextOutput<K>(vm, length: length, unit: view.unit, ascii: !K.isBytes && K.isASCII(v))
    column = 0
    for i in 0..<view.length {
      let c = view[i]
      if c == 9 {
        if size > 0 {
          let step = size &- column % size
          result.append(32, count: step)
          column &+= step
        }
      } else {
        column = c == 10 || c == 13 ? 0 : column &+ 1
        result.append(c, count: 1)
      }
    }
    return try result.finish()
  }

  // MARK: join

  static func join(_ vm: VM, _ v: Value, _ iterable: Value) throws(Raised) -> Value {
    var items = iterable
    let run = K.isBytes ? nil : Deques.run(iterable)
    let isOwnList = iterable.isExact(rt.types.list) && iterable.as(ListLayout.self).pointee.foreign == nil
    if run == nil, !isOwnList, !iterable.isExact(rt.types.tuple) {
      do throws(Raised) { items = try vm.list(from: iterable) } catch {
        if vm.pendingIs(.typeError), iterable.type.pointee.slots.iter == nil, iterable.type.pointee.slots.item == nil {
          vm.clearPending()
          throw vm.raise(.typeError, K.isBytes ? "can only join an iterable" : "can only join an iterable")
        }
        throw error
      }
    }
    let isTuple = items.isExact(rt.types.tuple)
    let n = run?.count ?? (isTuple ? items.as(TupleLayout.self).pointee.count : items.as(ListLayout.self).pointee.count)
    if n == 0 { return try K.make(vm, StrView(units: nil, length: 0, unit: 1), .null) }
    let base =
      run?.items ?? (isTuple ? items.as(TupleLayout.self).items : items.as(ListLayout.self).pointee.items.unsafelyUnwrapped)
    if K.isBytes { return try joinBytes(vm, v, items, base, n) }
    let separator = StrView(v)
    var length = 0
    var unit: UInt8 = n > 1 ? separator.unit : 1
    var ascii = n == 1 || v.as(StrLayout.self).isASCII
    for i in 0..<n {
      let item = base[i]
      guard item.isStr else {
        throw vm.raise(.typeError, "sequence item \(i): expected str instance, \(item.typeName) found")
      }
      let s = item.as(StrLayout.self)
      length &+= s.pointee.length
      if s.pointee.unit > unit { unit = s.pointee.unit }
      ascii = ascii && s.isASCII
      if length > Int.max >> 4 { throw vm.raise(.overflowError, "join() result is too long for a Python string") }
    }
    if n == 1 && base[0].isExactStr { return base[0] }
    let (gaps, overflow) = separator.length.multipliedReportingOverflow(by: n &- 1)
    if overflow || gaps > Int.max >> 4 { throw vm.raise(.overflowError, "join() result is too long for a Python string") }
    length &+= gaps
    if length == 0 { return try vm.emptyStr() }
    if length == 1 {
      // The one code point that there is.
      for i in 0..<n where Str.length(base[i]) == 1 { return try vm.exactCopy(base[i]) }
      return try vm.exactCopy(v)
    }
    let r = try vm.newStr(length: length, unit: unit, ascii: ascii)
    var at = r.units
    if unit == 1 {
      let gap = separator.length
      for i in 0..<n {
        if i > 0 && gap > 0 {
          StrView.copy(separator.units, to: at, bytes: gap)
          at += gap
        }
        let view = StrView(base[i])
        StrView.copy(view.units, to: at, bytes: view.length)
        at += view.length
      }
      return Value(r)
    }
    for i in 0..<n {
      if i > 0 {
        separator.copy(to: at, unit: unit)
        at += separator.length &* Int(unit)
      }
      let view = StrView(base[i])
      view.copy(to: at, unit: unit)
      at += view.length &* Int(unit)
    }
    return Value(r)
  }

  private static func joinBytes(
    _ vm: VM, _ v: Value, _ items: Value, _ base: UnsafeMutablePointer<Value>, _ n: Int
  ) throws(Raised) -> Value {
    let separator = K.view(v)
    if n == 1 && base[0].isExact(rt.types.bytes) && !(K.self == ByteArrayText.self) { return base[0] }
    // Held views keep their exporters' memory in place.
    var length = 0
    for i in 0..<n {
      let item = base[i]
      if item.isExact(rt.types.bytes) {
        length &+= item.as(BytesLayout.self).pointee.count
        if length > Int.max >> 4 { throw vm.raise(.overflowError, "join() result is too long") }
        continue
      }
      guard item.isBytes || item.type.pointee.slots.buffer != nil else {
        throw vm.raise(.typeError, "sequence item \(i): expected a bytes-like object, \(item.typeName) found")
      }
      var argument = try TextArgument(vm, item, K.self) { "" }
      length &+= argument.view.length
      argument.end()
      if length > Int.max >> 4 { throw vm.raise(.overflowError, "join() result is too long") }
    }
    let (gaps, overflow) = separator.length.multipliedReportingOverflow(by: n &- 1)
    if overflow || gaps > Int.max >> 4 { throw vm.raise(.overflowError, "join() result is too long") }
    var result = try TextOutput<K>(vm, length: length &+ gaps, unit: 1, ascii: false)
    for i in 0..<n {
      if i > 0 { result.append(separator) }
      if base[i].isExact(rt.types.bytes) {
        result.append(BytesText.view(base[i]))
        continue
      }
      var argument = try TextArgument(vm, base[i], K.self) { "" }
      result.append(argument.view)
      argument.end()
    }
    return try result.finish()
  }
}

/// A result of known length, filled from the left. Appending beyond the length is ignored.
struct TextOutput<K: TextKind> {
  private let vm: VM
  private let result: Value
  private let units: UnsafeMutableRawPointer
  private let length: Int
  private let unit: UInt8
  private var at = 0

  /// `unit` may be wider than needed; `ascii` must be exact or false.
  init(_ vm: VM, length: Int, unit: UInt8, ascii: Bool) throws(Raised) {
    self.vm = vm
    self.length = length
    self.unit = unit
    if !K.isBytes {
      let s = try vm.newStr(length: length, unit: unit, ascii: ascii)
      result = Value(s)
      units = s.units
    } else if K.self == BytesText.self {
      result = try vm.bytes(count: length)
      units = UnsafeMutableRawPointer(result.as(BytesLayout.self).bytes)
    } else {
      result = try vm.byteArray(UnsafeRawBufferPointer(start: nil, count: 0))
      try ByteArrays.resize(vm, result, length)
      units = ByteArrays.bytes(result).baseAddress ?? UnsafeMutableRawPointer(result.as(ByteArrayLayout.self))
    }
  }

  /// Where the next `n` units go, for the caller to write at once.
  mutating func reserve(_ n: Int) -> UnsafeMutableRawPointer {
    let p = units + at &* Int(unit)
    at &+= min(n, length &- at)
    return p
  }
  @inline(__always)
  mutating func append(_ view: StrView) {
    let n = min(view.length, length &- at)
    if n <= 0 { return }
    if view.unit == 1 && unit == 1 && n < 16 {
      let to = units + at
      for i in 0..<n { to.storeBytes(of: view.units.load(fromByteOffset: i, as: UInt8.self), toByteOffset: i, as: UInt8.self) }
    } else {
      view.slice(0, n).copy(to: units + at &* Int(unit), unit: unit)
    }
    at &+= n
  }
  mutating func append(_ c: UInt32, count: Int) {
    var n = min(count, length &- at)
    while n > 0 {
      Str.store(units, unit, at, c)
      at &+= 1
      n &-= 1
    }
  }

  func finish() throws(Raised) -> Value {
    if K.isBytes {
      if K.self == BytesText.self && length == 0 { return try vm.emptyBytes() }
      return result
    }
    let s = result.as(StrLayout.self)
    if s.isASCII && length > 1 { return result }
    // Narrow to the canonical width, and find out about ASCII.
    let view = StrView(result)
    let largest = view.largestCodePoint
    if length <= 1 || Str.unit(for: largest) < unit { return try vm.str(copying: view) }
    if largest < 128 { s.pointee.flags.insert(.ascii) }
    return result
  }
}
