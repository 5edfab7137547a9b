// What each instruction means: name for disassembly, role of each field, cache words, whether it may raise.
//
// `raises` is also "is a safepoint": an instruction without it never runs Python code, never allocates in a way that can fail and never
// collects. Rows are statements, not an array literal, because a literal of this size type-checks many times slower.

/// One row of the table.
struct InstructionInfo {
  var name: StaticString = "UNUSED"
  var a = OperandRole.none
  var b = OperandRole.none
  var c = OperandRole.none
  /// Cache words that follow (for `unpackN`, `unpackEx`: the fixed part; destinations follow in ⌈count/4⌉ more).
  var words: UInt8 = 0
  var raises = false
  var declared = false
  var doc: StaticString = ""
  /// Of a quickened form: the form it replaces.
  var base: Instruction?
}

/// The table, one row for each of the 256 instructions.
struct InstructionTable {
  let rows: UnsafePointer<InstructionInfo>

  /// Built once, never freed.
  static let shared = InstructionTable()

  @inline(__always) subscript(_ instruction: Instruction) -> InstructionInfo {
    unsafeAddress { rows + Int(instruction.rawValue) }
  }

  /// Words of the instruction at `pc`, itself and its cache words and destination lists included.
  func length(_ pc: UnsafePointer<InstructionWord>) -> Int {
    let base = 1 + Int(self[pc.pointee.instruction].words)
    switch pc.pointee.instruction {
    case .unpackN: return base + (Int(pc.pointee.b) + 3) / 4
    case .unpackEx: return base + (Int(pc.pointee.b) + Int(pc.pointee.c) + 4) / 4
    default: return base
    }
  }

  private init() {
    let rows = UnsafeMutablePointer<InstructionInfo>.allocate(capacity: 256)
    rows.initialize(repeating: InstructionInfo(), count: 256)
    var builder = Builder(rows: rows)
    builder.declareData()
    builder.declareOperators()
    builder.declareControl()
    builder.declareCalls()
    builder.declareBuilders()
    builder.declareGenerators()
    builder.declareExceptions()
    builder.declareFusions()
    builder.declareQuickened()
    builder.declareMachine()
    self.rows = UnsafePointer(rows)
  }

  struct Builder {
    let rows: UnsafeMutablePointer<InstructionInfo>

    /// Adds a row. `fields` has one letter a field in the order a, b, c: `d` destination, `D` destination pair, `r` register, `u`
    /// register read and written, `s` operand, `B` base, `n` name, `i` immediate, `t` target, `f` half of a 32-bit number, `-` unused.
    /// `words` are cache words.
    mutating func row(_ i: Instruction, _ name: StaticString, _ fields: StaticString, _ words: Int, raises: Bool, _ doc: StaticString) {
      var info = InstructionInfo(name: name, words: UInt8(truncatingIfNeeded: words), raises: raises, declared: true, doc: doc)
      let text = fields.utf8Start
      let count = fields.utf8CodeUnitCount
      if count > 0 { info.a = Builder.role(text[0]) }
      if count > 1 { info.b = Builder.role(text[1]) }
      if count > 2 { info.c = Builder.role(text[2]) }
      rows[Int(i.rawValue)] = info
    }

    static func role(_ letter: UInt8) -> OperandRole {
      switch letter {
      case UInt8(ascii: "d"): return .destination
      case UInt8(ascii: "D"): return .destinationPair
      case UInt8(ascii: "r"): return .register
      case UInt8(ascii: "u"): return .update
      case UInt8(ascii: "s"): return .operand
      case UInt8(ascii: "B"): return .base
      case UInt8(ascii: "n"): return .name
      case UInt8(ascii: "i"): return .immediate
      case UInt8(ascii: "t"): return .target
      case UInt8(ascii: "f"): return .farHalf
      default: return .none
      }
    }
  }
}

// Short names keep a row on one line.
private let yes = true
private let no = false

