/// Codecs driven by a mapping: a str of up to 256 characters, an `EncodingMap`, or any object with `__getitem__`.
enum CharmapCodec {
  static func decode(_ vm: VM, _ b: UnsafeRawBufferPointer, _ errors: Value, _ mapping: Value, object: Value) throws(Raised) -> Value {
    if mapping.isNull || mapping.isNone { return try vm.str(latin1: b) }
    var d = Decoding(vm, "charmap", b, errors, object: object)
    try d.out.reserve(b.count)
    var i = 0
    if mapping.isStr {
      let map = StrView(mapping)
      while i < d.count {
        let c = Int(d.input[i])
        if c < map.length && map[c] != 0xFFFE {
          try d.out.append(map[c])
          i &+= 1
        } else {
          i = try d.fail(i, i &+ 1, "character maps to <undefined>")
        }
      }
      return try d.out.finish()
    }
    while i < d.count {
      var found = Value.none
      do throws(Raised) { found = try vm.getItem(mapping, Value(smallInt: Int(d.input[i]))) } catch {
        guard vm.pendingIs(.lookupError) else { throw error }
        vm.clearPending()
      }
      if found.isInt {
        let n = vm.clamped(Ints.exact(found))
        if n == 0xFFFE {
          i = try d.fail(i, i &+ 1, "character maps to <undefined>")
          continue
        }
        guard n >= 0 && n <= 0x10FFFF else { throw vm.raise(.typeError, "character mapping must be in range(0x110000)") }
        try d.out.append(UInt32(n))
        i &+= 1
      } else if found.isStr {
        if Str.length(found) == 1 && StrView(found)[0] == 0xFFFE {
          i = try d.fail(i, i &+ 1, "character maps to <undefined>")
          continue
        }
        try d.out.append(found)
        i &+= 1
      } else if found.isNone {
        i = try d.fail(i, i &+ 1, "character maps to <undefined>")
      } else {
        throw vm.raise(.typeError, "character mapping must return integer, None or str")
      }
    }
    return try d.out.finish()
  }

  private enum Looked { case undefined, byte(UInt8), bytes(Value) }

  private static func look(_ vm: VM, _ mapping: Value, _ c: UInt32) throws(Raised) -> Looked {
    if mapping.isExact(encodingMap) {
      guard let b = EncodingMap.byte(mapping, c) else { return .undefined }
      return .byte(b)
    }
    let found: Value
    do throws(Raised) { found = try vm.getItem(mapping, Value(smallInt: Int(c))) } catch {
      guard vm.pendingIs(.lookupError) else { throw error }
      vm.clearPending()
      return .undefined
    }
    if found.isNone { return .undefined }
    if found.isInt {
      let n = vm.clamped(Ints.exact(found))
      guard n >= 0 && n < 256 else { throw vm.raise(.typeError, "character mapping must be in range(256)") }
      return .byte(UInt8(n))
    }
    if found.isBytes { return .bytes(found) }
    throw vm.raise(.typeError, "character mapping must return integer, bytes or None, not \(found.typeName)")
  }

  static func encode(_ vm: VM, _ text: Value, _ errors: Value, _ mapping: Value) throws(Raised) -> Value {
    if mapping.isNull || mapping.isNone { return try SingleByteCodecs.encode(vm, text, errors, limit: 256) }
    var e = TextEncoding(vm, "charmap", text, errors)
    try e.out.reserve(e.view.length)
    func put(_ out: inout ByteBuilder, _ found: Looked) throws(Raised) -> Bool {
      switch found {
      case .undefined: return false
      case .byte(let b): try out.append(b)
      case .bytes(let v): try out.append(UnsafeRawPointer(v.as(BytesLayout.self).bytes), v.as(BytesLayout.self).pointee.count)
      }
      return true
    }
    var i = 0
    while i < e.view.length {
      if try put(&e.out, try look(vm, mapping, e.view[i])) {
        i &+= 1
        continue
      }
      var end = i &+ 1
      while end < e.view.length, case .undefined = try look(vm, mapping, e.view[end]) { end &+= 1 }
      i = try e.fail(i, end, "character maps to <undefined>") { out, c throws(Raised) in
        try put(&out, try look(vm, mapping, c))
      }
    }
    return try e.out.finish()
  }

  /// Type of `charmap_build`'s results, once the `_codecs` module exists
  nonisolated(unsafe) static var encodingMapType: TypeRef?
  private static var encodingMap: TypeRef { encodingMapType ?? rt.types.shape }

  /// `charmap_build(map)`
  static func build(_ vm: VM, _ map: Value) throws(Raised) -> Value {
    guard map.isStr else { throw vm.raise(.typeError, "charmap_build() argument must be str, not \(map.argumentTypeName)") }
    let view = StrView(map)
    let count = min(view.length, 256)
    // A dict where a compact map cannot do: characters beyond the BMP, or NUL elsewhere than at 0.
    var needsDict = encodingMapType == nil || view.length < 256 || view[0] != 0
    for i in 1..<max(1, count) where view[i] == 0 || view[i] > 0xFFFE { needsDict = true }
    if needsDict {
      let dict = try vm.dict()
      for i in 0..<count { try Dicts.set(vm, dict, Value(smallInt: Int(view[i])), Value(smallInt: i)) }
      return dict
    }
    let pairs = try vm.allocateRawBytes(count &* 4)
    let memory = pairs.assumingMemoryBound(to: UInt32.self)
    var n = 0
    for i in 0..<count where view[i] != 0xFFFE {
      // Sorted by character, later bytes winning, in the low half of each entry.
      let entry = view[i] << 8 | UInt32(i)
      var at = n
      while at > 0 && memory[at &- 1] >> 8 > view[i] {
        memory[at] = memory[at &- 1]
        at &-= 1
      }
      memory[at] = entry
      n &+= 1
    }
    var kept = memory
    return try withUnsafeMutablePointer(to: &kept) { kept throws(Raised) in
      let m = try vm.make(EncodingMapLayout.self, encodingMap)
      m.pointee.entries = kept.pointee
      m.pointee.count = n
      return Value(m)
    }
  }
}

/// `EncodingMap`: entries `character << 8 | byte`, ascending, in a raw-buffer cell.
struct EncodingMapLayout {
  var header: CellHeader
  var entries: UnsafeMutablePointer<UInt32>?
  var count: Int
}

enum EncodingMap {
  static func declare(_ t: inout TypeBuilder) {
    t.flags.insert(.disallowInstantiation)
    t.trace { cell, tracer in Tracer(tracer).visitBuffer(cell.assumingMemoryBound(to: EncodingMapLayout.self).pointee.entries) }
    t.method("size", nil, "Size of the map in bytes.") { vm, v throws(Raised) in
      try vm.int(v.as(EncodingMapLayout.self).pointee.count &* 4)
    }
  }
  static func byte(_ map: Value, _ c: UInt32) -> UInt8? {
    let m = map.as(EncodingMapLayout.self)
    guard let entries = m.pointee.entries else { return nil }
    var low = 0, high = m.pointee.count
    while low < high {
      let middle = (low &+ high) / 2
      let e = entries[middle]
      if e >> 8 == c {
        // The last of equal characters wins.
        var last = middle
        while last &+ 1 < m.pointee.count && entries[last &+ 1] >> 8 == c { last &+= 1 }
        return UInt8(truncatingIfNeeded: entries[last])
      }
      if e >> 8 < c { low = middle &+ 1 } else { high = middle }
    }
    return nil
  }
}
