import CRuntimeSupport
import Glibc

/// The one interpreter of this process. All state that outlives a call hangs here, in memory that the collector scans word by
/// word, so `Value`s may be kept in any stored property of this struct and of the structs inside it.
package struct Runtime {
  var heap: Heap
  /// Below the heap
  package var image = HeapImage()
  package var heapReady = false
  /// Builtin types, by name
  package var types = BuiltinTypes()
  /// Interned strs that the runtime itself looks up
  package var names = Names()
  /// Interned strs: open addressing over `internCapacity` values
  package var internTable: UnsafeMutablePointer<Value>?
  package var internCapacity = 0
  package var internCount = 0
  package var emptyStr = Value.null
  package var emptyTuple = Value.null
  package var emptyBytes = Value.null
  package var emptyFrozenSet = Value.null
  /// One-character Latin-1 strs and one-byte bytes: tuples of 256
  package var latin1Strs = Value.null
  package var singleBytes = Value.null
  /// dict of the `builtins` module; `sys.modules`; dict of `sys`
  package var builtins = Value.null
  package var modules = Value.null
  package var sysDict = Value.null
  /// Set once a container's storage has moved to CPython: only then need calls look at `foreign` words
  package var adoptionActive = false
  /// Operators of CPython's objects, set when the first type of CPython's is made: null from one means that it was none for there.
  package var foreignBinary: ForeignBinaryCode?
  package var foreignCompare: ForeignCompareCode?
  /// list of all types that are not heap types: they live as long as the process
  package var builtinTypeList = Value.null
  /// The `builtins` module object
  package var builtinsModule = Value.null
  /// Native functions that calls have forms of their own for: `len`, `isinstance`, `list.append`
  var lenFunction = Value.null
  var isInstanceFunction = Value.null
  var listAppend = Value.null
  /// What else the evaluator knows: builtins that take all items of an iterator
  var gatherers = Gatherers()
  /// A MemoryError made at start
  package var preparedMemoryError = Value.null
  /// Shape that says "the attributes are in a dict"
  package var dictionaryShape: UnsafeMutablePointer<ShapeLayout>?
  package var nextTypeVersion: UInt32 = 1
  package var nextShapeID: UInt32 = 1
  /// list of what machine code names, or null
  var machineKept = Value.null
  /// The next operator of a Python class has already asked the left operand (`OperatorInstructions.afterNotImplemented`).
  package var passesLeftOperand = false
  /// The table of `PolymorphicCache`, once an instruction needs it
  package var attributeCache: UnsafeMutableRawPointer?
  package var nextFunctionVersion: UInt32 = 1
  package var nextKeysVersion: UInt32 = 1
  package var hashSecret: (UInt64, UInt64) = (0, 0)
  /// What it was made from, as by PYTHONHASHSEED; libpython gets the same.
  package var hashSeed: UInt32 = 0
  package var threads: UnsafeMutablePointer<ThreadState>?
  package var currentThread: UnsafeMutablePointer<ThreadState>?
  package var mainThread: UnsafeMutablePointer<ThreadState>?
  /// Reasons for the evaluator to leave its fast path at the next back edge or call: `SafepointReason` bits, atomic
  package var evalBreaker: Int32 = 0
  /// Jumps back until `Machine.tick` looks at the one at hand
  var loopCountdown: Int32 = 1 << 30
  /// Where the instruction that machine code had executed goes on (null: the loop of the evaluator has ended), and in which frame; the latter also
  /// when machine code is left
  var machineNext: UnsafeMutableRawPointer?
  var machineFrame = UnsafeMutablePointer<Value>(bitPattern: 8).unsafelyUnwrapped
  /// The region in which a guard has failed, since this was last set to nil
  var machineMissed: UnsafeMutablePointer<MachineEntry>?
  package var recursionLimit = 1000
  package var flags = StartFlags()
  package var switchInterval = 0.005
  package var isFinalizing = false
  /// While modules are finalized: weak references to them, at last the standard streams
  package var dying = Value.null
  /// A copy of `builtins` from before the program began
  package var originalBuiltins = Value.null
  /// list of audit hooks, or null
  package var auditHooks = Value.null
  /// Everything that lives above this target: compiler, C modules. Set once at start.
  package var hooks = RuntimeHooks()
  package var bridgeHooks = BridgeHooks()
  /// Further module state of this target's own native modules: values by slot, see `ModuleState`
  package var moduleState = Value.null
}

