#if arch(x86_64)

  /// Machine code that all regions share. A region runs in the native frame that `enter` makes; where it hands over to another one it jumps there, so
  /// the native stack does not grow.
  struct MachineStubs {
    /// A C function `(fp, fuse, thread, place) -> pc` that goes on at a place of a region; null: the evaluator's loop has come to its end
    var enter: UInt64 = 0
    /// A handler of ENTER_MACHINE that does the same, if the place can be entered at once; else it jumps to the slow one
    var handler: UInt64 = 0
    /// Back to where the region has been entered from, with the pc in rax
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
        call = a.label(), raised = a.label(), unwind = a.label(), perform = a.label(), handler = a.label()
      let runtime = UInt64(UInt(bitPattern: rt))

      a.bind(enter)
      MachineStubs.begin(&a, .rdi)
      a.store(Address(.rsp, RegionEmitter.fuseOffset), .rsi)
      a.store(Address(.rsp, RegionEmitter.threadOffset), .rdx)
      a.alu(.xor, .rax, .rax)
      a.store(Address(.rsp, RegionEmitter.handlersOffset), .rax)
      a.jump(.rcx)

      MachineStubs.handler(&a, handler)

      a.bind(leave)
      a.load(.r8, Address(.rsp, RegionEmitter.handlersOffset))
      a.test(.r8, .r8)
      let isFunction = a.label()
      a.jump(.equal, isFunction)
      MachineStubs.leaveToHandler(&a)
      a.bind(isFunction)
      a.move(.rcx, imm: runtime + UInt64(Offsets.machineFrame))
      a.store(Address(.rcx, 0), RegionEmitter.frame)
      MachineStubs.end(&a)
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
      let isRefused = a.label()
      a.move(.rdi, .rax)
      a.move(.rsi, RegionEmitter.frame)
      a.load(.rcx, Address(.rsp, RegionEmitter.threadOffset))
      MachineStubs.find(&a, isRefused)
      a.move(.rax, .rdi)
      a.jump(.r11)
      a.bind(isRefused)
      a.move(.rax, .rdi)
      a.jump(leave)

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
      self.handler = base + UInt64(a.offset(handler))
      self.leave = base + UInt64(a.offset(leave))
      self.step = base + UInt64(a.offset(step))
      self.raised = base + UInt64(a.offset(raised))
      self.call = base + UInt64(a.offset(call))
      self.arrive = base + UInt64(a.offset(arrive))
      self.enterCold = base + UInt64(a.offset(enterCold))
      self.returnCold = base + UInt64(a.offset(returnCold))
    }

    private static let saved = [GP.rbx, .rbp, .r12, .r13, .r14, .r15]
    /// Makes the native frame of regions, for the frame in `frame`.
    private static func begin(_ a: inout Assembler, _ frame: GP) {
      for r in saved { a.push(r) }
      a.alu(.sub, .rsp, imm: Int32(RegionEmitter.frameBytes))
      a.move(RegionEmitter.frame, frame)
      a.move(RegionEmitter.doubleLimit, imm: 0xFFFD << 48)
      a.move(RegionEmitter.doubleOffset, imm: Value.doubleOffset)
      a.move(RegionEmitter.intTag, imm: Value.intTag)
    }
    private static func end(_ a: inout Assembler) {
      a.alu(.add, .rsp, imm: Int32(RegionEmitter.frameBytes))
      for r in saved.reversed() { a.pop(r) }
    }

    /// `Machine.mayEnter` and `MachineSites.entry`: the place where the frame rsi of the thread rcx is entered at the word rdi, to r10, and its machine code to
    /// r11. The runtime is in r9 then; takes rax.
    private static func find(_ a: inout Assembler, _ slowly: Label) {
      a.move(.r9, imm: UInt64(UInt(bitPattern: rt)))
      a.alu32(.cmp, Address(.r9, Offsets.evalBreaker), imm: 0)
      a.jump(.notEqual, slowly)
      a.load(.rax, Address(.rcx, Offsets.threadDepth))
      a.alu(.add, .rax, imm: 4)
      a.alu(.cmp, .rax, Address(.r9, Offsets.recursionLimit))
      a.jump(.greaterEqual, slowly)
      // The frame of a generator is not on the stack.
      a.load(.rax, Address(.rsi, -24))
      a.alu(.and, .rax, imm: Int32(FrameLink.generator))
      let hasRoom = a.label()
      a.jump(.notEqual, hasRoom)
      a.address(.rax, Address(.rsi, 8 * (Machine.room + ThreadState.reserve)))
      a.alu(.cmp, .rax, Address(.rcx, Offsets.threadStackLimit))
      a.jump(.aboveEqual, slowly)
      a.bind(hasRoom)
      a.load(.rax, Address(.rsi, -8))
      a.load(.rax, Address(.rax, Offsets.functionCode))
      a.load(.rax, Address(.rax, Offsets.codeLowered))
      a.load(.r10, Address(.rax, Offsets.machineEntries))
      a.test(.r10, .r10)
      a.jump(.equal, slowly)
      a.load(.r11, Address(.rax, Offsets.wordCount))
      a.shift(.left, .r11, 3)
      a.load(.rax, Address(.rax, Offsets.words))
      a.alu(.sub, .rax, .rdi)
      a.negate(.rax)
      a.alu(.cmp, .rax, .r11)
      a.jump(.aboveEqual, slowly)
      a.load(.r10, Address(.r10, 0, index: .rax, shift: 0))
      a.test(.r10, .r10)
      a.jump(.equal, slowly)
      a.load(.r11, Address(.r10, MachineEntry.functionOffset))
      a.test(.r11, .r11)
      a.jump(.equal, slowly)
    }

    /// For the handlers' five arguments: pc, frame, constants, thread and handlers in rdi, rsi, rdx, rcx, r8.
    private static func handler(_ a: inout Assembler, _ handler: Label) {
      let slowly = a.label()
      a.bind(handler)
      MachineStubs.find(&a, slowly)
      // A loop is judged once in a while.
      let isUnjudged = a.label()
      a.compareByte(Address(.r10, MachineEntry.isLoopOffset), imm: 0)
      a.jump(.equal, isUnjudged)
      a.load(.rax, Address(.r10, MachineEntry.entriesOffset))
      a.alu(.and, .rax, imm: 63)
      a.alu(.cmp, .rax, imm: 63)
      a.jump(.equal, slowly)
      a.bind(isUnjudged)
      a.alu(.add, Address(.r10, MachineEntry.entriesOffset), imm: 1)
      a.alu(.xor, .rax, .rax)
      a.store(Address(.r9, Offsets.machineMissed), .rax)
      MachineStubs.begin(&a, .rsi)
      a.store(Address(.rsp, RegionEmitter.threadOffset), .rcx)
      a.store(Address(.rsp, RegionEmitter.enteredOffset), .r10)
      a.store(Address(.rsp, RegionEmitter.handlersOffset), .r8)
      a.store(Address(.rsp, RegionEmitter.enteredFrameOffset), .rsi)
      a.jump(.r11)
      a.bind(slowly)
      a.move(.rax, imm: UInt64(UInt(bitPattern: Threaded.enterSlowly)))
      a.jump(.rax)
    }

    /// To the handler of the instruction at rax; where there is more to do, to `amphis_op_left`.
    private static func leaveToHandler(_ a: inout Assembler) {
      let slowly = a.label(), isNext = a.label(), isEnd = a.label()
      a.move(.rdi, .rax)
      a.move(.rsi, RegionEmitter.frame)
      a.load(.rcx, Address(.rsp, RegionEmitter.threadOffset))
      a.load(.r10, Address(.rsp, RegionEmitter.enteredOffset))
      a.load(.r11, Address(.rsp, RegionEmitter.enteredFrameOffset))
      MachineStubs.end(&a)
      a.test(.rdi, .rdi)
      a.jump(.equal, isEnd)
      a.move(.r9, imm: UInt64(UInt(bitPattern: rt)))
      a.load(.rax, Address(.rsi, -8))
      a.load(.rax, Address(.rax, Offsets.functionCode))
      a.load(.rdx, Address(.rax, Offsets.codeConstants))
      a.alu(.cmp, Address(.r9, Offsets.machineMissed), imm: 0)
      a.jump(.notEqual, slowly)
      // The first word of a function counts.
      a.alu(.cmp, .rdi, Address(.rax, Offsets.codeEntry))
      a.jump(.notEqual, isNext)
      a.alu32(.sub, Address(.r9, Offsets.loopCountdown), imm: 1)
      a.jump(.sign, slowly)
      a.bind(isNext)
      a.load(.rax, Address(.rdi, 0), bytes: 1, signed: false)
      a.alu(.cmp, .rax, imm: Int32(Instruction.enterMachine.rawValue))
      a.jump(.equal, slowly)
      a.load(.rax, Address(.r8, 0, index: .rax, shift: 3))
      a.jump(.rax)
      a.bind(isEnd)
      a.ret()
      a.bind(slowly)
      a.move(.r9, imm: UInt64(UInt(bitPattern: Machine.left)))
      a.store(Address(.r9, 0), .r10)
      a.store(Address(.r9, 8), .r11)
      a.move(.rax, imm: UInt64(UInt(bitPattern: Threaded.left)))
      a.jump(.rax)
    }
  }

#endif
