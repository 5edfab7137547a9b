// The instructions of register code. `InstructionTable` describes each; the order here is only an order.
//
// There are exactly 256 cases, so that a switch over them compiles to one jump table without a range check. Quickened forms, which the
// evaluator writes over a base form, take the place of the `unused…` cases at the end.

/// An instruction of register code.
enum Instruction: UInt8, CaseIterable {
  // Moves and locals
  case nop, wide, trace
  case move, move2, setNull, loadConstantWide
  case checkBound, unbind, unbindCheck
  // Cells
  case makeCell, copyFree, loadCell, storeCell, deleteCell, loadClassCell
  // Names
  case loadGlobal, loadGlobalAttr, storeGlobal, deleteGlobal
  case loadName, storeName, deleteName
  case loadBuildClass, loadAssertionError, setupAnnotations
  case importName, importFrom, importStar
  // Attributes
  case loadAttr, storeAttr, deleteAttr, loadMethod
  // Operators
  case unaryPositive, unaryNegative, unaryNot, unaryInvert
  case binaryOp, compareOp
  case isOp, isNot, contains, notContains
  // Jumps
  case jump, jumpBack
  case jumpIfTrue, jumpIfFalse, jumpIfNone, jumpIfNotNone
  case copyJumpIfTrue, copyJumpIfFalse
  case jumpCompare
  case jumpIs, jumpIsNot, jumpContains, jumpNotContains
  case jumpExcMatch, jumpExcNoMatch
  // Subscripts
  case getItem, setItem, deleteItem, buildSlice2, buildSlice3, getSlice, setSlice
  // Iteration and unpacking
  case getIter, forIter, forLoop, forUnpack2
  case unpack2, unpackN, unpackEx
  // Calls
  case call, callMethod, callKw, callMethodKw, callEx, withExit
  case makeFunction, returnValue, returnGenerator
  // Builders
  case buildTuple, buildList, buildSet, buildMap, buildConstKeyMap, buildString
  case tuple1, tuple2, list1, list2, map1, string2
  case format, formatSpec
  case listAppend, listExtend, setAdd, setUpdate, mapAdd, dictUpdate, dictMerge, listToTuple
  // Generators and coroutines
  case yieldValue, yieldFrom, asyncGenWrap
  case getAwaitable, getAiter, getAnext, endAsyncFor, getYieldFromIter
  // Exceptions and with
  case pushExc, popExc, reraise, reraiseLasti, raise0, raise1, raise2
  case checkExcMatch, checkEgMatch, prepReraiseStar
  case withEnter, asyncWithEnter, withExcept
  // Pattern matching
  case getLen, matchMapping, matchSequence, matchKeys, matchClass
  // Interactive
  case printExpr
  // Fusions (written by lowering only once the evaluator has them, see `LoweringOptions`)
  case call1, callMethod1
  case callGlobal, callNamedMethod
  case returnBinaryOp, returnLoadAttr, returnCall
  // Quickened forms (the evaluator's)
  case addIntRR, addIntRK, addInt, subIntRR, subIntRK, subInt, mulInt, floorDivInt, modInt, andInt, orInt, xorInt
  case lshInt, rshInt, addFloat, subFloat, mulFloat, divFloat, addStr, compareInt, compareFloat, compareStr
  case jumpLtIntRR, jumpLeIntRR, jumpEqIntRR, jumpNeIntRR, jumpGtIntRR, jumpGeIntRR, jumpLtIntRK, jumpLeIntRK
  case jumpEqIntRK, jumpNeIntRK, jumpGtIntRK, jumpGeIntRK, jumpCompareFloat, jumpCompareStr, getItemListInt
  case getItemTupleInt, getItemDict, setItemListInt, setItemDict, forIterRange, forIterList, forIterTuple
  case loadGlobalModule, loadGlobalBuiltin, loadAttrInstance, loadAttrSlot, loadAttrModule, loadAttrClass
  case storeAttrInstance, storeAttrAdd, storeAttrSlot, loadMethodShape, loadMethodType, loadMethodModule
  case forLoopRange, forLoopList, forLoopTuple, forIterDict, forIterEnumerate2, forIterZip2, forIterItems2
  case loadAttrShapeClass, loadAttrProperty, loadAttrOfType, loadMethodHeld, loadMethodOfType
  case forIterGenerator
  case callLen, call1Len, callIsInstance, callMethodAppend, callMethod1Append
  case loadAttrOverflow, storeAttrOverflow
  // Free
  case getItemArrayInt, setItemArrayInt, call1Foreign
  case loadAttrForeign, dropIter
  case callNative, call1Native, callMethodNative, callMethod1Native
  case loadAttrBound, loadAttrDictionary, storeAttrDictionary, loadMethodDictionary, loadMethodInstance, loadMethodSlot, loadMethodClass
  case loadAttrDescriptor
  case loadAttrMany, storeAttrMany, loadMethodMany, binaryForeign
  case callGather, call1Gather, callMethodGather, callMethod1Gather
  case jumpLtIntKR, jumpLeIntKR, jumpGtIntKR, jumpGeIntKR
  case dropCall, returnTuple
  // Stands in the low byte of a word whose instruction is in the high one
  case enterMachine
  case loadAttrOfTypeDescriptor, loadAttrObject, loadAttrHook, loadMethodObject, loadMethodEntry, loadMethodSuper, loadMethodOfMetaclass
  case loadAttrGet, unused253, unused254, unused255
}

extension Instruction {
  /// What a call was before it was quickened.
  var generalCall: Instruction {
    switch self {
    case .callNative, .callLen, .callIsInstance, .callGather: return .call
    case .call1Native, .call1Len, .call1Foreign, .call1Gather: return .call1
    case .callMethodNative, .callMethodAppend, .callMethodGather: return .callMethod
    case .callMethod1Native, .callMethod1Append, .callMethod1Gather: return .callMethod1
    default: return self
    }
  }
}
