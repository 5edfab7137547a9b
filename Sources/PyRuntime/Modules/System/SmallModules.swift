import Glibc
import PyBytecode

/// `_opcode`
enum OpcodeModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("What opcodes do to the stack.")
    m.function("stack_effect", "($module, opcode, oparg=None, /, *, jump=None)", "How an instruction changes the stack's depth.") {
      (vm, _, args: Args) throws(Raised) in
      let number = try vm.asInt(args[0])
      guard let raw = UInt8(exactly: number), let opcode = Opcode(rawValue: raw) else {
        throw vm.raise(.valueError, "invalid opcode or oparg")
      }
      let has = !args[1].isNull && !args[1].isNone
      if has != (number >= 90) {
        throw vm.raise(
          .valueError,
          has
            ? "stack_effect: opcode does not permit oparg but oparg was specified"
            : "stack_effect: opcode requires oparg but oparg was not specified")
      }
      let argument = has ? try vm.asInt(args[1]) : 0
      var effect: Int?
      let arg = Int(truncatingIfNeeded: argument)
      if args[2] == .true {
        effect = opcode.stackEffect(arg, jump: true)
      } else if args[2] == .false {
        effect = opcode.stackEffect(arg, jump: false)
      } else if args[2].isNull || args[2].isNone {
        effect = max(opcode.stackEffect(arg, jump: true), opcode.stackEffect(arg, jump: false))
      } else {
        throw vm.raise(.valueError, "stack_effect: jump must be False, True or None")
      }
      return try vm.int(effect ?? 0)
    }
    m.function("get_specialization_stats", "($module, /)", "None: not kept.") { (_, _) in .none }
  }
}

/// `faulthandler`: this VM turns faults into exceptions; what is left is dumping tracebacks on request.
enum FaulthandlerModule {
  nonisolated(unsafe) private static var enabled = false

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Dumping of tracebacks.")
    m.function("enable", "($module, /, file=<unrepresentable>, all_threads=True)", "Remembers that it is enabled.") { (_, _, _: Args) in
      enabled = true
      return .none
    }
    m.function("disable", "($module, /)", "Remembers that it is disabled.") { (_, _) in
      defer { enabled = false }
      return .bool(enabled)
    }
    m.function("is_enabled", "($module, /)", "Whether it is enabled.") { (_, _) in .bool(enabled) }
    m.function("dump_traceback", "($module, /, file=<unrepresentable>, all_threads=True)", "Writes this thread's frames.") {
      (vm, _, args: Args) throws(Raised) in
      var fd: Int32 = 2
      if !args[0].isNull && !args[0].isNone { fd = try PosixArgs.descriptor(vm, args[0]) }
      var text = "Current thread 0x\(String(vm.thread.pointee.id, radix: 16)) (most recent call first):\n"
      var frame = vm.thread.pointee.frame.map { $0.assumingMemoryBound(to: Value.self) }
      while let f = frame {
        let c = f.frameCode
        text += "  File \"\(c.pointee.filename.swiftString)\", line \(LineTable.line(c, f.frameLasti)) in \(c.pointee.name.swiftString)\n"
        frame = f.frameCaller
      }
      text.withUTF8 { _ = write(fd, $0.baseAddress, $0.count) }
      return .none
    }
    m.function("dump_traceback_later", nil, "Not built yet.") { (vm, _, _: Args) throws(Raised) in
      throw vm.notBuilt("faulthandler.dump_traceback_later()")
    }
    m.function("cancel_dump_traceback_later", "($module, /)", "Nothing to cancel.") { (_, _) in .none }
    m.function("register", nil, "Not built yet.") { (vm, _, _: Args) throws(Raised) in throw vm.notBuilt("faulthandler.register()") }
    m.function("unregister", "($module, signum, /)", "False: nothing is registered.") { (_, _, _: Value) in .false }
  }
}

/// `_tracemalloc`: not tracing.
enum TracemallocModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Tracing of memory: off.")
    m.function("is_tracing", "($module, /)", "False.") { (_, _) in .false }
    m.function("start", "($module, nframe=1, /)", "Not built yet.") { (vm, _, _: Args) throws(Raised) in
      throw vm.notBuilt("tracemalloc.start()")
    }
    m.function("stop", "($module, /)", "Nothing to stop.") { (_, _) in .none }
    m.function("clear_traces", "($module, /)", "Nothing to clear.") { (_, _) in .none }
    m.function("reset_peak", "($module, /)", "Nothing to reset.") { (_, _) in .none }
    m.function("get_traceback_limit", "($module, /)", "1.") { (_, _) in Value(smallInt: 1) }
    m.function("get_tracemalloc_memory", "($module, /)", "0.") { (_, _) in Value(smallInt: 0) }
    m.function("get_traced_memory", "($module, /)", "(0, 0)") { (vm, _) throws(Raised) in
      try vm.tuple(Value(smallInt: 0), Value(smallInt: 0))
    }
    m.function("_get_traces", "($module, /)", "[]") { (vm, _) throws(Raised) in try vm.list() }
    m.function("_get_object_traceback", "($module, obj, /)", "None.") { (_, _, _: Value) in .none }
  }
}
