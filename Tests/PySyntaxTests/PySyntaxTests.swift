import Testing

@testable import PySyntax

@Suite struct PySyntaxTests {}
