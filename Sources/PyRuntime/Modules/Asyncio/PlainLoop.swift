/// `loop.call_soon` and `loop.get_debug` without Python code, for loops whose class has these methods from asyncio's own `BaseEventLoop`.
///
/// What `call_soon` does for such a loop, when it is neither closed nor in debug mode, is to append a `Handle` to the deque `_ready`. The
/// class of a loop is looked at once for each of its versions, as is the class `Handle`; whatever is not as expected is
/// answered by calling the methods.
enum PlainLoop {
  /// The last class of a loop that was looked at, its version, and whether its methods are the plain ones.
  nonisolated(unsafe) private static var loopType: TypeRef?
  nonisolated(unsafe) private static var loopVersion: UInt32 = 0
  nonisolated(unsafe) private static var isPlain = false
  nonisolated(unsafe) private static var handleType: TypeRef?
  nonisolated(unsafe) private static var handleVersion: UInt32 = 0
  /// Offsets of the slots of `Handle`
  nonisolated(unsafe) private static var offsets = (callback: 0, args: 0, cancelled: 0, loop: 0, traceback: 0, repr: 0, context: 0)
  /// Names of attributes of a loop
  nonisolated(unsafe) private static var closed = Value.null
  nonisolated(unsafe) private static var debug = Value.null
  nonisolated(unsafe) private static var ready = Value.null
  /// The dict of the module asyncio.events, and "Handle"
  nonisolated(unsafe) private static var events = Value.null
  nonisolated(unsafe) private static var handleName = Value.null

  /// The methods that have to be asyncio's own. None of them may be an attribute of the loop itself either.
  private static let methods: [StaticString] = ["call_soon", "_call_soon", "_check_closed", "get_debug"]

  /// `loop.get_debug()`
  static func isDebugging(_ vm: VM, _ loop: Value) throws(Raised) -> Bool {
    if isPlainLoop(vm, loop) {
      let debug = Attributes.get(loop, debug)
      if debug.isBool { return debug == .true }
    }
    return try vm.isTrue(try vm.callMethod(loop, Asyncio.getDebug))
  }