extension InstructionTable.Builder {
  mutating func declareData() {
    row(.nop, "NOP", "", 0, raises: no, "Nothing.")
    row(.wide, "WIDE", "-ff", 0, raises: no, "Puts the name index b | c<<16 aside for the next instruction, whose name field is 0xFFFF.")
    row(
      .trace, "TRACE", "", 0, raises: yes, "Traced code only: stands before every bytecode instruction; line and opcode events, monitoring."
    )
    row(.move, "MOVE", "ds", 0, raises: no, "a = b")
    row(.move2, "MOVE2", "Dss", 0, raises: no, "r[a], r[a+1] = b, c (both read first)")
    row(.setNull, "SETNULL", "d", 0, raises: no, "a = NULL (an absent method or an unbound entry, not None)")
    row(.loadConstantWide, "LOADK_W", "dff", 0, raises: no, "a = constant number b | c<<16")
    row(.checkBound, "CHECK_BOUND", "r", 0, raises: yes, "UnboundLocalError naming local a if it is NULL")
    row(.unbind, "UNBIND", "u", 0, raises: no, "a = NULL; a is known to be bound")
    row(.unbindCheck, "UNBIND_CHECK", "u", 0, raises: yes, "UnboundLocalError if a is NULL, else a = NULL")
    row(.makeCell, "MAKE_CELL", "u", 0, raises: yes, "a = new cell holding what a held (NULL: an empty cell). In the prologue only")
    row(.copyFree, "COPY_FREE", "di", 0, raises: no, "r[a ..< a+b] = the cells of the callee's closure. In the prologue only")
    row(.loadCell, "LOAD_CELL", "dr", 0, raises: yes, "a = contents of cell b; NameError/UnboundLocalError if empty")
    row(.storeCell, "STORE_CELL", "rs", 0, raises: no, "contents of cell a = b")
    row(.deleteCell, "DELETE_CELL", "r", 0, raises: yes, "empties cell a; error as LOAD_CELL if it is empty")
    row(.loadClassCell, "LOAD_CLASSCELL", "dr", 0, raises: yes, "a = frame's local namespace entry named as cell b, else as LOAD_CELL")
    row(.loadGlobal, "LOAD_GLOBAL", "dn", 2, raises: yes, "a = global or builtin b")
    row(.loadGlobalAttr, "LOAD_GLOBAL_ATTR", "dnn", 3, raises: yes, "a = attribute c of global b (fusion)")
    row(.storeGlobal, "STORE_GLOBAL", "sn", 1, raises: yes, "global b = a")
    row(.deleteGlobal, "DELETE_GLOBAL", "-n", 0, raises: yes, "del global b")
    row(.loadName, "LOAD_NAME", "dn", 2, raises: yes, "a = local namespace, global or builtin b")
    row(.storeName, "STORE_NAME", "sn", 1, raises: yes, "local namespace[b] = a")
    row(.deleteName, "DELETE_NAME", "-n", 0, raises: yes, "del local namespace[b]")
    row(.loadBuildClass, "LOAD_BUILD_CLASS", "d", 0, raises: yes, "a = builtins.__build_class__")
    row(.loadAssertionError, "LOAD_ASSERTION_ERROR", "d", 0, raises: no, "a = AssertionError")
    row(.setupAnnotations, "SETUP_ANNOTATIONS", "", 0, raises: yes, "makes __annotations__ in the local namespace if it is not there")
    row(.importName, "IMPORT_NAME", "dss", 1, raises: yes, "a = __import__(name, level b, fromlist c). w0[31:0]: name index")
    row(.importFrom, "IMPORT_FROM", "dsn", 0, raises: yes, "a = from module b import name c")
    row(.importStar, "IMPORT_STAR", "s", 0, raises: yes, "from module a import *")
    row(.loadAttr, "LOAD_ATTR", "dsn", 3, raises: yes, "a = b.c")
    row(.storeAttr, "STORE_ATTR", "ssn", 2, raises: yes, "a.c = b")
    row(.deleteAttr, "DELETE_ATTR", "s-n", 0, raises: yes, "del a.c")
    row(
      .loadMethod, "LOAD_METHOD", "Dsn", 3, raises: yes,
      "r[a], r[a+1] = method, b if b.c is a method to be called with b as self, else NULL, b.c")
  }

  mutating func declareOperators() {
    row(.unaryPositive, "POS", "ds", 0, raises: yes, "a = +b")
    row(.unaryNegative, "NEG", "ds", 0, raises: yes, "a = -b")
    row(.unaryNot, "NOT", "ds", 0, raises: yes, "a = not b")
    row(.unaryInvert, "INVERT", "ds", 0, raises: yes, "a = ~b")
    row(.binaryOp, "BINARY_OP", "dss", 1, raises: yes, "a = b op c. w0[7:0]: BINARY_OP's argument, 0–12 plain, 13–25 in-place")
    row(.compareOp, "COMPARE", "dss", 1, raises: yes, "a = b op c. w0[7:0]: 0 < 1 <= 2 == 3 != 4 > 5 >=")
    row(.isOp, "IS", "dss", 0, raises: no, "a = b is c")
    row(.isNot, "IS_NOT", "dss", 0, raises: no, "a = b is not c")
    row(.contains, "IN", "dss", 1, raises: yes, "a = b in c")
    row(.notContains, "NOT_IN", "dss", 1, raises: yes, "a = b not in c")
    row(.getItem, "GETITEM", "dss", 1, raises: yes, "a = b[c]")
    row(.setItem, "SETITEM", "sss", 1, raises: yes, "a[b] = c")
    row(.deleteItem, "DELITEM", "ss", 0, raises: yes, "del a[b]")
    row(.buildSlice2, "SLICE2", "dss", 0, raises: yes, "a = slice(b, c)")
    row(.buildSlice3, "SLICE3", "dB", 0, raises: yes, "a = slice(r[b], r[b+1], r[b+2])")
    row(.getSlice, "GETSLICE", "dss", 1, raises: yes, "a = b[c:x] (fusion). w0[15:0]: operand x")
    row(.setSlice, "SETSLICE", "sss", 1, raises: yes, "a[b:c] = x (fusion). w0[15:0]: operand x")
  }

