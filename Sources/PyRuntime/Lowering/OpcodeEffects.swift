import PyBytecode

// The stack effect of each opcode, as far as it is fixed: one small row, indexed by the opcode byte. Opcodes whose effect depends on their
// argument or that treat the stack in a way of their own have `isSpecial` set and are written out in the passes.

/// Stack effect of an opcode.
struct OpcodeEffect {
  static let maximumPops = 4

  var isBase = false
  var opcode = Opcode.cache
  var hasArgument = false
  /// −1 a jump backwards, 1 forwards, 0 no jump.
  var direction: Int8 = 0
  /// What the argument must be an index of.
  var index = ArgumentIndex.none
  /// More is asked of the argument.
  var restrictsArgument = false
  var isSpecial = false
  /// Raises nothing, neither by running code nor by polling.
  var neverRaises = false
  var caches: UInt8 = 0
  /// Operands, bottom first, and what is asked of them; the lowest `kept` of them stay on the stack.
  var pops: UInt8 = 0
  var kept: UInt8 = 0
  var needs: (KindNeed, KindNeed, KindNeed, KindNeed) = (.object, .object, .object, .object)
  /// All needs are `object`.
  var needsObjects = true
  /// Results pushed above what was kept.
  var pushes: UInt8 = 0
  var results: (StackKind.Tag, StackKind.Tag) = (.object, .object)

  @inline(__always) func need(_ index: Int) -> KindNeed {
    switch index {
    case 0: return needs.0
    case 1: return needs.1
    case 2: return needs.2
    default: return needs.3
    }
  }
}

/// What an argument counts in; checked while decoding.
enum ArgumentIndex: UInt8 {
  case none
  /// A local that is no cell
  case local
  case cellOrFree
  case name
  /// A name, doubled
  case globalName
  case constant
}

/// The effects of all opcodes.
struct OpcodeEffects {
  let rows: UnsafePointer<OpcodeEffect>

  /// Built once, never freed.
  static let shared = OpcodeEffects()

  @inline(__always) subscript(_ opcode: Opcode) -> OpcodeEffect {
    unsafeAddress { rows + Int(opcode.rawValue) }
  }

