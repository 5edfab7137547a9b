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
