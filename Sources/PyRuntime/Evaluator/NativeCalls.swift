// Calls from the loop that need no frame, and frames for instructions that are no calls.

extension Calls {
  /// Calls `slot[0]` with `count` arguments from `slot[1]` on if it is a native function, a method of a builtin type or a builtin type.
  /// The arguments stay where they are, and nothing is put on the VM stack.
  /// - Returns: false when it is something else, and then nothing has happened; else the result is in `fp[destination]`.
  @inline(__always)
  static func native(
    _ vm: VM, _ fp: Registers, _ slot: Registers, _ count: Int, _ destination: UInt16
  ) throws(Raised) -> Bool {
    slot[0].isExact(rt.types.function) ? false : try nativeAtFirst(vm, fp, slot, count, destination)
  }
  @inline(never)
  private static func nativeAtFirst(
    _ vm: VM, _ fp: Registers, _ slot: Registers, _ count: Int, _ destination: UInt16
  ) throws(Raised) -> Bool {
    let callee = slot[0]
    // Where a thread traces, `perform` tells the profile function and switches the frame to traced code.
    guard callee.isCell, !vm.thread.pointee.isTraced else { return false }
    let type = callee.cellType
    let f = callee.as(NativeFunctionLayout.self)
    let result: Value
    Gathering.quicken(fp, slot, count)
    if type == rt.types.methodDescriptor {
      guard count > 0 else { return false }
      if callee == rt.pointee.listAppend, count == 2 { Quickening.append(fp.framePC, slot[1]) }
      let owner = f.pointee.owner.asType
      guard slot[1].type == owner || slot[1].type.isSubtype(of: owner) else { return false }
      Quickening.native(fp.framePC)
      if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while calling a Python object") }
      result = try NativeFunctions.call(vm, f, slot[1], Args(slot + 2, count: count &- 1))
    } else if type == rt.types.builtinFunction {
      if callee == rt.pointee.lenFunction || callee == rt.pointee.isInstanceFunction { Quickening.builtin(fp.framePC, callee, slot, count) }
      if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while calling a Python object") }
      if f.pointee.flags.contains(.foreign) {
        if count == 1, fp.framePC.pointee.instruction == .call1, Quickening.mayQuicken(fp.framePC) {
          fp.framePC.pointee.instruction = .call1Foreign
        } else {
          Quickening.native(fp.framePC)
        }
        result = try foreign(vm, fp.framePC, ManyCode(code: f.pointee.code), callee, Args(slot + 1, count: count))
      } else {
        Quickening.native(fp.framePC)
        result = try NativeFunctions.call(vm, f, f.pointee.receiver, Args(slot + 1, count: count))
      }
    } else if type == rt.types.type, !callee.asType.pointee.flags.contains(.heapType) {
      if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while calling a Python object") }
      if count == 0, callee == Value(rt.types.super) {
        result = try SuperType.implicit(vm)
      } else {
        Quickening.native(fp.framePC)
        result = try TypeType.call(vm, callee, Args(slot + 1, count: count))
      }
    } else if isForeignCallable(type), let call = type.pointee.slots.call {
      Quickening.native(fp.framePC)
      result = try foreign(vm, fp.framePC, call, callee, Args(slot + 1, count: count))
    } else if let call = nativeCallable(type) {
      Quickening.native(fp.framePC)
      if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while calling a Python object") }
      result = try call(vm, callee, Args(slot + 1, count: count))
    } else {
      return false
    }
    // What came while the native code ran: CPython's handlers run behind each call too.
    if rt.pointee.evalBreaker & SafepointReason.signals.rawValue != 0 { try vm.handlePendingSignals() }
    fp[Int(destination)] = result
    return true
  }

  /// The same at a site that has met such a callee before, in line: the result, or null when it is something else.
  @inline(__always)
  static func nativeAgain(_ vm: VM, _ pc: CodePointer, _ slot: Registers, _ count: Int) throws(Raised) -> Value {
    let callee = slot[0]
    guard callee.isCell, !vm.thread.pointee.isTraced else { return .null }
    let type = callee.cellType
    let result: Value
    if type == rt.types.methodDescriptor {
      guard count > 0 else { return .null }
      let f = callee.as(NativeFunctionLayout.self)
      let owner = f.pointee.owner.asType
      let receiver = slot[1]
      guard receiver.isExact(owner) || receiver.type.isSubtype(of: owner) else { return .null }
      if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while calling a Python object") }
      result = try NativeFunctions.call(vm, f, receiver, Args(slot + 2, count: count &- 1))
    } else if type == rt.types.builtinFunction {
      let f = callee.as(NativeFunctionLayout.self)
      if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while calling a Python object") }
      if f.pointee.flags.contains(.foreign) {
        result = try foreign(vm, pc, ManyCode(code: f.pointee.code), callee, Args(slot + 1, count: count))
      } else {
        result = try NativeFunctions.call(vm, f, f.pointee.receiver, Args(slot + 1, count: count))
      }
    } else if isForeignCallable(type), let call = type.pointee.slots.call {
      if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while calling a Python object") }
      result = try foreign(vm, pc, call, callee, Args(slot + 1, count: count))
    } else if let call = nativeCallable(type) {
      if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while calling a Python object") }
      result = try call(vm, callee, Args(slot + 1, count: count))
    } else {
      guard type == rt.types.type, !callee.asType.pointee.flags.contains(.heapType), callee != Value(rt.types.super) else { return .null }
      if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while calling a Python object") }
      if count == 1, callee == Value(rt.types.str) {
        result = slot[1].isExactStr ? slot[1] : try vm.str(of: slot[1])
      } else {
        result = try TypeType.call(vm, callee, Args(slot + 1, count: count))
      }
    }
    if rt.pointee.evalBreaker & SafepointReason.signals.rawValue != 0 { try vm.handlePendingSignals() }
    return result
  }

