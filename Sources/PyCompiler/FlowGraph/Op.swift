import PyBytecode

/// What an instruction of the flow graph does: CPython 3.11's base opcodes under their own numbers, and pseudo operations that exist
/// only between lowering and assembly. Pseudo jumps have no direction yet; block operations open and close exception regions.
enum Op: UInt8 {
  case cache = 0
  case popTop = 1
  case pushNull = 2
  case nop = 9
  case unaryPositive = 10
  case unaryNegative = 11
  case unaryNot = 12
  case unaryInvert = 15
  case binarySubscr = 25
  case getLen = 30
  case matchMapping = 31
  case matchSequence = 32
  case matchKeys = 33
  case pushExcInfo = 35
  case checkExcMatch = 36
  case checkEgMatch = 37
  case withExceptStart = 49
  case getAiter = 50
  case getAnext = 51
  case beforeAsyncWith = 52
  case beforeWith = 53
  case endAsyncFor = 54
  case storeSubscr = 60
  case deleteSubscr = 61
  case getIter = 68
  case getYieldFromIter = 69
  case printExpr = 70
  case loadBuildClass = 71
  case loadAssertionError = 74
  case returnGenerator = 75
  case listToTuple = 82
  case returnValue = 83
  case importStar = 84
  case setupAnnotations = 85
  case yieldValue = 86
  case asyncGenWrap = 87
  case prepReraiseStar = 88
  case popExcept = 89
  case storeName = 90
  case deleteName = 91
  case unpackSequence = 92
  case forIter = 93
  case unpackEx = 94
  case storeAttr = 95
  case deleteAttr = 96
  case storeGlobal = 97
  case deleteGlobal = 98
  case swap = 99
  case loadConst = 100
  case loadName = 101
  case buildTuple = 102
  case buildList = 103
  case buildSet = 104
  case buildMap = 105
  case loadAttr = 106
  case compareOp = 107
  case importName = 108
  case importFrom = 109
  case jumpForward = 110
  case jumpIfFalseOrPop = 111
  case jumpIfTrueOrPop = 112
  case popJumpForwardIfFalse = 114
  case popJumpForwardIfTrue = 115
  case loadGlobal = 116
  case isOp = 117
  case containsOp = 118
  case reraise = 119
  case copy = 120
  case binaryOp = 122
  case send = 123
  case loadFast = 124
  case storeFast = 125
  case deleteFast = 126
  case popJumpForwardIfNotNone = 128
  case popJumpForwardIfNone = 129
  case raiseVarargs = 130
  case getAwaitable = 131
  case makeFunction = 132
  case buildSlice = 133
  case jumpBackwardNoInterrupt = 134
  case makeCell = 135
  case loadClosure = 136
  case loadDeref = 137
  case storeDeref = 138
  case deleteDeref = 139
  case jumpBackward = 140
  case callFunctionEx = 142
  case extendedArg = 144
  case listAppend = 145
  case setAdd = 146
  case mapAdd = 147
  case loadClassderef = 148
  case copyFreeVars = 149
  case resume = 151
  case matchClass = 152
  case formatValue = 155
  case buildConstKeyMap = 156
  case buildString = 157
  case loadMethod = 160
  case listExtend = 162
  case setUpdate = 163
  case dictMerge = 164
  case dictUpdate = 165
  case precall = 166
  case call = 171
  case kwNames = 172
  case popJumpBackwardIfNotNone = 173
  case popJumpBackwardIfNone = 174
  case popJumpBackwardIfFalse = 175
  case popJumpBackwardIfTrue = 176

  // Pseudo operations. The numbers are free in the real instruction set.
  case jump = 240
  case jumpNoInterrupt = 241
  case popJumpIfFalse = 242
  case popJumpIfTrue = 243
  case popJumpIfNone = 244
  case popJumpIfNotNone = 245
  /// Opens a region whose handler gets the exception.
  case setupFinally = 246
  /// Opens a region whose handler gets the offset of the raising instruction and the exception.
  case setupCleanup = 247
  /// As `setupCleanup`, emitted while the result of `__enter__` is still on the stack.
  case setupWith = 248
  case popBlock = 249

  /// The target names a block that control may go to directly.
  @inline(__always) var isJump: Bool {
    switch self {
    case .jump, .jumpNoInterrupt, .popJumpIfFalse, .popJumpIfTrue, .popJumpIfNone, .popJumpIfNotNone, .jumpIfFalseOrPop,
      .jumpIfTrueOrPop, .forIter, .send, .jumpForward, .jumpBackward, .jumpBackwardNoInterrupt, .popJumpForwardIfFalse,
      .popJumpForwardIfTrue, .popJumpForwardIfNone, .popJumpForwardIfNotNone, .popJumpBackwardIfFalse, .popJumpBackwardIfTrue,
      .popJumpBackwardIfNone, .popJumpBackwardIfNotNone:
      return true
    default: return false
    }
  }

  /// The target names an exception handler.
  @inline(__always) var isBlockPush: Bool { self == .setupFinally || self == .setupCleanup || self == .setupWith }

  /// Leaves the code object.
  @inline(__always) var isScopeExit: Bool { self == .returnValue || self == .raiseVarargs || self == .reraise }

  /// Jumps always.
  @inline(__always) var isUnconditionalJump: Bool {
    switch self {
    case .jump, .jumpNoInterrupt, .jumpForward, .jumpBackward, .jumpBackwardNoInterrupt: return true
    default: return false
    }
  }

  /// Change of the operand stack depth, on fall-through or when the jump is taken (for block operations: when an exception is raised).
  func stackEffect(_ argument: Int32, jump: Bool) -> Int32 {
    switch self {
    case .jump, .jumpNoInterrupt, .popBlock: return 0
    case .popJumpIfFalse, .popJumpIfTrue, .popJumpIfNone, .popJumpIfNotNone: return -1
    case .setupFinally, .setupWith: return jump ? 1 : 0
    case .setupCleanup: return jump ? 2 : 0
    default:
      guard let opcode = Opcode(rawValue: rawValue) else { return 0 }
      return Int32(truncatingIfNeeded: opcode.stackEffect(Int(argument), jump: jump))
    }
  }

  /// Code units of cache that follow the instruction.
  @inline(__always) var cacheEntries: Int32 {
    switch self {
    case .storeSubscr, .unpackSequence, .binaryOp, .precall: return 1
    case .compareOp: return 2
    case .binarySubscr, .storeAttr, .loadAttr, .call: return 4
    case .loadGlobal: return 5
    case .loadMethod: return 10
    default: return 0
    }
  }
}
