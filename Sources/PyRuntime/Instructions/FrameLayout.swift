// Registers, frames and calls: the convention between lowering and the evaluator.
//
// A frame's registers lie on the contiguous VM stack (a generator's in its heap frame), `fp` points at register 0:
//
//   fp[-4] fp[-3] fp[-2] fp[-1] │ fp[0] ........................... fp[registerCount - 1]
//   └──── header (4 words) ───┘ │ locals, cells, frees │ evaluation slots (temporaries, call bases)
//                      callee   │ 0 ..< nlocalsplus    │ nlocalsplus ...
//
// `fp[-1]` is the callee (the function `Value`); the three words below belong to the evaluator (return pc, caller's frame, state).
// Registers are Values, except that header words of calls under way hold what the evaluator put there. An unbound local is NULL.
// Evaluation slots need no initialisation: the code never reads one before it wrote it (locals beyond the arguments do).
//
// Calls. A call base B names the first of consecutive registers of the caller:
//
//   CALL d, B, n       B+0 … B+2 free │ B+3 callee          │ B+4 … B+4+n-1 arguments
//                      callee's fp = &r[B+4]; so its header is r[B … B+3], its registers 0 ..< n are the arguments, nothing moves.
//
//   CALL_M d, B, n     B+0 … B+2 free │ B+3 method or NULL  │ B+4 self or callee │ B+5 … B+5+n-1 arguments
//                      r[B+3] ≠ NULL: callee = r[B+3], n+1 arguments from r[B+4] (self first): exactly CALL d, B, n+1.
//                      r[B+3] = NULL: callee = r[B+4], n arguments from r[B+5]: exactly CALL d, B+1, n (callee's fp = &r[B+5]).
//                      n never counts self. LOAD_METHOD B+3, o, name writes r[B+3] and r[B+4] in this form.
//
//   CALL_KW, CALL_M_KW the same with w0[31:0] = index of the constant tuple of keyword names; the last `names.count` of the n
//                      arguments are the keyword values, in that order.
//
//   CALL_EX d, B, i    B+0 … B+2 free │ B+3 callee │ B+4 positional (any iterable) │ B+5 mapping, if i & 1
//
//   WITH_EXIT d, s, B  calls s(None, None, None); B … is a free call base for it (B+3 callee, B+4 … B+6 arguments).
//
// At a call every register ≥ B is dead except those listed: the callee's frame overlaps them. The result goes to `d` (which is
// usually B itself) when the callee returns. Anything else that calls Python code from inside an instruction (`__getattr__`,
// `__add__`, …) must put its frames at or above `fp + registerCount`.
//
// Safepoints: every instruction that may raise is one (the register state then agrees with the exception table); taken
// backward jumps poll the eval breaker. RESUME vanishes in lowering: function entry polls by itself (the stack limit check).
//
// Generators: RETURN_GENERATOR, YIELD and YIELD_FROM suspend. The saved pc points at that instruction itself. Resuming with a value:
// RETURN_GENERATOR and YIELD: r[d] = value, continue behind; YIELD_FROM d, r, s: send the value to r[r] again.
// The delegate of a suspended generator (`gi_yieldfrom`) is the register `b` of the YIELD_FROM it stands at. When `throw()` ends the
// delegation with a value, that goes to YIELD_FROM's `d` and execution continues behind it.
//
// Exceptions: the register exception table maps [start, end) of word indexes to a handler. The word to look up is the one of
// the raising instruction. On entry the exception goes to r[exceptionRegister], and if lastiRegister is not `noRegister` the raising
// instruction's bytecode offset in bytes, as an int Value, to r[lastiRegister]. Nothing needs unwinding: other slots are simply dead.

/// Sizes of the convention.
enum FrameLayout {
  /// Words below register 0.
  static let headerWords = 4
  /// Register of the callee (or method, or NULL) relative to a call base.
  static let calleeOffset = 3
  /// Register of the first argument (or self) relative to a call base.
  static let argumentOffset = 4
}