  mutating func declareControl() {
    row(.jump, "JUMP", "-ff", 0, raises: no, "to b | c<<16 (signed), never polls")
    row(.jumpBack, "JUMP_BACK", "-ff", 0, raises: yes, "to b | c<<16 (signed), polls the eval breaker")
    row(.jumpIfTrue, "JT", "s-t", 0, raises: yes, "if a is true")
    row(.jumpIfFalse, "JF", "s-t", 0, raises: yes, "if a is false")
    row(.jumpIfNone, "JNONE", "s-t", 0, raises: yes, "if a is None (raises only by polling)")
    row(.jumpIfNotNone, "JNOTNONE", "s-t", 0, raises: yes, "if a is not None (raises only by polling)")
    row(.copyJumpIfTrue, "JT_COPY", "dst", 0, raises: yes, "if b is true: a = b and jump")
    row(.copyJumpIfFalse, "JF_COPY", "dst", 0, raises: yes, "if b is false: a = b and jump")
    row(
      .jumpCompare, "JCMP", "sst", 1, raises: yes,
      "if truth(a op b) equals sense. w0[7:0]: operator as COMPARE, w0[8]: sense (1: jump if true)")
    row(.jumpIs, "JIS", "sst", 0, raises: yes, "if a is b (raises only by polling)")
    row(.jumpIsNot, "JIS_NOT", "sst", 0, raises: yes, "if a is not b (raises only by polling)")
    row(.jumpContains, "JIN", "sst", 1, raises: yes, "if a in b")
    row(.jumpNotContains, "JNOT_IN", "sst", 1, raises: yes, "if a not in b")
    row(.jumpExcMatch, "JEXC_MATCH", "sst", 1, raises: yes, "if exception a matches type (or tuple) b")
    row(.jumpExcNoMatch, "JEXC_NOMATCH", "sst", 1, raises: yes, "if exception a does not match b")
    row(.getIter, "GET_ITER", "ds", 0, raises: yes, "a = iter(b)")
    row(.forIter, "FOR_ITER", "drt", 1, raises: yes, "a = next(b), or jump to c when it is exhausted (a is then not written)")
    row(
      .forLoop, "FOR_LOOP", "drt", 1, raises: yes,
      "exactly JUMP_BACK to the FOR_ITER a, b two words before c, and may do that one's work at once when that cannot raise: a = next(b), go to c (fusion)"
    )
    row(
      .dropIter, "DROP_ITER", "r", 0, raises: no,
      "the loop over iterator a is left early: closes a generator that nothing else refers to (its errors are unraisable)")
    row(
      .dropCall, "DROP_CALL", "r", 0, raises: no,
      "the call of the function in a with the iterator in r[a+1], to which nothing else refers, has returned: frees them")
    row(.forUnpack2, "FOR_UNPACK2", "drt", 1, raises: yes, "a, x = next(b), or jump to c (fusion). w0[15:0]: register x")
    row(.unpack2, "UNPACK2", "dds", 1, raises: yes, "a, b = c")
    row(
      .unpackN, "UNPACK_N", "si", 1, raises: yes,
      "unpacks a into b registers. After w0: their indexes in item order, 16 bits each, four a word")
    row(
      .unpackEx, "UNPACK_EX", "sii", 1, raises: yes,
      "unpacks a into b registers, one for the list, c registers; indexes after w0 as in UNPACK_N")
  }

