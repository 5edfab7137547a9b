import Glibc

/// A buffered binary stream over a raw one: BufferedReader, BufferedWriter, BufferedRandom.
///
/// `input[inputStart ..< inputEnd]` has been read from `raw` and not yet by the user; `output[0 ..< outputCount]` has been written by
/// the user and not yet to `raw`. Never both at once: writing first seeks back over unread input, reading first flushes.
struct BufferedLayout {
  var base: IOBaseLayout
  var raw: Value
  /// Nil until something is read in parts: who reads all at once needs none.
  var input: UnsafeMutableRawPointer?
  var inputStart: Int
  var inputEnd: Int
  var output: UnsafeMutableRawPointer?
  var outputCount: Int
  var size: Int
  var reads: Bool
  var writes: Bool
  /// `raw` is exactly a FileIO: its memory functions are called directly
  var direct: Bool
  /// The thread (its identifier) that is at work on the raw stream and the buffers; 0: none. Others wait, as such work lets them run.
  var owner: UInt
}

enum BufferedIO {
  nonisolated(unsafe) static var readerType: TypeRef?
  nonisolated(unsafe) static var writerType: TypeRef?
  nonisolated(unsafe) static var randomType: TypeRef?

  static func declare(_ m: ModuleBuilder) throws(Raised) {
    let size = MemoryLayout<BufferedLayout>.size
    readerType = try m.type("BufferedReader", base: IOBase.bufferedType, layoutSize: size, flags: IOBase.flags) { (t) throws(Raised) in
      t.doc("BufferedReader(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nA buffer for reading from a raw stream.")
      common(&t)
      t.slots.initialize = NativeInitCode { (vm, v, args) throws(Raised) in try initialize(vm, v, args, "BufferedReader", true, false) }
      reading(&t)
    }
    writerType = try m.type("BufferedWriter", base: IOBase.bufferedType, layoutSize: size, flags: IOBase.flags) { (t) throws(Raised) in
      t.doc("BufferedWriter(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nA buffer for writing to a raw stream.")
      common(&t)
      t.slots.initialize = NativeInitCode { (vm, v, args) throws(Raised) in try initialize(vm, v, args, "BufferedWriter", false, true) }
      writing(&t)
    }
    randomType = try m.type("BufferedRandom", base: IOBase.bufferedType, layoutSize: size, flags: IOBase.flags) { (t) throws(Raised) in
      t.doc(
        "BufferedRandom(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nA buffer for a raw stream that can be read, written and positioned.")
      common(&t)
      t.slots.initialize = NativeInitCode { (vm, v, args) throws(Raised) in try initialize(vm, v, args, "BufferedRandom", true, true) }
      reading(&t)
      writing(&t)
    }
    try BufferedPair.declare(m)
  }

  static func layout(_ v: Value) -> UnsafeMutablePointer<BufferedLayout> { v.as(BufferedLayout.self) }

  private static func initialize(
    _ vm: VM, _ v: Value, _ args: Args, _ name: StaticString, _ reads: Bool, _ writes: Bool
  ) throws(Raised) {
    try vm.bind(args, name, "(raw, buffer_size=8192)") { (a) throws(Raised) in
      let raw = a[0]
      let size = a[1].isNull ? 8192 : try vm.asInt(a[1])
      let b = layout(v)
      // Unusable until all is well.
      b.pointee.raw = .null
      b.pointee.size = 0
      if reads { try IOBase.require(vm, raw, "readable") }
      if writes { try IOBase.require(vm, raw, "writable") }
      if reads && writes { try IOBase.require(vm, raw, "seekable") }
      if size <= 0 { throw vm.raise(.valueError, "buffer size must be strictly positive") }
      b.pointee.raw = raw
      b.pointee.size = size
      b.pointee.reads = reads
      b.pointee.writes = writes
      b.pointee.inputStart = 0
      b.pointee.inputEnd = 0
      b.pointee.outputCount = 0
      b.pointee.direct = FileIO.type.map { raw.isExact($0) } ?? false
      b.pointee.input = nil
      if reads && size > 65536 { b.pointee.input = try vm.allocateRawBytes(size) }
      if writes { b.pointee.output = try vm.allocateRawBytes(size) }
    }
  }

