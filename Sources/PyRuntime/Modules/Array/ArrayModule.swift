/// `array`: native by the rule of speed (docs/modules.md). An array goes to C code as an exporter of its memory.
enum ArrayModule {
  nonisolated(unsafe) static var iterator = Value.null
  nonisolated(unsafe) static var reconstructor = Value.null

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    let vm = m.vm
    m.doc(ArrayDocs.module)
    Arrays.type = try m.type(
      full: "array.array", "array", layoutSize: MemoryLayout<ArrayLayout>.size, flags: [.baseType, .weakReferenceable, .sequencePattern],
      ArrayType.declare)
    let hidden = try TypeFactory.makeBuiltin(
      vm, "arrayiterator", base: nil, layoutSize: MemoryLayout<IndexIteratorLayout>.size, flags: [.disallowInstantiation],
      module: try vm.intern("array"))
    var builder = TypeBuilder(vm: vm, type: hidden)
    ArrayIterator.declare(&builder)
    try TypeFactory.ready(vm, hidden)
    iterator = Value(hidden)
    m.value("ArrayType", Value(Arrays.type))
    m.value("typecodes", try vm.str("bBuhHiIlLqQfd"))
    m.function(
      "_array_reconstructor", "($module, arraytype, typecode, mformat_code, items, /)", "Internal. Used for pickling support.", reconstruct)
    reconstructor = try vm.getAttribute(m.module, "_array_reconstructor")
    let sequence = try vm.getAttribute(try vm.importModule("collections.abc"), "MutableSequence")
    _ = try vm.callMethod(sequence, "register", Value(Arrays.type))
  }

  // MARK: pickling

  /// How pickles name the machine format of the items: an even number and the next one are little-endian and big-endian.
  private struct Format {
    let size: Int, isSigned: Bool, isBig: Bool
    /// 0: ints, 1: floats, 2: UTF-16 or UTF-32
    let family: Int
  }
  private static func format(_ code: Int) -> Format? {
    switch code {
    case 0, 1: return Format(size: 1, isSigned: code == 1, isBig: false, family: 0)
    case 2...13: return Format(size: 2 << ((code &- 2) / 4), isSigned: (code &- 2) / 2 % 2 == 1, isBig: code % 2 == 1, family: 0)
    case 14...17: return Format(size: code < 16 ? 4 : 8, isSigned: false, isBig: code % 2 == 1, family: 1)
    // CPython's table has the size of two units.
    case 18...21: return Format(size: code < 20 ? 4 : 8, isSigned: false, isBig: code % 2 == 1, family: 2)
    default: return nil
    }
  }
  static func machineFormat(_ kind: ArrayKind) -> Int {
    switch kind {
    case .float: return 14
    case .double: return 16
    case .character: return 20
    case .uint8: return 0
    case .int8: return 1
    default: return 2 &+ (kind.shift &- 1) &* 4 &+ (kind.isSigned ? 2 : 0)
    }
  }

  private static let reconstruct: NativeMany = { vm, _, args throws(Raised) in
    let letter = args[1]
    guard letter.isStr, Str.length(letter) == 1 else {
      throw vm.raise(.typeError, "_array_reconstructor() argument 2 must be a unicode character, not \(letter.typeName)")
    }
    let code = try vm.asInt(args[2])
    guard args[0].isType else {
      throw vm.raise(.typeError, "first argument must be a type object, not \(args[0].typeName)")
    }
    guard args[0].asType.isSubtype(of: Arrays.type) else {
      throw vm.raise(.typeError, "\(args[0].asType.nameForMessages) is not a subtype of array.array")
    }
    let c = StrView(letter)[0]
    guard c < 128, let kind = ArrayKind(letter: UInt8(c)) else {
      throw vm.raise(.valueError, "second argument must be a valid type code")
    }
    guard let format = format(code) else { throw vm.raise(.valueError, "third argument must be a valid machine format code.") }
    let items = args[3]
    guard items.isBytes else { throw vm.raise(.typeError, "fourth argument should be bytes, not \(items.typeName)") }
    if code == machineFormat(kind) { return try vm.call(args[0], letter, items) }
    return try convert(vm, args[0], kind, format, items)
  }

  /// Items that a machine of another kind has written.
  private static func convert(_ vm: VM, _ type: Value, _ kind: ArrayKind, _ format: Format, _ items: Value) throws(Raised) -> Value {
    let bytes = items.as(BytesLayout.self)
    let n = bytes.pointee.count
    if n % format.size != 0 { throw vm.raise(.valueError, "string length not a multiple of item size") }
    if format.family == 2 {
      let encoding: StaticString =
        format.size == 4 ? (format.isBig ? "utf-16-be" : "utf-16-le") : (format.isBig ? "utf-32-be" : "utf-32-le")
      let text = try Codecs.decode(vm, items, try vm.intern(encoding), try vm.intern("strict"))
      return try vm.call(type, try vm.str(codePoint: UInt32(kind.letter)), text)
    }
    var target = kind
    // The kind that fits best, whatever it was called over there.
    if format.family == 0 {
      for k in ArrayKind.allCases where k.isInteger && k.size == format.size && k.isSigned == format.isSigned { target = k }
    }
    let list = try vm.list(capacity: n / format.size)
    var at = 0
    while at < n {
      var bits: UInt64 = 0
      for k in 0..<format.size {
        let place = format.isBig ? k : format.size &- 1 &- k
        bits = bits << 8 | UInt64(bytes.bytes[at &+ place])
      }
      if format.family == 1 {
        try vm.append(
          list, Value(format.size == 4 ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))) : Double(bitPattern: bits)))
      } else if format.isSigned {
        let unused = UInt64(64 &- format.size &* 8)
        try vm.append(list, try vm.int(Int(Int64(bitPattern: bits << unused) >> Int64(unused))))
      } else {
        try vm.append(list, try Ints.make(vm, unsigned: bits))
      }
      at &+= format.size
    }
    return try vm.call(type, try vm.str(codePoint: UInt32(target.letter)), list)
  }
}

/// `array.arrayiterator`
enum ArrayIterator {
  private static func layout(_ v: Value) -> UnsafeMutablePointer<IndexIteratorLayout> { v.as(IndexIteratorLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.trace(IndexIteratorLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode { vm, v throws(Raised) in
      let it = layout(v)
      guard !it.pointee.sequence.isNull else { return .exhausted }
      let a = it.pointee.sequence.as(ArrayLayout.self)
      guard it.pointee.index < a.pointee.count else {
        it.pointee.sequence = .null
        return .exhausted
      }
      let item = try a.item(vm, it.pointee.index)
      it.pointee.index &+= 1
      return item
    }
    t.method("__reduce__", "($self, /)", "Return state information for pickling.") { vm, v throws(Raised) in
      let it = layout(v)
      let iter = try Iterators.builtin(vm, "iter")
      if it.pointee.sequence.isNull { return try vm.tuple(iter, try vm.tuple(try vm.tuple(count: 0))) }
      return try vm.tuple(iter, try vm.tuple(it.pointee.sequence), try vm.int(it.pointee.index))
    }
    t.method("__setstate__", "($self, state, /)", "Set state information for unpickling.") { vm, v, state throws(Raised) in
      let it = layout(v)
      let i = try vm.asInt(state)
      if !it.pointee.sequence.isNull { it.pointee.index = min(max(0, i), it.pointee.sequence.as(ArrayLayout.self).pointee.count) }
      return .none
    }
  }
}
