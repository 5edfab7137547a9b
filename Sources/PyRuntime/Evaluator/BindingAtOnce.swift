// Binding arguments by position where that takes moving values and cells of free lists: most calls of functions with `*args`, `**kwargs` or
// keyword-only parameters.

extension ArgumentBinder {
  /// What `bind` does for `count` positional arguments in registers 0 ..< count of the frame to be, if none is missing or left over.
  /// - Returns: false where it is not so or a free list is empty; nothing has changed then
  @inline(never)
  static func bindAtOnce(
    _ function: UnsafeMutablePointer<FunctionLayout>, _ code: UnsafeMutablePointer<CodeLayout>, _ fp: Registers, _ count: Int
  ) -> Bool {
    let argCount = Int(code.pointee.argCount), flags = code.pointee.flags
    var required = argCount
    if count < argCount {
      guard !function.pointee.defaults.isNull else { return false }
      required = argCount &- function.pointee.defaults.as(TupleLayout.self).pointee.count
      guard count >= required else { return false }
    } else if count > argCount, flags & 4 == 0 {
      return false
    }
    let named = argCount &+ Int(code.pointee.kwOnlyArgCount)
    guard named == argCount || keywordDefaults(function, code, argCount, named, nil) else { return false }
    var surplus = Value.null, collected = Value.null
    if flags & 4 != 0 {
      surplus = count > argCount ? Builders.tupleAtOnce(fp + argCount, count &- argCount) : rt.pointee.emptyTuple
      if surplus.isNull { return false }
    }
    if flags & 8 != 0 {
      collected = Builders.dictAtOnce()
      if collected.isNull { return false }
    }
    Calls.clear(fp, from: named, to: Int(code.pointee.nlocalsplus))
    if flags & 4 != 0 { fp[named] = surplus }
    if flags & 8 != 0 { fp[flags & 4 != 0 ? named &+ 1 : named] = collected }
    if count < argCount {
      let items = function.pointee.defaults.as(TupleLayout.self).items
      var i = count
      repeat {
        fp[i] = items[i &- required]
        i &+= 1
      } while i < argCount
    }
    if named > argCount { _ = keywordDefaults(function, code, argCount, named, fp) }
    return true
  }

  /// Looks for the defaults of the keyword-only parameters `first ..< end` in a dict that has them in their order, as it mostly is, and puts them
  /// into the registers of `fp`, if given; whether all are there.
  @inline(__always)
  private static func keywordDefaults(
    _ function: UnsafeMutablePointer<FunctionLayout>, _ code: UnsafeMutablePointer<CodeLayout>, _ first: Int, _ end: Int, _ fp: Registers?
  ) -> Bool {
    guard function.pointee.kwDefaults.isExact(rt.types.dict), case let dict = function.pointee.kwDefaults.as(DictLayout.self), dict.isOwn,
      let entries = dict.pointee.entries
    else { return false }
    let parameters = code.pointee.localsplusNames.as(TupleLayout.self).items, used = dict.pointee.used
    var i = first, entry = 0
    repeat {
      while entry < used, entries[entry].key != parameters[i] { entry &+= 1 }
      guard entry < used else { return false }
      if let fp { fp[i] = entries[entry].value }
      entry &+= 1
      i &+= 1
    } while i < end
    return true
  }
}

extension Calls {
  /// The frame of a Python function that takes its arguments otherwise than one register each. Nil for everything else, and then nothing has
  /// happened.
  @inline(__always)
  static func pushBinding(
    _ vm: VM, _ caller: Registers, _ pc: CodePointer, _ slot: Registers, _ count: Int
  ) -> Registers? {
    let function = slot[0].as(FunctionLayout.self)
    let code = function.pointee.code.as(CodeLayout.self)
    guard code.pointee.simpleArgs < 0, code.pointee.entry != nil else { return nil }
    let thread = vm.thread
    let isGenerator = caller.isGeneratorFrame
    // The call base of a generator lies in the generator; frames go to the VM stack.
    let fp = (isGenerator ? thread.pointee.stackTop + FrameLayout.calleeOffset : slot) + 1
    let top = fp + Int(code.pointee.registerCount)
    guard vm.hasStack(for: top + count), thread.pointee.recursionDepth < rt.pointee.recursionLimit else { return nil }
    if isGenerator {
      var i = -1
      while i < count {
        fp[i] = slot[i &+ 1]
        i &+= 1
      }
    }
    guard ArgumentBinder.bindAtOnce(function, code, fp, count) else { return nil }
    caller.framePC = pc
    enter(thread, fp, from: caller, top)
    return fp
  }
}