  static func open(_ vm: VM, _ v: Value, _ what: String = "") throws(Raised) -> UnsafeMutablePointer<BufferedLayout> {
    let b = layout(v)
    if b.pointee.owner != 0 { try awaitOwner(vm, v) }
    if b.pointee.raw.isNull {
      throw vm.raise(.valueError, b.pointee.size == 0 ? "I/O operation on uninitialized object" : "raw stream has been detached")
    }
    let closed = b.pointee.direct ? FileIO.file(b.pointee.raw).pointee.fd < 0 : try IOBase.isClosed(vm, b.pointee.raw)
    if closed { throw vm.raise(.valueError, what.isEmpty ? "I/O operation on closed file." : "\(what) of closed file") }
    return b
  }

  /// Waits until no other thread is at work on the stream. Work of this thread means that a signal handler or the raw stream itself has
  /// come back to it.
  private static func awaitOwner(_ vm: VM, _ v: Value) throws(Raised) {
    let b = layout(v)
    while b.pointee.owner != 0 {
      if b.pointee.owner == vm.thread.pointee.id {
        throw vm.raise(.runtimeError, "reentrant call inside \(try vm.repr(v).swiftString)")
      }
      // After a fork only one thread is left.
      var other = rt.threads
      while let t = other, t.pointee.id != b.pointee.owner { other = t.pointee.next }
      if other == nil { b.pointee.owner = 0 }
      vm.unlocked { usleep(200) }
      if vm.thread == rt.pointee.mainThread { try vm.handlePendingSignals() }
    }
  }

  /// Runs `body` as the owner of the stream.
  private static func owning<R>(
    _ vm: VM, _ b: UnsafeMutablePointer<BufferedLayout>, _ body: () throws(Raised) -> R
  ) throws(Raised) -> R {
    let outer = b.pointee.owner
    b.pointee.owner = vm.thread.pointee.id
    defer { b.pointee.owner = outer }
    return try body()
  }

  // MARK: raw access

  /// Reads from the raw stream into memory: bytes read, 0 at the end, -1 when nothing is there yet. Of what is no FileIO not more than
  /// `ReadScratch.largest` at once.
  private static func rawRead(_ vm: VM, _ b: UnsafeMutablePointer<BufferedLayout>, _ memory: UnsafeMutableRawPointer, _ most: Int)
    throws(Raised) -> Int
  {
    if b.pointee.direct { return try owning(vm, b) { () throws(Raised) in try FileIO.read(vm, b.pointee.raw, memory, most) } }
    let count = min(most, max(b.pointee.size, ReadScratch.largest))
    let scratch = try ReadScratch.take(vm, count)
    defer { ReadScratch.giveBack(scratch, count) }
    let got = try owning(vm, b) { () throws(Raised) in try vm.callMethod(b.pointee.raw, "readinto", scratch) }
    if got.isNone { return -1 }
    let n: Int
    do throws(Raised) { n = try vm.asInt(got) } catch {
      let cause = vm.takePending()
      let failure = try vm.call(Value(rt.types[.osError]), try vm.str("raw readinto() failed"))
      failure.as(ExceptionLayout.self).pointee.cause = cause
      failure.as(ExceptionLayout.self).pointee.context = cause
      failure.as(ExceptionLayout.self).pointee.suppressContext = true
      throw vm.raise(failure)
    }
    if n < 0 || n > count {
      throw vm.raise(.osError, "raw readinto() returned invalid length \(n) (should have been between 0 and \(count))")
    }
    var view = try vm.buffer(of: scratch, .simple)
    defer { vm.release(&view) }
    if let p = view.memory { memcpy(memory, p, min(n, view.byteCount)) }
    return n
  }

  /// The same, to the end of `all`, as far as `most` bytes go in one read.
  private static func rawRead(_ vm: VM, _ b: UnsafeMutablePointer<BufferedLayout>, _ all: inout ByteVector, _ most: Int)
    throws(Raised) -> Int
  {
    // Nobody knows how much there is: memory that stays empty is not worth its price.
    let count = min(most, b.pointee.direct ? largestRead : max(b.pointee.size, ReadScratch.largest))
    if most >= rt.heapPointer.pointee.maximumBytes { throw vm.raiseMemoryError() }
    all.reserve(count)
    let n = try rawRead(vm, b, UnsafeMutableRawPointer(all.items.unsafelyUnwrapped + all.count), count)
    if n > 0 { all.count &+= n }
    return n
  }
  /// Bytes that are read of a file at once, at most.
  private static let largestRead = 1 << 20

