/// Calls out of the evaluator: pushing frames of Python functions, calling everything else.
enum Calls {
  /// Calls `slot[0]` with `count` arguments from `slot[1]` on, of which the last are the values of the keywords in `names`.
  /// - Returns: the new frame when the evaluator has to go on in one, with `framePC` set; nil when the result is in `fp[destination]`.
  @inline(never)
  static func perform(
    _ vm: VM, _ fp: Registers, _ callSlot: Registers, _ argumentCount: Int, _ names: Value, _ destination: UInt16, simple: Bool
  ) throws(Raised) -> Registers? {
    if callSlot[0].isExact(rt.types.function), !fp.isGeneratorFrame {
      return try push(vm, fp, callSlot, argumentCount, names, simple ? 0 : FrameLink.other)
    }
    var slot = callSlot
    var count = argumentCount
    let top = vm.thread.pointee.stackTop
    if fp.isGeneratorFrame {
      // The call base lies in the generator; frames go to the VM stack.
      slot = top + FrameLayout.calleeOffset
      guard vm.hasStack(for: slot + count + 3) else { throw vm.raiseRecursionError() }
      for i in 0...count { slot[i] = callSlot[i] }
    }
    while slot[0].isExact(rt.types.boundMethod) {
      let method = slot[0].as(BoundMethodLayout.self)
      shift(slot, count)
      slot[1] = method.pointee.receiver
      slot[0] = method.pointee.function
      count &+= 1
      guard vm.hasStack(for: slot + count + 3) else { throw vm.raiseRecursionError() }
    }
    if slot[0].isCell, slot[0].cellType.pointee.flags.contains(.heapType), vm.hasStack(for: slot + count + 4) {
      // An instance whose class has a Python `__call__`.
      let method = Types.lookup(slot[0].cellType, rt.names.__call__)
      if method.isExact(rt.types.function) {
        shift(slot, count)
        slot[1] = slot[0]
        slot[0] = method
        count &+= 1
      }
    }
    let callee = slot[0]
    if callee.isExact(rt.types.function) {
      return try push(vm, fp, slot, count, names, simple ? 0 : FrameLink.other)
    }
    if simple, callee.isCell, callee.cellType == rt.types.type,
      let frame = try instantiate(vm, fp, callSlot, slot, count, names)
    {
      return frame
    }
    vm.thread.pointee.stackTop = max(top, slot + count + 1)
    if vm.thread.pointee.isTraced {
      let subject = try Tracing.nativeSubject(vm, callee, slot + 1, count)
      if !subject.isNull {
        let keywords = names.isNull ? 0 : names.as(TupleLayout.self).pointee.count
        return try deliver(vm, fp, destination, top) { () throws(Raised) in
          try Tracing.profiled(vm, fp, subject) { () throws(Raised) in
            try vm.call(callee, Args(slot + 1, count: count &- keywords, keywords: names))
          }
        }
      }
    }
    let keywords = names.isNull ? 0 : names.as(TupleLayout.self).pointee.count
    return try deliver(vm, fp, destination, top) { () throws(Raised) in
      try vm.call(callee, Args(slot + 1, count: count &- keywords, keywords: names))
    }
  }

  /// Puts what `body` answers into a register of the frame. `top` becomes the top of the VM stack again.
  @inline(__always)
  private static func deliver(
    _ vm: VM, _ fp: Registers, _ destination: UInt16, _ top: Registers, _ body: () throws(Raised) -> Value
  ) throws(Raised) -> Registers? {
    do throws(Raised) {
      let result = try body()
      vm.thread.pointee.stackTop = top
      fp[Int(destination)] = result
    } catch {
      vm.thread.pointee.stackTop = top
      throw error
    }
    if vm.thread.pointee.isTraced { return Tracing.afterNativeCall(vm, fp) }
    return nil
  }

