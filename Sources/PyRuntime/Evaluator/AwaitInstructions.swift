/// Bodies of the instructions that get awaitables and iterators to delegate to.
enum AwaitInstructions {
  /// The iterator that `await value` runs. `origin`: 1 from `__aenter__`, 2 from `__aexit__`, for the message.
  @inline(never)
  static func awaitable(_ vm: VM, _ value: Value, _ origin: UInt16) throws(Raised) -> Value {
    if origin > 0, !isAwaitable(value) {
      let method = origin == 1 ? "__aenter__" : "__aexit__"
      throw vm.raise(
        .typeError, "'async with' received an object from \(method) that does not implement __await__: \(value.typeName)")
    }
    let iterator = try awaitableIterator(vm, value)
    if iterator.isExact(rt.types.coroutine), !Generators.delegate(iterator.as(GeneratorLayout.self)).isNull {
      throw vm.raise(.runtimeError, "coroutine is being awaited already")
    }
    return iterator
  }

  private static func isAwaitable(_ v: Value) -> Bool {
    isCoroutine(v) || v.type.pointee.slots.await != nil
  }

  /// A coroutine, or a generator marked by `types.coroutine`.
  static func isCoroutine(_ v: Value) -> Bool {
    if v.isExact(rt.types.coroutine) { return true }
    guard v.isExact(rt.types.generator) else { return false }
    return v.as(GeneratorLayout.self).pointee.code.as(CodeLayout.self).pointee.flags & 0x100 != 0
  }

  static func awaitableIterator(_ vm: VM, _ value: Value) throws(Raised) -> Value {
    if isCoroutine(value) { return value }
    guard let slot = value.type.pointee.slots.await else {
      throw vm.raise(.typeError, "object \(value.typeName) can't be used in 'await' expression")
    }
    let result = try slot(vm, value)
    if isCoroutine(result) { throw vm.raise(.typeError, "__await__() returned a coroutine") }
    if result.type.pointee.slots.next == nil {
      throw vm.raise(.typeError, "__await__() returned non-iterator of type '\(result.typeName)'")
    }
    return result
  }

  @inline(never)
  static func asyncIterator(_ vm: VM, _ value: Value) throws(Raised) -> Value {
    guard let slot = value.type.pointee.slots.asyncIter else {
      throw vm.raise(.typeError, "'async for' requires an object with __aiter__ method, got \(value.typeName)")
    }
    let iterator = try slot(vm, value)
    if iterator.type.pointee.slots.asyncNext == nil {
      throw vm.raise(
        .typeError, "'async for' received an object from __aiter__ that does not implement __anext__: \(iterator.typeName)")
    }
    return iterator
  }

  @inline(never)
  static func asyncNext(_ vm: VM, _ iterator: Value) throws(Raised) -> Value {
    guard let slot = iterator.type.pointee.slots.asyncNext else {
      throw vm.raise(.typeError, "'async for' requires an iterator with __anext__ method, got \(iterator.typeName)")
    }
    let item = try slot(vm, iterator)
    if iterator.isExact(rt.types.asyncGenerator) { return item }
    do throws(Raised) { return try awaitableIterator(vm, item) } catch {
      let cause = vm.takePending()
      let raised = vm.raise(.typeError, "'async for' received an invalid object from __anext__: \(item.typeName)")
      let e = vm.thread.pointee.pending
      if e.isExceptionInstance, e != cause {
        e.as(ExceptionLayout.self).pointee.cause = cause
        e.as(ExceptionLayout.self).pointee.context = cause
        e.as(ExceptionLayout.self).pointee.suppressContext = true
      }
      throw raised
    }
  }

  /// What `yield from value` delegates to, inside code with `flags`.
  @inline(never)
  static func yieldFromIterator(_ vm: VM, _ value: Value, _ flags: Int32) throws(Raised) -> Value {
    if value.isExact(rt.types.coroutine) {
      if flags & 0x180 == 0 {
        throw vm.raise(.typeError, "cannot 'yield from' a coroutine object in a non-coroutine generator")
      }
      return value
    }
    if value.isExact(rt.types.generator) { return value }
    return try vm.iter(value)
  }
}
