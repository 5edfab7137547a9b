/// The base instruction set of CPython 3.11 (what `compile` emits and `marshal` carries; specialised forms never appear in a
/// code object). The raw value is the byte in `co_code`. Every instruction is two bytes (opcode, argument) followed by
/// `cacheEntries` two-byte words, which are zero in a stored code object.
public enum Opcode: UInt8, CaseIterable, Sendable {
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
}

extension Opcode {
  /// Opcodes from this value up use their argument (`dis.HAVE_ARGUMENT`).
  public static let haveArgument: UInt8 = 90

  /// True when the instruction's argument means something; for the others it is 0 and ignored.
  @inlinable public var hasArgument: Bool { rawValue >= 90 }

  /// Number of two-byte cache words that follow the instruction.
  @inlinable public var cacheEntries: Int {
    switch self {
    case .storeSubscr, .unpackSequence, .binaryOp, .precall: return 1
    case .compareOp: return 2
    case .binarySubscr, .storeAttr, .loadAttr, .call: return 4
    case .loadGlobal: return 5
    case .loadMethod: return 10
    default: return 0
    }
  }

  /// The argument indexes `co_consts`.
  @inlinable public var indexesConstants: Bool {
    switch self {
    case .loadConst, .kwNames: return true
    default: return false
    }
  }

  /// The argument indexes `co_names` (for `loadGlobal` after a shift right by one).
  @inlinable public var indexesNames: Bool {
    switch self {
    case .storeName, .deleteName, .storeAttr, .deleteAttr, .storeGlobal, .deleteGlobal,
      .loadName, .loadAttr, .importName, .importFrom, .loadGlobal, .loadMethod:
      return true
    default: return false
    }
  }

  /// The argument indexes `co_localsplus*` and names a pure local.
  @inlinable public var indexesLocals: Bool {
    switch self {
    case .loadFast, .storeFast, .deleteFast: return true
    default: return false
    }
  }

  /// The argument indexes `co_localsplus*` and names a cell or free variable.
  @inlinable public var indexesCells: Bool {
    switch self {
    case .makeCell, .loadClosure, .loadDeref, .storeDeref, .deleteDeref, .loadClassderef: return true
    default: return false
    }
  }

  /// The argument is a distance in code units from the instruction that follows (caches included).
  @inlinable public var isJump: Bool {
    switch self {
    case .forIter, .jumpForward, .jumpIfFalseOrPop, .jumpIfTrueOrPop, .popJumpForwardIfFalse, .popJumpForwardIfTrue,
      .send, .popJumpForwardIfNotNone, .popJumpForwardIfNone, .jumpBackwardNoInterrupt, .jumpBackward, .popJumpBackwardIfNotNone,
      .popJumpBackwardIfNone, .popJumpBackwardIfFalse, .popJumpBackwardIfTrue:
      return true
    default: return false
    }
  }

  /// A jump whose argument counts backwards.
  @inlinable public var isBackwardJump: Bool {
    switch self {
    case .jumpBackward, .jumpBackwardNoInterrupt, .popJumpBackwardIfTrue, .popJumpBackwardIfFalse, .popJumpBackwardIfNone,
      .popJumpBackwardIfNotNone:
      return true
    default: return false
    }
  }

  /// Control never continues to the next instruction.
  @inlinable public var isTerminator: Bool {
    switch self {
    case .returnValue, .raiseVarargs, .reraise, .jumpForward, .jumpBackward, .jumpBackwardNoInterrupt: return true
    default: return false
    }
  }