  mutating func declareCalls() {
    row(.call, "CALL", "dBi", 1, raises: yes, "a = r[b+3](c arguments from r[b+4]); see FrameLayout")
    row(
      .callMethod, "CALL_M", "dBi", 1, raises: yes,
      "as CALL after LOAD_METHOD: r[b+3] method or NULL, r[b+4] self or callee, c arguments from r[b+5]")
    row(.callKw, "CALL_KW", "dBi", 1, raises: yes, "as CALL; w0[31:0]: constant index of the tuple of keyword names")
    row(.callMethodKw, "CALL_M_KW", "dBi", 1, raises: yes, "as CALL_M; w0[31:0]: constant index of the tuple of keyword names")
    row(
      .callEx, "CALL_EX", "dBi", 1, raises: yes,
      "a = r[b+3](*r[b+4]) or, if c & 1, (*r[b+4], **r[b+5]); as long as other calls, so that frames return to it as to them")
    row(.withExit, "WITH_EXIT", "dsB", 0, raises: yes, "a = b(None, None, None); c is a free call base")
    row(
      .makeFunction, "MAKE_FUNCTION", "dsi", 1, raises: yes,
      "a = function of code b; c: MAKE_FUNCTION's flags. w0: four 16-bit operands defaults, kwdefaults, annotations, closure, used where flag 1, 2, 4, 8 is set; 16: for one call (`LoopIterators`)"
    )
    row(.returnValue, "RETURN", "s", 0, raises: no, "returns a")
    row(
      .returnTuple, "RETURN_TUPLE", "s", 0, raises: no,
      "returns a, a tuple that was made for it: a caller that unpacks it gets the items")
    row(
      .returnGenerator, "RETURN_GENERATOR", "d", 0, raises: yes,
      "makes the generator, coroutine or async generator and returns it; the first resume writes a")
  }

  mutating func declareBuilders() {
    row(.buildTuple, "BUILD_TUPLE", "dBi", 0, raises: yes, "a = tuple of r[b ..< b+c]")
    row(.buildList, "BUILD_LIST", "dBi", 0, raises: yes, "a = list of r[b ..< b+c]")
    row(.buildSet, "BUILD_SET", "dBi", 0, raises: yes, "a = set of r[b ..< b+c]")
    row(.buildMap, "BUILD_MAP", "dBi", 0, raises: yes, "a = dict of c pairs r[b], r[b+1], …")
    row(
      .buildConstKeyMap, "BUILD_CONST_KEY_MAP", "dBi", 1, raises: yes,
      "a = dict of c values r[b ..< b+c]. w0[15:0]: operand, the tuple of keys (SystemError if its length is not c)")
    row(.buildString, "BUILD_STRING", "dBi", 0, raises: yes, "a = concatenation of the strs r[b ..< b+c] (SystemError if one is none)")
    row(.tuple1, "TUPLE1", "ds", 0, raises: yes, "a = (b,)")
    row(.tuple2, "TUPLE2", "dss", 0, raises: yes, "a = (b, c)")
    row(.list1, "LIST1", "ds", 0, raises: yes, "a = [b]")
    row(.list2, "LIST2", "dss", 0, raises: yes, "a = [b, c]")
    row(.map1, "MAP1", "dss", 0, raises: yes, "a = {b: c}")
    row(.string2, "STRING2", "dss", 0, raises: yes, "a = b + c, both str (SystemError if not)")
    row(.format, "FORMAT", "dsi", 0, raises: yes, "a = format(b, ''); c: 0 as it is, 1 str(b), 2 repr(b), 3 ascii(b) first")
    row(.formatSpec, "FORMAT_SPEC", "dss", 1, raises: yes, "a = format(b, c). w0[7:0]: conversion as FORMAT's c")
    row(.listAppend, "LIST_APPEND", "rs", 0, raises: yes, "list a .append(b)")
    row(.listExtend, "LIST_EXTEND", "rs", 0, raises: yes, "list a .extend(b), with *-unpacking's error message")
    row(.setAdd, "SET_ADD", "rs", 0, raises: yes, "set a .add(b)")
    row(.setUpdate, "SET_UPDATE", "rs", 0, raises: yes, "set a .update(b)")
    row(.mapAdd, "MAP_ADD", "rss", 0, raises: yes, "dict a [b] = c")
    row(.dictUpdate, "DICT_UPDATE", "rs", 0, raises: yes, "dict a .update(mapping b)")
    row(
      .dictMerge, "DICT_MERGE", "rss", 0, raises: yes,
      "dict a .update(mapping b), TypeError on a key that is there; c: the callable, for the message")
    row(.listToTuple, "LIST_TO_TUPLE", "ds", 0, raises: yes, "a = tuple(list b)")
    row(.getLen, "GET_LEN", "ds", 0, raises: yes, "a = len(b)")
    row(.matchMapping, "MATCH_MAPPING", "ds", 0, raises: no, "a = type(b) has the mapping flag")
    row(.matchSequence, "MATCH_SEQUENCE", "ds", 0, raises: no, "a = type(b) has the sequence flag")
    row(.matchKeys, "MATCH_KEYS", "dss", 0, raises: yes, "a = tuple of b[k] for k in tuple c, or None if one is missing")
    row(
      .matchClass, "MATCH_CLASS", "dss", 1, raises: yes,
      "a = tuple of attributes of b matched against class c, or None. w0[15:0]: operand, tuple of keyword names; w0[63:32]: positional count"
    )
    row(.printExpr, "PRINT_EXPR", "s", 0, raises: yes, "sys.displayhook(a)")
  }

