/// Positions in text whose encoding has a state: UTF-16, ISO 2022, any codec of Python's.
///
/// `tell` answers a number that holds more than a byte position: where to start in the binary stream (64 bits), the decoder's state there
/// (32), how many bytes to feed it (32), how many characters of what it makes of them to skip (32), and whether the end of the data has to be
/// told to it (8): CPython's layout. Most positions need none of that and are byte positions. Before each chunk the decoder's state is noted
/// (`snapshotFlags`; `chunk` then begins with the bytes that the decoder held back), and `tell` decodes the chunk again up to the position.
enum TextPositions {
  typealias Ref = UnsafeMutablePointer<TextIOLayout>

  struct Cookie {
    var position = 0, feed = 0, skip = 0
    /// int: the codec's own state and whether a "\r" waits for what follows
    var flags = Value(smallInt: 0)
    var isEnd = false

    init() {}

    init(_ vm: VM, _ v: Value) throws(Raised) {
      var rest = Ints.exact(v)
      func next(_ bits: Int) throws(Raised) -> Value {
        let mask = try IntArithmetic.subtract(vm, try IntBits.shiftLeft(vm, Value(smallInt: 1), bits), Value(smallInt: 1))
        let field = try IntSlots.and(vm, rest, mask)
        rest = try IntBits.shiftRight(vm, rest, bits)
        return field
      }
      position = try vm.asInt(try next(64))
      flags = try next(32)
      feed = try vm.asInt(try next(32))
      skip = try vm.asInt(try next(32))
      isEnd = try vm.isTrue(try next(8))
      if try vm.isTrue(rest) { throw vm.raise(.overflowError, "int too big to convert") }
    }

    func value(_ vm: VM) throws(Raised) -> Value {
      var v = Value(smallInt: isEnd ? 1 : 0)
      for field in [skip, feed] { v = try IntSlots.or(vm, try IntBits.shiftLeft(vm, v, 32), try vm.int(field)) }
      v = try IntSlots.or(vm, try IntBits.shiftLeft(vm, v, 32), flags)
      return try IntSlots.or(vm, try IntBits.shiftLeft(vm, v, 64), try vm.int(position))
    }
  }

  // MARK: the decoder's state

  /// The bytes that the decoder holds back, and its state as one int.
  static func state(_ vm: VM, _ t: Ref) throws(Raised) -> (bytes: Value, flags: Value) {
    let state = try vm.callMethod(t.pointee.decoder, "getstate")
    try TextIO.checkState(vm, state)
    let items = state.as(TupleLayout.self).items
    var flags = Ints.exact(items[1])
    if t.pointee.universal {
      flags = try IntSlots.or(vm, try IntBits.shiftLeft(vm, flags, 1), Value(smallInt: t.pointee.translation.pendingCR ? 1 : 0))
    }
    return (items[0], flags)
  }

  static func setState(_ vm: VM, _ t: Ref, _ bytes: Value, _ flags: Value) throws(Raised) {
    var own = flags
    if t.pointee.universal {
      t.pointee.translation.pendingCR = try vm.isTrue(try IntSlots.and(vm, flags, Value(smallInt: 1)))
      own = try IntBits.shiftRight(vm, flags, 1)
    }
    _ = try vm.callMethod(t.pointee.decoder, "setstate", try vm.tuple(bytes, own))
  }

  /// How many characters the decoder makes of bytes [start, end) of `chunk`.
  private static func decode(_ vm: VM, _ t: Ref, _ chunk: Value, _ start: Int, _ end: Int, final: Bool = false) throws(Raised) -> Int {
    let b = UnsafeRawBufferPointer(chunk.as(BytesLayout.self).buffer)
    let text = try vm.callMethod(
      t.pointee.decoder, "decode", try vm.bytes(UnsafeRawBufferPointer(rebasing: b[start..<end])), .bool(final))
    if !text.isStr { throw vm.raise(.typeError, "decoder should return a string result, not '\(text.typeName)'") }
    let made = t.pointee.universal ? try t.pointee.translation.decode(vm, text, final: final) : text
    return made.as(StrLayout.self).pointee.length
  }

  // MARK: tell

