/// Type feedback: general instructions ask here which quickened form fits what they see, and are rewritten in place. A quickened form
/// that meets something else goes back to the general one and counts a miss; after a few the site stays general.
enum Quickening {
  static let missLimit: UInt64 = 6

  @inline(__always) static func mayQuicken(_ pc: CodePointer) -> Bool { pc.w0 >> 16 & 0xFF < missLimit }

  /// The general form again.
  static func revert(_ pc: CodePointer, to base: Instruction) {
    pc.pointee.instruction = base
    let word = pc + 1
    let bits = word.pointee.bits
    word.pointee = InstructionWord(bits: bits & ~0xFF_0000 | min((bits >> 16 & 0xFF) + 1, 255) << 16)
  }

  /// The site stays general: there is no form for what it does.
  static func giveUp(_ pc: CodePointer) {
    let word = pc + 1
    word.pointee = InstructionWord(bits: word.pointee.bits & ~0xFF_0000 | missLimit << 16)
  }

  static func isRegister(_ field: UInt16) -> Bool { field & Encoding.constantBit == 0 }

  // MARK: operators

  /// For BINARY_OP on `a` and `b`.
  static func binary(_ pc: CodePointer, _ number: Int, _ a: Value, _ b: Value) {
    guard mayQuicken(pc) else { return }
    let op = BinaryOp(number: number) ?? .power
    if Value.bothSmallInts(a, b) {
      let bothRegisters = isRegister(pc.pointee.b) && isRegister(pc.pointee.c)
      let lastConstant = isRegister(pc.pointee.b) && !isRegister(pc.pointee.c)
      switch op {
      case .add: pc.pointee.instruction = bothRegisters ? .addIntRR : lastConstant ? .addIntRK : .addInt
      case .subtract: pc.pointee.instruction = bothRegisters ? .subIntRR : lastConstant ? .subIntRK : .subInt
      case .multiply: pc.pointee.instruction = .mulInt
      case .floorDivide: pc.pointee.instruction = .floorDivInt
      case .remainder: pc.pointee.instruction = .modInt
      case .and: pc.pointee.instruction = .andInt
      case .or: pc.pointee.instruction = .orInt
      case .xor: pc.pointee.instruction = .xorInt
      case .leftShift: pc.pointee.instruction = .lshInt
      case .rightShift: pc.pointee.instruction = .rshInt
      default: break
      }
      return
    }
    if isNumber(a) && isNumber(b) {
      switch op {
      case .add: pc.pointee.instruction = .addFloat
      case .subtract: pc.pointee.instruction = .subFloat
      case .multiply: pc.pointee.instruction = .mulFloat
      case .trueDivide: pc.pointee.instruction = .divFloat
      default: break
      }
      return
    }
    if op == .add && a.isExactStr && b.isExactStr { pc.pointee.instruction = .addStr }
  }

  /// A float or an inline int.
  @inline(__always) static func isNumber(_ v: Value) -> Bool { v.isDouble || v.isSmallInt }
  @inline(__always) static func number(_ v: Value) -> Double { v.isDouble ? v.double : Double(v.smallInt) }

  static func compare(_ pc: CodePointer, _ op: CompareOp, _ a: Value, _ b: Value) {
    guard mayQuicken(pc) else { return }
    if Value.bothSmallInts(a, b) {
      pc.pointee.instruction = .compareInt
    } else if isNumber(a) && isNumber(b) {
      pc.pointee.instruction = .compareFloat
    } else if a.isExactStr && b.isExactStr {
      pc.pointee.instruction = .compareStr
    }
  }

  static func jumpCompare(_ pc: CodePointer, _ op: CompareOp, _ a: Value, _ b: Value) {
    guard mayQuicken(pc) else { return }
    if Value.bothSmallInts(a, b) {
      // Between ints "jump if not less" is "jump if greater or equal".
      let outcome = pc.w0 >> 8 & 1 != 0 ? op : negated(op)
      let isConstant = !isRegister(pc.pointee.b)
      if !isRegister(pc.pointee.a) {
        switch outcome {
        case .lt where !isConstant: pc.pointee.instruction = .jumpLtIntKR
        case .le where !isConstant: pc.pointee.instruction = .jumpLeIntKR
        case .gt where !isConstant: pc.pointee.instruction = .jumpGtIntKR
        case .ge where !isConstant: pc.pointee.instruction = .jumpGeIntKR
        default: giveUp(pc)
        }
        return
      }
      switch outcome {
      case .lt: pc.pointee.instruction = isConstant ? .jumpLtIntRK : .jumpLtIntRR
      case .le: pc.pointee.instruction = isConstant ? .jumpLeIntRK : .jumpLeIntRR
      case .eq: pc.pointee.instruction = isConstant ? .jumpEqIntRK : .jumpEqIntRR
      case .ne: pc.pointee.instruction = isConstant ? .jumpNeIntRK : .jumpNeIntRR
      case .gt: pc.pointee.instruction = isConstant ? .jumpGtIntRK : .jumpGtIntRR
      case .ge: pc.pointee.instruction = isConstant ? .jumpGeIntRK : .jumpGeIntRR
      }
    } else if isNumber(a) && isNumber(b) {
      pc.pointee.instruction = .jumpCompareFloat
    } else if a.isExactStr && b.isExactStr {
      pc.pointee.instruction = .jumpCompareStr
    }
  }

