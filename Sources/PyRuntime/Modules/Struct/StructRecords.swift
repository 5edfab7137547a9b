/// Whole records: the methods of `Struct`.
enum StructRecords {
  private static func ready(_ vm: VM, _ self: Value) throws(Raised) -> UnsafeMutablePointer<StructLayout> {
    let s = self.as(StructLayout.self)
    if s.pointee.items < 0 { throw vm.raise(.runtimeError, "Struct object is not initialized") }
    return s
  }

  /// Writes a record; `args` has exactly the values. The memory is not zeroed yet.
  private static func write(
    _ vm: VM, _ s: UnsafeMutablePointer<StructLayout>, _ memory: UnsafeMutablePointer<UInt8>, _ args: Args
  ) throws(Raised) {
    var n = 0
    let order = s.order
    // Converting an item may run Python code that initialises the Struct anew: these codes are the ones that were checked.
    let count = s.pointee.codeCount
    guard let codes = s.pointee.codes else { return }
    for c in 0..<count {
      let code = codes[c]
      for k in 0..<code.count {
        try StructItems.pack(vm, code, memory + code.offset + k &* code.size, order, args[n])
        n &+= 1
      }
    }
  }

  private static func read(
    _ vm: VM, _ s: UnsafeMutablePointer<StructLayout>, _ memory: UnsafePointer<UInt8>
  ) throws(Raised) -> Value {
    let result = try vm.tuple(count: s.pointee.items)
    var n = 0
    let big = s.pointee.order == 2
    for c in 0..<s.pointee.codeCount {
      guard let code = s.pointee.codes?[c] else { break }
      for k in 0..<code.count {
        let v = try StructItems.unpack(vm, code, memory + code.offset + k &* code.size, big)
        result.as(TupleLayout.self).items[n] = v
        n &+= 1
      }
    }
    return result
  }