  /// The position of the next character. `end`: that of the binary stream.
  static func tell(_ vm: VM, _ t: Ref, _ end: Int) throws(Raised) -> Value {
    let chunk = t.pointee.chunk
    guard chunk.isBytes, t.pointee.snapshotFlags.isInt else { return try vm.int(end) }
    var cookie = Cookie()
    cookie.position = end - chunk.as(BytesLayout.self).pointee.count
    cookie.flags = t.pointee.snapshotFlags
    cookie.skip = t.pointee.position
    if cookie.skip == 0 { return try cookie.value(vm) }
    let saved = try state(vm, t)
    let seen = t.pointee.translation.seen
    do throws(Raised) { try find(vm, t, chunk, &cookie) } catch {
      let pending = vm.takePending()
      try setState(vm, t, saved.bytes, saved.flags)
      vm.thread.pointee.pending = pending
      throw error
    }
    try setState(vm, t, saved.bytes, saved.flags)
    t.pointee.translation.seen = seen
    return try cookie.value(vm)
  }

  /// Moves the cookie from the start of the chunk to the last place from which the decoder can go on.
  private static func find(_ vm: VM, _ t: Ref, _ chunk: Value, _ cookie: inout Cookie) throws(Raised) {
    let empty = try vm.bytes(count: 0)
    let count = chunk.as(BytesLayout.self).pointee.count
    let characters = max(1, t.pointee.decoded.as(StrLayout.self).pointee.length)
    // A guess, from how many bytes a character takes on average, that does not go too far.
    var at = min(count, Int(Double(count) / Double(characters) * Double(cookie.skip))), back = 1
    while at > 0 {
      try setState(vm, t, empty, cookie.flags)
      let made = try decode(vm, t, chunk, 0, at)
      if made <= cookie.skip {
        let now = try state(vm, t)
        let held = now.bytes.as(BytesLayout.self).pointee.count
        if held == 0 {
          cookie.flags = now.flags
          cookie.skip -= made
          break
        }
        at -= held
        back = 1
      } else {
        at -= back
        back *= 2
      }
    }
    if at <= 0 {
      at = 0
      try setState(vm, t, empty, cookie.flags)
    }
    cookie.position += at
    if cookie.skip == 0 { return }
    // Byte by byte from there.
    var made = 0
    while at < count {
      made += try decode(vm, t, chunk, at, at + 1)
      at += 1
      cookie.feed += 1
      let now = try state(vm, t)
      if now.bytes.as(BytesLayout.self).pointee.count == 0, made <= cookie.skip {
        cookie.position += cookie.feed
        cookie.skip -= made
        cookie.flags = now.flags
        cookie.feed = 0
        made = 0
      }
      if made >= cookie.skip { return }
    }
    made += try decode(vm, t, chunk, count, count, final: true)
    cookie.isEnd = true
    if made < cookie.skip { throw vm.raise(.osError, "can't reconstruct logical file position") }
  }

  // MARK: seek

  /// Prepares the decoder for what comes behind `cookie`, whose start the binary stream stands at.
  static func restore(_ vm: VM, _ t: Ref, _ cookie: Cookie) throws(Raised) {
    if t.pointee.decoder.isNull { return }
    let empty = try vm.bytes(count: 0)
    let hasState = try vm.isTrue(cookie.flags)
    if cookie.position == 0, cookie.skip == 0, !hasState {
      _ = try vm.callMethod(t.pointee.decoder, "reset")
    } else {
      try setState(vm, t, empty, cookie.flags)
    }
    t.pointee.snapshotFlags = cookie.flags
    t.pointee.chunk = empty
    if cookie.skip == 0 { return }
    let data = try vm.callMethod(t.pointee.buffer, "read", try vm.int(cookie.feed))
    guard data.isBytes else {
      throw vm.raise(.typeError, "underlying read() should have returned a bytes object, not '\(data.typeName)'")
    }
    t.pointee.chunk = data
    let text = try vm.callMethod(t.pointee.decoder, "decode", data, .bool(cookie.isEnd))
    guard text.isStr else { throw vm.raise(.typeError, "decoder should return a string result, not '\(text.typeName)'") }
    t.pointee.decoded = t.pointee.universal ? try t.pointee.translation.decode(vm, text, final: cookie.isEnd) : text
    if t.pointee.decoded.as(StrLayout.self).pointee.length < cookie.skip {
      throw vm.raise(.osError, "can't restore logical file position")
    }
    t.pointee.position = cookie.skip
  }
}