  /// Writes all of it to the raw stream.
  private static func rawWrite(_ vm: VM, _ b: UnsafeMutablePointer<BufferedLayout>, _ memory: UnsafeRawPointer, _ count: Int) throws(Raised)
    -> Int
  {
    var done = 0
    while done < count {
      var n: Int
      if b.pointee.direct {
        n = try owning(vm, b) { () throws(Raised) in try FileIO.write(vm, b.pointee.raw, memory + done, count - done) }
      } else {
        let data = try vm.bytes(UnsafeRawBufferPointer(start: memory + done, count: count - done))
        let r = try owning(vm, b) { () throws(Raised) in try vm.callMethod(b.pointee.raw, "write", data) }
        n = r.isNone ? -1 : try vm.asInt(r)
        if n > count - done || n < -1 {
          throw vm.raise(.osError, "raw write() returned invalid length \(n) (should have been between 0 and \(count - done))")
        }
      }
      if n < 0 { return done }
      done += n
      // A write that a signal cut short says so by its length only.
      if done < count { try owning(vm, b) { () throws(Raised) in try vm.handlePendingSignals() } }
    }
    return done
  }

  static func flushOutput(_ vm: VM, _ b: UnsafeMutablePointer<BufferedLayout>) throws(Raised) {
    guard b.pointee.outputCount > 0, let output = b.pointee.output else { return }
    let count = b.pointee.outputCount
    let n = try rawWrite(vm, b, output, count)
    if n < count {
      memmove(output, output + n, count - n)
      b.pointee.outputCount = count - n
      throw blocked(vm, 0)
    }
    b.pointee.outputCount = 0
  }

  private static func blocked(_ vm: VM, _ written: Int) -> Raised {
    do throws(Raised) {
      let e = try vm.call(
        Value(rt.types[.blockingIOError]), Value(smallInt: Int(EAGAIN)), try vm.str("write could not complete without blocking"),
        try vm.int(written))
      return vm.raise(e)
    } catch { return error }
  }

  private static func rawSeek(_ vm: VM, _ b: UnsafeMutablePointer<BufferedLayout>, _ offset: Int, _ whence: Int) throws(Raised) -> Int {
    let r = try vm.callMethod(b.pointee.raw, "seek", try vm.int(offset), Value(smallInt: whence))
    let n = try vm.asInt(r)
    if n < 0 { throw vm.raise(.osError, "Raw stream returned invalid position \(n)") }
    return n
  }

  /// Gives unread input back: the raw position becomes the user's.
  private static func dropInput(_ vm: VM, _ b: UnsafeMutablePointer<BufferedLayout>) throws(Raised) {
    let unread = b.pointee.inputEnd - b.pointee.inputStart
    b.pointee.inputStart = 0
    b.pointee.inputEnd = 0
    if unread > 0 { _ = try rawSeek(vm, b, -unread, 1) }
  }

  /// The buffer that input goes through.
  private static func inputBuffer(
    _ vm: VM, _ b: UnsafeMutablePointer<BufferedLayout>, _ operation: StaticString
  ) throws(Raised) -> UnsafeMutableRawPointer {
    if let input = b.pointee.input { return input }
    if !b.pointee.reads { throw IOBase.unsupported(vm, "\(operation)") }
    let input = try vm.allocateRawBytes(b.pointee.size)
    b.pointee.input = input
    return input
  }

  /// Refills an empty input buffer: bytes now there, 0 at the end, -1 for none yet.
  private static func fill(_ vm: VM, _ b: UnsafeMutablePointer<BufferedLayout>) throws(Raised) -> Int {
    let input = try inputBuffer(vm, b, "read")
    if b.pointee.writes { try flushOutput(vm, b) }
    let n = try rawRead(vm, b, input, b.pointee.size)
    b.pointee.inputStart = 0
    b.pointee.inputEnd = max(0, n)
    return n
  }

  // MARK: reading

