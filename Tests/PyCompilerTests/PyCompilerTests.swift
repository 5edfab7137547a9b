import Testing

@testable import PyCompiler

@Suite struct PyCompilerTests {}
