#if arch(x86_64)

  /// Machine code that all regions share. A region runs in the native frame that `enter` makes; where it hands over to another one it jumps there, so
  /// the native stack does not grow.
  struct MachineStubs {
    /// A C function `(fp, fuse, thread, place) -> pc` that goes on at a place of a region; null: the evaluator's loop has come to its end
    var enter: UInt64 = 0
    /// Back to the caller of `enter`, with the pc in rax
    var leave: UInt64 = 0
    /// Has the instruction at rdi, with the constants in rdx, executed by its handler: rax says where the frame goes on; where another one does, `arrive`.
    /// To be called.
    var step: UInt64 = 0
    /// Goes on where the exception that is pending at rdi is handled; the constants are in rdx.
    var raised: UInt64 = 0
    /// Makes the call at rdi, with the constants in rdx, and goes on behind it or in the frame that it has pushed.
    var call: UInt64 = 0
    /// Goes on at rax in the frame rbx, in machine code if there is any.
    var arrive: UInt64 = 0
    /// Goes on in the interpreter at the first word of the function whose frame is in rbx.
    var enterCold: UInt64 = 0
    /// Returns rax from the frame rdx to rbx, where the call has no machine code behind it.
    var returnCold: UInt64 = 0

    init?(_ memory: inout CodeMemory) {
      var a = Assembler()
      let leave = a.label(), arrive = a.label(), step = a.label(), enterCold = a.label(), returnCold = a.label(), enter = a.label(),
        call = a.label(), raised = a.label(), unwind = a.label(), perform = a.label()
      let runtime = UInt64(UInt(bitPattern: rt))

      a.bind(enter)
      for r in [GP.rbx, .rbp, .r12, .r13, .r14, .r15] { a.push(r) }
      a.alu(.sub, .rsp, imm: Int32(RegionEmitter.frameBytes))
      a.move(RegionEmitter.frame, .rdi)
      a.move(RegionEmitter.doubleLimit, imm: 0xFFFD << 48)
      a.move(RegionEmitter.doubleOffset, imm: Value.doubleOffset)
      a.move(RegionEmitter.intTag, imm: Value.intTag)
      a.store(Address(.rsp, RegionEmitter.fuseOffset), .rsi)
      a.store(Address(.rsp, RegionEmitter.threadOffset), .rdx)
      a.jump(.rcx)

      a.bind(leave)
      a.move(.rcx, imm: runtime + UInt64(Offsets.machineFrame))
      a.store(Address(.rcx, 0), RegionEmitter.frame)
      a.alu(.add, .rsp, imm: Int32(RegionEmitter.frameBytes))
      for r in [GP.r15, .r14, .r13, .r12, .rbp, .rbx] { a.pop(r) }
      a.ret()

      a.bind(raised)
      a.call(unwind)
      a.jump(arrive)

      // One word lies on the stack above the region's: the return address.
      func prepare() {
        a.load(.rcx, Address(.rsp, 8 + RegionEmitter.threadOffset))
        a.alu(.sub, .rsp, imm: 8)
        a.move(.rsi, RegionEmitter.frame)
        a.move(.r8, imm: UInt64(UInt(bitPattern: Threaded.single)))
        a.move(.r9, imm: runtime)
        a.alu(.xor, .rax, .rax)
        a.store(Address(.r9, Offsets.machineNext), .rax)
      }
      a.bind(unwind)
      prepare()
      a.move(.r10, imm: UInt64(UInt(bitPattern: Threaded.raised)))
      a.jump(perform)
      a.bind(step)
      prepare()
      a.load(.rax, Address(.rdi, 0), bytes: 2, signed: false)
      let isProper = a.label()
      a.compareByte(Address(.rdi, 0), imm: Instruction.enterMachine.rawValue)
      a.jump(.notEqual, isProper)
      a.shift(.right, .rax, 8)
      a.bind(isProper)
      a.alu(.and, .rax, imm: 255)
      a.move(.r10, imm: UInt64(UInt(bitPattern: Threaded.table)))
      a.load(.r10, Address(.r10, 0, index: .rax, shift: 3))
      a.bind(perform)
      a.call(.r10)
      a.alu(.add, .rsp, imm: 8)
      a.move(.rcx, imm: runtime)
      a.load(.rax, Address(.rcx, Offsets.machineNext))
      let isOther = a.label()
      a.alu(.cmp, RegionEmitter.frame, Address(.rcx, Offsets.machineFrame))
      a.jump(.notEqual, isOther)
      a.test(.rax, .rax)
      a.jump(.equal, isOther)
      a.ret()
      a.bind(isOther)
      a.alu(.add, .rsp, imm: 8)
      a.load(RegionEmitter.frame, Address(.rcx, Offsets.machineFrame))
      a.test(.rax, .rax)
      a.jump(.equal, leave)

      a.bind(arrive)
      // The first word of a function
      let isWithin = a.label()
      a.load(.rcx, Address(RegionEmitter.frame, -8))
      a.load(.rcx, Address(.rcx, Offsets.functionCode))
      a.alu(.cmp, .rax, Address(.rcx, Offsets.codeEntry))
      a.jump(.notEqual, isWithin)
      a.load(.rcx, Address(.rcx, Offsets.codeLowered))
      a.load(.rcx, Address(.rcx, Offsets.machineEntry))
      a.test(.rcx, .rcx)
      a.jump(.equal, leave)
      a.move(.rdx, imm: runtime)
      a.alu32(.cmp, Address(.rdx, Offsets.evalBreaker), imm: 0)
      a.jump(.notEqual, leave)
      a.load(.rsi, Address(.rsp, RegionEmitter.threadOffset))
      a.load(.rsi, Address(.rsi, Offsets.threadDepth))
      a.alu(.add, .rsi, imm: 4)
      a.alu(.cmp, .rsi, Address(.rdx, Offsets.recursionLimit))
      a.jump(.greaterEqual, leave)
      a.jump(.rcx)
      a.bind(isWithin)
      a.compareByte(Address(.rax, 0), imm: Instruction.enterMachine.rawValue)
      a.jump(.notEqual, leave)
      a.move(.r12, .rax)
      a.move(.rdi, .rax)
      a.move(.rsi, RegionEmitter.frame)
      a.move(.rax, imm: UInt64(UInt(bitPattern: Helpers.place)))
      a.call(.rax)
      a.move(.rcx, .rax)
      a.move(.rax, .r12)
      a.test(.rcx, .rcx)
      a.jump(.equal, leave)
      a.jump(.rcx)

      a.bind(call)
      let isSlow = a.label()
      a.move(.r12, .rdi)
      a.move(.rbp, .rdx)
      a.move(.rsi, .rdi)
      a.move(.rdi, RegionEmitter.frame)
      a.move(.rax, imm: UInt64(UInt(bitPattern: Helpers.frame)))
      a.call(.rax)
      a.test(.rax, .rax)
      a.jump(.equal, isSlow)
      a.move(RegionEmitter.frame, .rax)
      a.load(.rax, Address(RegionEmitter.frame, -8))
      a.load(.rax, Address(.rax, Offsets.functionCode))
      a.load(.rcx, Address(.rax, Offsets.codeLowered))
      a.load(.rcx, Address(.rcx, Offsets.machineEntry))
      a.load(.rax, Address(.rax, Offsets.codeEntry))
      a.test(.rcx, .rcx)
      a.jump(.equal, arrive)
      a.jump(.rcx)
      a.bind(isSlow)
      a.move(.rdi, .r12)
      a.move(.rdx, .rbp)
      a.call(step)
      a.jump(arrive)

      a.bind(enterCold)
      a.load(.rax, Address(RegionEmitter.frame, -8))
      a.load(.rax, Address(.rax, Offsets.functionCode))
      a.load(.rax, Address(.rax, Offsets.codeEntry))
      a.jump(arrive)

      a.bind(returnCold)
      a.move(.rdi, .rdx)
      a.move(.rsi, RegionEmitter.frame)
      a.move(.rdx, .rax)
      a.move(.rax, imm: UInt64(UInt(bitPattern: Helpers.deliver)))
      a.call(.rax)
      a.jump(arrive)

      guard a.finish(), let place = memory.install(a.bytes) else { return nil }
      let base = UInt64(UInt(bitPattern: place))
      self.enter = base + UInt64(a.offset(enter))
      self.leave = base + UInt64(a.offset(leave))
      self.step = base + UInt64(a.offset(step))
      self.raised = base + UInt64(a.offset(raised))
      self.call = base + UInt64(a.offset(call))
      self.arrive = base + UInt64(a.offset(arrive))
      self.enterCold = base + UInt64(a.offset(enterCold))
      self.returnCold = base + UInt64(a.offset(returnCold))
    }
  }

#endif
