import Testing

@testable import PyRuntime

@Suite struct PyRuntimeTests {}