  mutating func declareGenerators() {
    row(.yieldValue, "YIELD", "ds", 0, raises: yes, "yields b; the resume writes a (throw() raises here)")
    row(
      .yieldFrom, "YIELD_FROM", "drs", 0, raises: yes,
      "sends c to b: yields what it yields, sends what is sent on resume; when it ends a = its value")
    row(.asyncGenWrap, "ASYNC_GEN_WRAP", "ds", 0, raises: yes, "a = b wrapped as a value that an async generator yields")
    row(
      .getAwaitable, "GET_AWAITABLE", "dsi", 0, raises: yes,
      "a = awaitable iterator of b; c: 0 plain, 1 from __aenter__, 2 from __aexit__ (for the message)")
    row(.getAiter, "GET_AITER", "ds", 0, raises: yes, "a = b.__aiter__()")
    row(.getAnext, "GET_ANEXT", "ds", 0, raises: yes, "a = awaitable iterator of b.__anext__()")
    row(.endAsyncFor, "END_ASYNC_FOR", "r", 0, raises: yes, "re-raises exception a unless it is StopAsyncIteration")
    row(
      .getYieldFromIter, "GET_YF_ITER", "ds", 0, raises: yes,
      "a = b if it is a generator or coroutine that may be delegated to, else iter(b)")
  }

  mutating func declareExceptions() {
    row(.pushExc, "PUSH_EXC", "ddr", 0, raises: no, "a = exception being handled (None if none); b = c = the one now handled")
    row(.popExc, "POP_EXC", "r", 0, raises: no, "the exception being handled is again a")
    row(.reraise, "RERAISE", "s", 0, raises: yes, "raises a again, traceback kept (SystemError if it is no exception)")
    row(
      .reraiseLasti, "RERAISE_LASTI", "sr", 0, raises: yes,
      "as RERAISE; the frame's offset becomes b, an int Value from the exception table entry")
    row(.raise0, "RAISE0", "", 0, raises: yes, "raise")
    row(.raise1, "RAISE1", "s", 0, raises: yes, "raise a")
    row(.raise2, "RAISE2", "ss", 0, raises: yes, "raise a from b")
    row(.checkExcMatch, "EXC_MATCH", "dss", 1, raises: yes, "a = exception b matches c")
    row(.checkEgMatch, "EG_MATCH", "Dss", 0, raises: yes, "r[a], r[a+1] = rest, match of exception b by except* c")
    row(.prepReraiseStar, "PREP_RERAISE_STAR", "dsr", 0, raises: yes, "a = exception to raise after except* (original b, list c), or None")
    row(.withEnter, "WITH_ENTER", "dds", 0, raises: yes, "a = bound __exit__ of c, b = __enter__()")
    row(.asyncWithEnter, "AWITH_ENTER", "dds", 0, raises: yes, "a = bound __aexit__ of c, b = __aenter__()")
    row(.withExcept, "WITH_EXCEPT", "dsr", 0, raises: yes, "a = exit function b(type, value, traceback of exception c)")
  }

  mutating func declareFusions() {
    row(.call1, "CALL1", "dBs", 1, raises: yes, "r[b+4] = c, then as CALL a, b, 1 (fusion)")
    row(.callMethod1, "CALL_M1", "dBs", 1, raises: yes, "r[b+5] = c, then as CALL_M a, b, 1 (fusion)")
    row(.callGlobal, "CALL_GLOBAL", "dBi", 4, raises: yes, "LOAD_GLOBAL + CALL, reserved")
    row(.callNamedMethod, "CALL_METHOD", "dBi", 4, raises: yes, "LOAD_METHOD + CALL_M, reserved")
    row(.returnBinaryOp, "RETURN_BINARY_OP", "-ss", 1, raises: yes, "RETURN (b op c), reserved")
    row(.returnLoadAttr, "RETURN_ATTR", "-sn", 2, raises: yes, "RETURN b.c, reserved")
    row(.returnCall, "RETURN_CALL", "-Bi", 1, raises: yes, "RETURN of a CALL, reserved")
  }
}
