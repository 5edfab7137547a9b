/// Native code that a cell or type slot points to. Each wrapper is one code pointer, so a struct of them is trivial:
/// a Swift function value would carry a reference-counted context. Only functions without captures can be wrapped.
public typealias NativeNoArgs = (VM, Value) throws(Raised) -> Value
public typealias NativeOne = (VM, Value, Value) throws(Raised) -> Value
public typealias NativeTwo = (VM, Value, Value, Value) throws(Raised) -> Value
public typealias NativeMany = (VM, Value, Args) throws(Raised) -> Value
public typealias NativeHash = (VM, Value) throws(Raised) -> Int
public typealias NativeTest = (VM, Value) throws(Raised) -> Bool
public typealias NativeIndexed = (VM, Value, Int) throws(Raised) -> Value
public typealias NativeStoreIndexed = (VM, Value, Int, Value) throws(Raised) -> Void
public typealias NativeStore = (VM, Value, Value, Value) throws(Raised) -> Void
public typealias NativeContains = (VM, Value, Value) throws(Raised) -> Bool
public typealias NativeCompare = (VM, Value, Value, CompareOp) throws(Raised) -> Value
public typealias NativeVisit = (VM, Value) -> Void

/// Positional arguments `self[0 ..< count]`, then the values of the keywords named by `keywords` (a tuple of str, or null).
/// The memory is a VM or native stack, so the collector sees it; it does not outlive the call.
public struct Args {
  public let base: UnsafePointer<Value>
  public let count: Int
  public let keywords: Value

  @inline(__always) public init(_ base: UnsafePointer<Value>, count: Int, keywords: Value = .null) {
    self.base = base
    self.count = count
    self.keywords = keywords
  }
  /// Positional argument `i`, or null beyond the end: an omitted optional argument reads as null.
  @inline(__always) public subscript(i: Int) -> Value { UInt(bitPattern: i) < UInt(bitPattern: count) ? base[i] : .null }
  public var keywordCount: Int { keywords.isNull ? 0 : keywords.as(TupleLayout.self).pointee.count }
  public func keywordName(_ i: Int) -> Value { keywords.as(TupleLayout.self).items[i] }
  public func keywordValue(_ i: Int) -> Value { base[count + i] }
  /// The positional arguments from `n` on; keywords stay.
  public func dropFirst(_ n: Int) -> Args {
    let k = min(n, count)
    return Args(base + k, count: count - k, keywords: keywords)
  }
}

public enum CompareOp: Int {
  case lt = 0, le, eq, ne, gt, ge
  /// The cases stand in the order of their numbers, so that the number is the case. Of others: equality.
  @inline(__always) init(code: UInt64) {
    self = code <= 5 ? unsafeBitCast(UInt8(truncatingIfNeeded: code), to: CompareOp.self) : .eq
  }
  @inline(__always) public var swapped: CompareOp {
    switch self {
    case .lt: .gt;
    case .le: .ge;
    case .gt: .lt;
    case .ge: .le;
    case .eq: .eq;
    case .ne: .ne
    }
  }
}

/// Splits a captureless Swift function into its code pointer. The wrapper struct keeps the compiler from reabstracting it.
@inline(__always) package func codePointer<Box>(_ box: Box) -> UnsafeRawPointer {
  let (code, context) = unsafeBitCast(box, to: (UnsafeRawPointer, UnsafeRawPointer?).self)
  precondition(context == nil, "a native slot must be a function without captures")
  return code
}

public struct NoArgsCode: Equatable {
  private struct Box { let function: NativeNoArgs }
  public let code: UnsafeRawPointer
  package init(code: UnsafeRawPointer) { self.code = code }
  package init(_ function: @escaping NativeNoArgs) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, a)
  }
}

public struct OneCode: Equatable {
  private struct Box { let function: NativeOne }
  public let code: UnsafeRawPointer
  package init(code: UnsafeRawPointer) { self.code = code }
  package init(_ function: @escaping NativeOne) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, a, b)
  }
}

public struct TwoCode: Equatable {
  private struct Box { let function: NativeTwo }
  public let code: UnsafeRawPointer
  package init(code: UnsafeRawPointer) { self.code = code }
  package init(_ function: @escaping NativeTwo) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ a: Value, _ b: Value, _ c: Value) throws(Raised) -> Value {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, a, b, c)
  }
}

public struct ManyCode: Equatable {
  private struct Box { let function: NativeMany }
  public let code: UnsafeRawPointer
  package init(code: UnsafeRawPointer) { self.code = code }
  package init(_ function: @escaping NativeMany) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ a: Value, _ args: Args) throws(Raised) -> Value {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, a, args)
  }
}

public struct HashCode: Equatable {
  private struct Box { let function: NativeHash }
  public let code: UnsafeRawPointer
  package init(code: UnsafeRawPointer) { self.code = code }
  package init(_ function: @escaping NativeHash) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ a: Value) throws(Raised) -> Int {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, a)
  }
}

public struct TestCode: Equatable {
  private struct Box { let function: NativeTest }
  public let code: UnsafeRawPointer
  package init(code: UnsafeRawPointer) { self.code = code }
  package init(_ function: @escaping NativeTest) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ a: Value) throws(Raised) -> Bool {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, a)
  }
}

public struct IndexedCode: Equatable {
  private struct Box { let function: NativeIndexed }
  public let code: UnsafeRawPointer
  package init(code: UnsafeRawPointer) { self.code = code }
  package init(_ function: @escaping NativeIndexed) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ a: Value, _ i: Int) throws(Raised) -> Value {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, a, i)
  }
}

public struct StoreIndexedCode: Equatable {
  private struct Box { let function: NativeStoreIndexed }
  public let code: UnsafeRawPointer
  package init(code: UnsafeRawPointer) { self.code = code }
  package init(_ function: @escaping NativeStoreIndexed) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ a: Value, _ i: Int, _ b: Value) throws(Raised) -> Void {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, a, i, b)
  }
}

public struct StoreCode: Equatable {
  private struct Box { let function: NativeStore }
  public let code: UnsafeRawPointer
  package init(code: UnsafeRawPointer) { self.code = code }
  package init(_ function: @escaping NativeStore) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ a: Value, _ b: Value, _ c: Value) throws(Raised) -> Void {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, a, b, c)
  }
}

public struct ContainsCode: Equatable {
  private struct Box { let function: NativeContains }
  public let code: UnsafeRawPointer
  package init(code: UnsafeRawPointer) { self.code = code }
  package init(_ function: @escaping NativeContains) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Bool {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, a, b)
  }
}

public struct CompareCode: Equatable {
  private struct Box { let function: NativeCompare }
  public let code: UnsafeRawPointer
  package init(code: UnsafeRawPointer) { self.code = code }
  package init(_ function: @escaping NativeCompare) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    try unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, a, b, op)
  }
}

/// A function that cannot raise: finalizers and releases.
public struct VisitCode: Equatable {
  private struct Box { let function: NativeVisit }
  public let code: UnsafeRawPointer
  package init(code: UnsafeRawPointer) { self.code = code }
  package init(_ function: @escaping NativeVisit) { code = codePointer(Box(function: function)) }
  @inline(__always) package func callAsFunction(_ vm: VM, _ a: Value) {
    unsafeBitCast((code, nil as UnsafeRawPointer?), to: Box.self).function(vm, a)
  }
}