  private init() {
    let table = UnsafeMutablePointer<OpcodeEffect>.allocate(capacity: 256)
    table.initialize(repeating: OpcodeEffect(), count: 256)
    for opcode in Opcode.allCases where opcode != .cache {
      table[Int(opcode.rawValue)].isBase = true
      table[Int(opcode.rawValue)].opcode = opcode
      table[Int(opcode.rawValue)].hasArgument = opcode.hasArgument
      table[Int(opcode.rawValue)].direction = opcode.isJump ? (opcode.isBackwardJump ? -1 : 1) : 0
      table[Int(opcode.rawValue)].restrictsArgument =
        opcode.hasArgument || opcode == .yieldValue || opcode == .asyncGenWrap
        || opcode == .returnGenerator
      table[Int(opcode.rawValue)].isSpecial = true
      table[Int(opcode.rawValue)].caches = UInt8(truncatingIfNeeded: opcode.cacheEntries)
    }
    /// `operands` has a letter for each operand, bottom first: `v` object, `a` anything, `e` exception, `l` lasti, `x` previous exception,
    /// `t` tuple, `L` list; `results` likewise, with `n` NULL, `m` maybe NULL, `c` cell, `i` iterator.
    func row(_ opcode: Opcode, _ operands: String, _ results: String, kept: Int = 0) {
      var effect = table[Int(opcode.rawValue)]
      effect.isSpecial = false
      effect.pops = UInt8(truncatingIfNeeded: operands.utf8.count)
      effect.kept = UInt8(truncatingIfNeeded: kept)
      effect.pushes = UInt8(truncatingIfNeeded: results.utf8.count)
      let needs = operands.utf8.map { need($0) } + [.object, .object, .object, .object]
      effect.needs = (needs[0], needs[1], needs[2], needs[3])
      effect.needsObjects = needs.allSatisfy { $0 == .object }
      let tags = results.utf8.map { tag($0) } + [.object, .object]
      effect.results = (tags[0], tags[1])
      table[Int(opcode.rawValue)] = effect
    }
    func rows(_ opcodes: [Opcode], _ operands: String, _ results: String, kept: Int = 0) {
      for opcode in opcodes { row(opcode, operands, results, kept: kept) }
    }
    row(.popTop, "a", "")
    row(.pushNull, "", "n")
    rows([.nop, .resume, .setupAnnotations, .precall, .kwNames, .makeCell, .copyFreeVars], "", "")
    rows([.deleteName, .deleteGlobal, .deleteDeref], "", "")
    rows([.unaryPositive, .unaryNegative, .unaryNot, .unaryInvert], "v", "v")
    rows([.loadAttr, .asyncGenWrap, .yieldValue, .getYieldFromIter, .getAwaitable], "v", "v")
    rows([.getIter, .getAiter], "v", "i")
    rows([.binarySubscr, .compareOp, .isOp, .containsOp, .binaryOp, .importName], "vv", "v")
    row(.storeSubscr, "vvv", "")
    rows([.deleteSubscr, .storeAttr], "vv", "")
    rows([.getLen, .matchMapping, .matchSequence, .importFrom, .getAnext], "v", "v", kept: 1)
    rows([.beforeWith, .beforeAsyncWith], "v", "vv")
    row(.matchKeys, "vt", "v", kept: 2)
    row(.pushExcInfo, "e", "xe")
    row(.checkExcMatch, "ev", "v", kept: 1)
    row(.checkEgMatch, "vv", "vv")
    row(.withExceptStart, "vlxe", "v", kept: 4)
    row(.endAsyncFor, "ve", "")
    rows([.printExpr, .returnValue, .importStar, .storeName, .deleteAttr, .storeGlobal, .storeDeref], "v", "")
    rows([.loadBuildClass, .loadAssertionError, .returnGenerator, .loadName, .loadDeref, .loadClassderef], "", "v")
    row(.listToTuple, "L", "t")
    row(.prepReraiseStar, "vL", "v")
    row(.popExcept, "x", "")
    row(.matchClass, "vvt", "v")
    row(.loadMethod, "v", "mv")

    func indexes(_ index: ArgumentIndex, _ opcodes: [Opcode]) {
      for opcode in opcodes {
        table[Int(opcode.rawValue)].index = index
        table[Int(opcode.rawValue)].restrictsArgument = false
      }
    }
    indexes(.local, [.loadFast, .storeFast, .deleteFast])
    indexes(.cellOrFree, [.loadDeref, .storeDeref, .deleteDeref, .loadClassderef, .loadClosure])
    indexes(
      .name,
      [
        .storeName, .deleteName, .storeAttr, .deleteAttr, .storeGlobal, .deleteGlobal, .loadName, .loadAttr, .importName, .importFrom,
        .loadMethod,
      ])
    indexes(.globalName, [.loadGlobal])
    indexes(.constant, [.loadConst])
    for opcode in Opcode.allCases where opcode.isJump || opcode.hasUnrestrictedCount {
      if opcode != .send { table[Int(opcode.rawValue)].restrictsArgument = false }
    }

    let quiet: [Opcode] = [
      .popTop, .pushNull, .nop, .swap, .copy, .loadConst, .storeFast, .loadClosure, .jumpForward, .pushExcInfo, .popExcept, .storeDeref,
      .kwNames, .copyFreeVars, .loadAssertionError, .isOp, .returnValue, .jumpBackwardNoInterrupt, .popJumpForwardIfNone,
      .popJumpForwardIfNotNone, .precall, .makeCell, .matchMapping, .matchSequence, .resume,
    ]
    for opcode in quiet { table[Int(opcode.rawValue)].neverRaises = true }
    self.rows = UnsafePointer(table)
  }
}

extension Opcode {
  /// The argument is a number of operands, which the walk over the stack checks.
  fileprivate var hasUnrestrictedCount: Bool {
    switch self {
    case .buildTuple, .buildList, .buildSet, .buildMap, .buildString, .buildConstKeyMap, .unpackSequence, .unpackEx: return true
    default: return false
    }
  }
}

private func need(_ letter: UInt8) -> KindNeed {
  switch letter {
  case UInt8(ascii: "a"): return .any
  case UInt8(ascii: "e"): return .exception
  case UInt8(ascii: "l"): return .lasti
  case UInt8(ascii: "x"): return .previousException
  case UInt8(ascii: "t"): return .tuple
  case UInt8(ascii: "L"): return .list
  default: return .object
  }
}

private func tag(_ letter: UInt8) -> StackKind.Tag {
  switch letter {
  case UInt8(ascii: "n"): return .null
  case UInt8(ascii: "m"): return .maybeNull
  case UInt8(ascii: "c"): return .cell
  case UInt8(ascii: "e"): return .exception
  case UInt8(ascii: "x"): return .previousException
  case UInt8(ascii: "t"): return .tuple
  case UInt8(ascii: "i"): return .iterator
  default: return .object
  }
}