/// Command-line and environment switches, as `sys.flags` shows them.
public struct StartFlags {
  public var inspect = false, interactive = false, optimize: Int32 = 0, debug: Int32 = 0, dontWriteBytecode = false, noUserSite = false,
    noSite = false
  public var ignoreEnvironment = false, verbose: Int32 = 0, bytesWarning: Int32 = 0, quiet = false, hashRandomization = true
  public var isolated = false, devMode = false, utf8Mode = true, warnDefaultEncoding = false, safePath = false, noDebugRanges = false
  public var intMaxStrDigits = 4300, intMaxStrDigitsSet = false, unbufferedStdio = false, installSignalHandlers = true, importOrigin = false
  /// -1: random
  public var hashSeed: Int64 = -1
  public var hashPycs = HashPycs.default
  public init() {}
}

/// `--check-hash-based-pycs`: whose `.pyc` files with a hash of the source are compared with it.
public enum HashPycs: String {
  case `default`, always, never
}

/// What the targets above supply. Closures are cold; hot paths never come here.
package struct RuntimeHooks {
  /// Compiles source to marshalled code objects; nil in `amphis-vm`.
  package var compiler: (any SourceCompiler)?
  /// Makes a module that is written in C, or answers null when it has none of that name.
  package var loadCModule: ((VM, Value) throws(Raised) -> Value)?
  /// Loads an extension module from a file: (name, path, spec).
  package var loadExtension: ((VM, Value, Value, Value) throws(Raised) -> Value)?
  /// Where the operator of an expression's source lies: bytes before it and up to its end; nil without one (PEP 657 carets).
  package var caretAnchors: (([UInt8]) -> (Int, Int)?)?
  /// An attribute that a native module leaves to its libpython twin: (module name, attribute). Null when CPython has none either.
  package var twinAttribute: ((VM, Value, Value) throws(Raised) -> Value)?
  /// Calls a native function object that is CPython's (`NativeFlags.foreign`).
  package var callForeign: ((VM, Value, Args) throws(Raised) -> Value)?
  /// The same for a function of one argument, which lies in `slot[1]`, the function in `slot[0]`: (thread, slot, whether nothing reads the
  /// result). 0: nothing has happened, it is called otherwise; 1: it has raised; else the result's bits.
  package var callForeignOne: (@convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer, Int) -> UInt64)?
  /// `__doc__`, `__text_signature__` or `__qualname__` of such a function.
  package var foreignFunctionAttribute: ((VM, Value, Value) throws(Raised) -> Value)?
  /// Imports a module as libpython's own import system finds it, packages and Python parts included.
  package var loadWholeModule: ((VM, Value) throws(Raised) -> Value)?
  /// Safepoint work of the signal and thread modules: run Python's signal handlers, let another thread have the lock, run what
  /// was queued for the main thread.
  package var handleSignals: ((VM) throws(Raised) -> Void)?
  package var switchThread: ((VM) -> Void)?
  package var runPendingCalls: ((VM) throws(Raised) -> Void)?
  package init() {}
}

/// `a op b`, by BINARY_OP's argument.
package typealias ForeignBinary = (VM, _ number: Int, Value, Value) throws(Raised) -> Value
package typealias ForeignCompare = (VM, CompareOp, Value, Value) throws(Raised) -> Value

/// Without a context to be counted at each call.
package struct ForeignBinaryCode {
  private struct Box { let function: ForeignBinary }
  private let code: UnsafeRawPointer
  package init(_ function: @escaping ForeignBinary) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ number: Int, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, number, a, b)
  }
}
package struct ForeignCompareCode {
  private struct Box { let function: ForeignCompare }
  private let code: UnsafeRawPointer
  package init(_ function: @escaping ForeignCompare) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ op: CompareOp, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, op, a, b)
  }
}

