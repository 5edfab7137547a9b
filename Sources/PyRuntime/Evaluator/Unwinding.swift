/// From a raise to its handler.
enum Unwinding {
  /// The exception pending in the thread was raised by the instruction at `fp.framePC`. Leaves frames, entering each in the traceback,
  /// until one has a handler.
  /// - Returns: the frame to go on in, with `framePC` at the handler; nil when the frame entered from native code has been left and
  ///   the exception is to be thrown on.
  @inline(never)
  static func unwind(_ vm: VM, _ frame: Registers) -> Registers? {
    let thread = vm.thread
    var fp = frame
    thread.pointee.frame = UnsafeMutableRawPointer(fp)
    if CollectCalls.isAsked { return nil }
    if thread.pointee.pending.isNull { _ = vm.raise(.systemError, "error return without exception set") }
    while true {
      let reraising = thread.pointee.reraising
      thread.pointee.reraising = false
      if !reraising, !staysUnseen(vm, fp) {
        Tracebacks.add(vm, fp)
        if thread.pointee.isTraced { Tracing.raised(vm, fp) }
      }
      if let lowered = fp.frameLowered {
        let word = fp.framePC - lowered.pointee.words
        // RERAISE with a lasti: the frame stands where the exception was raised first.
        var offset = lowered.pointee.bytecodeOffset(word)
        if fp.framePC.pointee.instruction == .reraiseLasti, fp[Int(fp.framePC.pointee.b)].isSmallInt {
          offset = fp[Int(fp.framePC.pointee.b)].smallInt
        }
        if let handler = lowered.pointee.handler(for: word) {
          LoopIterators.unwind(vm, fp, lowered, from: Int(min(handler.pointee.exceptionRegister, handler.pointee.lastiRegister)))
          if handler.pointee.lastiRegister != Encoding.noRegister {
            fp[Int(handler.pointee.lastiRegister)] = Value(smallInt: offset)
          }
          fp[Int(handler.pointee.exceptionRegister)] = vm.takePending()
          fp.framePC = lowered.pointee.words + Int(handler.pointee.handler)
          if thread.pointee.isTraced, Tracing.isOn(vm) { Tracing.switchToTraced(vm, fp) }
          return fp
        }
        LoopIterators.unwind(vm, fp, lowered, from: lowered.pointee.localCount)
        if reraising, let origin = lowered.pointee.word(of: offset / 2) { fp.framePC = lowered.pointee.words + origin }
      }
      if thread.pointee.isTraced { Tracing.unwound(vm, fp) }
      guard let caller = leave(vm, fp) else { return nil }
      fp = caller
    }
  }

  /// The exception was made by native code just now, and the frame handles it without a name for it and without running anything until
  /// the handler is at its end (`except KeyError: pass`, `except KeyError: return default`): nobody will see its traceback. So the frame
  /// gets no frame object, which would have to outlive it, and would give one to its caller when it returns, and so on to the outermost.
  /// Where the clause turns out to be for another class, and where finding that class raises, the entry is made then.
  private static func staysUnseen(_ vm: VM, _ fp: Registers) -> Bool {
    let thread = vm.thread, exception = thread.pointee.pending
    guard exception.isExceptionInstance, case let e = exception.as(ExceptionLayout.self), e.pointee.isFresh, e.pointee.traceback.isNull,
      !thread.pointee.isTraced, let lowered = fp.frameLowered,
      let handler = lowered.pointee.handler(for: fp.framePC - lowered.pointee.words), handler.pointee.lastiRegister == Encoding.noRegister
    else { return false }
    var pc = lowered.pointee.words + Int(handler.pointee.handler)
    // What was caught is in this one register then.
    guard pc.pointee.instruction == .pushExc, pc.pointee.a == pc.pointee.c, case let caught = pc.pointee.b, caught != pc.pointee.c
    else { return false }
    pc += 1
    while true {
      let instruction = pc.pointee.instruction
      if instruction == .jumpExcNoMatch { break }
      guard
        instruction == .loadGlobalModule || instruction == .loadGlobalBuiltin
          || instruction == .tuple2 && pc.pointee.b != caught && pc.pointee.c != caught
      else { return false }
      pc += InstructionTable.shared.length(pc)
    }
    pc += InstructionTable.shared.length(pc)
    while pc.pointee.instruction == .move, pc.pointee.b != caught { pc += 1 }
    guard pc.pointee.instruction == .popExc else { return false }
    e.pointee.isUnseen = true
    thread.pointee.unseenFrame = UnsafeMutableRawPointer(fp)
    thread.pointee.unseenPC = fp.framePC
    return true
  }

  /// Leaves a frame that an exception ends.
  /// - Returns: the frame that called it; nil if native code did.
  static func leave(_ vm: VM, _ fp: Registers) -> Registers? {
    let thread = vm.thread
    let link = fp.frameLink
    let caller = fp.frameCaller
    if link & FrameLink.generator != 0 {
      Generators.fail(vm, fp)
    } else {
      if link & FrameLink.watching != 0 { DroppedObjects.leave(vm, fp) }
      if !fp.frameState.isNull { FrameObjects.detach(vm, fp) }
      thread.pointee.recursionDepth &-= FrameLink.depth(link)
      thread.pointee.frame = caller.map { UnsafeMutableRawPointer($0) }
      if link & FrameLink.entry == 0, let caller {
        thread.pointee.stackTop =
          caller.isGeneratorFrame ? fp - FrameLayout.headerWords : caller + Int(caller.frameCode.pointee.registerCount)
      }
    }
    return link & FrameLink.entry != 0 ? nil : caller
  }
}

