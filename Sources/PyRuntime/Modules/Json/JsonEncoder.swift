/// `make_encoder(...)`: writes values as JSON in one go. `markers` is a dict of the containers being written, or None.
struct JsonEncoderLayout {
  var header: CellHeader
  var markers: Value, fallback: Value, encoder: Value, indent: Value
  var keySeparator: Value, itemSeparator: Value
  var sortKeys: Bool, skipKeys: Bool, allowNaN: Bool

  static let trace: TraceFunction = { cell, tracer in
    let e = cell.assumingMemoryBound(to: JsonEncoderLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(e.pointee.markers)
    tracer.visit(e.pointee.fallback)
    tracer.visit(e.pointee.encoder)
    tracer.visit(e.pointee.indent)
    tracer.visit(e.pointee.keySeparator)
    tracer.visit(e.pointee.itemSeparator)
  }
}

enum JsonEncoder {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("_iterencode(obj, _current_indent_level) -> iterable")
    t.trace(JsonEncoderLayout.trace)
    t.slots.new = NewCode(new)
    t.slots.call = ManyCode(call)
    t.member("markers", "markers", offset: MemoryLayout<JsonEncoderLayout>.offset(of: \.markers))
    t.member("default", "default", offset: MemoryLayout<JsonEncoderLayout>.offset(of: \.fallback))
    t.member("encoder", "encoder", offset: MemoryLayout<JsonEncoderLayout>.offset(of: \.encoder))
    t.member("indent", "indent", offset: MemoryLayout<JsonEncoderLayout>.offset(of: \.indent))
    t.member("key_separator", "key_separator", offset: MemoryLayout<JsonEncoderLayout>.offset(of: \.keySeparator))
    t.member("item_separator", "item_separator", offset: MemoryLayout<JsonEncoderLayout>.offset(of: \.itemSeparator))
    t.getset("sort_keys", "sort_keys") { (_, v) throws(Raised) in .bool(v.as(JsonEncoderLayout.self).pointee.sortKeys) }
    t.getset("skipkeys", "skipkeys") { (_, v) throws(Raised) in .bool(v.as(JsonEncoderLayout.self).pointee.skipKeys) }
  }

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    try vm.bind(
      args, "make_encoder",
      "(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)"
    ) { a throws(Raised) in
      for i in 4...5 where !a[i].isStr {
        throw vm.raise(.typeError, "make_encoder() argument \(i + 1) must be str, not \(a[i].argumentTypeName)")
      }
      let sortKeys = try vm.isTrue(a[6]), skipKeys = try vm.isTrue(a[7]), allowNaN = try vm.isTrue(a[8])
      guard a[0].isNone || a[0].isDict else {
        throw vm.raise(.typeError, "make_encoder() argument 1 must be dict or None, not \(a[0].typeName)")
      }
      let e = try vm.instance(JsonEncoderLayout.self, of: type.asType)
      e.pointee.markers = a[0]
      e.pointee.fallback = a[1]
      e.pointee.encoder = a[2]
      e.pointee.indent = a[3]
      e.pointee.keySeparator = a[4]
      e.pointee.itemSeparator = a[5]
      e.pointee.sortKeys = sortKeys
      e.pointee.skipKeys = skipKeys
      e.pointee.allowNaN = allowNaN
      return Value(e)
    }
  }

  private static func call(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    try vm.bind(args, "_iterencode", "(obj, _current_indent_level)") { a throws(Raised) in
      _ = try vm.asIndex(a[1], overflow: .overflowError)
      let e = v.as(JsonEncoderLayout.self)
      var writer = JsonWriter(vm: vm, encoder: e, escape: JsonModule.escape(for: e.pointee.encoder), out: StrBuilder(vm))
      try writer.write(a[0])
      let list = try vm.list(capacity: 1)
      try vm.append(list, try writer.out.finish())
      return list
    }
  }
}

/// One call of an encoder. Lives on the native stack.
private struct JsonWriter {
  let vm: VM
  let encoder: UnsafeMutablePointer<JsonEncoderLayout>
  let escape: JsonStrings.Escape?
  var out: StrBuilder

  mutating func write(_ v: Value) throws(Raised) {
    if v.isStr { return try write(str: v) }
    if v.isNone { return try out.append("null") }
    if v.isBool { return try out.append(v == .true ? "true" : "false") }
    if v.isInt { return try write(int: Ints.exact(v)) }
    if v.isFloat { return try write(float: Floats.double(v)) }
    let thread = vm.thread
    guard !vm.nativeStackIsLow, thread.pointee.recursionDepth < rt.pointee.recursionLimit else {
      throw vm.raiseRecursionError(" while encoding a JSON object")
    }
    thread.pointee.recursionDepth &+= 1
    defer { thread.pointee.recursionDepth &-= 1 }
    if v.isList || v.isTuple { return try write(sequence: v) }
    if v.isDict { return try write(dict: v) }
    let key = try enter(v)
    try write(try vm.call(encoder.pointee.fallback, v))
    try leave(key)
  }