  /// The frame of a plain call: a Python function that takes exactly these arguments, called from a frame on the VM stack. Nil for
  /// everything else; nothing has happened then. Does not set the new frame's `framePC`.
  @inline(__always)
  static func pushFast(_ vm: VM, _ caller: Registers, _ pc: CodePointer, _ slot: Registers, _ count: Int) -> Registers? {
    guard slot[0].isCell, slot[0].cellType == rt.types.function else { return nil }
    let code = slot[0].as(FunctionLayout.self).pointee.code.as(CodeLayout.self)
    guard Int(code.pointee.simpleArgs) == count else { return nil }
    let thread = vm.thread
    let isGenerator = caller.isGeneratorFrame
    // The call base of a generator lies in the generator; frames go to the VM stack.
    let fp = (isGenerator ? thread.pointee.stackTop + FrameLayout.calleeOffset : slot) + 1
    let top = fp + Int(code.pointee.registerCount)
    guard vm.hasStack(for: top), thread.pointee.recursionDepth < rt.pointee.recursionLimit, rt.pointee.evalBreaker == 0 else {
      return nil
    }
    if isGenerator {
      var i = -1
      while i < count {
        fp[i] = slot[i &+ 1]
        i &+= 1
      }
    }
    clear(fp, from: count, to: Int(code.pointee.nlocalsplus))
    caller.framePC = pc
    enter(thread, fp, from: caller, top)
    return fp
  }

  /// Makes registers `first ..< last` of a new frame null. Up to eight at once, whatever their number: what lies above is free (and
  /// `hasStack` leaves room), and a loop would become a call of memset.
  @inline(__always)
  static func clear(_ fp: Registers, from first: Int, to last: Int) {
    if clearFew(fp, from: first, to: last) { return }
    var i = first &+ 8
    while i < last {
      fp[i] = .null
      i &+= 1
    }
  }
  /// Up to eight of them.
  /// - Returns: whether these were all
  @inline(__always)
  private static func clearFew(_ fp: Registers, from first: Int, to last: Int) -> Bool {
    if first >= last { return true }
    let start = UnsafeMutableRawPointer(fp + first)
    start.storeBytes(of: .zero, as: SIMD4<UInt64>.self)
    if last &- first <= 4 { return true }
    start.storeBytes(of: .zero, toByteOffset: 32, as: SIMD4<UInt64>.self)
    return last &- first <= 8
  }

  /// The same for callers on the VM stack, where the arguments lie in place. It is in the handlers: it has no calls and few variables.
  @inline(__always)
  static func pushPlain(_ vm: VM, _ caller: Registers, _ pc: CodePointer, _ slot: Registers, _ count: Int) -> Registers? {
    guard slot[0].cellType == rt.types.function, !caller.isGeneratorFrame else { return nil }
    let code = slot[0].as(FunctionLayout.self).pointee.code.as(CodeLayout.self)
    let thread = vm.thread
    let fp = slot + 1
    let top = fp + Int(code.pointee.registerCount)
    guard Int(code.pointee.simpleArgs) == count, vm.hasStack(for: top), thread.pointee.recursionDepth < rt.pointee.recursionLimit,
      rt.pointee.evalBreaker == 0
    else { return nil }
    // More variables take the loop of `clear`, which swiftc makes a call.
    if !clearFew(fp, from: count, to: Int(code.pointee.nlocalsplus)) { return nil }
    caller.framePC = pc
    enter(thread, fp, from: caller, top)
    return fp
  }

  /// Makes `fp`, whose callee and registers are in place, the innermost frame.
  @inline(__always)
  static func enter(_ thread: UnsafeMutablePointer<ThreadState>, _ fp: Registers, from caller: Registers, _ top: Registers) {
    fp.frameState = .null
    fp.frameLink = UInt64(UInt(bitPattern: caller))
    thread.pointee.frame = UnsafeMutableRawPointer(fp)
    thread.pointee.stackTop = top
    thread.pointee.recursionDepth &+= 1
  }

  /// Moves the arguments up by one register, making room for a receiver.
  @inline(__always)
  private static func shift(_ slot: Registers, _ count: Int) {
    var i = count
    while i > 0 {
      slot[i &+ 1] = slot[i]
      i &-= 1
    }
  }