  /// Exactly `n` bytes unless the end comes first; all for a negative `n`. None when nothing was there yet.
  static func read(_ vm: VM, _ v: Value, _ n: Int) throws(Raised) -> Value {
    let b = try open(vm, v, "read")
    if !b.pointee.reads { throw IOBase.unsupported(vm, "read") }
    let buffered = b.pointee.inputEnd - b.pointee.inputStart
    if n >= 0 && n <= buffered {
      let start = b.pointee.input.map { $0 + b.pointee.inputStart }
      let r = try vm.bytes(UnsafeRawBufferPointer(start: start, count: n))
      b.pointee.inputStart += n
      return r
    }
    if b.pointee.writes { try flushOutput(vm, b) }
    var all = ByteVector()
    defer { all.free() }
    if buffered > 0, let input = b.pointee.input {
      all.append(UnsafeRawBufferPointer(start: input + b.pointee.inputStart, count: buffered))
    }
    b.pointee.inputStart = 0
    b.pointee.inputEnd = 0
    if n < 0 {
      let rest = try vm.getAttributeOrNull(b.pointee.raw, "readall")
      if !rest.isNull {
        let data = try vm.call(rest)
        if data.isNone { return all.count == 0 ? .none : try vm.bytes(UnsafeRawBufferPointer(start: all.items, count: all.count)) }
        if !data.isBytes { throw vm.raise(.typeError, "readall() should return bytes") }
        if all.count == 0 { return data }
        all.append(UnsafeRawBufferPointer(data.as(BytesLayout.self).buffer))
        return try vm.bytes(UnsafeRawBufferPointer(start: all.items, count: all.count))
      }
    }
    while n < 0 || all.count < n {
      let wanted = n < 0 ? b.pointee.size : n - all.count
      let got: Int
      if wanted >= b.pointee.size {
        // As CPython does, whose raw streams see whole buffers.
        got = try rawRead(vm, b, &all, b.pointee.direct ? wanted : wanted / b.pointee.size * b.pointee.size)
      } else {
        got = try fill(vm, b)
        if got > 0 {
          let take = min(got, wanted)
          all.append(UnsafeRawBufferPointer(start: b.pointee.input, count: take))
          b.pointee.inputStart = take
        }
      }
      if got < 0 && all.count == 0 { return .none }
      if got <= 0 { break }
    }
    return try vm.bytes(UnsafeRawBufferPointer(start: all.items, count: all.count))
  }

  /// Up to `n` bytes with at most one raw read.
  static func read1(_ vm: VM, _ v: Value, _ n: Int) throws(Raised) -> Value {
    let b = try open(vm, v, "read")
    let input = try inputBuffer(vm, b, "read1")
    let wanted = n < 0 ? b.pointee.size : n
    if wanted == 0 { return try vm.bytes(count: 0) }
    if b.pointee.inputStart == b.pointee.inputEnd {
      if wanted > b.pointee.size {
        if b.pointee.writes { try flushOutput(vm, b) }
        var all = ByteVector()
        defer { all.free() }
        _ = try rawRead(vm, b, &all, wanted)
        return try vm.bytes(UnsafeRawBufferPointer(start: all.items, count: all.count))
      }
      _ = try fill(vm, b)
    }
    let count = min(wanted, b.pointee.inputEnd - b.pointee.inputStart)
    let r = try vm.bytes(UnsafeRawBufferPointer(start: input + b.pointee.inputStart, count: count))
    b.pointee.inputStart += count
    return r
  }

  private static func readline(_ vm: VM, _ v: Value, _ limit: Int) throws(Raised) -> Value {
    let b = try open(vm, v, "readline")
    let input = try inputBuffer(vm, b, "readline")
    var line = ByteVector()
    defer { line.free() }
    while limit < 0 || line.count < limit {
      if b.pointee.inputStart == b.pointee.inputEnd, try fill(vm, b) <= 0 { break }
      var count = b.pointee.inputEnd - b.pointee.inputStart
      if limit >= 0 { count = min(count, limit - line.count) }
      let start = input + b.pointee.inputStart
      var ended = false
      if let p = memchr(start, 0x0A, count) {
        count = p - start + 1
        ended = true
      }
      b.pointee.inputStart += count
      if line.count == 0 && (ended || (limit >= 0 && count == limit)) {
        return try vm.bytes(UnsafeRawBufferPointer(start: start, count: count))
      }
      line.append(UnsafeRawBufferPointer(start: start, count: count))
      if ended { break }
    }
    return try vm.bytes(UnsafeRawBufferPointer(start: line.items, count: line.count))
  }

