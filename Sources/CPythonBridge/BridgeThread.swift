import CPython
import PyRuntime

/// What the bridge knows of one thread. Made when the thread first crosses; `ThreadState.foreign` points at it.
struct BridgeThread {
  /// CPython operations under way, innermost counted last
  var depth = 0
  /// Loans of this thread's that have not ended
  var loans = 0
  /// How many there were when the innermost call began
  var mark = 0
  /// Room for the arguments of calls, the innermost's last, and how much of it is taken
  var arguments: UnsafeMutablePointer<PyRef?>
  var argumentsTaken = 0
  /// Our values that those arguments stand for. Roots by the registers of the calls.
  var values: UnsafeMutablePointer<Value>
  static let argumentRoom = 1024
  /// Objects of ours that C code has for the time of an operation without being registered (`Light`), the innermost operation's last
  var lent: UnsafeMutablePointer<Value>
  var lentCount = 0
  static let lentRoom = 64
  /// The last immutable that code of ours has answered C code with, which may hand it on as it is, and what it is here. One reference; the
  /// value is weak.
  var answer: PyRef?
  var answerValue = Value.null
  /// CPython's callable that runs or is about to: named in reports
  var callable: PyRef?
  /// While losses are told: the operation that is no call, when there is no callable
  var operation = ""
  /// A report is being made: what it does is not reported
  var isReporting = false

  @inline(__always) static func of(_ vm: VM) -> UnsafeMutablePointer<BridgeThread> {
    if let known = vm.thread.pointee.foreign { return known.assumingMemoryBound(to: BridgeThread.self) }
    return make(vm)
  }
  private static func make(_ vm: VM) -> UnsafeMutablePointer<BridgeThread> {
    // One block, which the thread's end gives back.
    let size = MemoryLayout<BridgeThread>.stride
    let words = argumentRoom * 2 + lentRoom
    let block = UnsafeMutableRawPointer.allocate(byteCount: size + words * MemoryLayout<PyRef?>.stride, alignment: 16)
    let arguments = (block + size).bindMemory(to: PyRef?.self, capacity: argumentRoom)
    // Not initialised: what is read has been written, and a thread that ends soon writes little.
    let lent = (block + size + argumentRoom * MemoryLayout<PyRef?>.stride).bindMemory(to: Value.self, capacity: lentRoom)
    let values = UnsafeMutableRawPointer(lent + lentRoom).bindMemory(to: Value.self, capacity: argumentRoom)
    let t = block.bindMemory(to: BridgeThread.self, capacity: 1)
    t.initialize(to: BridgeThread(arguments: arguments, values: values, lent: lent))
    vm.thread.pointee.foreign = UnsafeMutableRawPointer(t)
    return t
  }

  /// Ours for an immutable that has crossed as an argument of a call still running, or as the last answer; null for anything else.
  @inline(never)
  static func inFlight(_ vm: VM, _ o: PyRef) -> Value {
    guard let t = vm.thread.pointee.foreign?.assumingMemoryBound(to: BridgeThread.self) else { return .null }
    if t.pointee.answer == o, !t.pointee.answerValue.isNull { return t.pointee.answerValue }
    var i = t.pointee.argumentsTaken
    while i > 0 {
      i &-= 1
      if t.pointee.arguments[i] == o { return t.pointee.values[i] }
    }
    return .null
  }

  /// What `v` has crossed as is an argument of an operation until `argumentsTaken` is what it was.
  @inline(__always)
  static func hold(_ t: UnsafeMutablePointer<BridgeThread>, _ v: Value, _ o: PyRef) {
    let taken = t.pointee.argumentsTaken
    if taken >= argumentRoom { return }
    t.pointee.arguments[taken] = o
    t.pointee.values[taken] = v
    t.pointee.argumentsTaken = taken &+ 1
  }

  /// Code of ours has answered with `v`, which crossed as `o`.
  @inline(__always)
  static func noteAnswer(_ vm: VM, _ v: Value, _ o: PyRef) {
    guard v.isCell else { return }
    let type = v.as(CellHeader.self).pointee.type
    guard type == Names.str || type == Names.bytesOurs || type == Names.tupleOurs || type == Names.intOurs else { return }
    let t = of(vm)
    let old = t.pointee.answer
    (t.pointee.answer, t.pointee.answerValue) = (retain(o), v)
    if let old { release(old) }
  }
  /// Marking is complete: answers that are dead are forgotten.
  static func afterMark() {
    // A collection may come before `Parked` is set up.
    var state = rt.pointee.threads
    while let s = state {
      state = s.pointee.next
      guard let t = s.pointee.foreign?.assumingMemoryBound(to: BridgeThread.self), t.pointee.answerValue.isCell else { continue }
      if !BridgeAccess.isMarked(t.pointee.answerValue.cell) { t.pointee.answerValue = .null }
    }
  }
  /// The thread ends: what it holds goes.
  static func forget(_ foreign: UnsafeMutableRawPointer) {
    let t = foreign.assumingMemoryBound(to: BridgeThread.self)
    t.pointee.answerValue = .null
    if let o = t.pointee.answer {
      t.pointee.answer = nil
      release(o)
    }
  }
}