/// The collector's and the lock's side of the bridge; all nil until libpython is loaded.
package struct BridgeHooks {
  /// Marks our objects that CPython holds.
  package var traceRoots: ((Tracer) -> Void)?
  /// Called when everything that our own roots reach is marked: marks what CPython alone keeps alive.
  package var afterRoots: ((Tracer) -> Void)?
  /// Collects CPython's cyclic garbage; whether that let something of ours go. For `gc.collect`.
  package var collectGarbage: ((VM) -> Bool)?
  /// Ends one view of a CPython object's memory (`BufferView.foreign`).
  package var releaseBuffer: ((UnsafeMutableRawPointer) -> Void)?
  /// One more view shares such a view's memory; each is released.
  package var shareBuffer: ((UnsafeMutableRawPointer) -> Void)?
  /// Called when marking is complete: drop foreign references owned by dead cells (`Heap.isMarked`).
  package var afterMark: ((Tracer) -> Void)?
  /// Drops those references at once; answers whether there were any.
  package var releaseDead: (() -> Bool)?
  /// Take and release CPython's GIL in place of our own mutex.
  package var acquireLock: (() -> Void)?
  package var releaseLock: (() -> Void)?
  /// The running thread runs no more Python: empties CPython's state of it, and then gives the lock up together with that state.
  package var threadEnds: (() -> Void)?
  package var releaseLockForGood: (() -> Void)?
  /// What CPython must do before a fork and after it, in the parent and in the child.
  package var aroundFork: ((ForkMoment) -> Void)?
  /// Reads a module's dict again when CPython has changed it: (module); for modules with a `foreign` word.
  package var refreshModule: ((VM, Value) throws(Raised) -> Void)?
  /// Sets (or, with null, deletes) an attribute of a type of CPython's over there: (type, name, value).
  package var setTypeAttribute: ((VM, Value, Value, Value) throws(Raised) -> Void)?
  /// Sets (or, with null, deletes) an attribute of such a module on CPython's side.
  package var setModuleAttribute: ((VM, Value, Value, Value) throws(Raised) -> Void)?
  /// A native method or slot of an adopted container: forwarded to CPython's object by method name.
  package var forward: ((VM, Value, Value, Args) throws(Raised) -> Value)?
  /// The entry of an adopted dict or set (value null) at or after a position, which moves past it.
  package var nextEntry: ((VM, Value, inout Int) throws(Raised) -> (Value, Value)?)?
  /// The storage of a bytearray whose `foreign` word is set has moved or changed its size.
  package var byteArrayChanged: ((Value) -> Void)?
  /// Buffers that C code has of such a bytearray.
  package var byteArrayExports: ((Value) -> Int)?
  /// Reads a line from the terminal: prompt and line are bytes.
  package var readLine: ((VM, Value) throws(Raised) -> Value)?
  /// A context is a copy of another (null: a new one); `Context.run` enters one, and leaves it.
  package var contextCopied: ((VM, Value, Value) -> Void)?
  package var contextEntered: ((VM, Value) throws(Raised) -> Void)?
  package var contextLeft: ((VM, Value) -> Void)?
  /// A context variable that C code has too: its value there in the current context, or null; it has been set (null: reset to none).
  package var variableRead: ((VM, Value) throws(Raised) -> Value)?
  package var variableSet: ((VM, Value, Value) throws(Raised) -> Void)?
  /// Whether a type of CPython's derives from a builtin there.
  package var derivesThere: ((TypeRef, TypeRef) -> Bool)?
  /// A handler for encoding errors has been registered: (name, handler).
  package var errorHandlerRegistered: ((VM, Value, Value) throws(Raised) -> Void)?
  /// A signal has got a handler of our program's.
  package var signalHandled: ((VM, Int32) throws(Raised) -> Void)?
  package init() {}
}

package enum ForkMoment { case before, parent, child }

public struct SafepointReason: OptionSet {
  public var rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }
  public static let switchThread = SafepointReason(rawValue: 1)
  public static let signals = SafepointReason(rawValue: 2)
  public static let finalizers = SafepointReason(rawValue: 4)
  public static let pendingCalls = SafepointReason(rawValue: 8)
  public static let asyncException = SafepointReason(rawValue: 16)
  /// Stays set while any thread traces: it keeps the evaluator off its fast paths.
  public static let tracing = SafepointReason(rawValue: 32)
}

nonisolated(unsafe) private var theRuntime: UnsafeMutablePointer<Runtime>?

/// The runtime. `Runtime.start` must have run; nothing of this target may be used before.
@inline(__always) package var rt: UnsafeMutablePointer<Runtime> { theRuntime.unsafelyUnwrapped }