  /// As `loop.call_soon(callback, argument, context=context)`.
  /// - Returns: false if that has to be called; nothing has happened then.
  static func callSoon(
    _ vm: VM, _ loop: Value, _ callback: Value, _ argument: Value, _ context: Value
  ) throws(Raised) -> Bool {
    guard isPlainLoop(vm, loop), !vm.thread.pointee.isTraced, !context.isNone, let type = handleType,
      Attributes.get(loop, closed) == .false, Attributes.get(loop, debug) == .false,
      case let queue = Attributes.get(loop, ready), queue.isExact(DequeType.type.asType),
      type.pointee.version == handleVersion, Dicts.get(events, str: handleName) == Value(type)
    else { return false }
    let args = argument.isNull ? rt.pointee.emptyTuple : try vm.tuple(argument)
    let handle = try vm.instance(CellHeader.self, of: type)
    let cell = UnsafeMutableRawPointer(handle)
    func set(_ offset: Int, _ value: Value) { cell.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
    set(offsets.callback, callback)
    set(offsets.args, args)
    set(offsets.cancelled, .false)
    set(offsets.loop, loop)
    set(offsets.traceback, .none)
    set(offsets.repr, .none)
    set(offsets.context, context)
    try Deques.append(vm, DequeType.layout(queue), Value(handle))
    return true
  }

  @inline(__always)
  private static func isPlainLoop(_ vm: VM, _ loop: Value) -> Bool {
    guard loop.isCell else { return false }
    let type = loop.cellType
    if type != loopType || type.pointee.version != loopVersion { look(vm, type) }
    return isPlain && !hasOwnMethods(loop)
  }

  /// Whether one of the methods is an attribute of the loop itself. Asked once for each shape of a loop.
  @inline(__always)
  private static func hasOwnMethods(_ loop: Value) -> Bool {
    if let shape = Attributes.storage(loop)?.pointee.shape, shape.pointee.id == plainShape, plainShape != 0 { return false }
    return looksForOwnMethods(loop)
  }

  @inline(never)
  private static func looksForOwnMethods(_ loop: Value) -> Bool {
    if !Attributes.get(loop, Asyncio.callSoon).isNull || !Attributes.get(loop, Asyncio.getDebug).isNull
      || !Attributes.get(loop, ownCallSoon).isNull || !Attributes.get(loop, ownCheck).isNull
    {
      return true
    }
    // In dictionary mode the shape says nothing.
    if let shape = Attributes.storage(loop)?.pointee.shape, shape != rt.pointee.dictionaryShape { plainShape = shape.pointee.id }
    return false
  }
  nonisolated(unsafe) private static var ownCallSoon = Value.null
  nonisolated(unsafe) private static var ownCheck = Value.null
  /// Number of the last shape of a loop without such attributes
  nonisolated(unsafe) private static var plainShape: UInt32 = 0

  /// Whether loops of this class are plain.
  @inline(never)
  private static func look(_ vm: VM, _ type: TypeRef) {
    loopType = type
    loopVersion = type.pointee.version
    isPlain = false
    guard type.pointee.version != 0, type.pointee.flags.contains(.genericGetAttribute), type.pointee.attributesOffset != 0 else { return }
    do throws(Raised) {
      for name in methods {
        if !isOwn(Types.lookup(type, try vm.intern(name)), "asyncio.base_events", "BaseEventLoop", name) { return }
      }
      let modules = rt.pointee.modules
      let module = modules.isNull ? .null : Dicts.get(vm, modules, "asyncio.events")
      guard module.isExact(rt.pointee.types.module) else { return }
      events = module.as(ModuleLayout.self).pointee.dict
      handleName = try vm.intern("Handle")
      closed = try vm.intern("_closed")
      debug = try vm.intern("_debug")
      ready = try vm.intern("_ready")
      ownCallSoon = try vm.intern("_call_soon")
      ownCheck = try vm.intern("_check_closed")
      isPlain = try lookAtHandle(vm)
    } catch { vm.clearPending() }
  }

  private static func lookAtHandle(_ vm: VM) throws(Raised) -> Bool {
    let handle = Dicts.get(events, str: handleName)
    guard handle.isType, case let type = handle.asType, type.pointee.flags.contains(.heapType), !type.pointee.flags.contains(.finalized),
      type.pointee.base == rt.pointee.types.object, type.pointee.version != 0,
      isOwn(Types.lookup(type, rt.pointee.names.__init__), "asyncio.events", "Handle", "__init__"),
      type.pointee.slots.new == rt.pointee.types.object.pointee.slots.new
    else { return false }
    var found: [Int] = []
    for name in ["_callback", "_args", "_cancelled", "_loop", "_source_traceback", "_repr", "_context"] as [StaticString] {
      let member = Types.lookup(type, try vm.intern(name))
      guard member.isExact(rt.pointee.types.memberDescriptor) else { return false }
      found.append(Int(member.as(MemberLayout.self).pointee.offset))
    }
    offsets = (found[0], found[1], found[2], found[3], found[4], found[5], found[6])
    handleType = type
    handleVersion = type.pointee.version
    return true
  }

  /// Whether `function` is the function `owner.name` of the standard library's module.
  private static func isOwn(_ function: Value, _ module: StaticString, _ owner: StaticString, _ name: StaticString) -> Bool {
    guard function.isExact(rt.pointee.types.function) else { return false }
    let f = function.as(FunctionLayout.self)
    let code = f.pointee.code.as(CodeLayout.self)
    let file = code.pointee.filename.swiftString
    return code.pointee.qualname.swiftString == "\(owner).\(name)"
      && file.hasSuffix("/" + "\(module)".split(separator: ".").joined(separator: "/") + ".py") && Str.equal(f.pointee.module, module)
  }
}