  /// The name `dis` prints, for example `LOAD_FAST`.
  public var name: StaticString {
    switch self {
    case .cache: return "CACHE"
    case .popTop: return "POP_TOP"
    case .pushNull: return "PUSH_NULL"
    case .nop: return "NOP"
    case .unaryPositive: return "UNARY_POSITIVE"
    case .unaryNegative: return "UNARY_NEGATIVE"
    case .unaryNot: return "UNARY_NOT"
    case .unaryInvert: return "UNARY_INVERT"
    case .binarySubscr: return "BINARY_SUBSCR"
    case .getLen: return "GET_LEN"
    case .matchMapping: return "MATCH_MAPPING"
    case .matchSequence: return "MATCH_SEQUENCE"
    case .matchKeys: return "MATCH_KEYS"
    case .pushExcInfo: return "PUSH_EXC_INFO"
    case .checkExcMatch: return "CHECK_EXC_MATCH"
    case .checkEgMatch: return "CHECK_EG_MATCH"
    case .withExceptStart: return "WITH_EXCEPT_START"
    case .getAiter: return "GET_AITER"
    case .getAnext: return "GET_ANEXT"
    case .beforeAsyncWith: return "BEFORE_ASYNC_WITH"
    case .beforeWith: return "BEFORE_WITH"
    case .endAsyncFor: return "END_ASYNC_FOR"
    case .storeSubscr: return "STORE_SUBSCR"
    case .deleteSubscr: return "DELETE_SUBSCR"
    case .getIter: return "GET_ITER"
    case .getYieldFromIter: return "GET_YIELD_FROM_ITER"
    case .printExpr: return "PRINT_EXPR"
    case .loadBuildClass: return "LOAD_BUILD_CLASS"
    case .loadAssertionError: return "LOAD_ASSERTION_ERROR"
    case .returnGenerator: return "RETURN_GENERATOR"
    case .listToTuple: return "LIST_TO_TUPLE"
    case .returnValue: return "RETURN_VALUE"
    case .importStar: return "IMPORT_STAR"
    case .setupAnnotations: return "SETUP_ANNOTATIONS"
    case .yieldValue: return "YIELD_VALUE"
    case .asyncGenWrap: return "ASYNC_GEN_WRAP"
    case .prepReraiseStar: return "PREP_RERAISE_STAR"
    case .popExcept: return "POP_EXCEPT"
    case .storeName: return "STORE_NAME"
    case .deleteName: return "DELETE_NAME"
    case .unpackSequence: return "UNPACK_SEQUENCE"
    case .forIter: return "FOR_ITER"
    case .unpackEx: return "UNPACK_EX"
    case .storeAttr: return "STORE_ATTR"
    case .deleteAttr: return "DELETE_ATTR"
    case .storeGlobal: return "STORE_GLOBAL"
    case .deleteGlobal: return "DELETE_GLOBAL"
    case .swap: return "SWAP"
    case .loadConst: return "LOAD_CONST"
    case .loadName: return "LOAD_NAME"
    case .buildTuple: return "BUILD_TUPLE"
    case .buildList: return "BUILD_LIST"
    case .buildSet: return "BUILD_SET"
    case .buildMap: return "BUILD_MAP"
    case .loadAttr: return "LOAD_ATTR"
    case .compareOp: return "COMPARE_OP"
    case .importName: return "IMPORT_NAME"
    case .importFrom: return "IMPORT_FROM"
    case .jumpForward: return "JUMP_FORWARD"
    case .jumpIfFalseOrPop: return "JUMP_IF_FALSE_OR_POP"
    case .jumpIfTrueOrPop: return "JUMP_IF_TRUE_OR_POP"
    case .popJumpForwardIfFalse: return "POP_JUMP_FORWARD_IF_FALSE"
    case .popJumpForwardIfTrue: return "POP_JUMP_FORWARD_IF_TRUE"
    case .loadGlobal: return "LOAD_GLOBAL"
    case .isOp: return "IS_OP"
    case .containsOp: return "CONTAINS_OP"
    case .reraise: return "RERAISE"
    case .copy: return "COPY"
    case .binaryOp: return "BINARY_OP"
    case .send: return "SEND"
    case .loadFast: return "LOAD_FAST"
    case .storeFast: return "STORE_FAST"
    case .deleteFast: return "DELETE_FAST"
    case .popJumpForwardIfNotNone: return "POP_JUMP_FORWARD_IF_NOT_NONE"
    case .popJumpForwardIfNone: return "POP_JUMP_FORWARD_IF_NONE"
    case .raiseVarargs: return "RAISE_VARARGS"
    case .getAwaitable: return "GET_AWAITABLE"
    case .makeFunction: return "MAKE_FUNCTION"
    case .buildSlice: return "BUILD_SLICE"
    case .jumpBackwardNoInterrupt: return "JUMP_BACKWARD_NO_INTERRUPT"
    case .makeCell: return "MAKE_CELL"
    case .loadClosure: return "LOAD_CLOSURE"
    case .loadDeref: return "LOAD_DEREF"
    case .storeDeref: return "STORE_DEREF"
    case .deleteDeref: return "DELETE_DEREF"
    case .jumpBackward: return "JUMP_BACKWARD"
    case .callFunctionEx: return "CALL_FUNCTION_EX"
    case .extendedArg: return "EXTENDED_ARG"
    case .listAppend: return "LIST_APPEND"
    case .setAdd: return "SET_ADD"
    case .mapAdd: return "MAP_ADD"
    case .loadClassderef: return "LOAD_CLASSDEREF"
    case .copyFreeVars: return "COPY_FREE_VARS"
    case .resume: return "RESUME"
    case .matchClass: return "MATCH_CLASS"
    case .formatValue: return "FORMAT_VALUE"
    case .buildConstKeyMap: return "BUILD_CONST_KEY_MAP"
    case .buildString: return "BUILD_STRING"
    case .loadMethod: return "LOAD_METHOD"
    case .listExtend: return "LIST_EXTEND"
    case .setUpdate: return "SET_UPDATE"
    case .dictMerge: return "DICT_MERGE"
    case .dictUpdate: return "DICT_UPDATE"
    case .precall: return "PRECALL"
    case .call: return "CALL"
    case .kwNames: return "KW_NAMES"
    case .popJumpBackwardIfNotNone: return "POP_JUMP_BACKWARD_IF_NOT_NONE"
    case .popJumpBackwardIfNone: return "POP_JUMP_BACKWARD_IF_NONE"
    case .popJumpBackwardIfFalse: return "POP_JUMP_BACKWARD_IF_FALSE"
    case .popJumpBackwardIfTrue: return "POP_JUMP_BACKWARD_IF_TRUE"
    }
  }
}

