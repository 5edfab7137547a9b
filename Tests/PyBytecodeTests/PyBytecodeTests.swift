import Testing

@testable import PyBytecode

@Suite struct PyBytecodeTests {}