  private static func negated(_ op: CompareOp) -> CompareOp {
    switch op {
    case .lt: return .ge
    case .le: return .gt
    case .eq: return .ne
    case .ne: return .eq
    case .gt: return .le
    case .ge: return .lt
    }
  }

  // MARK: containers

  static func getItem(_ pc: CodePointer, _ container: Value, _ key: Value) {
    guard mayQuicken(pc), container.isCell else { return }
    let type = container.cellType
    if type == rt.types.list, key.isSmallInt {
      pc.pointee.instruction = .getItemListInt
    } else if type == rt.types.tuple, key.isSmallInt {
      pc.pointee.instruction = .getItemTupleInt
    } else if type == rt.types.dict {
      pc.pointee.instruction = .getItemDict
    } else if type == Arrays.type, key.isSmallInt {
      pc.pointee.instruction = .getItemArrayInt
    }
  }

  static func setItem(_ pc: CodePointer, _ container: Value, _ key: Value) {
    guard mayQuicken(pc), container.isCell else { return }
    let type = container.cellType
    if type == rt.types.list, key.isSmallInt {
      pc.pointee.instruction = .setItemListInt
    } else if type == rt.types.dict {
      pc.pointee.instruction = .setItemDict
    } else if type == Arrays.type, key.isSmallInt {
      pc.pointee.instruction = .setItemArrayInt
    }
  }

  static func forIter(_ pc: CodePointer, _ iterator: Value, _ fp: Registers) {
    guard mayQuicken(pc), iterator.isCell else { return }
    let type = iterator.cellType
    if type == rt.types.rangeIterator {
      pc.pointee.instruction = .forIterRange
    } else if type == rt.types.listIterator {
      pc.pointee.instruction = .forIterList
    } else if type == rt.types.tupleIterator {
      pc.pointee.instruction = .forIterTuple
    } else if type == rt.types.dictKeyIterator || type == rt.types.dictValueIterator || isStepped(type) {
      pc.pointee.instruction = .forIterDict
    } else if type == rt.types.generator {
      pc.pointee.instruction = .forIterGenerator
    } else if IterationInstructions.unpacksPair(pc, fp) {
      if type == rt.types.enumerate {
        pc.pointee.instruction = .forIterEnumerate2
      } else if type == rt.types.zip {
        pc.pointee.instruction = .forIterZip2
      } else if type == rt.types.dictItemIterator {
        pc.pointee.instruction = .forIterItems2
      }
    }
  }

  /// Iterators whose loops take the form of those over dicts, beside dicts' own: a function takes the step.
  @inline(__always) static func isStepped(_ type: TypeRef) -> Bool {
    type == rt.types.setIterator || type == rt.types.bytesIterator || type == rt.types.strIterator
  }

  /// FOR_LOOP does what its FOR_ITER does.
  @inline(__always) static func forLoop(_ pc: CodePointer) {
    switch (pc + (pc.pointee.target &- 2)).pointee.instruction {
    case .forIterRange: if mayQuicken(pc) { pc.pointee.instruction = .forLoopRange }
    case .forIterList: if mayQuicken(pc) { pc.pointee.instruction = .forLoopList }
    case .forIterTuple: if mayQuicken(pc) { pc.pointee.instruction = .forLoopTuple }
    default: break
    }
  }

  // MARK: names

  /// Puts `high` into the upper half of the first cache word.
  static func setUpper(_ pc: CodePointer, _ high: UInt32) {
    let word = pc + 1
    word.pointee = InstructionWord(bits: word.pointee.bits & 0xFFFF_FFFF | UInt64(high) << 32)
  }
  static func setWord(_ pc: CodePointer, _ index: Int, _ bits: UInt64) { (pc + index).pointee = InstructionWord(bits: bits) }

  static func loadGlobal(_ pc: CodePointer, _ function: UnsafeMutablePointer<FunctionLayout>, _ name: Value) {
    guard mayQuicken(pc) else { return }
    let globals = function.pointee.globals, builtins = function.pointee.builtins
    guard globals.isExact(rt.types.dict), globals.as(DictLayout.self).pointee.foreign == nil else { return }
    let version = Dicts.keysVersion(globals)
    if version == 0 { return }
    if let entry = Dicts.entryIndex(globals, str: name) {
      setUpper(pc, version)
      setWord(pc, 2, UInt64(entry))
      pc.pointee.instruction = .loadGlobalModule
      return
    }
    guard builtins.isExact(rt.types.dict), builtins.as(DictLayout.self).pointee.foreign == nil else { return }
    let builtinsVersion = Dicts.keysVersion(builtins)
    guard builtinsVersion != 0, let entry = Dicts.entryIndex(builtins, str: name) else { return }
    setUpper(pc, version)
    setWord(pc, 2, UInt64(builtinsVersion) | UInt64(entry) << 32)
    pc.pointee.instruction = .loadGlobalBuiltin
  }
}