  /// Makes a frame for the function in `slot[0]`, whose registers begin at `slot[1]`, where the arguments lie.
  /// - Parameter own: what `ArgumentBinder.mayTake` has found good, or null
  @inline(__always)
  static func push(
    _ vm: VM, _ caller: Registers, _ slot: Registers, _ count: Int, _ names: Value, _ flags: UInt64, own: Value = .null
  ) throws(Raised) -> Registers {
    let function = slot[0].as(FunctionLayout.self)
    let code = function.pointee.code.as(CodeLayout.self)
    if code.pointee.entry == nil { try CodePreparation.prepare(vm, code) }
    let fp = slot + 1
    let registers = Int(code.pointee.registerCount)
    guard vm.hasStack(for: fp + registers), vm.thread.pointee.recursionDepth < rt.pointee.recursionLimit else {
      throw vm.raiseRecursionError()
    }
    let oldTop = vm.thread.pointee.stackTop
    if Int(code.pointee.simpleArgs) == count && names.isNull && own.isNull {
      clear(fp, from: count, to: Int(code.pointee.nlocalsplus))
    } else if !names.isNull || !own.isNull || !ArgumentBinder.bindAtOnce(function, code, fp, count) {
      let keywords = names.isNull ? 0 : names.as(TupleLayout.self).pointee.count
      do throws(Raised) {
        try ArgumentBinder(vm: vm, function: function, code: code, fp: fp).bind(fp, count &- keywords, names, own: own)
      } catch {
        vm.thread.pointee.stackTop = oldTop
        throw error
      }
    }
    fp.frameState = .null
    fp.frameLink = UInt64(UInt(bitPattern: caller)) | flags
    fp.framePC = try Tracing.entry(vm, code)
    vm.thread.pointee.frame = UnsafeMutableRawPointer(fp)
    vm.thread.pointee.stackTop = fp + registers
    vm.thread.pointee.recursionDepth &+= 1
    return fp
  }

  /// Instantiation of a class whose `__init__` is a Python function, without native recursion: the object goes to the first register of
  /// the call base, which the frame of `__init__` leaves free. Nil for all other classes.
  private static func instantiate(
    _ vm: VM, _ fp: Registers, _ callSlot: Registers, _ slot: Registers, _ count: Int, _ names: Value
  ) throws(Raised) -> Registers? {
    let cls = slot[0].asType
    let initializer = plainInitializer(cls)
    guard !initializer.isNull, let new = cls.pointee.slots.new, vm.hasStack(for: slot + count + 3) else { return nil }
    let keywords = names.isNull ? 0 : names.as(TupleLayout.self).pointee.count
    let object = try new(vm, slot[0], Args(slot + 1, count: count &- keywords, keywords: names))
    guard object.isCell, object.cellType == cls else { return nil }
    // Everything moves up by one more word, so that the header of the new frame leaves the first register of the call base alone.
    fp[Int(fp.framePC.pointee.b)] = object
    var i = count
    while i > 0 {
      slot[i &+ 2] = slot[i]
      i &-= 1
    }
    slot[1] = initializer
    slot[2] = object
    return try push(vm, fp, slot + 1, count &+ 1, names, FrameLink.initializer)
  }

  /// The `__init__` of a class whose instances `object.__new__` makes, if it is a Python function; else null.
  private static func plainInitializer(_ cls: TypeRef) -> Value {
    guard cls.pointee.flags.contains(.heapType), let new = cls.pointee.slots.new, new == rt.types.object.pointee.slots.new else {
      return .null
    }
    let initializer = Types.lookup(cls, rt.names.__init__)
    return initializer.isExact(rt.types.function) ? initializer : .null
  }

  /// What a call with unpacked arguments comes down to: a Python function and its first argument, if that is not among the others; null
  /// and null for what is called natively. Of a class it is `__init__`, and the instance is still to be made.
  private static func pushed(_ callee: Value) -> (function: Value, receiver: Value, isClass: Bool) {
    if callee.isExact(rt.types.function) { return (callee, .null, false) }
    guard callee.isCell else { return (.null, .null, false) }
    let type = callee.cellType
    if type == rt.types.boundMethod {
      let method = callee.as(BoundMethodLayout.self)
      return method.pointee.function.isExact(rt.types.function)
        ? (method.pointee.function, method.pointee.receiver, false) : (.null, .null, false)
    }
    if type == rt.types.type { return (plainInitializer(callee.asType), callee, true) }
    guard type.pointee.flags.contains(.heapType) else { return (.null, .null, false) }
    let method = Types.lookup(type, rt.names.__call__)
    return method.isExact(rt.types.function) ? (method, callee, false) : (.null, .null, false)
  }

