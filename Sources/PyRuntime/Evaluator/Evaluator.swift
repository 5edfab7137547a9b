enum Evaluator {
  static func call(_ vm: VM, _ callee: Value, _ args: Args) throws(Raised) -> Value { throw vm.notBuilt("calling a Python function") }
  static func run(_ vm: VM, _ function: Value, namespace: Value) throws(Raised) -> Value { throw vm.notBuilt("running code") }
}
