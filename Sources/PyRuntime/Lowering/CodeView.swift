// What the verifier and lowering know of a code object: plain counts and pointers, no heap layouts.

/// What lowering has to know of a constant.
struct ConstantKind: Equatable {
  /// 0: any object. 1: a tuple. 2: a non-empty tuple of str (also a tuple). 3: a code object. 4: None. 5: a code object whose call makes a
  /// generator, a coroutine or an asynchronous generator.
  var tag: UInt8
  /// Tuple: its length (saturating). Code object: its number of free variables (saturating).
  var count: UInt16

  static let plain = ConstantKind(tag: 0, count: 0)
  static let none = ConstantKind(tag: 4, count: 0)
  static func tuple(count: Int) -> ConstantKind { ConstantKind(tag: 1, count: UInt16(clamping: count)) }
  static func names(count: Int) -> ConstantKind { ConstantKind(tag: 2, count: UInt16(clamping: count)) }
  static func code(freeCount: Int, flags: UInt32) -> ConstantKind {
    ConstantKind(tag: flags & 0x2A0 != 0 ? 5 : 3, count: UInt16(clamping: freeCount))
  }
  var isCode: Bool { tag == 3 || tag == 5 }
}

/// A code object as lowering sees it. Whoever makes it keeps the pointers valid for the duration of a call.
struct CodeView {
  /// `co_code`, of base opcodes (as marshalled).
  var bytecode: UnsafeBufferPointer<UInt8>
  /// `co_exceptiontable`.
  var exceptionTable: UnsafeBufferPointer<UInt8>
  /// One `co_localspluskinds` byte for each of the locals, cells and frees: 0x20 local, 0x40 cell, 0x80 free (0x60: both).
  var localKinds: UnsafeBufferPointer<UInt8>
  /// One kind for each constant.
  var constants: UnsafeBufferPointer<ConstantKind>
  var nameCount: Int
  /// `co_stacksize`.
  var stackSize: Int
  /// `co_flags`.
  var flags: UInt32
  /// Positional, positional-only and keyword-only parameters; `*args` and `**kwargs` follow from the flags.
  var argumentCount: Int
  var keywordOnlyCount: Int
}