  // MARK: circles

  /// Notes that `v` is being written. Answers its key, or null when circles are not looked for.
  private func enter(_ v: Value) throws(Raised) -> Value {
    let markers = encoder.pointee.markers
    if markers.isNone { return .null }
    let key = try vm.int(Int(truncatingIfNeeded: v.bits))
    if try !Dicts.get(vm, markers, key).isNull { throw vm.raise(.valueError, "Circular reference detected") }
    try Dicts.set(vm, markers, key, v)
    return key
  }
  private func leave(_ key: Value) throws(Raised) {
    if !key.isNull { _ = try Dicts.remove(vm, encoder.pointee.markers, key) }
  }

  // MARK: scalars

  private mutating func write(str v: Value) throws(Raised) {
    if let escape { return try JsonStrings.encode(StrView(v), escape, &out) }
    let encoded = try vm.call(encoder.pointee.encoder, v)
    guard encoded.isStr else { throw vm.raise(.typeError, "encoder() must return a string, not \(encoded.typeName)") }
    try out.append(encoded)
  }
  private mutating func write(int v: Value) throws(Raised) {
    guard v.isSmallInt else { return try out.append(try IntText.decimal(vm, v)) }
    let i = v.smallInt
    if i < 0 { try out.append(45) }
    try out.reserve(20)
    var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
    let count = withUnsafeMutableBytes(of: &digits) { b -> Int in
      guard let base = b.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
      return FastNumbers.write(i.magnitude, base: 10, upper: false, endingAt: base + 24)
    }
    try withUnsafeMutablePointer(to: &digits) { p throws(Raised) in
      try out.append(StrView(units: UnsafeRawPointer(p) + (24 - count), length: count, unit: 1))
    }
  }
  /// The text of a float, checked.
  private func text(_ d: Double) throws(Raised) -> Value {
    if d.isFinite { return try FloatText.repr(vm, d) }
    if !encoder.pointee.allowNaN { throw vm.raise(.valueError, "Out of range float values are not JSON compliant") }
    return try vm.intern(d.isNaN ? "NaN" : d > 0 ? "Infinity" : "-Infinity")
  }
  private mutating func write(float d: Double) throws(Raised) { try out.append(try text(d)) }

  // MARK: containers

  private mutating func write(sequence v: Value) throws(Raised) {
    let items = try Lists.sequence(vm, v, "_iterencode_list needs a sequence")
    if try vm.length(items) == 0 { return try out.append("[]") }
    let key = try enter(v)
    try out.append(91)
    var i = 0
    // An encoder in Python may change the list.
    while let run = Lists.items(of: items), i < run.count {
      let item = run.items[i]
      if i > 0 { try out.append(encoder.pointee.itemSeparator) }
      try write(item)
      i &+= 1
    }
    try leave(key)
    try out.append(93)
  }

  private mutating func write(dict v: Value) throws(Raised) {
    if Dicts.count(v) == 0 { return try out.append("{}") }
    let key = try enter(v)
    try out.append(123)
    if v.isExact(rt.types.dict) && !encoder.pointee.sortKeys && escape != nil && v.as(DictLayout.self).pointee.foreign == nil {
      var position = 0
      var first = true
      while let entry = Dicts.next(v, &position) { try write(member: entry.key, entry.value, &first) }
    } else {
      let view = try vm.call(try vm.getAttribute(v, "items"))
      let items = try vm.list(from: view)
      if encoder.pointee.sortKeys { try Sorting.sort(vm, list: items.as(ListLayout.self), key: .null, reverse: false) }
      var first = true
      var i = 0
      while let run = Lists.items(of: items), i < run.count {
        let pair = run.items[i]
        guard pair.isTuple, pair.as(TupleLayout.self).pointee.count == 2 else {
          throw vm.raise(.valueError, "items must return 2-tuples")
        }
        try write(member: pair.as(TupleLayout.self).items[0], pair.as(TupleLayout.self).items[1], &first)
        i &+= 1
      }
    }
    try leave(key)
    try out.append(125)
  }

  private mutating func write(member key: Value, _ value: Value, _ first: inout Bool) throws(Raised) {
    var name = key
    if !key.isStr {
      if key.isFloat {
        name = try text(Floats.double(key))
      } else if key.isNone {
        name = try vm.intern("null")
      } else if key.isBool {
        name = try vm.intern(key == .true ? "true" : "false")
      } else if key.isInt {
        name = try IntText.decimal(vm, Ints.exact(key))
      } else if encoder.pointee.skipKeys {
        return
      } else {
        throw vm.raise(.typeError, "keys must be str, int, float, bool or None, not \(key.typeName)")
      }
    }
    if !first { try out.append(encoder.pointee.itemSeparator) }
    first = false
    try write(str: name)
    try out.append(encoder.pointee.keySeparator)
    try write(value)
  }
}
