/// What a `_lsprof.Profiler` has counted. Three raw buffers: `entries[0 ..< count]`, `table` (open addressing, numbers of entries, -1:
/// free, at most half full) and `calls[0 ..< depth]`, the calls that are running, the innermost last.
struct ProfilerLayout {
  var header: CellHeader
  var timer: Value
  /// Code objects, or the texts that stand for native functions: `ProfilerEntry.name` is a place in this list
  var names: Value
  /// Seconds that one unit of an integer timer stands for; 0: the timer answers seconds
  var unit: Double
  var entries: UnsafeMutablePointer<ProfilerEntry>?
  var table: UnsafeMutablePointer<Int32>?
  var calls: UnsafeMutablePointer<ProfilerCall>?
  var count: Int, capacity: Int
  var tableSize: Int
  var depth: Int, callCapacity: Int
  var isOn: Bool, countsCallees: Bool, countsNative: Bool

  static let trace: TraceFunction = { cell, tracer in
    let p = cell.assumingMemoryBound(to: ProfilerLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(p.pointee.timer)
    tracer.visit(p.pointee.names)
    tracer.visitBuffer(p.pointee.entries)
    tracer.visitBuffer(p.pointee.table)
    tracer.visitBuffer(p.pointee.calls)
  }
}

/// The counts of a function, or of the calls of one function by another.
struct ProfilerEntry {
  /// A code object's address and 0; a native function's code and its name; or the numbers of caller and callee with `ProfilerEntry.pair`
  var key: UInt, secondKey: UInt
  /// Place in `names`; of a pair -1
  var name: Int32
  /// Calls of it that are running
  var running: Int32
  /// Of a pair: its callee, and the caller's next pair. Of a function: -1, and its first pair
  var callee: Int32, pair: Int32
  var calls: Int, recursiveCalls: Int
  var total: Int64, inline: Int64

  static let pairKey: UInt = 1 << 63
}

struct ProfilerCall {
  var entry: Int32
  var start: Int64
  /// Time in what it called
  var callees: Int64
}
