extension Opcode {
  /// How many values the instruction adds to the operand stack (negative: removes), as `dis.stack_effect` of CPython 3.11.
  ///
  /// - Parameters:
  ///   - argument: the full argument, `extendedArg` prefixes applied.
  ///   - jump: true for the effect when the jump is taken. Only `forIter`, `send` and the two `jumpIf…OrPop` differ.
  @inlinable public func stackEffect(_ argument: Int, jump: Bool) -> Int {
    switch self {
    case .cache, .nop, .extendedArg, .resume, .kwNames, .makeCell, .copyFreeVars, .returnGenerator, .asyncGenWrap, .setupAnnotations,
      .listToTuple, .unaryPositive, .unaryNegative, .unaryNot, .unaryInvert, .checkExcMatch, .checkEgMatch, .getAiter, .getIter,
      .getYieldFromIter, .yieldValue, .getAwaitable, .loadAttr, .swap, .deleteName, .deleteGlobal, .deleteFast, .deleteDeref,
      .jumpForward, .jumpBackward, .jumpBackwardNoInterrupt:
      return 0

    case .pushNull, .loadConst, .loadName, .loadFast, .loadClosure, .loadDeref, .loadClassderef, .loadBuildClass, .loadAssertionError,
      .loadMethod, .importFrom, .copy, .getLen, .matchMapping, .matchSequence, .matchKeys, .pushExcInfo, .withExceptStart, .getAnext,
      .beforeWith, .beforeAsyncWith:
      return 1

    case .popTop, .binarySubscr, .printExpr, .returnValue, .importStar, .prepReraiseStar, .popExcept, .storeName, .storeGlobal,
      .storeFast, .storeDeref, .deleteAttr, .compareOp, .isOp, .containsOp, .binaryOp, .importName, .reraise, .listAppend, .setAdd,
      .listExtend, .setUpdate, .dictMerge, .dictUpdate, .call, .popJumpForwardIfFalse, .popJumpForwardIfTrue, .popJumpForwardIfNone,
      .popJumpForwardIfNotNone, .popJumpBackwardIfFalse, .popJumpBackwardIfTrue, .popJumpBackwardIfNone, .popJumpBackwardIfNotNone:
      return -1

    case .deleteSubscr, .endAsyncFor, .storeAttr, .mapAdd, .matchClass: return -2
    case .storeSubscr: return -3

    case .loadGlobal: return argument & 1 == 0 ? 1 : 2
    case .unpackSequence: return argument &- 1
    case .unpackEx: return (argument & 0xFF) &+ (argument >> 8)
    case .forIter: return jump ? -1 : 1
    case .send: return jump ? -1 : 0
    case .jumpIfFalseOrPop, .jumpIfTrueOrPop: return jump ? 0 : -1
    case .buildTuple, .buildList, .buildSet, .buildString: return 1 &- argument
    case .buildMap: return 1 &- 2 &* argument
    case .buildConstKeyMap, .raiseVarargs, .precall: return 0 &- argument
    case .makeFunction: return 0 &- (argument & 0xF).nonzeroBitCount
    case .buildSlice: return argument == 3 ? -2 : -1
    case .callFunctionEx: return argument & 1 == 0 ? -2 : -3
    case .formatValue: return argument & 4 == 4 ? -1 : 0
    }
  }
}
