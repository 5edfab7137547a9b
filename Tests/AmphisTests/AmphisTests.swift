import Testing

@testable import Amphis

@Suite struct AmphisTests {}