  /// `callee(*positional, **keywords)` of CALL_EX.
  @inline(never)
  static func unpacked(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) -> Registers? {
    let base = fp + Int(pc.pointee.b)
    let callee = base[3]
    var positional = base[4]
    if !positional.isExact(rt.types.tuple) {
      if positional.type.pointee.slots.iter == nil && positional.type.pointee.slots.item == nil {
        let name = try Messages.functionName(vm, callee)
        throw vm.raise(.typeError, "\(name) argument after * must be an iterable, not \(positional.typeName)")
      }
      positional = try vm.tuple(from: positional)
      base[4] = positional
    }
    var keywords = Value.null
    if pc.pointee.c & 1 != 0 {
      keywords = base[5]
      if !keywords.isDict {
        let d = try vm.dict()
        try Builders.mergeKeywords(vm, d, keywords, callee)
        keywords = d
      }
      if Dicts.count(keywords) == 0 { keywords = .null }
    }
    let t = positional.as(TupleLayout.self)
    let count = t.pointee.count
    let target = pushed(callee)
    guard !target.function.isNull, vm.hasStack(for: vm.thread.pointee.stackTop + count + 8) else {
      let subject =
        vm.thread.pointee.isTraced ? try Tracing.nativeSubject(vm, callee, positional.as(TupleLayout.self).items, count) : .null
      if subject.isNull {
        fp[Int(pc.pointee.a)] = try vm.call(callee, tuple: positional, dict: keywords)
      } else {
        fp[Int(pc.pointee.a)] = try Tracing.profiled(vm, fp, subject) { () throws(Raised) in
          try vm.call(callee, tuple: positional, dict: keywords)
        }
      }
      return vm.thread.pointee.isTraced ? Tracing.afterNativeCall(vm, fp) : nil
    }
    // Arguments and frame go on top of the VM stack: there is room for them, unlike at the call base.
    let top = vm.thread.pointee.stackTop
    let slot = top + FrameLayout.calleeOffset
    let first = target.receiver.isNull ? 1 : 2
    var names = Value.null
    var total = count
    var own = Value.null
    if !keywords.isNull, pc.w0 & Encoding.ownsBit != 0, !target.isClass,
      ArgumentBinder.mayTake(keywords, target.function.as(FunctionLayout.self), count &+ first &- 1)
    {
      own = keywords
    } else if !keywords.isNull {
      let extra = Dicts.count(keywords)
      guard vm.hasStack(for: slot + count + extra + 8) else { throw vm.raiseRecursionError() }
      names = try vm.tuple(count: extra)
      var n = 0
      var position = 0
      while n < extra, let entry = Dicts.next(keywords, &position) {
        if !entry.key.isStr { throw vm.raise(.typeError, "keywords must be strings") }
        names.as(TupleLayout.self).items[n] = entry.key
        slot[first + count + n] = entry.value
        n &+= 1
      }
      total = count &+ n
    }
    slot[0] = target.function
    for i in 0..<count { slot[first + i] = t.items[i] }
    if target.receiver.isNull { return try push(vm, fp, slot, total, names, 0, own: own) }
    slot[1] = target.receiver
    if !target.isClass { return try push(vm, fp, slot, total &+ 1, names, 0, own: own) }
    guard let new = callee.asType.pointee.slots.new else { throw vm.raise(.typeError, "cannot create instances") }
    vm.thread.pointee.stackTop = slot + total + 2
    do throws(Raised) {
      slot[1] = try new(vm, callee, Args(slot + 2, count: count, keywords: names))
      vm.thread.pointee.stackTop = top
    } catch {
      vm.thread.pointee.stackTop = top
      throw error
    }
    // The first register of the call base holds the object until `__init__` returns.
    base[0] = slot[1]
    return try push(vm, fp, slot, total &+ 1, names, FrameLink.initializer)
  }
}

/// Pieces of messages.
enum Messages {
  /// A callable as messages about its arguments name it: "module.qualname()", "qualname()" for builtins, else its str.
  static func functionName(_ vm: VM, _ callee: Value) throws(Raised) -> String {
    let qualname = try vm.getAttributeOrNull(callee, rt.names.__qualname__)
    if qualname.isNull || !qualname.isStr { return try vm.str(of: callee).swiftString }
    let module = try vm.getAttributeOrNull(callee, rt.names.__module__)
    if module.isStr, module.swiftString != "builtins" { return "\(module.swiftString).\(qualname.swiftString)()" }
    return "\(qualname.swiftString)()"
  }
}
