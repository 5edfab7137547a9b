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
  static let argumentRoom = 1024
  /// Objects of ours that C code has for the time of an operation without being registered (`Light`), the innermost operation's last
  var lent: UnsafeMutablePointer<Value>
  var lentCount = 0
  static let lentRoom = 64
  /// CPython's callable that runs or is about to: named in reports
  var callable: PyRef?
  /// A report is being made: what it does is not reported
  var isReporting = false

  @inline(__always) static func of(_ vm: VM) -> UnsafeMutablePointer<BridgeThread> {
    if let known = vm.thread.pointee.foreign { return known.assumingMemoryBound(to: BridgeThread.self) }
    return make(vm)
  }
  private static func make(_ vm: VM) -> UnsafeMutablePointer<BridgeThread> {
    // One block, which the thread's end gives back.
    let size = MemoryLayout<BridgeThread>.stride
    let block = UnsafeMutableRawPointer.allocate(byteCount: size + (argumentRoom + lentRoom) * MemoryLayout<PyRef?>.stride, alignment: 16)
    let arguments = (block + size).bindMemory(to: PyRef?.self, capacity: argumentRoom)
    // Not initialised: what is read has been written, and a thread that ends soon writes little.
    let lent = (block + size + argumentRoom * MemoryLayout<PyRef?>.stride).bindMemory(to: Value.self, capacity: lentRoom)
    let t = block.bindMemory(to: BridgeThread.self, capacity: 1)
    t.initialize(to: BridgeThread(arguments: arguments, lent: lent))
    vm.thread.pointee.foreign = UnsafeMutableRawPointer(t)
    return t
  }
}
