#if arch(x86_64)

  extension RegionEmitter {
    /// Whether an operation is one of ints or of floats: what is certain of its operands decides, then what the interpreter has met there.
    private enum Numbers { case ints, floats }

    private func isNumber(_ k: Known) -> Bool { k.kind == .int || k.kind == .float }

    private func isPossibleNumber(_ k: Known) -> Bool { isNumber(k) || k.kind == .any }

    private func numbers(_ x: UInt16, _ y: UInt16, met: Numbers?) throws -> Numbers {
      let a = known(x).kind, b = known(y).kind
      guard a == .int || a == .float || a == .any, b == .int || b == .float || b == .any else { throw LeftToInterpreter() }
      if a == .float || b == .float { return .floats }
      if a == .int && b == .int { return .ints }
      guard let met else { throw LeftToInterpreter() }
      return met
    }

    func binary() throws {
      let w = pc.pointee
      guard let op = BinaryOp(number: Int(pc.w0 & 0xFF)) else { throw LeftToInterpreter() }
      var met: Numbers?
      switch w.instruction {
      case .binaryOp, .addStr: met = nil
      case .addFloat, .subFloat, .mulFloat, .divFloat: met = .floats
      default: met = .ints
      }
      let x = known(w.b), y = known(w.c)
      let areNumbers = isNumber(x) && isNumber(y)
      if w.instruction == .addStr || !isPossibleNumber(x) || !isPossibleNumber(y) || met == nil && !areNumbers { return try binaryStep() }
      // Ints that have become too large for a register before
      if wasMissed, met == .ints, x.kind != .float, y.kind != .float { return try largeInts(op) }
      // Now floats, now ints
      if wasMissed, met == .floats, !areNumbers { return try binaryStep() }
      fusePoint()
      let kind = try numbers(w.b, w.c, met: met)
      // Floats may be divided without having been met: `/` of ints gives one.
      if kind == .ints && op != .trueDivide { return try ints(op, register(w.a), w.b, w.c) }
      try floats(op, register(w.a), w.b, w.c, bothInts: kind == .ints)
    }

    // MARK: ints

    private func ints(_ op: BinaryOp, _ d: Int, _ x: UInt16, _ y: UInt16) throws {
      switch op {
      case .add, .subtract, .and, .or, .xor:
        let code: ALU = op == .add ? .add : op == .subtract ? .sub : op == .and ? .and : op == .or ? .or : .xor
        if let small = immediate(y) {
          a.move(.rax, try int(operand: x))
          a.alu(code, .rax, imm: small)
        } else {
          let p = try int(operand: x), q = try int(operand: y)
          a.move(.rax, p)
          a.alu(code, .rax, q)
        }
        if op == .add || op == .subtract { a.jump(.overflow, miss()) }
      case .multiply:
        let p = try int(operand: x), q = try int(operand: y)
        a.move(.rax, p)
        a.shift(.arithmetic, .rax, 16)
        a.multiply(.rax, q)
        a.jump(.overflow, miss())
      case .floorDivide, .remainder: try divide(op == .remainder, x, y)
      case .leftShift: try shiftLeft(x, y)
      case .rightShift:
        let p = try int(operand: x)
        if let n = constant(y), n.isSmallInt, n.smallInt >= 0 {
          a.move(.rax, p)
          a.shift(.arithmetic, .rax, UInt8(min(n.smallInt, 47)))
        } else {
          try shiftCount(y, most: 63)
          a.move(.rax, p)
          a.shiftByCount(.arithmetic, .rax)
        }
        a.alu(.and, .rax, imm: -65536)
      default: throw LeftToInterpreter()
      }
      set(d, int: .rax)
    }

    /// An operation on ints where one of them, or the result, may be too large for a register: that is left to a function.
    private func largeInts(_ op: BinaryOp) throws {
      let w = pc.pointee, d = register(w.a)
      let code: ALU
      switch op {
      case .add: code = .add
      case .subtract: code = .sub
      case .and: code = .and
      case .or: code = .or
      case .xor: code = .xor
      default: return step(MachineSteps.binary)
      }
      fusePoint()
      for r in operands() { bringToFrame(r) }
      let large = a.label(), end = a.label()
      // Both before the first jump: the way for large ints comes back with the same registers.
      let x = boxed(operand: w.b), y = boxed(operand: w.c)
      for (field, g) in [(w.b, x), (w.c, y)] where known(field).kind != .int {
        a.alu(.cmp, g, RegionEmitter.intTag)
        a.jump(.below, large)
      }
      a.move(.rax, x)
      a.move(.rcx, y)
      a.shift(.left, .rax, 16)
      a.shift(.left, .rcx, 16)
      a.alu(code, .rax, .rcx)
      if op == .add || op == .subtract { a.jump(.overflow, large) }
      box(.rcx, int: .rax)
      a.store(Address(RegionEmitter.frame, 8 * d), .rcx)
      a.bind(end)
      let (atEnd, owners, at, miss) = (slots, (gpOwner, xmmOwner), word, miss())
      asides.append(
        Aside(label: large) {
          self.slots = atEnd
          (self.gpOwner, self.xmmOwner) = owners
          self.word = at
          self.callStep(MachineSteps.binary)
          self.a.jump(.equal, miss)
          self.a.jump(end)
        })
      takeFromFrame(d)
    }

    /// The count of a shift, between 0 and `most`, to rcx.
    private func shiftCount(_ y: UInt16, most: Int32) throws {
      a.move(.rcx, try int(operand: y))
      a.shift(.arithmetic, .rcx, 16)
      a.alu(.cmp, .rcx, imm: most)
      a.jump(.above, miss())
    }

    private func shiftLeft(_ x: UInt16, _ y: UInt16) throws {
      let p = try int(operand: x)
      if let n = constant(y), n.isSmallInt {
        guard n.smallInt >= 0, n.smallInt < 47 else { throw LeftToInterpreter() }
        a.move(.rax, p)
        a.shift(.left, .rax, UInt8(n.smallInt))
        a.move(.rcx, .rax)
        a.shift(.arithmetic, .rcx, UInt8(n.smallInt))
        a.alu(.cmp, .rcx, p)
      } else {
        try shiftCount(y, most: 46)
        a.move(.rax, p)
        a.shiftByCount(.left, .rax)
        a.move(.rdx, .rax)
        a.shiftByCount(.arithmetic, .rdx)
        a.alu(.cmp, .rdx, p)
      }
      a.jump(.notEqual, miss())
    }

    /// `//` or `%`, to rax
    private func divide(_ wantsRemainder: Bool, _ x: UInt16, _ y: UInt16) throws {
      let p = try int(operand: x)
      if let n = constant(y), n.isSmallInt, n.smallInt > 0, n.smallInt & (n.smallInt - 1) == 0, n.smallInt <= 1 << 14 {
        let log = UInt8(n.smallInt.trailingZeroBitCount)
        a.move(.rax, p)
        if wantsRemainder {
          a.alu(.and, .rax, imm: Int32((n.smallInt - 1) << 16))
        } else {
          a.shift(.arithmetic, .rax, 16 + log)
          a.shift(.left, .rax, 16)
        }
        return
      }
      let q = try int(operand: y)
      a.move(.rcx, q)
      a.shift(.arithmetic, .rcx, 16)
      // As the interpreter's quick form: others raise or are rare.
      a.alu(.cmp, .rcx, imm: 0)
      a.jump(.lessEqual, miss())
      a.move(.rax, p)
      a.shift(.arithmetic, .rax, 16)
      a.extendSign()
      a.divide(.rcx)
      if wantsRemainder {
        a.move(.rax, .rdx)
        a.shift(.arithmetic, .rdx, 63)
        a.alu(.and, .rdx, .rcx)
        a.alu(.add, .rax, .rdx)
      } else {
        a.shift(.arithmetic, .rdx, 63)
        a.alu(.add, .rax, .rdx)
      }
      a.shift(.left, .rax, 16)
    }

    // MARK: floats

    private func floats(_ op: BinaryOp, _ d: Int, _ x: UInt16, _ y: UInt16, bothInts: Bool) throws {
      if bothInts {
        // Ints must not be taken for floats where one of them may be anything.
        _ = try int(operand: x)
        _ = try int(operand: y)
      }
      if op == .power { return try power(d, x, y) }
      // Beside a float an int may stand; of two that may be anything, one has to be a float.
      let p: XMM, q: XMM
      if known(x).kind == .float {
        p = try float(operand: x)
        q = try anyFloat(operand: y)
      } else if known(y).kind == .float {
        p = try anyFloat(operand: x)
        q = try float(operand: y)
      } else {
        // An int that is certain is converted unasked: then it is the other one.
        let isInt = known(x).kind == .int
        p = try float(operand: x)
        q = try isInt ? float(operand: y) : anyFloat(operand: y)
      }
      let code: SSE
      switch op {
      case .add: code = .add
      case .subtract: code = .sub
      case .multiply: code = .mul
      case .trueDivide:
        code = .div
        if constant(y) == nil {
          a.exclusiveOr(XMM(number: 0), XMM(number: 0))
          a.compare(q, XMM(number: 0))
          // A NaN compares as equal here: the interpreter sees to it.
          a.jump(.equal, miss())
        } else if let v = constant(y), Quickening.number(v) == 0 {
          throw LeftToInterpreter()
        }
      default: throw LeftToInterpreter()
      }
      let t = target(d)
      if t == q && t != p {
        if op == .add || op == .multiply {
          a.sse(code, t, p)
        } else {
          a.move(XMM(number: 0), q)
          a.move(t, p)
          a.sse(code, t, XMM(number: 0))
        }
      } else {
        a.move(t, p)
        a.sse(code, t, q)
      }
      set(d, float: t)
    }

    private func power(_ d: Int, _ x: UInt16, _ y: UInt16) throws {
      // Only of floats as they are: conversions keep no boxed form.
      guard known(x).kind == .float, let exponent = constant(y), exponent.isDouble else { throw LeftToInterpreter() }
      call(Helpers.power, [.operand(x), .bits(exponent.bits)])
      a.test(.rax, .rax)
      a.jump(.equal, miss())
      setFloat(d)
    }

    func negate(_ d: Int, _ field: UInt16) throws {
      fusePoint()
      var kind = known(field).kind
      // By turns one of the two that it may be
      if kind == .any { kind = attempt % 2 == 1 ? .int : .float }
      switch kind {
      case .int:
        a.move(.rax, try int(operand: field))
        a.negate(.rax)
        a.jump(.overflow, miss())
        set(d, int: .rax)
      case .float:
        let x = try float(operand: field)
        a.load(XMM(number: 0), constant: a.constant(1 << 63))
        a.exclusiveOr(XMM(number: 0), x)
        let t = target(d)
        a.move(t, XMM(number: 0))
        set(d, float: t)
      default: throw LeftToInterpreter()
      }
    }

    func not(_ d: Int, _ field: UInt16) throws {
      fusePoint()
      if known(field).kind == .bool {
        let g = boxed(operand: field)
        a.move(.rax, g)
        a.alu(.xor, .rax, imm: 1)
      } else {
        truthOf(Helpers.truth, [.operand(field)])
        a.move(.rcx, imm: Value.true.bits)
        a.alu(.sub, .rcx, .rax)
        a.move(.rax, .rcx)
      }
      set(d, boxed: .rax, .bool)
    }

    // MARK: comparisons

    /// What holds between two ints that were compared.
    private func signed(_ op: UInt64) -> Condition {
      switch op {
      case 0: return .less
      case 1: return .lessEqual
      case 2: return .equal
      case 3: return .notEqual
      case 4: return .greater
      default: return .greaterEqual
      }
    }

    /// Compares two ints that have been brought into registers.
    private func compareInts(_ x: GP, _ y: GP?, _ immediate: Int32?) {
      if let immediate { a.alu(.cmp, x, imm: immediate) } else if let y { a.alu(.cmp, x, y) }
    }

    func setBool(_ d: Int, _ condition: Condition) {
      a.set(condition, .rax)
      a.move(.rcx, imm: Value.false.bits)
      a.alu(.add, .rax, .rcx)
      set(d, boxed: .rax, .bool)
    }

    func compareValue() throws {
      fusePoint()
      let w = pc.pointee, op = pc.w0 & 0xFF, d = register(w.a)
      let met: Numbers? = w.instruction == .compareInt ? .ints : w.instruction == .compareFloat ? .floats : nil
      if met == nil, !isNumber(known(w.b)) || !isNumber(known(w.c)), !isUnmet(pc) {
        truthOf(Helpers.compare, [.operand(w.b), .operand(w.c), .bits(UInt64(UInt(bitPattern: pc)))])
        a.move(.rcx, imm: Value.false.bits)
        a.alu(.add, .rcx, .rax)
        return set(d, boxed: .rcx, .bool)
      }
      switch try numbers(w.b, w.c, met: met) {
      case .ints:
        let x = try int(operand: w.b), small = immediate(w.c)
        compareInts(x, small == nil ? try int(operand: w.c) : nil, small)
        setBool(d, signed(op))
      case .floats:
        let x = try float(operand: w.b), y = try float(operand: w.c)
        let yes = a.label(), end = a.label()
        floatJump(op, true, x, y, to: yes)
        a.move(.rax, imm: Value.false.bits)
        a.jump(end)
        a.bind(yes)
        a.move(.rax, imm: Value.true.bits)
        a.bind(end)
        set(d, boxed: .rax, .bool)
      }
    }

    /// Jumps if the truth of `x op y` is `sense`. With a NaN all but `!=` are false.
    private func floatJump(_ op: UInt64, _ sense: Bool, _ x: XMM, _ y: XMM, to label: Label) {
      let skip = a.label()
      switch op {
      // Above and above or equal are false when unordered, so the smaller one comes second.
      case 0, 1: a.compare(y, x)
      default: a.compare(x, y)
      }
      switch op {
      case 0, 4: a.jump(sense ? .above : .belowEqual, label)
      case 1, 5: a.jump(sense ? .aboveEqual : .below, label)
      default:
        if (op == 2) == sense {
          a.jump(.parity, skip)
          a.jump(.equal, label)
        } else {
          a.jump(.parity, label)
          a.jump(.notEqual, label)
        }
      }
      a.bind(skip)
    }

    func compareJump(_ next: Int) throws {
      fusePoint()
      let w = pc.pointee, op = pc.w0 & 0xFF, sense = pc.w0 >> 8 & 1 != 0
      let form = w.instruction
      let met: Numbers? = form == .jumpCompare ? nil : form == .jumpCompareFloat ? .floats : .ints
      if met == nil, !isNumber(known(w.a)) || !isNumber(known(w.b)), form == .jumpCompareStr || !isUnmet(pc) {
        truthOf(Helpers.compare, [.operand(w.a), .operand(w.b), .bits(UInt64(UInt(bitPattern: pc)))])
        return branch(w.target, next, onTrue: sense)
      }
      switch try numbers(w.a, w.b, met: met) {
      case .ints:
        let x = try int(operand: w.a), small = immediate(w.b)
        let y = small == nil ? try int(operand: w.b) : nil
        split(w.target, next) {
          self.compareInts(x, y, small)
          return sense ? self.signed(op) : self.signed(op).negated
        }
      case .floats:
        let x = try float(operand: w.a), y = try float(operand: w.b)
        let target = word + w.target
        if !calls.isEmpty {
          let wantsTaken = prefersTaken(target, next)
          floatJump(op, wantsTaken != sense, x, y, to: miss())
          return goOn(wantsTaken ? target : next)
        }
        settle([target, next])
        if w.target < 0 { poll() }
        let taken = place(target)
        floatJump(op, sense, x, y, to: taken)
        fall(to: next)
      }
    }
  }

#endif
