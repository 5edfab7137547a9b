// Memory of exceptions with fields of their own. Every layout begins with `ExceptionLayout`; `fields` values follow it directly, so one
// trace function does for all.

struct AttributeErrorLayout {
  var exception: ExceptionLayout
  var object: Value, name: Value
}

struct NameErrorLayout {
  var exception: ExceptionLayout
  var name: Value
}

/// StopIteration's `value`, SystemExit's `code`.
struct OneFieldLayout {
  var exception: ExceptionLayout
  var value: Value
}

struct ImportErrorLayout {
  var exception: ExceptionLayout
  var message: Value, name: Value, path: Value
}

/// `written`: `characters_written` of BlockingIOError, null when not set.
struct OSErrorLayout {
  var exception: ExceptionLayout
  var errno: Value, strerror: Value, filename: Value, filename2: Value, written: Value
}

struct SyntaxErrorLayout {
  var exception: ExceptionLayout
  var message: Value, filename: Value, line: Value, offset: Value, endLine: Value, endOffset: Value, text: Value, printFileAndLine: Value
}

struct UnicodeErrorLayout {
  var exception: ExceptionLayout
  /// str (encoding, not translate), bytes or str, ints, str
  var encoding: Value, object: Value, start: Value, end: Value, reason: Value
}

struct ExceptionGroupLayout {
  var exception: ExceptionLayout
  /// str; tuple of exceptions
  var message: Value, exceptions: Value
}

extension ExceptionLayout {
  static let trace: TraceFunction = { cell, tracer in
    let e = cell.assumingMemoryBound(to: ExceptionLayout.self)
    let t = Tracer(tracer)
    t.visit(e.pointee.args)
    t.visit(e.pointee.traceback)
    t.visit(e.pointee.context)
    t.visit(e.pointee.cause)
    t.visit(e.pointee.notes)
    // Fields of derived classes are all values, up to where slots and attributes begin.
    let size = MemoryLayout<ExceptionLayout>.size
    guard let solid = e.pointee.header.type.pointee.solidBase else { return }
    let count = (Int(solid.pointee.instanceSize) - size) / 8
    t.visit((cell + size).assumingMemoryBound(to: Value.self), count: count)
  }
}
