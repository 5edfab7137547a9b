#if arch(x86_64)

  // Calls of functions of CPython's, which may do anything that a call may: everything is in the frame before, and nothing but that is known afterwards.

  extension RegionEmitter {
    /// Whether `target` is such a function, and may be called from here.
    func isForeign(_ target: Value) -> Bool { calls.isEmpty && Threaded.isUsed && Calls.isForeign(target) }

    /// The call at hand, if its callee is `target`; any other the interpreter makes.
    /// - Parameter last: the argument that is no register yet
    func callForeign(_ target: Value, _ callee: Int, _ count: Int, _ last: UInt16?) {
      let form = pc, next = words + following, written = register(form.pointee.a), constants = UInt64(UInt(bitPattern: constants))
      if let last {
        a.store(Address(RegionEmitter.frame, 8 * (callee + count)), boxed(operand: last))
        forget(callee + count)
        slots[callee + count].inMemory = true
      }
      bringToFrame(callee)
      let isCertain = slots[callee].constant == target
      storeAll()
      a.move(.rax, imm: UInt64(UInt(bitPattern: form)))
      a.store(Address(RegionEmitter.frame, -16), .rax)
      let slowly = a.label(), other = a.label(), join = a.label()
      if !isCertain {
        kept.append(target)
        a.move(.rcx, imm: target.bits)
        a.alu(.cmp, .rcx, Address(RegionEmitter.frame, 8 * callee))
        a.jump(.notEqual, other)
      }
      a.load(.rdi, Address(.rsp, RegionEmitter.threadOffset))
      a.address(.rsi, Address(RegionEmitter.frame, 8 * callee))
      if count == 1, let one = rt.pointee.hooks.callForeignOne {
        a.move(.rdx, imm: form.w0 & Encoding.discardBit)
        a.move(.rax, imm: UInt64(UInt(bitPattern: unsafeBitCast(one, to: UnsafeRawPointer.self))))
      } else {
        a.move(.rdx, .rax)
        a.move(.rcx, imm: UInt64(count))
        a.move(.rax, imm: UInt64(UInt(bitPattern: Helpers.callForeign)))
      }
      a.call(.rax)
      a.alu(.cmp, .rax, imm: 1)
      a.jump(.belowEqual, slowly)
      a.store(Address(RegionEmitter.frame, 8 * written), .rax)
      a.bind(join)
      asides.append(
        Aside(label: slowly) {
          self.a.jump(.notEqual, other)
          self.a.move(.rdi, imm: UInt64(UInt(bitPattern: form)))
          self.a.move(.rdx, imm: constants)
          self.jump(to: self.stubs.raised)
        })
      asides.append(
        Aside(label: other) {
          self.a.move(.rdi, imm: UInt64(UInt(bitPattern: form)))
          self.a.move(.rdx, imm: constants)
          self.a.move(.rax, imm: self.stubs.step)
          self.a.call(.rax)
          self.a.move(.rcx, imm: UInt64(UInt(bitPattern: next)))
          self.a.alu(.cmp, .rax, .rcx)
          self.a.jump(.equal, join)
          self.jump(to: self.stubs.arrive)
        })
      reset()
      reload()
    }
  }

#endif
