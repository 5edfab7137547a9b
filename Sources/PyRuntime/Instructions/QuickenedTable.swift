// Rows of the quickened forms. The evaluator writes them over a base form when its type feedback says so; each keeps the fields
// and the number of cache words of its base form. Bits 16–23 of the first cache word count how often a quickened form met
// something else; after `Quickening.missLimit` times the base form stays.

extension InstructionTable.Builder {
  mutating func declareQuickened() {
    quick(.addIntRR, "ADD_INT_RR", of: .binaryOp, "ints in registers")
    quick(.addIntRK, "ADD_INT_RK", of: .binaryOp, "ints, the second a constant")
    quick(.addInt, "ADD_INT", of: .binaryOp, "ints")
    quick(.subIntRR, "SUB_INT_RR", of: .binaryOp, "ints in registers")
    quick(.subIntRK, "SUB_INT_RK", of: .binaryOp, "ints, the second a constant")
    quick(.subInt, "SUB_INT", of: .binaryOp, "ints")
    quick(.mulInt, "MUL_INT", of: .binaryOp, "ints")
    quick(.floorDivInt, "FLOOR_DIV_INT", of: .binaryOp, "ints")
    quick(.modInt, "MOD_INT", of: .binaryOp, "ints")
    quick(.andInt, "AND_INT", of: .binaryOp, "ints")
    quick(.orInt, "OR_INT", of: .binaryOp, "ints")
    quick(.xorInt, "XOR_INT", of: .binaryOp, "ints")
    quick(.lshInt, "LSH_INT", of: .binaryOp, "ints")
    quick(.rshInt, "RSH_INT", of: .binaryOp, "ints")
    quick(.addFloat, "ADD_FLOAT", of: .binaryOp, "floats (or a float and an int)")
    quick(.subFloat, "SUB_FLOAT", of: .binaryOp, "floats (or a float and an int)")
    quick(.mulFloat, "MUL_FLOAT", of: .binaryOp, "floats (or a float and an int)")
    quick(.divFloat, "DIV_FLOAT", of: .binaryOp, "floats (or a float and an int)")
    quick(.addStr, "ADD_STR", of: .binaryOp, "exact strs")
    quick(.binaryForeign, "BINARY_FOREIGN", of: .binaryOp, "an object of CPython's, and another or a number")
    quick(.compareInt, "COMPARE_INT", of: .compareOp, "ints")
    quick(.compareFloat, "COMPARE_FLOAT", of: .compareOp, "floats (or a float and an int)")
    quick(.compareStr, "COMPARE_STR", of: .compareOp, "exact strs")
    quick(.jumpLtIntRR, "JUMP_LT_INT_RR", of: .jumpCompare, "ints in registers")
    quick(.jumpLeIntRR, "JUMP_LE_INT_RR", of: .jumpCompare, "ints in registers")
    quick(.jumpEqIntRR, "JUMP_EQ_INT_RR", of: .jumpCompare, "ints in registers")
    quick(.jumpNeIntRR, "JUMP_NE_INT_RR", of: .jumpCompare, "ints in registers")
    quick(.jumpGtIntRR, "JUMP_GT_INT_RR", of: .jumpCompare, "ints in registers")
    quick(.jumpGeIntRR, "JUMP_GE_INT_RR", of: .jumpCompare, "ints in registers")
    quick(.jumpLtIntRK, "JUMP_LT_INT_RK", of: .jumpCompare, "ints, the second a constant")
    quick(.jumpLeIntRK, "JUMP_LE_INT_RK", of: .jumpCompare, "ints, the second a constant")
    quick(.jumpEqIntRK, "JUMP_EQ_INT_RK", of: .jumpCompare, "ints, the second a constant")
    quick(.jumpNeIntRK, "JUMP_NE_INT_RK", of: .jumpCompare, "ints, the second a constant")
    quick(.jumpGtIntRK, "JUMP_GT_INT_RK", of: .jumpCompare, "ints, the second a constant")
    quick(.jumpGeIntRK, "JUMP_GE_INT_RK", of: .jumpCompare, "ints, the second a constant")
    quick(.jumpLtIntKR, "JUMP_LT_INT_KR", of: .jumpCompare, "ints, the first a constant")
    quick(.jumpLeIntKR, "JUMP_LE_INT_KR", of: .jumpCompare, "ints, the first a constant")
    quick(.jumpGtIntKR, "JUMP_GT_INT_KR", of: .jumpCompare, "ints, the first a constant")
    quick(.jumpGeIntKR, "JUMP_GE_INT_KR", of: .jumpCompare, "ints, the first a constant")
    quick(.jumpCompareFloat, "JUMP_COMPARE_FLOAT", of: .jumpCompare, "floats (or a float and an int)")
    quick(.jumpCompareStr, "JUMP_COMPARE_STR", of: .jumpCompare, "exact strs")
    quick(.getItemListInt, "GET_ITEM_LIST_INT", of: .getItem, "list, int")
    quick(.getItemTupleInt, "GET_ITEM_TUPLE_INT", of: .getItem, "tuple, int")
    quick(.getItemDict, "GET_ITEM_DICT", of: .getItem, "exact dict")
    quick(.setItemListInt, "SET_ITEM_LIST_INT", of: .setItem, "list, int")
    quick(.getItemArrayInt, "GET_ITEM_ARRAY_INT", of: .getItem, "array.array, int")
    quick(.setItemArrayInt, "SET_ITEM_ARRAY_INT", of: .setItem, "array.array, int")
    quick(.call1Foreign, "CALL_1_FOREIGN", of: .call1, "a function of CPython's")
    quick(.callNative, "CALL_NATIVE", of: .call, "a native function or builtin type")
    quick(.call1Native, "CALL1_NATIVE", of: .call1, "a native function or builtin type")
    quick(.callMethodNative, "CALL_M_NATIVE", of: .callMethod, "a native function or builtin type")
    quick(.callMethod1Native, "CALL_M1_NATIVE", of: .callMethod1, "a native function or builtin type")
    quick(.callGather, "CALL_GATHER", of: .call, "a builtin that takes all items of a generator")
    quick(.call1Gather, "CALL1_GATHER", of: .call1, "a builtin that takes all items of a generator")
    quick(.callMethodGather, "CALL_M_GATHER", of: .callMethod, "a builtin that takes all items of a generator")
    quick(.callMethod1Gather, "CALL_M1_GATHER", of: .callMethod1, "a builtin that takes all items of a generator")
    quick(.loadAttrForeign, "LOAD_ATTR_FOREIGN", of: .loadAttr, "an object of CPython's")
    quick(.loadAttrMany, "LOAD_ATTR_MANY", of: .loadAttr, "many types: asks the table of the process; w1 name")
    quick(.storeAttrMany, "STORE_ATTR_MANY", of: .storeAttr, "many types: asks the table of the process; w1 name")
    quick(.loadMethodMany, "LOAD_METHOD_MANY", of: .loadMethod, "many types: asks the table of the process; w1 name")
    quick(.setItemDict, "SET_ITEM_DICT", of: .setItem, "exact dict")
    quick(.forIterRange, "FOR_ITER_RANGE", of: .forIter, "range iterator")
    quick(.forIterList, "FOR_ITER_LIST", of: .forIter, "list iterator")
    quick(.forIterTuple, "FOR_ITER_TUPLE", of: .forIter, "tuple iterator")
    quick(.loadGlobalModule, "LOAD_GLOBAL_MODULE", of: .loadGlobal, "global; w0[63:32] keys version of globals, w1 entry")
    quick(
      .loadGlobalBuiltin, "LOAD_GLOBAL_BUILTIN", of: .loadGlobal,
      "builtin; w0[63:32] keys version of globals, w1[31:0] of builtins, w1[63:32] entry")
    quick(
      .loadAttrInstance, "LOAD_ATTR_INSTANCE", of: .loadAttr,
      "attribute of the instance; w0[63:32] type version, w1[31:0] shape, w1[63:32] offset from the cell")
    quick(
      .loadAttrOverflow, "LOAD_ATTR_OVERFLOW", of: .loadAttr,
      "attribute that lies outside of the instance; w0[63:32] type version, w1[31:0] shape, w1[63:32] its number there")
    quick(.storeAttrOverflow, "STORE_ATTR_OVERFLOW", of: .storeAttr, "attribute that is there; as LOAD_ATTR_OVERFLOW")
    quick(.loadAttrSlot, "LOAD_ATTR_SLOT", of: .loadAttr, "slot of the instance; w0[63:32] type version, w1 offset")
    quick(.loadAttrModule, "LOAD_ATTR_MODULE", of: .loadAttr, "global of a module; w0[63:32] keys version, w1 entry")
    quick(.loadAttrClass, "LOAD_ATTR_CLASS", of: .loadAttr, "attribute of the type, no descriptor; w0[63:32] type version, w1 value")
    quick(.storeAttrInstance, "STORE_ATTR_INSTANCE", of: .storeAttr, "attribute that is there; as LOAD_ATTR_INSTANCE")
    quick(.storeAttrAdd, "STORE_ATTR_ADD", of: .storeAttr, "new inline attribute; w0[63:32] type version, w1[31:0] shape, w1[63:32] offset")
    quick(.storeAttrSlot, "STORE_ATTR_SLOT", of: .storeAttr, "slot")
    quick(.loadMethodShape, "LOAD_METHOD_SHAPE", of: .loadMethod, "method of the type; w0[63:32] type version, w1[31:0] shape, w2 function")
    quick(
      .loadMethodType, "LOAD_METHOD_TYPE", of: .loadMethod,
      "method of a type without instance attributes; w0[63:32] type version, w2 function")
    quick(.loadMethodModule, "LOAD_METHOD_MODULE", of: .loadMethod, "function of a module; w0[63:32] keys version, w1 entry")
    quick(.forLoopRange, "FOR_LOOP_RANGE", of: .forLoop, "range iterator")
    quick(.forLoopList, "FOR_LOOP_LIST", of: .forLoop, "list iterator")
    quick(.forLoopTuple, "FOR_LOOP_TUPLE", of: .forLoop, "tuple iterator")
    quick(.forIterDict, "FOR_ITER_DICT", of: .forIter, "iterator over keys, values, a set, str or bytes")
    quick(.forIterGenerator, "FOR_ITER_GENERATOR", of: .forIter, "generator that is not running: goes on in its frame")
    quick(.callLen, "CALL_LEN", of: .call, "the builtin len, of a container of ours")
    quick(.call1Len, "CALL1_LEN", of: .call1, "the builtin len, of a container of ours")
    quick(.callIsInstance, "CALL_ISINSTANCE", of: .call, "the builtin isinstance with a plain class")
    quick(.callMethodAppend, "CALL_M_APPEND", of: .callMethod, "list.append with one argument, on an exact list")
    quick(.callMethod1Append, "CALL_M1_APPEND", of: .callMethod1, "list.append on an exact list")
    quick(.forIterEnumerate2, "FOR_ITER_ENUMERATE2", of: .forIter, "enumerate, does the work of the UNPACK2 that follows, makes no tuple")
    quick(.forIterZip2, "FOR_ITER_ZIP2", of: .forIter, "zip of two, does the work of the UNPACK2 that follows, makes no tuple")
    quick(.forIterItems2, "FOR_ITER_ITEMS2", of: .forIter, "dict item iterator, does the work of the UNPACK2 that follows, makes no tuple")
    quick(
      .loadAttrShapeClass, "LOAD_ATTR_SHAPE_CLASS", of: .loadAttr,
      "attribute of the type, no descriptor, hidden by none of the instance; w0[63:32] type version, w1[31:0] shape, w2 value")
    quick(.loadAttrProperty, "LOAD_ATTR_PROPERTY", of: .loadAttr, "property with a Python getter; w0[63:32] type version, w2 property")
    quick(
      .loadAttrOfType, "LOAD_ATTR_OF_TYPE", of: .loadAttr, "attribute of a class; w0[63:32] its version, w1 its metaclass's, w2 value")
    quick(
      .loadAttrBound, "LOAD_ATTR_BOUND", of: .loadAttr,
      "method to be bound; w0[63:32] type version, w1 shape or 0, w2 function; or as LOAD_ATTR_OF_TYPE, w2 a classmethod")
    quick(
      .loadAttrDictionary, "LOAD_ATTR_DICTIONARY", of: .loadAttr,
      "attribute of an instance that has a dict; w0[63:32] type version, w1 where the entry was last")
    quick(.storeAttrDictionary, "STORE_ATTR_DICTIONARY", of: .storeAttr, "as LOAD_ATTR_DICTIONARY")
    quick(
      .loadMethodDictionary, "LOAD_METHOD_DICTIONARY", of: .loadMethod,
      "method of an instance that has a dict without that name; w0[63:32] type version, w2 function")
    quick(
      .loadAttrDescriptor, "LOAD_ATTR_DESCRIPTOR", of: .loadAttr,
      "what native code gets, of an instance or class; w0[63:32] type version, w1 shape, 0 or mark, w2 descriptor")
    quick(
      .loadAttrOfTypeDescriptor, "LOAD_ATTR_OF_TYPE_DESCRIPTOR", of: .loadAttr,
      "what native code gets of a class; w0[63:32] its version, w1 its metaclass's, w2 descriptor")
    quick(
      .loadAttrObject, "LOAD_ATTR_OBJECT", of: .loadAttr,
      "attribute of the type, no descriptor yet; w0[63:32] type version, w1[31:0] shape, 0 or mark, w1[63:32] version of its own type, w2 value"
    )
    quick(
      .loadAttrHook, "LOAD_ATTR_HOOK", of: .loadAttr,
      "what only `__getattr__` has; w0[63:32] type version, w1 shape, 0 or mark, w2 the function")
    quick(
      .loadAttrGet, "LOAD_ATTR_GET", of: .loadAttr,
      "what a descriptor of a Python class answers an instance; w0[63:32] type version, w1[31:0] shape, 0 or mark, w1[63:32] version of its class, w2 descriptor"
    )
    quick(.loadMethodObject, "LOAD_METHOD_OBJECT", of: .loadMethod, "as LOAD_ATTR_OBJECT")
    quick(.loadMethodEntry, "LOAD_METHOD_ENTRY", of: .loadMethod, "attribute of an instance that has a dict; as LOAD_ATTR_DICTIONARY")
    quick(
      .loadMethodSuper, "LOAD_METHOD_SUPER", of: .loadMethod,
      "method that `super` finds; w0[63:32] version of the object's type, w1 of the class it begins behind, w2 function")
    quick(
      .loadMethodOfMetaclass, "LOAD_METHOD_OF_METACLASS", of: .loadMethod,
      "method of a class's metaclass; w0[63:32] version of the class, w1 its metaclass's, w2 function")
    quick(.loadMethodInstance, "LOAD_METHOD_INSTANCE", of: .loadMethod, "attribute of the instance; as LOAD_ATTR_INSTANCE")
    quick(.loadMethodSlot, "LOAD_METHOD_SLOT", of: .loadMethod, "slot of the instance; as LOAD_ATTR_SLOT")
    quick(
      .loadMethodClass, "LOAD_METHOD_CLASS", of: .loadMethod,
      "attribute of the type, no descriptor; w0[63:32] type version, w1[31:0] shape or 0, w2 value")
    quick(
      .loadMethodHeld, "LOAD_METHOD_HELD", of: .loadMethod,
      "staticmethod or classmethod of the type; w0[63:32] type version, w1[31:0] shape or 0, w2 the holder")
    quick(
      .loadMethodOfType, "LOAD_METHOD_OF_TYPE", of: .loadMethod,
      "attribute of a class; w0[63:32] its version, w1 its metaclass's, w2 function, value, staticmethod or classmethod")
  }

  mutating func declareMachine() {
    row(
      .enterMachine, "ENTER_MACHINE", "", 0, raises: false,
      "enters machine code; the instruction that stands here otherwise is in the high byte")
  }

  /// A quickened form: its row is that of its base form but for the name and what it expects.
  private mutating func quick(_ i: Instruction, _ name: StaticString, of base: Instruction, _ expects: StaticString) {
    var info = rows[Int(base.rawValue)]
    info.name = name
    info.doc = expects
    info.base = base
    rows[Int(i.rawValue)] = info
  }
}