  static func pack(_ vm: VM, _ self: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "Struct.pack() takes no keyword arguments") }
    let s = try ready(vm, self)
    if args.count != s.pointee.items {
      throw StructModule.error(vm, "pack expected \(s.pointee.items) items for packing (got \(args.count))")
    }
    let result = try vm.bytes(count: s.pointee.size)
    let p = result.as(BytesLayout.self).bytes
    for i in 0..<s.pointee.size { p[i] = 0 }
    try write(vm, s, p, args)
    return result
  }

  static func packInto(_ vm: VM, _ self: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "Struct.pack_into() takes no keyword arguments") }
    let s = try ready(vm, self)
    let size = s.pointee.size
    if args.count != s.pointee.items + 2 {
      if args.count == 0 { throw StructModule.error(vm, "pack_into expected buffer argument") }
      if args.count == 1 { throw StructModule.error(vm, "pack_into expected offset argument") }
      throw StructModule.error(vm, "pack_into expected \(s.pointee.items) items for packing (got \(args.count - 2))")
    }
    var view: BufferView
    do throws(Raised) { view = try vm.buffer(of: args[0], .writable) } catch {
      if !vm.pendingIs(.typeError) && !vm.pendingIs(.bufferError) { throw error }
      vm.clearPending()
      throw vm.raise(.typeError, "argument must be read-write bytes-like object, not \(args[0].typeName)")
    }
    defer { vm.release(&view) }
    let given = try vm.asInt(args[1])
    var offset = given
    if offset < 0 {
      if offset + size > 0 { throw StructModule.error(vm, "no space to pack \(size) bytes at offset \(given)") }
      if offset + view.byteCount < 0 {
        throw StructModule.error(vm, "offset \(given) out of range for \(view.byteCount)-byte buffer")
      }
      offset += view.byteCount
    }
    guard view.byteCount - offset >= size, let memory = view.memory else {
      if size == 0 && offset == view.byteCount { return .none }
      throw StructModule.error(
        vm,
        "pack_into requires a buffer of at least \(UInt(bitPattern: offset) &+ UInt(size)) bytes for packing \(size) bytes at offset \(offset) (actual buffer size is \(view.byteCount))"
      )
    }
    let p = (memory + offset).assumingMemoryBound(to: UInt8.self)
    for i in 0..<size { p[i] = 0 }
    try write(vm, s, p, args.dropFirst(2))
    return .none
  }

  private static func view(_ vm: VM, _ v: Value) throws(Raised) -> BufferView {
    if v.type.pointee.slots.buffer == nil { throw vm.raise(.typeError, "a bytes-like object is required, not '\(v.typeName)'") }
    return try vm.buffer(of: v, .simple)
  }
  private static let nothing = UnsafePointer<UInt8>(bitPattern: 16).unsafelyUnwrapped

  static func unpack(_ vm: VM, _ self: Value, _ buffer: Value) throws(Raised) -> Value {
    let s = try ready(vm, self)
    var view = try view(vm, buffer)
    defer { vm.release(&view) }
    if view.byteCount != s.pointee.size { throw StructModule.error(vm, "unpack requires a buffer of \(s.pointee.size) bytes") }
    return try read(vm, s, view.memory.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) } ?? nothing)
  }

  static func unpackFrom(_ vm: VM, _ self: Value, _ args: Args) throws(Raised) -> Value {
    let s = try ready(vm, self)
    let size = s.pointee.size
    var view = try view(vm, args[0])
    defer { vm.release(&view) }
    let given = args[1].isNull ? 0 : try vm.asInt(args[1])
    var offset = given
    if offset < 0 {
      if offset + size > 0 { throw StructModule.error(vm, "not enough data to unpack \(size) bytes at offset \(given)") }
      if offset + view.byteCount < 0 {
        throw StructModule.error(vm, "offset \(given) out of range for \(view.byteCount)-byte buffer")
      }
      offset += view.byteCount
    }
    if view.byteCount - offset < size {
      throw StructModule.error(
        vm,
        "unpack_from requires a buffer of at least \(UInt(bitPattern: offset) &+ UInt(size)) bytes for unpacking \(size) bytes at offset \(offset) (actual buffer size is \(view.byteCount))"
      )
    }
    return try read(vm, s, view.memory.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) + offset } ?? nothing)
  }

  static func iterUnpack(_ vm: VM, _ self: Value, _ buffer: Value) throws(Raised) -> Value {
    let s = try ready(vm, self)
    if s.pointee.size == 0 { throw StructModule.error(vm, "cannot iteratively unpack with a struct of length 0") }
    if buffer.type.pointee.slots.buffer == nil {
      throw vm.raise(.typeError, "a bytes-like object is required, not '\(buffer.typeName)'")
    }
    var held = buffer
    if !buffer.isExact(rt.types.bytes) {
      // One with gaps is refused as `unpack` does it.
      var view = try view(vm, buffer)
      vm.release(&view)
      held = try MemoryViews.make(vm, of: buffer)
    }
    return try vm.withKept(held) { () throws(Raised) in
      if contents(held).count % s.pointee.size != 0 {
        end(vm, held)
        throw StructModule.error(vm, "iterative unpacking requires a buffer of a multiple of \(s.pointee.size) bytes")
      }
      let it = try vm.make(StructIteratorLayout.self, StructModule.iteratorType.asType)
      it.pointee.structure = self
      it.pointee.buffer = held
      return Value(it)
    }
  }

  /// What an iterator's `buffer` holds.
  private static func contents(_ held: Value) -> UnsafeRawBufferPointer {
    if held.isExact(rt.types.bytes) { return UnsafeRawBufferPointer(held.as(BytesLayout.self).buffer) }
    let m = held.as(MemoryViewLayout.self)
    return UnsafeRawBufferPointer(start: m.pointee.memory, count: m.pointee.memory == nil ? 0 : m.pointee.byteCount)
  }
  private static func end(_ vm: VM, _ held: Value) {
    if held.isExact(rt.types.memoryview) { MemoryViews.release(vm, held.as(MemoryViewLayout.self)) }
  }

  static func next(_ vm: VM, _ self: Value) throws(Raised) -> Value {
    let it = self.as(StructIteratorLayout.self)
    let s = it.pointee.structure.as(StructLayout.self)
    if it.pointee.buffer.isNull { return .exhausted }
    let bytes = contents(it.pointee.buffer)
    guard it.pointee.position &+ s.pointee.size <= bytes.count, s.pointee.size > 0, let start = bytes.baseAddress else {
      end(vm, it.pointee.buffer)
      it.pointee.buffer = .null
      return .exhausted
    }
    let position = it.pointee.position
    it.pointee.position = position &+ s.pointee.size
    return try read(vm, s, start.assumingMemoryBound(to: UInt8.self) + position)
  }

  static func remaining(_ vm: VM, _ self: Value) throws(Raised) -> Value {
    let it = self.as(StructIteratorLayout.self)
    if it.pointee.buffer.isNull { return Value(smallInt: 0) }
    let s = it.pointee.structure.as(StructLayout.self)
    return Value(smallInt: (contents(it.pointee.buffer).count - it.pointee.position) / max(1, s.pointee.size))
  }
}