  private static func readInto(_ vm: VM, _ v: Value, _ target: Value, once: Bool) throws(Raised) -> Value {
    _ = try open(vm, v, "readinto")
    var view = try vm.writableBuffer(of: target, "readinto")
    defer { vm.release(&view) }
    guard let memory = view.memory, view.byteCount > 0 else { return Value(smallInt: 0) }
    let b = layout(v), total = view.byteCount
    let input = try inputBuffer(vm, b, "readinto")
    var written = min(total, b.pointee.inputEnd - b.pointee.inputStart)
    memcpy(memory, input + b.pointee.inputStart, written)
    b.pointee.inputStart += written
    if written == total { return try vm.int(total) }
    if b.pointee.writes { try flushOutput(vm, b) }
    while written < total {
      var n = 0
      if total - written > b.pointee.size {
        n = try rawRead(vm, b, memory + written, total - written)
        if n > 0 { written += n }
      } else if !(once && written > 0) {
        n = try fill(vm, b)
        if n > 0 {
          let taken = min(n, total - written)
          memcpy(memory + written, input, taken)
          b.pointee.inputStart = taken
          written += taken
        }
      }
      if n < 0 && written == 0 { return .none }
      if n <= 0 || once { break }
    }
    return try vm.int(written)
  }

  private static func reading(_ t: inout TypeBuilder) {
    t.method("read", "($self, size=-1, /)", "Up to size bytes; all for -1.") { (vm, v, args: Args) throws(Raised) in
      defer { Temporaries.end(vm, v, .read) }
      let n = try StreamArguments.size(vm, args[0])
      if n < -1 { throw vm.raise(.valueError, "read length must be non-negative or -1") }
      return try read(vm, v, n)
    }
    t.method("read1", "($self, size=-1, /)", "Up to size bytes with at most one raw read.") { (vm, v, args: Args) throws(Raised) in
      try read1(vm, v, try StreamArguments.size(vm, args[0]))
    }
    t.method("readinto", "($self, buffer, /)", "Reads into a buffer.") { (vm, v, b) throws(Raised) in try readInto(vm, v, b, once: false) }
    t.method("readinto1", "($self, buffer, /)", "Reads into a buffer, once.") { (vm, v, b) throws(Raised) in
      try readInto(vm, v, b, once: true)
    }
    t.method("readline", "($self, size=-1, /)", "A line, its end included.") { (vm, v, args: Args) throws(Raised) in
      defer { Temporaries.end(vm, v, .readline) }
      return try readline(vm, v, try StreamArguments.size(vm, args[0]))
    }
    t.method("peek", "($self, size=0, /)", "Bytes that a read would give, without reading them.") { (vm, v, args: Args) throws(Raised) in
      let b = try open(vm, v, "peek")
      if b.pointee.inputStart == b.pointee.inputEnd { _ = try fill(vm, b) }
      return try vm.bytes(
        UnsafeRawBufferPointer(start: b.pointee.input.map { $0 + b.pointee.inputStart }, count: b.pointee.inputEnd - b.pointee.inputStart))
    }
    t.slots.next = NoArgsCode { (vm, v) throws(Raised) in
      let line = try readline(vm, v, -1)
      if line.as(BytesLayout.self).pointee.count != 0 { return line }
      Temporaries.end(vm, v, .iteration)
      return .exhausted
    }
  }

  // MARK: writing

  static func write(_ vm: VM, _ v: Value, _ data: Value) throws(Raised) -> Value {
    if data.isStr { throw vm.raise(.typeError, "a bytes-like object is required, not 'str'") }
    let b = layout(v)
    if b.pointee.raw.isNull { _ = try open(vm, v) }
    var view = try vm.buffer(of: data, .simple)
    defer { vm.release(&view) }
    return try vm.int(try write(vm, v, view.memory, view.byteCount))
  }

  @discardableResult
  static func write(_ vm: VM, _ v: Value, _ memory: UnsafeRawPointer?, _ count: Int) throws(Raised) -> Int {
    let b = try open(vm, v, "write")
    guard let output = b.pointee.output else { throw IOBase.unsupported(vm, "write") }
    if b.pointee.reads && b.pointee.inputEnd > 0 { try dropInput(vm, b) }
    guard let memory, count > 0 else { return 0 }
    if count > b.pointee.size - b.pointee.outputCount {
      try flushOutput(vm, b)
      if count >= b.pointee.size {
        let n = try rawWrite(vm, b, memory, count)
        if n < count {
          // Keep what fits; tell how much was taken.
          let rest = min(count - n, b.pointee.size)
          memcpy(output, memory + n, rest)
          b.pointee.outputCount = rest
          if n + rest < count { throw blocked(vm, n + rest) }
        }
        return count
      }
    }
    memcpy(output + b.pointee.outputCount, memory, count)
    b.pointee.outputCount += count
    return count
  }

