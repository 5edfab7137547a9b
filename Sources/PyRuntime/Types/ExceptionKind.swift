/// The builtin exception classes, base classes before derived ones. The raw value indexes `BuiltinTypes.exceptions`.
public enum ExceptionKind: Int, CaseIterable {
  case baseException
  case baseExceptionGroup
  case exception
  case generatorExit
  case keyboardInterrupt
  case systemExit
  case arithmeticError
  case assertionError
  case attributeError
  case bufferError
  case eofError
  case importError
  case lookupError
  case memoryError
  case nameError
  case osError
  case referenceError
  case runtimeError
  case stopAsyncIteration
  case stopIteration
  case syntaxError
  case systemError
  case typeError
  case valueError
  case warning
  case blockingIOError
  case bytesWarning
  case childProcessError
  case connectionError
  case deprecationWarning
  case encodingWarning
  case exceptionGroup
  case fileExistsError
  case fileNotFoundError
  case floatingPointError
  case futureWarning
  case importWarning
  case indentationError
  case indexError
  case interruptedError
  case isADirectoryError
  case keyError
  case moduleNotFoundError
  case notADirectoryError
  case notImplementedError
  case overflowError
  case pendingDeprecationWarning
  case permissionError
  case processLookupError
  case recursionError
  case resourceWarning
  case runtimeWarning
  case syntaxWarning
  case timeoutError
  case unboundLocalError
  case unicodeError
  case unicodeWarning
  case userWarning
  case zeroDivisionError
  case brokenPipeError
  case connectionAbortedError
  case connectionRefusedError
  case connectionResetError
  case tabError
  case unicodeDecodeError
  case unicodeEncodeError
  case unicodeTranslateError

  /// Python's name of the class.
  public var name: StaticString {
    switch self {
    case .baseException: "BaseException"
    case .baseExceptionGroup: "BaseExceptionGroup"
    case .exception: "Exception"
    case .generatorExit: "GeneratorExit"
    case .keyboardInterrupt: "KeyboardInterrupt"
    case .systemExit: "SystemExit"
    case .arithmeticError: "ArithmeticError"
    case .assertionError: "AssertionError"
    case .attributeError: "AttributeError"
    case .bufferError: "BufferError"
    case .eofError: "EOFError"
    case .importError: "ImportError"
    case .lookupError: "LookupError"
    case .memoryError: "MemoryError"
    case .nameError: "NameError"
    case .osError: "OSError"
    case .referenceError: "ReferenceError"
    case .runtimeError: "RuntimeError"
    case .stopAsyncIteration: "StopAsyncIteration"
    case .stopIteration: "StopIteration"
    case .syntaxError: "SyntaxError"
    case .systemError: "SystemError"
    case .typeError: "TypeError"
    case .valueError: "ValueError"
    case .warning: "Warning"
    case .blockingIOError: "BlockingIOError"
    case .bytesWarning: "BytesWarning"
    case .childProcessError: "ChildProcessError"
    case .connectionError: "ConnectionError"
    case .deprecationWarning: "DeprecationWarning"
    case .encodingWarning: "EncodingWarning"
    case .exceptionGroup: "ExceptionGroup"
    case .fileExistsError: "FileExistsError"
    case .fileNotFoundError: "FileNotFoundError"
    case .floatingPointError: "FloatingPointError"
    case .futureWarning: "FutureWarning"
    case .importWarning: "ImportWarning"
    case .indentationError: "IndentationError"
    case .indexError: "IndexError"
    case .interruptedError: "InterruptedError"
    case .isADirectoryError: "IsADirectoryError"
    case .keyError: "KeyError"
    case .moduleNotFoundError: "ModuleNotFoundError"
    case .notADirectoryError: "NotADirectoryError"
    case .notImplementedError: "NotImplementedError"
    case .overflowError: "OverflowError"
    case .pendingDeprecationWarning: "PendingDeprecationWarning"
    case .permissionError: "PermissionError"
    case .processLookupError: "ProcessLookupError"
    case .recursionError: "RecursionError"
    case .resourceWarning: "ResourceWarning"
    case .runtimeWarning: "RuntimeWarning"
    case .syntaxWarning: "SyntaxWarning"
    case .timeoutError: "TimeoutError"
    case .unboundLocalError: "UnboundLocalError"
    case .unicodeError: "UnicodeError"
    case .unicodeWarning: "UnicodeWarning"
    case .userWarning: "UserWarning"
    case .zeroDivisionError: "ZeroDivisionError"
    case .brokenPipeError: "BrokenPipeError"
    case .connectionAbortedError: "ConnectionAbortedError"
    case .connectionRefusedError: "ConnectionRefusedError"
    case .connectionResetError: "ConnectionResetError"
    case .tabError: "TabError"
    case .unicodeDecodeError: "UnicodeDecodeError"
    case .unicodeEncodeError: "UnicodeEncodeError"
    case .unicodeTranslateError: "UnicodeTranslateError"
    }
  }

  /// The first base class; nil for BaseException.
  public var base: ExceptionKind? {
    switch self {
    case .baseException: nil
    case .baseExceptionGroup: .baseException
    case .exception: .baseException
    case .generatorExit: .baseException
    case .keyboardInterrupt: .baseException
    case .systemExit: .baseException
    case .arithmeticError: .exception
    case .assertionError: .exception
    case .attributeError: .exception
    case .bufferError: .exception
    case .eofError: .exception
    case .importError: .exception
    case .lookupError: .exception
    case .memoryError: .exception
    case .nameError: .exception
    case .osError: .exception
    case .referenceError: .exception
    case .runtimeError: .exception
    case .stopAsyncIteration: .exception
    case .stopIteration: .exception
    case .syntaxError: .exception
    case .systemError: .exception
    case .typeError: .exception
    case .valueError: .exception
    case .warning: .exception
    case .blockingIOError: .osError
    case .bytesWarning: .warning
    case .childProcessError: .osError
    case .connectionError: .osError
    case .deprecationWarning: .warning
    case .encodingWarning: .warning
    case .exceptionGroup: .baseExceptionGroup
    case .fileExistsError: .osError
    case .fileNotFoundError: .osError
    case .floatingPointError: .arithmeticError
    case .futureWarning: .warning
    case .importWarning: .warning
    case .indentationError: .syntaxError
    case .indexError: .lookupError
    case .interruptedError: .osError
    case .isADirectoryError: .osError
    case .keyError: .lookupError
    case .moduleNotFoundError: .importError
    case .notADirectoryError: .osError
    case .notImplementedError: .runtimeError
    case .overflowError: .arithmeticError
    case .pendingDeprecationWarning: .warning
    case .permissionError: .osError
    case .processLookupError: .osError
    case .recursionError: .runtimeError
    case .resourceWarning: .warning
    case .runtimeWarning: .warning
    case .syntaxWarning: .warning
    case .timeoutError: .osError
    case .unboundLocalError: .nameError
    case .unicodeError: .valueError
    case .unicodeWarning: .warning
    case .userWarning: .warning
    case .zeroDivisionError: .arithmeticError
    case .brokenPipeError: .connectionError
    case .connectionAbortedError: .connectionError
    case .connectionRefusedError: .connectionError
    case .connectionResetError: .connectionError
    case .tabError: .indentationError
    case .unicodeDecodeError: .unicodeError
    case .unicodeEncodeError: .unicodeError
    case .unicodeTranslateError: .unicodeError
    }
  }
}