/// The argument of `binaryOp` (`NB_*`). The in-place form of an operator is its value plus 13.
public enum BinaryOperator: UInt8, CaseIterable, Sendable {
  case add = 0
  case and = 1
  case floorDivide = 2
  case lshift = 3
  case matrixMultiply = 4
  case multiply = 5
  case remainder = 6
  case or = 7
  case power = 8
  case rshift = 9
  case subtract = 10
  case trueDivide = 11
  case xor = 12
  case inplaceAdd = 13
  case inplaceAnd = 14
  case inplaceFloorDivide = 15
  case inplaceLshift = 16
  case inplaceMatrixMultiply = 17
  case inplaceMultiply = 18
  case inplaceRemainder = 19
  case inplaceOr = 20
  case inplacePower = 21
  case inplaceRshift = 22
  case inplaceSubtract = 23
  case inplaceTrueDivide = 24
  case inplaceXor = 25

  /// The operator as written in Python, for example `+=`.
  public var symbol: StaticString {
    switch self {
    case .add: return "+"
    case .and: return "&"
    case .floorDivide: return "//"
    case .lshift: return "<<"
    case .matrixMultiply: return "@"
    case .multiply: return "*"
    case .remainder: return "%"
    case .or: return "|"
    case .power: return "**"
    case .rshift: return ">>"
    case .subtract: return "-"
    case .trueDivide: return "/"
    case .xor: return "^"
    case .inplaceAdd: return "+="
    case .inplaceAnd: return "&="
    case .inplaceFloorDivide: return "//="
    case .inplaceLshift: return "<<="
    case .inplaceMatrixMultiply: return "@="
    case .inplaceMultiply: return "*="
    case .inplaceRemainder: return "%="
    case .inplaceOr: return "|="
    case .inplacePower: return "**="
    case .inplaceRshift: return ">>="
    case .inplaceSubtract: return "-="
    case .inplaceTrueDivide: return "/="
    case .inplaceXor: return "^="
    }
  }
}

/// The argument of `compareOp`.
public enum ComparisonOperator: UInt8, CaseIterable, Sendable {
  case less = 0
  case lessOrEqual = 1
  case equal = 2
  case notEqual = 3
  case greater = 4
  case greaterOrEqual = 5

  /// The operator as written in Python.
  public var symbol: StaticString {
    switch self {
    case .less: return "<"
    case .lessOrEqual: return "<="
    case .equal: return "=="
    case .notEqual: return "!="
    case .greater: return ">"
    case .greaterOrEqual: return ">="
    }
  }
}
