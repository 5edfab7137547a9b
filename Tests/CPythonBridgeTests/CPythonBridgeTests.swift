import Testing

@testable import CPythonBridge

@Suite struct CPythonBridgeTests {}