  private static func writing(_ t: inout TypeBuilder) {
    t.method("write", "($self, buffer, /)", "Writes bytes; answers how many.") { (vm, v, b) throws(Raised) in
      defer { Temporaries.end(vm, v, .write) }
      return try write(vm, v, b)
    }
  }

  // MARK: both

  private static func flush(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let b = try open(vm, v, "flush")
    if b.pointee.writes {
      try flushOutput(vm, b)
      if b.pointee.reads { try dropInput(vm, b) }
      return .none
    }
    if b.pointee.direct { return .none }
    return try vm.callMethod(b.pointee.raw, "flush")
  }

  private static func common(_ t: inout TypeBuilder) {
    t.trace { cell, tracer in
      let b = cell.assumingMemoryBound(to: BufferedLayout.self), tracer = Tracer(tracer)
      tracer.visit(b.pointee.raw)
      if let p = b.pointee.input { tracer.mark(p - BufferCell.headerSize) }
      if let p = b.pointee.output { tracer.mark(p - BufferCell.headerSize) }
    }
    t.slots.new = ManyCode { (vm, cls, _) throws(Raised) in Value(try vm.instance(BufferedLayout.self, of: cls.asType)) }
    t.slots.repr = NoArgsCode { (vm, v) throws(Raised) in
      var name = Value.null
      do throws(Raised) { name = try vm.getAttributeOrNull(v, "name") } catch {
        if !vm.pendingIs(.valueError) { throw error }
        vm.clearPending()
      }
      let type = "_io." + v.typeName.replacingPrefix("_io.")
      return try vm.str(name.isNull ? "<\(type)>" : "<\(type) name=\(try vm.repr(name).swiftString)>")
    }
    t.slots.finalize = VisitCode { (vm, v) in
      let b = layout(v)
      if b.pointee.raw.isNull { return }
      do throws(Raised) {
        if try IOBase.isClosed(vm, v) { return }
        b.pointee.base.finalizing = true
        _ = try vm.callMethod(v, "close")
      } catch { vm.clearPending() }
    }
    t.method("_dealloc_warn", "($self, source, /)", nil) { (vm, v, source) throws(Raised) in
      if !layout(v).pointee.raw.isNull { try IOBase.warnOfLoss(vm, layout(v).pointee.raw, source) }
      return .none
    }
    t.method("flush", "($self, /)", "Writes what is buffered.") { (vm, v) throws(Raised) in try flush(vm, v) }
    t.method("close", "($self, /)", "Flushes and closes.") { (vm, v) throws(Raised) in
      let b = layout(v)
      if b.pointee.owner != 0 { try awaitOwner(vm, v) }
      if b.pointee.raw.isNull { _ = try open(vm, v) }
      if try IOBase.isClosed(vm, b.pointee.raw) { return .none }
      if b.pointee.base.finalizing { try IOBase.warnOfLoss(vm, b.pointee.raw, v) }
      var failure = Value.null
      do throws(Raised) { _ = try vm.callMethod(v, "flush") } catch { failure = vm.takePending() }
      b.pointee.outputCount = 0
      try owning(vm, b) { () throws(Raised) in try IOBase.close(vm, b.pointee.raw, after: failure) }
      // A closed file never opens again: its buffers need not live as long as it does, which its finalizer prolongs. The next file that is
      // opened reads into the same memory. (Whoever is at work on the buffer has been waited for.)
      if b.pointee.direct {
        if let input = b.pointee.input, b.pointee.owner == 0 { rt.heapPointer.pointee.free(input - BufferCell.headerSize) }
        b.pointee.input = nil
        b.pointee.output = nil
      }
      return .none
    }
    t.method("detach", "($self, /)", "Separates the raw stream and answers it.") { (vm, v) throws(Raised) in
      _ = try open(vm, v)
      _ = try vm.callMethod(v, "flush")
      let raw = layout(v).pointee.raw
      layout(v).pointee.raw = .null
      return raw
    }
    t.method("tell", "($self, /)", "The position.") { (vm, v) throws(Raised) in
      let b = layout(v)
      if b.pointee.raw.isNull { _ = try open(vm, v) }
      let n = try vm.asInt(try vm.callMethod(b.pointee.raw, "tell"))
      if n < 0 { throw vm.raise(.osError, "Raw stream returned invalid position \(n)") }
      return try vm.int(n - (b.pointee.inputEnd - b.pointee.inputStart) + b.pointee.outputCount)
    }
    t.method("seek", "($self, target, whence=0, /)", "Moves; answers the new position.") { (vm, v, args: Args) throws(Raised) in
      let b = try open(vm, v, "seek")
      let whence = args[1].isNull ? 0 : try vm.asInt(args[1])
      if whence < 0 || whence > 4 { throw vm.raise(.valueError, "whence value \(whence) unsupported") }
      if try !vm.isTrue(try vm.callMethod(b.pointee.raw, "seekable")) { throw IOBase.unsupported(vm, "File or stream is not seekable.") }
      var offset = try vm.asInt(args[0])
      if b.pointee.writes { try flushOutput(vm, b) }
      if whence == 1 { offset -= b.pointee.inputEnd - b.pointee.inputStart }
      b.pointee.inputStart = 0
      b.pointee.inputEnd = 0
      return try vm.int(try rawSeek(vm, b, offset, whence))
    }
    t.method("truncate", "($self, pos=None, /)", "Cuts the file to a size.") { (vm, v, args: Args) throws(Raised) in
      let b = try open(vm, v, "truncate")
      if !b.pointee.writes { throw IOBase.unsupported(vm, "truncate") }
      _ = try flush(vm, v)
      let size = args[0].isNull || args[0].isNone ? try vm.callMethod(v, "tell") : args[0]
      return try vm.callMethod(b.pointee.raw, "truncate", size)
    }
    t.getset("raw", nil) { (_, v) in layout(v).pointee.raw.isNull ? .none : layout(v).pointee.raw }
    t.getset("closed", nil) { (vm, v) throws(Raised) in
      if layout(v).pointee.raw.isNull { _ = try open(vm, v) }
      return try vm.getAttribute(layout(v).pointee.raw, "closed")
    }
    func forward(_ name: StaticString, _ f: @escaping NativeNoArgs) { t.getset(name, nil, f) }
    forward("name") { (vm, v) throws(Raised) in try rawAttribute(vm, v, "name") }
    forward("mode") { (vm, v) throws(Raised) in try rawAttribute(vm, v, "mode") }
    func ask(_ name: StaticString, _ f: @escaping NativeNoArgs) { t.method(name, "($self, /)", "What the raw stream says.", f) }
    ask("seekable") { (vm, v) throws(Raised) in try vm.callMethod(try attached(vm, v), "seekable") }
    ask("readable") { (vm, v) throws(Raised) in
      layout(v).pointee.reads ? try vm.callMethod(try attached(vm, v), "readable") : .false
    }
    ask("writable") { (vm, v) throws(Raised) in
      layout(v).pointee.writes ? try vm.callMethod(try attached(vm, v), "writable") : .false
    }
    ask("fileno") { (vm, v) throws(Raised) in try vm.callMethod(try attached(vm, v), "fileno") }
    ask("isatty") { (vm, v) throws(Raised) in try vm.callMethod(try attached(vm, v), "isatty") }
    t.method("__reduce__", "($self, /)", nil) { (vm, v) throws(Raised) in
      throw vm.raise(.typeError, "cannot pickle '_io.\(v.typeName.replacingPrefix("_io."))' object")
    }
  }