  /// Whether `v` is a function of CPython's.
  @inline(__always) static func isForeign(_ v: Value) -> Bool {
    v.isExact(rt.types.builtinFunction) && v.as(NativeFunctionLayout.self).pointee.flags.contains(.foreign)
  }
  /// Calls such a function in `slot[0]`, which takes one argument.
  @inline(__always) static func foreignOne(_ vm: VM, _ pc: CodePointer, _ slot: Registers) throws(Raised) -> Value {
    if let call = rt.pointee.hooks.callForeignOne {
      let result = call(UnsafeMutableRawPointer(vm.thread), UnsafeMutableRawPointer(slot), Int(pc.w0 & Encoding.discardBit))
      if result > 1 { return Value(bits: result) }
      if result == 1 { throw Raised() }
    }
    return try foreign(vm, pc, slot, 1)
  }
  /// The same with any number of arguments.
  @inline(never) private static func foreign(_ vm: VM, _ pc: CodePointer, _ slot: Registers, _ count: Int) throws(Raised) -> Value {
    if vm.nativeStackIsLow { throw vm.raiseRecursionError(" while calling a Python object") }
    return try foreign(
      vm, pc, ManyCode(code: slot[0].as(NativeFunctionLayout.self).pointee.code), slot[0], Args(slot + 1, count: count))
  }
  /// For machine code, which knows that `slot[0]` is such a function: its result, or null where the interpreter has to make the call, or 1
  /// where it has raised.
  @inline(__always) static func foreignQuietly(_ vm: VM, _ pc: CodePointer, _ slot: Registers, _ count: Int) -> UInt64 {
    if vm.thread.pointee.isTraced { return 0 }
    do throws(Raised) {
      let result = try foreign(vm, pc, slot, count)
      if rt.pointee.evalBreaker & SafepointReason.signals.rawValue != 0 { try vm.handlePendingSignals() }
      return result.bits
    } catch { return 1 }
  }

  /// What calls objects of a builtin type that are neither Python functions, methods nor classes: `operator.attrgetter`, `functools.partial`. Nil for others.
  @inline(__always) private static func nativeCallable(_ type: TypeRef) -> ManyCode? {
    guard type.pointee.flags.isDisjoint(with: [.heapType, .foreign, .typeSubclass]), type != rt.types.function, type != rt.types.boundMethod
    else { return nil }
    return type.pointee.slots.call
  }

  /// An object of CPython's whose type is not a class of ours.
  @inline(__always) private static func isForeignCallable(_ type: TypeRef) -> Bool {
    type.pointee.flags.intersection([.foreign, .heapType]) == .foreign
  }
  /// Calls an object of CPython's from the call at `pc`. What nothing reads is not made into an object of ours, and is let go there at once.
  @inline(__always)
  private static func foreign(_ vm: VM, _ pc: CodePointer, _ code: ManyCode, _ callee: Value, _ args: Args) throws(Raised) -> Value {
    if pc.w0 & Encoding.discardBit != 0 { vm.thread.pointee.discardsResult = true }
    return try code(vm, callee, args)
  }

  /// Starts a call of a Python function with one to three arguments that an instruction makes which is no call: the frame goes on top of the
  /// VM stack, and the result to the instruction's destination. `caller.framePC` is set.
  /// - Returns: nil when the function does not take exactly these arguments or something is in the way; nothing has happened then
  static func pushAbove(_ vm: VM, _ caller: Registers, _ function: Value, _ first: Value, _ second: Value, _ third: Value = .null)
    -> Registers?
  {
    guard function.isExact(rt.types.function) else { return nil }
    let code = function.as(FunctionLayout.self).pointee.code.as(CodeLayout.self)
    let count = second.isNull ? 1 : third.isNull ? 2 : 3
    guard Int(code.pointee.simpleArgs) == count, let entry = code.pointee.entry else { return nil }
    let thread = vm.thread
    let fp = thread.pointee.stackTop + FrameLayout.headerWords
    let top = fp + Int(code.pointee.registerCount)
    guard vm.hasStack(for: top), thread.pointee.recursionDepth < rt.pointee.recursionLimit, rt.pointee.evalBreaker == 0 else {
      return nil
    }
    fp[0] = first
    if count > 1 { fp[1] = second }
    if count > 2 { fp[2] = third }
    clear(fp, from: count, to: Int(code.pointee.nlocalsplus))
    fp.frameCallee = function
    fp.frameState = .null
    fp.frameLink = UInt64(UInt(bitPattern: caller)) | FrameLink.other
    fp.framePC = entry
    thread.pointee.frame = UnsafeMutableRawPointer(fp)
    thread.pointee.stackTop = top
    thread.pointee.recursionDepth &+= 1
    return fp
  }
}