/// Traceback objects.
package enum Tracebacks {
  /// Puts an entry for native code that calls back in front of the pending exception's traceback: a frame without variables.
  package static func addNative(_ vm: VM, function name: StaticString, file: StaticString, line: Int) {
    let exception = vm.thread.pointee.pending
    guard exception.isExceptionInstance else { return }
    do throws(Raised) { try add(vm, exception, function: try vm.intern(name), file: try vm.intern(file), line: line) } catch {}
    vm.thread.pointee.pending = exception
  }

  /// Puts an entry for code that is none of ours in front of an exception's traceback: a frame without variables.
  package static func add(_ vm: VM, _ exception: Value, function name: Value, file: Value, line: Int) throws(Raised) {
    let code = try Codes.empty(vm, name: name, file: file, line: line)
    let f = try vm.make(FrameObjectLayout.self, rt.types.frame)
    f.pointee.code = code
    f.pointee.function = try FunctionType.make(vm, code: code, globals: try vm.dict())
    f.pointee.previous = -1
    let t = try vm.make(TracebackLayout.self, rt.types.traceback)
    let e = exception.as(ExceptionLayout.self)
    t.pointee.next = e.pointee.traceback.isNone ? .null : e.pointee.traceback
    t.pointee.frame = Value(f)
    // No instruction: there are no columns to ask for.
    t.pointee.lasti = -1
    t.pointee.line = Int32(truncatingIfNeeded: line)
    e.pointee.traceback = Value(t)
  }

  /// How many entries an exception's traceback has.
  package static func count(_ exception: Value) -> Int {
    var n = 0
    var entry = exception.as(ExceptionLayout.self).pointee.traceback
    while entry.isExact(rt.types.traceback) {
      n &+= 1
      entry = entry.as(TracebackLayout.self).pointee.next
    }
    return n
  }
  /// File, function and line of the entries of an exception's traceback, the outermost first, `most` of them at most.
  package static func entries(_ exception: Value, most: Int) -> [(file: Value, name: Value, line: Int)] {
    var found: [(file: Value, name: Value, line: Int)] = []
    var entry = exception.as(ExceptionLayout.self).pointee.traceback
    while entry.isExact(rt.types.traceback), found.count < most {
      let t = entry.as(TracebackLayout.self)
      guard t.pointee.frame.isExact(rt.types.frame) else { break }
      let code = t.pointee.frame.as(FrameObjectLayout.self).pointee.code.as(CodeLayout.self)
      found.append((code.pointee.filename, code.pointee.name, line(t)))
      entry = t.pointee.next
    }
    return found
  }

  /// Puts an entry for the frame that has caught `exception`, whose handler still runs, in front of its traceback, as if it had been made at once.
  @inline(never)
  static func addUnseen(_ vm: VM, _ exception: Value) {
    let thread = vm.thread
    exception.as(ExceptionLayout.self).pointee.isUnseen = false
    guard let fp = thread.pointee.frame?.assumingMemoryBound(to: Value.self), thread.pointee.unseenFrame == UnsafeMutableRawPointer(fp),
      let pc = thread.pointee.unseenPC
    else { return }
    let now = fp.framePC, pending = thread.pointee.pending
    fp.framePC = pc
    thread.pointee.pending = exception
    add(vm, fp)
    thread.pointee.pending = pending
    fp.framePC = now
  }

  /// Puts an entry for the frame in front of the pending exception's traceback.
  static func add(_ vm: VM, _ fp: Registers) {
    let exception = vm.thread.pointee.pending
    guard exception.isExceptionInstance else { return }
    do throws(Raised) {
      let frame = try FrameObjects.object(vm, fp)
      let t = try vm.make(TracebackLayout.self, rt.types.traceback)
      let e = exception.as(ExceptionLayout.self)
      t.pointee.next = e.pointee.traceback.isNone ? .null : e.pointee.traceback
      t.pointee.frame = frame
      t.pointee.lasti = Int32(truncatingIfNeeded: fp.frameLasti)
      t.pointee.line = Tracebacks.unknownLine
      e.pointee.traceback = Value(t)
    } catch {
      // Out of memory while unwinding: the entry is lost, the exception is not.
      vm.thread.pointee.pending = exception
    }
  }

  /// The line of an entry is computed when first asked for.
  static let unknownLine = Int32.min

  static func line(_ t: UnsafeMutablePointer<TracebackLayout>) -> Int {
    if t.pointee.line == unknownLine {
      let code = t.pointee.frame.as(FrameObjectLayout.self).pointee.code.as(CodeLayout.self)
      t.pointee.line = Int32(truncatingIfNeeded: LineTable.line(code, Int(t.pointee.lasti)))
    }
    return Int(t.pointee.line)
  }
}
