#if arch(x86_64)
  import Testing

  @testable import PyRuntime

  /// The assembler of the machine code against what GNU as makes of the same instructions.
  @Suite struct AssemblerTests {
    private func bytes(_ body: (inout Assembler) -> Void) -> [UInt8] {
      var a = Assembler()
      body(&a)
      return a.bytes
    }

    private func check(_ expected: [UInt8], _ text: Comment, _ body: (inout Assembler) -> Void) {
      #expect(bytes(body) == expected, text)
    }

    @Test func encodesAsGNUDoes() {
      check([0x4C, 0x89, 0xC8], "mov %r9,%rax") { $0.move(.rax, .r9) }
      check([0x49, 0x89, 0xDD], "mov %rbx,%r13") { $0.move(.r13, .rbx) }
      check([0x31, 0xC9], "xor %ecx,%ecx") { $0.move(.rcx, imm: 0) }
      check([0x41, 0xBA, 0x34, 0x12, 0x00, 0x00], "mov $0x1234,%r10d") { $0.move(.r10, imm: 0x1234) }
      check([0x48, 0xC7, 0xC0, 0xFF, 0xFF, 0xFF, 0xFF], "mov $-1,%rax") { $0.move(.rax, imm: UInt64.max) }
      check([0x49, 0xB8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF], "movabs $0xFFFF000000000000,%r8") {
        $0.move(.r8, imm: 0xFFFF_0000_0000_0000)
      }
      check([0x48, 0x8B, 0x03], "mov (%rbx),%rax") { $0.load(.rax, Address(.rbx, 0)) }
      check([0x4C, 0x8B, 0x65, 0x00], "mov 0(%rbp),%r12") { $0.load(.r12, Address(.rbp, 0)) }
      check([0x48, 0x8B, 0x54, 0x24, 0x10], "mov 16(%rsp),%rdx") { $0.load(.rdx, Address(.rsp, 16)) }
      check([0x49, 0x8B, 0x94, 0x24, 0x2C, 0x01, 0x00, 0x00], "mov 300(%r12),%rdx") { $0.load(.rdx, Address(.r12, 300)) }
      check([0x49, 0x8B, 0x45, 0xF8], "mov -8(%r13),%rax") { $0.load(.rax, Address(.r13, -8)) }
      check([0x48, 0x89, 0x3C, 0xC8], "mov %rdi,(%rax,%rcx,8)") { $0.store(Address(.rax, 0, index: .rcx, shift: 3), .rdi) }
      check([0x4F, 0x89, 0x5C, 0xE5, 0x00], "mov %r11,0(%r13,%r12,8)") { $0.store(Address(.r13, 0, index: .r12, shift: 3), .r11) }
      check([0x48, 0x63, 0x0C, 0x88], "movslq (%rax,%rcx,4),%rcx") {
        $0.load(.rcx, Address(.rax, 0, index: .rcx, shift: 2), bytes: 4, signed: true)
      }
      check([0x48, 0x0F, 0xB6, 0x0C, 0x08], "movzbq (%rax,%rcx,1),%rcx") {
        $0.load(.rcx, Address(.rax, 0, index: .rcx), bytes: 1, signed: false)
      }
      check([0x4C, 0x0F, 0xBF, 0x48, 0x04], "movswq 4(%rax),%r9") { $0.load(.r9, Address(.rax, 4), bytes: 2, signed: true) }
      check([0x89, 0x14, 0x88], "mov %edx,(%rax,%rcx,4)") { $0.store32(Address(.rax, 0, index: .rcx, shift: 2), .rdx) }
      check([0x48, 0x8D, 0x46, 0xFF], "lea -1(%rsi),%rax") { $0.address(.rax, Address(.rsi, -1)) }
      check([0x4C, 0x01, 0xC0], "add %r8,%rax") { $0.alu(.add, .rax, .r8) }
      check([0x49, 0x39, 0xC7], "cmp %rax,%r15") { $0.alu(.cmp, .r15, .rax) }
      check([0x48, 0x81, 0xE9, 0x00, 0x00, 0x07, 0x00], "subq $0x70000,%rcx") { $0.alu(.sub, .rcx, imm: 0x70000) }
      check([0x48, 0x81, 0xE1, 0x00, 0x00, 0xFF, 0xFF], "andq $-65536,%rcx") { $0.alu(.and, .rcx, imm: -65536) }
      check([0x48, 0x83, 0xFE, 0x05], "cmp $5,%rsi") { $0.alu(.cmp, .rsi, imm: 5) }
      check([0x48, 0x3B, 0x50, 0x08], "cmp 8(%rax),%rdx") { $0.alu(.cmp, .rdx, Address(.rax, 8)) }
      check([0x48, 0x01, 0x56, 0x18], "add %rdx,24(%rsi)") { $0.alu(.add, Address(.rsi, 24), .rdx) }
      check([0x81, 0x78, 0x0C, 0x78, 0x56, 0x34, 0x12], "cmpl $0x12345678,12(%rax)") { $0.alu32(.cmp, Address(.rax, 12), imm: 0x12345678) }
      check([0x41, 0x81, 0x79, 0x0C, 0x78, 0x56, 0x34, 0x12], "cmpl $0x12345678,12(%r9)") {
        $0.alu32(.cmp, Address(.r9, 12), imm: 0x12345678)
      }
      check([0x41, 0x80, 0x7A, 0x28, 0x0C], "cmpb $12,40(%r10)") { $0.compareByte(Address(.r10, 40), imm: 12) }
      check([0x4C, 0x85, 0xC8], "test %r9,%rax") { $0.test(.rax, .r9) }
      check([0x49, 0x0F, 0xAF, 0xC1], "imul %r9,%rax") { $0.multiply(.rax, .r9) }
      check([0x48, 0xF7, 0xD8], "neg %rax") { $0.negate(.rax) }
      check([0x48, 0xF7, 0xF9], "idiv %rcx") { $0.divide(.rcx) }
      check([0x48, 0x99], "cqo") { $0.extendSign() }
      check([0x49, 0xC1, 0xE3, 0x10], "shl $16,%r11") { $0.shift(.left, .r11, 16) }
      check([0x48, 0xC1, 0xEA, 0x10], "shr $16,%rdx") { $0.shift(.right, .rdx, 16) }
      check([0x48, 0xC1, 0xF9, 0x3F], "sar $63,%rcx") { $0.shift(.arithmetic, .rcx, 63) }
      check([0x48, 0xD3, 0xF8], "sar %cl,%rax") { $0.shiftByCount(.arithmetic, .rax) }
      check([0x66, 0x44, 0x0F, 0x28, 0xC9], "movapd %xmm1,%xmm9") { $0.move(XMM(number: 9), XMM(number: 1)) }
      check([0x66, 0x4C, 0x0F, 0x6E, 0xC8], "movq %rax,%xmm9") { $0.move(XMM(number: 9), .rax) }
      check([0x66, 0x4D, 0x0F, 0x7E, 0xE1], "movq %xmm12,%r9") { $0.move(.r9, XMM(number: 12)) }
      check([0xF2, 0x44, 0x0F, 0x10, 0x44, 0x24, 0x40], "movsd 64(%rsp),%xmm8") { $0.load(XMM(number: 8), Address(.rsp, 64)) }
      check([0xF2, 0x0F, 0x11, 0x1C, 0xC8], "movsd %xmm3,(%rax,%rcx,8)") {
        $0.store(Address(.rax, 0, index: .rcx, shift: 3), XMM(number: 3))
      }
      check([0xF3, 0x0F, 0x5A, 0x0C, 0x88], "cvtss2sd (%rax,%rcx,4),%xmm1") {
        $0.loadSingle(XMM(number: 1), Address(.rax, 0, index: .rcx, shift: 2))
      }
      check([0xF2, 0x41, 0x0F, 0x58, 0xD6], "addsd %xmm14,%xmm2") { $0.sse(.add, XMM(number: 2), XMM(number: 14)) }
      check([0xF2, 0x44, 0x0F, 0x5E, 0xD3], "divsd %xmm3,%xmm10") { $0.sse(.div, XMM(number: 10), XMM(number: 3)) }
      check([0x66, 0x41, 0x0F, 0x2E, 0xCB], "ucomisd %xmm11,%xmm1") { $0.compare(XMM(number: 1), XMM(number: 11)) }
      check([0x66, 0x45, 0x0F, 0x57, 0xDB], "xorpd %xmm11,%xmm11") { $0.exclusiveOr(XMM(number: 11), XMM(number: 11)) }
      check([0xF2, 0x4C, 0x0F, 0x2A, 0xD8], "cvtsi2sd %rax,%xmm11") { $0.convert(XMM(number: 11), .rax) }
      check([0xFF, 0xD0], "call *%rax") { $0.call(.rax) }
      check([0x41, 0x57], "push %r15") { $0.push(.r15) }
      check([0x5B], "pop %rbx") { $0.pop(.rbx) }
      check([0xC3], "ret") { $0.ret() }
    }

    @Test func fillsInDistancesAndConstants() {
      var a = Assembler()
      let end = a.label(), start = a.label()
      a.bind(start)
      a.load(XMM(number: 9), constant: a.constant(0x1122_3344_5566_7788))
      a.jump(.less, end)
      a.jump(start)
      a.bind(end)
      a.ret()
      let isWhole = a.finish()
      #expect(isWhole)
      // Behind the instruction of 9 bytes, a jump of 6 and one of 5; the constant is at 24.
      #expect(
        a.bytes == [
          0xF2, 0x44, 0x0F, 0x10, 0x0D, 15, 0, 0, 0, 0x0F, 0x8C, 5, 0, 0, 0, 0xE9, 0xEC, 0xFF, 0xFF, 0xFF, 0xC3, 0xCC, 0xCC, 0xCC, 0x88,
          0x77,
          0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
        ])
    }

    @Test func refusesALabelWithoutPlace() {
      var a = Assembler()
      a.jump(a.label())
      let isWhole = a.finish()
      #expect(!isWhole)
    }

    @Test func runsWhatItHasWritten() {
      var memory = CodeMemory()
      for addend in 1...3 {
        var a = Assembler()
        a.address(.rax, Address(.rdi, addend))
        a.ret()
        let isWhole = a.finish()
        #expect(isWhole)
        guard let place = memory.install(a.bytes) else { return }
        let f = unsafeBitCast(UnsafeRawPointer(place), to: (@convention(c) (Int) -> Int).self)
        #expect(f(40) == 40 + addend)
      }
    }
  }

#endif
