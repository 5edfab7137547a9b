import Glibc

extension VM {
  /// The first bytes of memory of `count` bytes that `body` fills: it answers how many; None for less than 0. What is large lies outside of
  /// the heap, where what stays empty costs nothing.
  func bytes(filling count: Int, _ body: (UnsafeMutableRawPointer) throws(Raised) -> Int) throws(Raised) -> Value {
    if count <= 64 << 10 {
      let memory = try allocateRawBytes(max(1, count))
      let n = try body(memory)
      return n < 0 ? .none : try bytes(UnsafeRawBufferPointer(start: memory, count: n))
    }
    guard count < rt.heapPointer.pointee.maximumBytes, let memory = malloc(count) else { throw raiseMemoryError() }
    defer { free(memory) }
    let n = try body(memory)
    return n < 0 ? .none : try bytes(UnsafeRawBufferPointer(start: memory, count: n))
  }
}

/// The bytearrays that raw streams read into for the buffered ones: `readinto` takes an object. They go from one read to the next, whichever
/// stream it is of: a new one would have to be cleared for each read, and what `read(10_000_000)` of a socket asks for in vain would have
/// the collector come every other time.
///
/// Invariant: what is kept here has the length that it had when it was taken, and nobody has a view of it. A raw stream may have kept the
/// object; then it sees later reads.
enum ReadScratch {
  /// Bytes that a raw stream is asked for at once, at most.
  static let largest = 256 << 10

  nonisolated(unsafe) private static var kept: (Value, Value, Value, Value) = (.null, .null, .null, .null)

  /// A bytearray of `count` bytes, which are unspecified.
  static func take(_ vm: VM, _ count: Int) throws(Raised) -> Value {
    let found = withUnsafeMutablePointer(to: &kept) {
      $0.withMemoryRebound(to: Value.self, capacity: 4) { slots -> Value in
        for i in 0..<4 where !slots[i].isNull && slots[i].as(ByteArrayLayout.self).pointee.count == count {
          let v = slots[i]
          slots[i] = .null
          return v
        }
        return .null
      }
    }
    return found.isNull ? try vm.call(Value(rt.types.bytearray), try vm.int(count)) : found
  }

  /// Keeps a bytearray that was taken, unless it has changed its length or has a view: the last one of a size that comes takes the place of
  /// the first.
  static func giveBack(_ v: Value, _ count: Int) {
    guard v.as(ByteArrayLayout.self).pointee.count == count, ByteArrays.hasNoViews(v) else { return }
    kept = (v, kept.0, kept.1, kept.2)
  }
}