  /// The raw stream, closed or not.
  private static func attached(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if layout(v).pointee.raw.isNull { _ = try open(vm, v) }
    return layout(v).pointee.raw
  }

  private static func rawAttribute(_ vm: VM, _ v: Value, _ name: StaticString) throws(Raised) -> Value {
    if layout(v).pointee.raw.isNull { _ = try open(vm, v) }
    return try vm.getAttribute(layout(v).pointee.raw, name)
  }
}

extension String {
  func replacingPrefix(_ prefix: String) -> String { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self }
}

/// `BufferedRWPair`: a reader and a writer as one stream.
enum BufferedPair {
  struct PairLayout {
    var base: IOBaseLayout
    var reader: Value
    var writer: Value
  }

  static func declare(_ m: ModuleBuilder) throws(Raised) {
    try m.type("BufferedRWPair", base: IOBase.bufferedType, layoutSize: MemoryLayout<PairLayout>.size, flags: IOBase.flags) {
      (t) throws(Raised) in
      t.doc("BufferedRWPair(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)\n--\n\nA buffer over one stream to read and one to write.")
      t.trace { cell, tracer in
        let p = cell.assumingMemoryBound(to: PairLayout.self)
        Tracer(tracer).visit(p.pointee.reader)
        Tracer(tracer).visit(p.pointee.writer)
      }
      t.slots.new = ManyCode { (vm, cls, _) throws(Raised) in Value(try vm.instance(PairLayout.self, of: cls.asType)) }
      t.slots.initialize = NativeInitCode { (vm, v, args) throws(Raised) in
        try vm.bind(args, "BufferedRWPair", "(reader, writer, buffer_size=8192)") { (a) throws(Raised) in
          try IOBase.require(vm, a[0], "readable")
          try IOBase.require(vm, a[1], "writable")
          let size = a[2].isNull ? Value(smallInt: 8192) : a[2]
          let reader = BufferedIO.readerType.map { Value($0) } ?? .none, writer = BufferedIO.writerType.map { Value($0) } ?? .none
          v.as(PairLayout.self).pointee.reader = try vm.call(reader, a[0], size)
          v.as(PairLayout.self).pointee.writer = try vm.call(writer, a[1], size)
        }
      }
      func reader(_ name: StaticString, _ f: @escaping NativeMany) { t.method(name, nil, "As the reader does.", f) }
      reader("read") { (vm, v, a: Args) throws(Raised) in try vm.call(try vm.getAttribute(try side(vm, v, true), "read"), a) }
      reader("read1") { (vm, v, a: Args) throws(Raised) in try vm.call(try vm.getAttribute(try side(vm, v, true), "read1"), a) }
      reader("peek") { (vm, v, a: Args) throws(Raised) in try vm.call(try vm.getAttribute(try side(vm, v, true), "peek"), a) }
      reader("readinto") { (vm, v, a: Args) throws(Raised) in try vm.call(try vm.getAttribute(try side(vm, v, true), "readinto"), a) }
      reader("readinto1") { (vm, v, a: Args) throws(Raised) in try vm.call(try vm.getAttribute(try side(vm, v, true), "readinto1"), a) }
      reader("readable") { (vm, v, a: Args) throws(Raised) in try vm.call(try vm.getAttribute(try side(vm, v, true), "readable"), a) }
      reader("write") { (vm, v, a: Args) throws(Raised) in try vm.call(try vm.getAttribute(try side(vm, v, false), "write"), a) }
      reader("flush") { (vm, v, a: Args) throws(Raised) in try vm.call(try vm.getAttribute(try side(vm, v, false), "flush"), a) }
      reader("writable") { (vm, v, a: Args) throws(Raised) in try vm.call(try vm.getAttribute(try side(vm, v, false), "writable"), a) }
      t.method("isatty", "($self, /)", "Whether either is a terminal.") { (vm, v) throws(Raised) in
        if try vm.isTrue(try vm.callMethod(try side(vm, v, false), "isatty")) { return .true }
        return try vm.callMethod(try side(vm, v, true), "isatty")
      }
      t.method("close", "($self, /)", "Closes both.") { (vm, v) throws(Raised) in
        var failure = Value.null
        do throws(Raised) { _ = try vm.callMethod(try side(vm, v, false), "close") } catch { failure = vm.takePending() }
        try IOBase.close(vm, try side(vm, v, true), after: failure)
        return .none
      }
      t.getset("closed", nil) { (vm, v) throws(Raised) in
        v.as(PairLayout.self).pointee.writer.isNull ? .true : try vm.getAttribute(v.as(PairLayout.self).pointee.writer, "closed")
      }
    }
  }

  private static func side(_ vm: VM, _ v: Value, _ reader: Bool) throws(Raised) -> Value {
    let s = reader ? v.as(PairLayout.self).pointee.reader : v.as(PairLayout.self).pointee.writer
    if s.isNull { throw vm.raise(.valueError, "I/O operation on uninitialized object") }
    return s
  }
}
