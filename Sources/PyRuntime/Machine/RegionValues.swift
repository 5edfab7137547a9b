#if arch(x86_64)

  // Where values are: taking registers of the processor, bringing values into one of the representations, giving registers of the frame new values.

  extension RegionEmitter {
    // MARK: registers of the processor

    /// A free register, held for the instruction. May store another value into the frame, for which it uses rdx.
    func takeGP() -> GP {
      var oldest = -1
      for g in RegionEmitter.pinnable where gpPinned >> UInt16(g.number) & 1 == 0 && gpLocked >> UInt16(g.number) & 1 == 0 {
        let n = Int(g.number)
        if gpOwner[n] == -1 {
          gpOwner[n] = -2
          return g
        }
        if gpOwner[n] >= 0, oldest < 0 || lastUse[n] < lastUse[oldest] { oldest = n }
      }
      guard oldest >= 0 else {
        // Four at least are not pinned, and no instruction holds more than three.
        isStuck = true
        return .rax
      }
      let r = gpOwner[oldest]
      if slots[r].boxed == Int8(oldest), !hasOtherPlace(r, gp: oldest) { save(r) }
      if slots[r].int == Int8(oldest), !hasOtherPlace(r, gp: oldest) { save(r) }
      if slots[r].boxed == Int8(oldest) { slots[r].boxed = -1 }
      if slots[r].int == Int8(oldest) { slots[r].int = -1 }
      gpOwner[oldest] = -2
      return GP(number: UInt8(oldest))
    }

    func takeXMM() -> XMM {
      var oldest = -1
      for n in 2..<16 where xmmPinned >> UInt16(n) & 1 == 0 && xmmLocked >> UInt16(n) & 1 == 0 {
        if xmmOwner[n] == -1 {
          xmmOwner[n] = -2
          return XMM(number: UInt8(n))
        }
        if xmmOwner[n] >= 0, oldest < 0 || lastUse[16 + n] < lastUse[16 + oldest] { oldest = n }
      }
      guard oldest >= 0 else {
        isStuck = true
        return XMM(number: 0)
      }
      let r = xmmOwner[oldest]
      if !slots[r].inMemory, slots[r].boxed < 0 { save(r) }
      slots[r].xmm = -1
      xmmOwner[oldest] = -2
      return XMM(number: UInt8(oldest))
    }

    private func hasOtherPlace(_ r: Int, gp: Int) -> Bool {
      let slot = slots[r]
      return slot.inMemory || slot.xmm >= 0 || slot.constant != nil || slot.boxed >= 0 && slot.boxed != Int8(gp)
        || slot.int >= 0 && slot.int != Int8(gp)
    }

    /// Stores a value that loses its register; one that nobody will read is forgotten.
    private func save(_ r: Int) {
      // While a function is inlined, what the region's frame needs is in memory.
      let isNeeded = r >= ownCount || calls.isEmpty && liveness.isLive(r, at: word)
      if isNeeded { box(r) } else { slots[r].inMemory = true }
    }

    func hold(_ g: GP) {
      gpLocked |= 1 << UInt16(g.number)
      clock += 1
      lastUse[Int(g.number)] = clock
    }
    func hold(_ x: XMM) {
      xmmLocked |= 1 << UInt16(x.number)
      clock += 1
      lastUse[16 + Int(x.number)] = clock
    }

    // MARK: boxing

    func box(_ d: GP, int g: GP) {
      a.move(d, g)
      a.shift(.right, d, 16)
      a.alu(.or, d, RegionEmitter.intTag)
    }
    /// No double in a register has a payload that boxing would have to drop.
    func box(_ d: GP, float x: XMM) {
      a.move(d, x)
      a.alu(.add, d, RegionEmitter.doubleOffset)
    }

    /// Stores the value of `r` into the frame. Uses rdx.
    func box(_ r: Int) {
      let place = Address(RegionEmitter.frame, 8 * r)
      let slot = slots[r]
      if slot.boxed >= 0 {
        a.store(place, GP(number: UInt8(slot.boxed)))
      } else if slot.xmm >= 0 {
        box(.rdx, float: XMM(number: UInt8(slot.xmm)))
        a.store(place, .rdx)
      } else if slot.int >= 0 {
        box(.rdx, int: GP(number: UInt8(slot.int)))
        a.store(place, .rdx)
      } else if let constant = slot.constant {
        a.move(.rdx, imm: constant.bits)
        a.store(place, .rdx)
      }
      slots[r].inMemory = true
    }

    // MARK: reading

    /// The value as the interpreter has it, in a register held for the instruction.
    func boxed(_ r: Int) -> GP {
      let slot = slots[r]
      if slot.pair != nil { isBroken = true }
      if slot.boxed >= 0 {
        let g = GP(number: UInt8(slot.boxed))
        hold(g)
        return g
      }
      if slot.int >= 0 { hold(GP(number: UInt8(slot.int))) }
      if slot.xmm >= 0 { hold(XMM(number: UInt8(slot.xmm))) }
      let g = takeGP()
      if slot.xmm >= 0 {
        box(g, float: XMM(number: UInt8(slot.xmm)))
      } else if slot.int >= 0 {
        box(g, int: GP(number: UInt8(slot.int)))
      } else if let constant = slot.constant {
        a.move(g, imm: constant.bits)
      } else {
        a.load(g, Address(RegionEmitter.frame, 8 * r))
      }
      own(g, r)
      slots[r].boxed = Int8(g.number)
      return g
    }

    private func own(_ g: GP, _ r: Int) {
      gpOwner[Int(g.number)] = r
      hold(g)
    }
    private func own(_ x: XMM, _ r: Int) {
      xmmOwner[Int(x.number)] = r
      hold(x)
    }

    /// The value as an int, shifted by 16 bits. Leaves the region if it is none.
    func int(_ r: Int) throws -> GP {
      if slots[r].pair != nil { isBroken = true }
      if slots[r].int >= 0 {
        let g = GP(number: UInt8(slots[r].int))
        hold(g)
        return g
      }
      let known = slots[r].known.kind
      guard known == .int || known == .any else { throw LeftToInterpreter() }
      if let constant = slots[r].constant {
        let g = takeGP()
        a.move(g, imm: constant.bits << 16)
        own(g, r)
        slots[r].int = Int8(g.number)
        return g
      }
      var source: GP?
      if slots[r].boxed >= 0 {
        source = GP(number: UInt8(slots[r].boxed))
        hold(source ?? .rax)
      }
      let g = takeGP()
      if let source { a.move(g, source) } else { a.load(g, Address(RegionEmitter.frame, 8 * r)) }
      if known != .int {
        a.alu(.cmp, g, RegionEmitter.intTag)
        a.jump(.below, miss())
      }
      a.shift(.left, g, 16)
      slots[r].known = .int
      own(g, r)
      slots[r].int = Int8(g.number)
      return g
    }

    /// The value as a double: ints are converted. Leaves the region if it is no number.
    func float(_ r: Int) throws -> XMM {
      if slots[r].pair != nil { isBroken = true }
      if slots[r].xmm >= 0 {
        let x = XMM(number: UInt8(slots[r].xmm))
        hold(x)
        return x
      }
      if let constant = slots[r].constant { return try float(constant: constant) }
      switch slots[r].known.kind {
      case .int: return converted(try int(r))
      case .any, .float: break
      default: throw LeftToInterpreter()
      }
      if slots[r].boxed >= 0 { hold(GP(number: UInt8(slots[r].boxed))) }
      let x = takeXMM()
      if slots[r].boxed >= 0 {
        a.move(.rax, GP(number: UInt8(slots[r].boxed)))
      } else {
        a.load(.rax, Address(RegionEmitter.frame, 8 * r))
      }
      a.alu(.sub, .rax, RegionEmitter.doubleOffset)
      if slots[r].known.kind != .float {
        a.alu(.cmp, .rax, RegionEmitter.doubleLimit)
        a.jump(.aboveEqual, miss())
      }
      a.move(x, .rax)
      slots[r].known = .float
      own(x, r)
      slots[r].xmm = Int8(x.number)
      return x
    }

    /// The value as a double where it may as well be an int: it stays what it is, so the double is not kept for other uses.
    func anyFloat(operand field: UInt16) throws -> XMM {
      guard attempt > 1, field & Encoding.constantBit == 0, case let r = register(field), slots[r].known.kind == .any, slots[r].xmm < 0,
        slots[r].constant == nil, slots[r].pair == nil
      else { return try float(operand: field) }
      let g = boxed(r)
      let x = takeXMM()
      hold(x)
      let isOther = a.label(), end = a.label(), miss = miss()
      a.move(.rax, g)
      a.alu(.sub, .rax, RegionEmitter.doubleOffset)
      a.alu(.cmp, .rax, RegionEmitter.doubleLimit)
      a.jump(.aboveEqual, isOther)
      a.move(x, .rax)
      a.bind(end)
      asides.append(
        Aside(label: isOther) {
          self.a.alu(.cmp, g, RegionEmitter.intTag)
          self.a.jump(.below, miss)
          self.a.move(.rax, g)
          self.a.shift(.left, .rax, 16)
          self.a.shift(.arithmetic, .rax, 16)
          self.a.exclusiveOr(x, x)
          self.a.convert(x, .rax)
          self.a.jump(end)
        })
      return x
    }

    private func converted(_ g: GP) -> XMM {
      let x = takeXMM()
      hold(x)
      a.move(.rax, g)
      a.shift(.arithmetic, .rax, 16)
      a.exclusiveOr(x, x)
      a.convert(x, .rax)
      return x
    }
    private func float(constant v: Value) throws -> XMM {
      guard Quickening.isNumber(v) else { throw LeftToInterpreter() }
      let x = takeXMM()
      hold(x)
      a.load(x, constant: a.constant(Quickening.number(v).bitPattern))
      return x
    }

    // MARK: operands

    func constant(_ field: UInt16) -> Value? {
      field & Encoding.constantBit == 0 ? slots[register(field)].constant : constants[Int(field & ~Encoding.constantBit)]
    }
    func known(_ field: UInt16) -> Known {
      field & Encoding.constantBit == 0 ? slots[register(field)].known : Known(constant: constants[Int(field & ~Encoding.constantBit)])
    }
    func boxed(operand field: UInt16) -> GP {
      if field & Encoding.constantBit == 0 { return boxed(register(field)) }
      let g = takeGP()
      hold(g)
      a.move(g, imm: constants[Int(field & ~Encoding.constantBit)].bits)
      return g
    }
    func int(operand field: UInt16) throws -> GP {
      if field & Encoding.constantBit == 0 { return try int(register(field)) }
      let v = constants[Int(field & ~Encoding.constantBit)]
      guard v.isSmallInt else { throw LeftToInterpreter() }
      let g = takeGP()
      hold(g)
      a.move(g, imm: v.bits << 16)
      return g
    }
    func float(operand field: UInt16) throws -> XMM {
      field & Encoding.constantBit == 0
        ? try float(register(field)) : try float(constant: constants[Int(field & ~Encoding.constantBit)])
    }
    /// What the operand was when the region was compiled, if that is known.
    func hint(_ field: UInt16) -> Value? {
      field & Encoding.constantBit == 0 ? slots[register(field)].hint : constants[Int(field & ~Encoding.constantBit)]
    }
    /// The operand's int, shifted, if it is a constant that an instruction can hold.
    func immediate(_ field: UInt16) -> Int32? {
      guard let v = constant(field), v.isSmallInt else { return nil }
      return Int32(exactly: Int64(bitPattern: v.bits << 16))
    }

    // MARK: writing

    /// Takes the old value's registers from `r`. Nothing may leave the region between this and the new value.
    func forget(_ r: Int) {
      for i in 0..<16 {
        if gpOwner[i] == r { gpOwner[i] = -1 }
        if xmmOwner[i] == r { xmmOwner[i] = -1 }
      }
      slots[r] = Slot(inMemory: false)
    }

    /// Gives `r` an int; `g`, shifted, may be a scratch register.
    func set(_ r: Int, int g: GP) {
      forget(r)
      slots[r].known = .int
      if let pin = pins[r], pin.form != .float {
        let home = GP(number: pin.number)
        if pin.form == .int {
          a.move(home, g)
          slots[r].int = Int8(pin.number)
        } else {
          box(home, int: g)
          slots[r].boxed = Int8(pin.number)
        }
        return
      }
      let d = settled(g)
      own(d, r)
      slots[r].int = Int8(d.number)
    }

    /// Gives `r` a value as the interpreter has it; `g` may be a scratch register.
    func set(_ r: Int, boxed g: GP, _ known: Known = .any) {
      forget(r)
      slots[r].known = known
      if let pin = pins[r], pin.form == .boxed {
        a.move(GP(number: pin.number), g)
        slots[r].boxed = Int8(pin.number)
        return
      }
      let d = settled(g)
      own(d, r)
      slots[r].boxed = Int8(d.number)
    }

    /// The register itself if it was taken for the instruction at hand, else a copy of it.
    private func settled(_ g: GP) -> GP {
      if g != .rax && g != .rcx && gpOwner[Int(g.number)] == -2 { return g }
      let d = takeGP()
      a.move(d, g)
      return d
    }

    /// Where the double for `r` is to be computed.
    func target(_ r: Int) -> XMM {
      if let pin = pins[r], pin.form == .float { return XMM(number: pin.number) }
      let x = takeXMM()
      hold(x)
      return x
    }
    /// Gives `r` the double in the register that `target` has answered.
    func set(_ r: Int, float x: XMM) {
      forget(r)
      slots[r].known = .float
      slots[r].xmm = Int8(x.number)
      if let pin = pins[r], pin.form == .float, pin.number == x.number { return }
      own(x, r)
    }

    /// Gives `r` the float in rax, boxed.
    func setFloat(_ r: Int) {
      let t = target(r)
      a.alu(.sub, .rax, RegionEmitter.doubleOffset)
      a.move(t, .rax)
      set(r, float: t)
    }

    func set(_ r: Int, constant v: Value) {
      forget(r)
      slots[r].known = v.isNull ? .any : Known(constant: v)
      slots[r].constant = v
    }

    /// `d = s`, both registers of the frame.
    func copy(_ d: Int, _ s: Int) {
      if d == s { return }
      let slot = slots[s]
      if let pair = slot.pair {
        forget(d)
        slots[d].pair = pair
      } else if let constant = slot.constant {
        set(d, constant: constant)
      } else if slot.xmm >= 0 {
        let x = XMM(number: UInt8(slot.xmm))
        hold(x)
        let t = target(d)
        a.move(t, x)
        set(d, float: t)
      } else if slot.int >= 0 {
        let g = GP(number: UInt8(slot.int))
        hold(g)
        set(d, int: g)
      } else {
        let g = boxed(s)
        set(d, boxed: g, slot.known)
      }
      slots[d].hint = slot.hint
    }

    // MARK: calls of helper functions

    enum Argument {
      /// The value of a register of the frame, or constant
      case operand(UInt16)
      case register(Int)
      case bits(UInt64)
      /// The address of a register of the frame
      case place(Int)
      case frame
    }

    /// Calls a function that neither allocates beyond free lists nor raises nor runs Python code. What it answers is in rax; all else is as before.
    func call(_ function: UnsafeRawPointer, _ arguments: [Argument]) {
      var sources: [GP?] = []
      for argument in arguments {
        switch argument {
        case .operand(let field): sources.append(boxed(operand: field))
        case .register(let r): sources.append(boxed(r))
        default: sources.append(nil)
        }
      }
      let volatile: [GP] = [.rsi, .rdi, .r8, .r9, .r10, .r11]
      var saved: [(GP, Int)] = []
      for (i, g) in volatile.enumerated() where gpPinned >> UInt16(g.number) & 1 != 0 || gpOwner[Int(g.number)] != -1 {
        saved.append((g, RegionEmitter.savedOffset + 8 * i))
      }
      var savedX: [(XMM, Int)] = []
      for n in 2..<16 where xmmPinned >> UInt16(n) & 1 != 0 || xmmOwner[n] != -1 {
        savedX.append((XMM(number: UInt8(n)), RegionEmitter.savedOffset + 48 + 8 * (n - 2)))
      }
      for (g, offset) in saved { a.store(Address(.rsp, offset), g) }
      for (x, offset) in savedX { a.store(Address(.rsp, offset), x) }
      let order: [GP] = [.rdi, .rsi, .rdx, .rcx]
      for (i, argument) in arguments.enumerated() where i < order.count {
        switch argument {
        case .operand, .register:
          guard let g = sources[i] else { continue }
          if let place = saved.first(where: { $0.0 == g }) { a.load(order[i], Address(.rsp, place.1)) } else { a.move(order[i], g) }
        case .bits(let bits): a.move(order[i], imm: bits)
        case .place(let r): a.address(order[i], Address(RegionEmitter.frame, 8 * r))
        case .frame: a.move(order[i], RegionEmitter.frame)
        }
      }
      a.move(.rax, imm: UInt64(UInt(bitPattern: function)))
      a.call(.rax)
      for (g, offset) in saved { a.load(g, Address(.rsp, offset)) }
      for (x, offset) in savedX { a.load(x, Address(.rsp, offset)) }
    }
  }

#endif