extension UnsafeMutablePointer where Pointee == Runtime {
  @inline(__always) var heapPointer: UnsafeMutablePointer<Heap> {
    // `heap` is the first field.
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: Heap.self)
  }
  @inline(__always) package var types: BuiltinTypes { pointee.types }
  @inline(__always) package var names: Names { pointee.names }
  @inline(__always) package var threads: UnsafeMutablePointer<ThreadState>? { pointee.threads }
  @inline(__always) package var currentThread: UnsafeMutablePointer<ThreadState>? { pointee.currentThread }
  package var heapReady: Bool { pointee.heapReady }
  package var bridgeHooks: BridgeHooks { pointee.bridgeHooks }

  /// Marks everything that the runtime itself holds.
  package func traceRoots(_ tracer: Tracer) {
    heapPointer.pointee.scanConservatively(low: UnsafeRawPointer(self), high: UnsafeRawPointer(self + 1))
    InternTable.mark(tracer)
    pointee.image.trace(tracer)
    pointee.bridgeHooks.traceRoots?(tracer)
  }

  /// Makes every thread come to a safepoint soon, for the given reason. Async-signal-safe.
  package func requestSafepoint(_ reason: SafepointReason) {
    withUnsafeMutablePointer(to: &pointee.evalBreaker) { _ = amphis_atomic_or_i32($0, reason.rawValue) }
  }
  package func clearSafepoint(_ reason: SafepointReason) {
    withUnsafeMutablePointer(to: &pointee.evalBreaker) { _ = amphis_atomic_and_i32($0, ~reason.rawValue) }
  }
}

extension VM {
  /// The VM of the thread that has the interpreter lock; nil before the start.
  package static var running: VM? { (theRuntime?.pointee.currentThread).map { VM($0) } }
}

extension Runtime {
  /// Creates the runtime and the calling thread's state: heap, builtin types, interned names, core modules. Call once.
  /// - Parameter maximumHeapBytes: `-X maxheap`; allocation beyond it raises MemoryError.
  /// - Parameter image: a file with code of the standard library, used if it is of this build
  package static func start(flags: StartFlags, maximumHeapBytes: Int = 1 << 37, image: String? = nil) -> VM {
    if let thread = theRuntime?.pointee.mainThread { return VM(thread) }
    let runtime = UnsafeMutablePointer<Runtime>.allocate(capacity: 1)
    runtime.initialize(to: Runtime(heap: Heap(maximumBytes: maximumHeapBytes)))
    runtime.pointee.flags = flags
    theRuntime = runtime
    let thread = ThreadState.create()
    runtime.pointee.currentThread = thread
    runtime.pointee.mainThread = thread
    let vm = VM(thread)
    seedHashes(flags.hashSeed)
    addDataSegmentRoots()
    if let image { runtime.pointee.image.map(image) }
    Bootstrap.run(vm)
    runtime.pointee.heapReady = true
    // Much of what has run so far runs only now.
    amphis_drop_library(nil)
    return vm
  }

  private static func seedHashes(_ seed: Int64) {
    var key: (UInt64, UInt64) = (0, 0)
    var number = UInt32(truncatingIfNeeded: seed)
    if seed < 0 { withUnsafeMutableBytes(of: &number) { _ = amphis_random_bytes($0.baseAddress, $0.count) } }
    // 0 is a seed that people ask for.
    if seed < 0, number == 0 { number = 1 }
    rt.pointee.hashSeed = number
    if number > 0 {
      // The same linear congruential generator as CPython's, so that PYTHONHASHSEED=n gives CPython's hashes.
      var x = number
      withUnsafeMutableBytes(of: &key) {
        for i in 0..<$0.count {
          x = x &* 214_013 &+ 2_531_011
          $0[i] = UInt8(truncatingIfNeeded: x >> 16)
        }
      }
    }
    rt.pointee.hashSecret = key
  }

  /// Registers the writable data of the executable that holds this code as roots, so that global variables may hold values.
  private static func addDataSegmentRoots() {
    // The access to the variable ends before the callback, which reads it.
    let anchor = withUnsafeMutablePointer(to: &theRuntime) { UnsafeRawPointer($0) }
    amphis_writable_segments(
      anchor,
      { _, low, high in
        guard let low, let high else { return }
        rt.heapPointer.pointee.rootRanges.append(UnsafeMutableRawPointer(mutating: low))
        rt.heapPointer.pointee.rootRanges.append(UnsafeMutableRawPointer(mutating: high))
      }, nil)
  }
}
