#if arch(x86_64)

  /// The words of a region: a whole function, or a loop of one code object, from the target of a jump back to that jump, loops within it included.
  struct RegionShape {
    struct Block {
      /// Word indexes: where it begins, and where the next begins
      var start: Int, end: Int
      /// How many loops of the region it is in
      var depth = 1
    }

    let code: UnsafeMutablePointer<LoweredCode>
    /// Word index of the first word (of a loop that of FOR_ITER, in a `for`), and behind the last one
    let head: Int, end: Int
    /// Of the jump back by which the region is entered when it is compiled, −1: by the function's first word
    let entry: Int
    /// Where the region is entered, words behind calls apart
    let entries: [Int]
    /// Words behind calls, at which a whole function is entered, too
    let continuations: Set<Int>
    /// The region is a function, not a loop.
    let isWhole: Bool
    private(set) var blocks: [Block] = []
    /// By word index relative to `head`: the block that begins there, or −1
    private var blockAt: [Int32] = []
    /// By register: how often it is named, inner loops counting eight times each; whether it is written
    private(set) var uses: [Int]
    private(set) var writes: [Bool]

    /// By block and register: whether the region may read what it holds at the beginning of the block
    private var exposed: [[Bool]] = []
    /// By block: whether the region is entered there
    private var entered: [Bool] = []

    /// Words of a loop, and of a function
    static let largest = 1200, largestWhole = 1000

    /// - Parameter entry: word index of a jump back, of any form
    /// - Returns: nil if that is no loop, or a very large one
    init?(_ code: UnsafeMutablePointer<LoweredCode>, entry: Int) {
      self.code = code
      self.entry = entry
      entries = [entry]
      continuations = []
      isWhole = false
      let pc = code.pointee.words + entry
      let form = RegionShape.baseForm(pc.pointee)
      let distance = form == .jumpBack ? pc.pointee.farTarget : form == .forLoop ? pc.pointee.target - 2 : pc.pointee.target
      head = entry + distance
      end = entry + InstructionTable.shared.length(pc)
      uses = [Int](repeating: 0, count: code.pointee.registerCount)
      writes = [Bool](repeating: false, count: code.pointee.registerCount)
      guard distance < 0, head >= 0, entry - head <= RegionShape.largest, code.pointee.registerCount <= 400 else { return nil }
      fill()
    }

    /// - Parameters:
    ///   - entries: words at which it is entered: its first one, jumps back
    ///   - entry: that of `entries` at which the frame stands
    ///   - continuations: words behind calls
    /// - Returns: nil if it is very large
    init?(whole code: UnsafeMutablePointer<LoweredCode>, entries: [Int], entry: Int, continuations: Set<Int>) {
      self.code = code
      self.entry = entry
      self.entries = entries
      self.continuations = continuations
      isWhole = true
      head = 0
      end = code.pointee.wordCount
      uses = [Int](repeating: 0, count: code.pointee.registerCount)
      writes = [Bool](repeating: false, count: code.pointee.registerCount)
      guard end <= RegionShape.largestWhole, code.pointee.registerCount <= 400 else { return nil }
      fill()
    }

    private mutating func fill() {
      findBlocks()
      count()
      findExposed()
      entered = [Bool](repeating: false, count: blocks.count)
      for word in continuations.union(entries) { if let b = block(at: word) { entered[b] = true } }
    }

    var hasLoops: Bool { blocks.contains { $0.depth > 0 } }
    func isExposed(_ r: Int, _ b: Int) -> Bool { exposed[b][r] }
    /// The same at the place where the frame stands for which the region is compiled
    func isExposedAtEntry(_ r: Int) -> Bool { block(at: entry).map { isExposed(r, $0) } ?? false }
    func isEntered(_ b: Int) -> Bool { entered[b] }
    /// Whether the word is entered by plain returns to the call in front of it.
    func isBehindCall(_ word: Int) -> Bool {
      guard continuations.contains(word), word >= 2 else { return false }
      switch (code.pointee.words + word - 2).pointee.instruction.generalCall {
      case .call, .call1, .callMethod, .callMethod1: return RegionShape.isFirst(code, word - 2)
      default: return false
      }
    }
    /// Whether an instruction begins at the word, that is whether it is no cache word.
    private static func isFirst(_ code: UnsafeMutablePointer<LoweredCode>, _ word: Int) -> Bool {
      var at = 0
      while at < word { at += max(InstructionTable.shared.length(code.pointee.words + at), 1) }
      return at == word
    }

    static func baseForm(_ word: InstructionWord) -> Instruction {
      InstructionTable.shared[word.instruction].base ?? word.instruction
    }

    /// FOR_ITER that does the work of the UNPACK2 behind it.
    static func givesPairs(_ instruction: Instruction) -> Bool {
      instruction == .forIterEnumerate2 || instruction == .forIterZip2 || instruction == .forIterItems2
    }

    func block(at word: Int) -> Int? {
      guard word >= head, word < end else { return nil }
      let b = blockAt[word - head]
      return b < 0 ? nil : Int(b)
    }

    /// Where the jump at a word goes, if it is one.
    private static func target(_ pc: CodePointer) -> Int? {
      let info = InstructionTable.shared[pc.pointee.instruction]
      switch info.base ?? pc.pointee.instruction {
      case .jump, .jumpBack: return pc.pointee.farTarget
      default: return info.a == .target || info.b == .target || info.c == .target ? pc.pointee.target : nil
      }
    }

    private mutating func findBlocks() {
      let table = InstructionTable.shared
      var isLeader = [Bool](repeating: false, count: end - head + 1)
      isLeader[0] = true
      for word in continuations.union(entries) where word >= head && word < end { isLeader[word - head] = true }
      var loops: [(Int, Int)] = []
      var word = head
      while word < end {
        let pc = code.pointee.words + word
        let length = max(table.length(pc), 1)
        if let distance = RegionShape.target(pc) {
          let target = word + distance
          if target >= head, target < end { isLeader[target - head] = true }
          if word + length < end { isLeader[word + length - head] = true }
          if distance < 0 { loops.append((target, word)) }
          // What gives pairs goes on behind the UNPACK2.
          if RegionShape.givesPairs(pc.pointee.instruction), word + 4 < end { isLeader[word + 4 - head] = true }
          // A jump back to FOR_ITER is one to what it does in the first place.
          if RegionShape.baseForm(pc.pointee) == .forLoop, target - 2 >= head { isLeader[target - 2 - head] = true }
        }
        word += length
      }
      blockAt = [Int32](repeating: -1, count: end - head)
      word = head
      while word < end {
        if isLeader[word - head] {
          if !blocks.isEmpty { blocks[blocks.count - 1].end = word }
          blockAt[word - head] = Int32(blocks.count)
          blocks.append(Block(start: word, end: end))
        }
        word += max(table.length(code.pointee.words + word), 1)
      }
      for i in blocks.indices {
        let start = blocks[i].start
        // Loops with several jumps back count once.
        blocks[i].depth = Set(loops.filter { $0.0 <= start && start <= $0.1 }.map(\.0)).count
      }
    }

    private mutating func count() {
      let table = InstructionTable.shared
      for block in blocks {
        let weight = 1 << (3 * min(block.depth, 5))
        var word = block.start
        while word < block.end {
          let pc = code.pointee.words + word
          let info = table[pc.pointee.instruction]
          for (role, field) in [(info.a, pc.pointee.a), (info.b, pc.pointee.b), (info.c, pc.pointee.c)] {
            switch role {
            case .destination: write(Int(field), weight)
            case .destinationPair:
              write(Int(field), weight)
              write(Int(field) + 1, weight)
            case .register: use(Int(field), weight)
            case .update:
              use(Int(field), weight)
              write(Int(field), weight)
            case .operand: if field & Encoding.constantBit == 0 { use(Int(field), weight) }
            default: break
            }
          }
          if pc.pointee.instruction == .unpackN || pc.pointee.instruction == .unpackEx {
            let count = Int(pc.pointee.b) + (pc.pointee.instruction == .unpackEx ? Int(pc.pointee.c) + 1 : 0)
            for i in 0..<count { write(UnpackInstructions.destination(pc, i), weight) }
          }
          word += max(table.length(pc), 1)
        }
      }
    }
    /// What is read before it is written, from the jump back on. Exits do not count: what they store is of any kind.
    private mutating func findExposed() {
      let table = InstructionTable.shared
      let none = [Bool](repeating: false, count: uses.count)
      var before = blocks.map { _ in none }
      var changed = true
      while changed {
        changed = false
        for b in blocks.indices.reversed() {
          var live = none
          var words: [Int] = []
          var word = blocks[b].start
          while word < blocks[b].end {
            words.append(word)
            word += max(table.length(code.pointee.words + word), 1)
          }
          if let last = words.last {
            let pc = code.pointee.words + last
            let next = successors(last)
            var iteration = last
            if RegionShape.baseForm(pc.pointee) == .forLoop { iteration = last + pc.pointee.target - 2 }
            if RegionShape.givesPairs(code.pointee.words[iteration].instruction), let to = block(at: iteration + 4) {
              let unpack = code.pointee.words[iteration + 2]
              for r in live.indices where before[to][r] && r != Int(unpack.a) && r != Int(unpack.b) { live[r] = true }
            }
            for target in next {
              if let to = block(at: target) { for r in live.indices where before[to][r] { live[r] = true } }
            }
          }
          for word in words.reversed() { effect(of: code.pointee.words + word, &live) }
          if live != before[b] {
            before[b] = live
            changed = true
          }
        }
      }
      exposed = before
    }

    /// Where the frame may go on behind the instruction at a word, but for what gives pairs; the next word last.
    func successors(_ word: Int) -> [Int] {
      let pc = code.pointee.words + word
      let next = word + max(InstructionTable.shared.length(pc), 1)
      switch RegionShape.baseForm(pc.pointee) {
      case .jump, .jumpBack: return [word + pc.pointee.farTarget]
      case .returnValue, .returnTuple, .raise0, .raise1, .raise2, .reraise, .reraiseLasti: return []
      case .forLoop: return [word + pc.pointee.target, word + pc.pointee.target - 2, next]
      default: return RegionShape.target(pc).map { [word + $0, next] } ?? [next]
      }
    }

    private func effect(of pc: CodePointer, _ live: inout [Bool]) {
      let info = InstructionTable.shared[pc.pointee.instruction]
      let fields = [(info.a, pc.pointee.a), (info.b, pc.pointee.b), (info.c, pc.pointee.c)]
      for (role, field) in fields where Int(field) < live.count {
        if role == .destination || role == .destinationPair { live[Int(field)] = false }
        if role == .destinationPair, Int(field) + 1 < live.count { live[Int(field) + 1] = false }
      }
      if pc.pointee.instruction == .unpackN {
        for i in 0..<Int(pc.pointee.b) { live[UnpackInstructions.destination(pc, i)] = false }
      }
      for (role, field) in fields where Int(field) < live.count && (role == .register || role == .operand || role == .update) {
        live[Int(field)] = true
      }
    }

    private mutating func use(_ r: Int, _ weight: Int) { if r < uses.count { uses[r] += weight } }
    private mutating func write(_ r: Int, _ weight: Int) {
      use(r, weight)
      if r < writes.count { writes[r] = true }
    }
  }

#endif
