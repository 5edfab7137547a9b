import Glibc

// Concatenation. There are no reference counts that would allow growing a str in place, so `s += x` in a loop is kept linear by
// sharing: a str that was itself made by concatenation and is long gets its units in a growing buffer, and the next concatenation
// to the *end* of what that buffer holds writes behind it and makes only a new header. Older strs still see their own prefix.

/// Precedes the units in a shared append buffer (a raw-buffer cell): how many bytes of it are taken.
private struct AppendBuffer {
  var used: Int
  var capacity: Int
  static let headerSize = 16
  /// Strs shorter than this are always copied.
  static let threshold = 256
}

extension VM {
  func concatenate(_ a: Value, _ b: Value) throws(Raised) -> Value {
    let p = a.as(StrLayout.self), q = b.as(StrLayout.self)
    if q.pointee.length == 0 { return a.isExactStr ? a : try exactCopy(a) }
    if p.pointee.length == 0 { return b.isExactStr ? b : try exactCopy(b) }
    // Lengths are of existing objects, so the sum cannot overflow.
    let length = p.pointee.length &+ q.pointee.length
    if p.pointee.flags.contains(.concatenated), p.pointee.length >= AppendBuffer.threshold, q.pointee.unit <= p.pointee.unit {
      return try appendShared(a, b)
    }
    let unit = max(p.pointee.unit, q.pointee.unit)
    let r = try newStr(length: length, unit: unit, ascii: p.isASCII && q.isASCII)
    StrView(a).copy(to: r.units, unit: unit)
    StrView(b).copy(to: r.units + p.pointee.length &* Int(unit), unit: unit)
    r.pointee.flags.insert(.concatenated)
    return Value(r)
  }

  /// `a` is exact, made by concatenation, and at least as wide as `b`.
  private func appendShared(_ a: Value, _ b: Value) throws(Raised) -> Value {
    let p = a.as(StrLayout.self)
    let unit = Int(p.pointee.unit)
    let oldBytes = p.pointee.length &* unit
    let newBytes = oldBytes &+ Str.length(b) &* unit
    var units = p.units
    if let buffer = appendBuffer(p), buffer.pointee.used == oldBytes, newBytes <= buffer.pointee.capacity {
      StrView(b).copy(to: units + oldBytes, unit: p.pointee.unit)
      buffer.pointee.used = newBytes
    } else {
      let capacity = newBytes &+ newBytes / 2
      let memory = try allocateRawBytes(AppendBuffer.headerSize &+ capacity)
      memory.assumingMemoryBound(to: AppendBuffer.self).pointee = AppendBuffer(used: newBytes, capacity: capacity)
      units = memory + AppendBuffer.headerSize
      memcpy(units, p.units, oldBytes)
      StrView(b).copy(to: units + oldBytes, unit: p.pointee.unit)
    }
    let ascii = p.isASCII && b.as(StrLayout.self).isASCII
    return try withUnsafeMutablePointer(to: &units) { kept throws(Raised) in
      let r = try make(StrLayout.self, rt.types.str)
      r.pointee.hash = -1
      r.pointee.length = newBytes / unit
      r.pointee.unit = UInt8(truncatingIfNeeded: unit)
      r.pointee.flags = ascii ? [.ascii, .external, .concatenated] : [.external, .concatenated]
      r.pointee.external = kept.pointee
      return Value(r)
    }
  }

  /// The append buffer behind a str that has one: only strs made here are both external and marked as concatenated.
  private func appendBuffer(_ p: UnsafeMutablePointer<StrLayout>) -> UnsafeMutablePointer<AppendBuffer>? {
    guard p.pointee.flags.contains(.external), let units = p.pointee.external else { return nil }
    return (units - AppendBuffer.headerSize).assumingMemoryBound(to: AppendBuffer.self)
  }

  /// `str(s)` of a subclass instance that does not override `__str__`: its text as an exact str.
  func exactCopy(_ s: Value) throws(Raised) -> Value {
    s.isExactStr ? s : try str(copying: StrView(s))
  }

  /// A raw-buffer cell whose bytes are not zeroed. The result points at the first byte.
  func allocateRawBytes(_ count: Int) throws(Raised) -> UnsafeMutableRawPointer {
    guard count < Int.max - 64, let cell = rt.heapPointer.pointee.allocate(BufferCell.headerSize &+ count) else {
      throw raiseMemoryError()
    }
    cell.assumingMemoryBound(to: CellHeader.self).pointee = CellHeader(rt.types.rawBuffer)
    cell.storeBytes(of: count, toByteOffset: 8, as: Int.self)
    return cell + BufferCell.headerSize
  }
}

extension StrLayout {
  /// The buffer cell of external units: a shared append buffer has its own header before them.
  static let trace: TraceFunction = { cell, tracer in
    let s = cell.assumingMemoryBound(to: StrLayout.self)
    // In the image units may lie apart, and are no buffer there.
    guard s.pointee.flags.contains(.external), let units = s.pointee.external, !HeapImage.contains(units) else { return }
    let header = BufferCell.headerSize + (s.pointee.flags.contains(.concatenated) ? AppendBuffer.headerSize : 0)
    Tracer(tracer).mark(units - header)
  }
}
