import CRuntimeSupport
import Glibc

/// What `posix` leaves to libpython's own `posix`, loaded when one of these is first called, and the rest of what os.py expects
/// here because the VM must do it itself or because programs use it all the time.
enum PosixDeferred {
  nonisolated(unsafe) private static var schedulingType: StructSequence?
  nonisolated(unsafe) private static var waitType: StructSequence?

  static func declare(_ m: ModuleBuilder) throws(Raised) {
    m.deferred([
      "confstr", "copy_file_range", "ctermid", "device_encoding", "eventfd", "eventfd_read", "eventfd_write", "fpathconf",
      "getgrouplist", "getpriority", "getresgid", "getresuid", "getxattr", "initgroups", "listxattr", "lockf", "login_tty", "major",
      "makedev", "minor",
      "memfd_create", "mknod", "openpty", "pathconf", "pidfd_open", "posix_fadvise", "posix_fallocate", "posix_spawn",
      "posix_spawnp", "preadv", "pwritev", "readv", "removexattr", "sched_get_priority_max", "sched_get_priority_min",
      "sched_getscheduler", "sched_rr_get_interval", "sched_setaffinity", "setegid", "seteuid", "setgroups", "setpgrp",
      "setpriority", "setregid", "setresgid", "setresuid", "setreuid", "setxattr", "splice", "tcgetpgrp", "tcsetpgrp",
      "wait3", "wait4", "writev",
    ])
    m.value("pathconf_names", try table(m.vm, pathNames))
    m.value("confstr_names", try table(m.vm, textNames))
    m.value("sysconf_names", try table(m.vm, systemNames))
    m.function("_path_normpath", "($module, /, path)", "Basic path normalization.") { (vm, _, args: Args) throws(Raised) in
      try normalize(vm, args[0])
    }
    m.function("WIFCONTINUED", "($module, /, status)", "Whether a stopped process went on.") { (vm, _, args: Args) throws(Raised) in
      .bool(try vm.asInt(args[0]) == 0xFFFF)
    }
    try scheduling(m)
    try waiting(m)
  }

  /// "NAME=number NAME=number …" as a dict.
  private static func table(_ vm: VM, _ text: StaticString) throws(Raised) -> Value {
    let d = try vm.dict()
    let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    var start = 0
    while start < bytes.count {
      var middle = start
      while middle < bytes.count && bytes[middle] != UInt8(ascii: "=") { middle += 1 }
      var end = middle + 1
      var number = 0
      while end < bytes.count && bytes[end] != UInt8(ascii: " ") {
        number = number * 10 + Int(bytes[end]) - 48
        end += 1
      }
      try Dicts.set(
        vm, d, try vm.str(ascii: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start..<middle])), Value(smallInt: number))
      start = end + 1
    }
    return d
  }
  private static let pathNames: StaticString = """
    PC_LINK_MAX=0 PC_MAX_CANON=1 PC_MAX_INPUT=2 PC_NAME_MAX=3 PC_PATH_MAX=4 PC_PIPE_BUF=5 PC_CHOWN_RESTRICTED=6 \
    PC_NO_TRUNC=7 PC_VDISABLE=8 PC_SYNC_IO=9 PC_ASYNC_IO=10 PC_PRIO_IO=11 PC_SOCK_MAXBUF=12 PC_FILESIZEBITS=13 \
    PC_REC_INCR_XFER_SIZE=14 PC_REC_MAX_XFER_SIZE=15 PC_REC_MIN_XFER_SIZE=16 PC_REC_XFER_ALIGN=17 PC_ALLOC_SIZE_MIN=18 \
    PC_SYMLINK_MAX=19
    """
  private static let textNames: StaticString = """
    CS_PATH=0 CS_GNU_LIBC_VERSION=2 CS_GNU_LIBPTHREAD_VERSION=3 CS_LFS_CFLAGS=1000 CS_LFS_LDFLAGS=1001 CS_LFS_LIBS=1002 \
    CS_LFS_LINTFLAGS=1003 CS_LFS64_CFLAGS=1004 CS_LFS64_LDFLAGS=1005 CS_LFS64_LIBS=1006 CS_LFS64_LINTFLAGS=1007 \
    CS_XBS5_ILP32_OFF32_CFLAGS=1100 CS_XBS5_ILP32_OFF32_LDFLAGS=1101 CS_XBS5_ILP32_OFF32_LIBS=1102 \
    CS_XBS5_ILP32_OFF32_LINTFLAGS=1103 CS_XBS5_ILP32_OFFBIG_CFLAGS=1104 CS_XBS5_ILP32_OFFBIG_LDFLAGS=1105 \
    CS_XBS5_ILP32_OFFBIG_LIBS=1106 CS_XBS5_ILP32_OFFBIG_LINTFLAGS=1107 CS_XBS5_LP64_OFF64_CFLAGS=1108 \
    CS_XBS5_LP64_OFF64_LDFLAGS=1109 CS_XBS5_LP64_OFF64_LIBS=1110 CS_XBS5_LP64_OFF64_LINTFLAGS=1111 \
    CS_XBS5_LPBIG_OFFBIG_CFLAGS=1112 CS_XBS5_LPBIG_OFFBIG_LDFLAGS=1113 CS_XBS5_LPBIG_OFFBIG_LIBS=1114 \
    CS_XBS5_LPBIG_OFFBIG_LINTFLAGS=1115
    """
  private static let systemNames: StaticString = """
    SC_ARG_MAX=0 SC_CHILD_MAX=1 SC_CLK_TCK=2 SC_NGROUPS_MAX=3 SC_OPEN_MAX=4 SC_STREAM_MAX=5 SC_TZNAME_MAX=6 SC_JOB_CONTROL=7 \
    SC_SAVED_IDS=8 SC_REALTIME_SIGNALS=9 SC_PRIORITY_SCHEDULING=10 SC_TIMERS=11 SC_ASYNCHRONOUS_IO=12 SC_PRIORITIZED_IO=13 \
    SC_SYNCHRONIZED_IO=14 SC_FSYNC=15 SC_MAPPED_FILES=16 SC_MEMLOCK=17 SC_MEMLOCK_RANGE=18 SC_MEMORY_PROTECTION=19 \
    SC_MESSAGE_PASSING=20 SC_SEMAPHORES=21 SC_SHARED_MEMORY_OBJECTS=22 SC_AIO_LISTIO_MAX=23 SC_AIO_MAX=24 \
    SC_AIO_PRIO_DELTA_MAX=25 SC_DELAYTIMER_MAX=26 SC_MQ_OPEN_MAX=27 SC_MQ_PRIO_MAX=28 SC_VERSION=29 SC_PAGESIZE=30 \
    SC_PAGE_SIZE=30 SC_RTSIG_MAX=31 SC_SEM_NSEMS_MAX=32 SC_SEM_VALUE_MAX=33 SC_SIGQUEUE_MAX=34 SC_TIMER_MAX=35 \
    SC_BC_BASE_MAX=36 SC_BC_DIM_MAX=37 SC_BC_SCALE_MAX=38 SC_BC_STRING_MAX=39 SC_COLL_WEIGHTS_MAX=40 SC_EQUIV_CLASS_MAX=41 \
    SC_EXPR_NEST_MAX=42 SC_LINE_MAX=43 SC_RE_DUP_MAX=44 SC_CHARCLASS_NAME_MAX=45 SC_2_VERSION=46 SC_2_C_BIND=47 \
    SC_2_C_DEV=48 SC_2_FORT_DEV=49 SC_2_FORT_RUN=50 SC_2_SW_DEV=51 SC_2_LOCALEDEF=52 SC_PII=53 SC_PII_XTI=54 \
    SC_PII_SOCKET=55 SC_PII_INTERNET=56 SC_PII_OSI=57 SC_POLL=58 SC_SELECT=59 SC_IOV_MAX=60 SC_UIO_MAXIOV=60 \
    SC_PII_INTERNET_STREAM=61 SC_PII_INTERNET_DGRAM=62 SC_PII_OSI_COTS=63 SC_PII_OSI_CLTS=64 SC_PII_OSI_M=65 SC_T_IOV_MAX=66 \
    SC_THREADS=67 SC_THREAD_SAFE_FUNCTIONS=68 SC_GETGR_R_SIZE_MAX=69 SC_GETPW_R_SIZE_MAX=70 SC_LOGIN_NAME_MAX=71 \
    SC_TTY_NAME_MAX=72 SC_THREAD_DESTRUCTOR_ITERATIONS=73 SC_THREAD_KEYS_MAX=74 SC_THREAD_STACK_MIN=75 \
    SC_THREAD_THREADS_MAX=76 SC_THREAD_ATTR_STACKADDR=77 SC_THREAD_ATTR_STACKSIZE=78 SC_THREAD_PRIORITY_SCHEDULING=79 \
    SC_THREAD_PRIO_INHERIT=80 SC_THREAD_PRIO_PROTECT=81 SC_THREAD_PROCESS_SHARED=82 SC_NPROCESSORS_CONF=83 \
    SC_NPROCESSORS_ONLN=84 SC_PHYS_PAGES=85 SC_AVPHYS_PAGES=86 SC_ATEXIT_MAX=87 SC_PASS_MAX=88 SC_XOPEN_VERSION=89 \
    SC_XOPEN_XCU_VERSION=90 SC_XOPEN_UNIX=91 SC_XOPEN_CRYPT=92 SC_XOPEN_ENH_I18N=93 SC_XOPEN_SHM=94 SC_2_CHAR_TERM=95 \
    SC_2_C_VERSION=96 SC_2_UPE=97 SC_XOPEN_XPG2=98 SC_XOPEN_XPG3=99 SC_XOPEN_XPG4=100 SC_CHAR_BIT=101 SC_CHAR_MAX=102 \
    SC_CHAR_MIN=103 SC_INT_MAX=104 SC_INT_MIN=105 SC_LONG_BIT=106 SC_WORD_BIT=107 SC_MB_LEN_MAX=108 SC_NZERO=109 \
    SC_SSIZE_MAX=110 SC_SCHAR_MAX=111 SC_SCHAR_MIN=112 SC_SHRT_MAX=113 SC_SHRT_MIN=114 SC_UCHAR_MAX=115 SC_UINT_MAX=116 \
    SC_ULONG_MAX=117 SC_USHRT_MAX=118 SC_NL_ARGMAX=119 SC_NL_LANGMAX=120 SC_NL_MSGMAX=121 SC_NL_NMAX=122 SC_NL_SETMAX=123 \
    SC_NL_TEXTMAX=124 SC_XBS5_ILP32_OFF32=125 SC_XBS5_ILP32_OFFBIG=126 SC_XBS5_LP64_OFF64=127 SC_XBS5_LPBIG_OFFBIG=128 \
    SC_XOPEN_LEGACY=129 SC_XOPEN_REALTIME=130 SC_XOPEN_REALTIME_THREADS=131 SC_MINSIGSTKSZ=249
    """

  // MARK: paths

  /// posixpath.normpath without the last step ("" stays ""): no empty or "." parts, ".." taken together with the part before.
  private static func normalize(_ vm: VM, _ path: Value) throws(Raised) -> Value {
    guard path.isStr else { throw vm.raise(.typeError, "expected 'str', not '\(path.typeName)'") }
    let s = path.as(StrLayout.self)
    let count = s.pointee.length
    var slashes = 0
    while slashes < count && s[codePoint: slashes] == 0x2F { slashes += 1 }
    if count > slashes && slashes <= 2 && isNormal(s, slashes) { return path.isExactStr ? path : try vm.str(of: path) }
    // POSIX lets exactly two leading slashes mean something else.
    let root = slashes == 2 ? 2 : slashes > 0 ? 1 : 0
    var parts: [(start: Int, end: Int)] = []
    var i = slashes
    while i < count {
      var end = i
      while end < count && s[codePoint: end] != 0x2F { end += 1 }
      let length = end - i
      let isDot = length == 1 && s[codePoint: i] == 0x2E
      let isUp = length == 2 && s[codePoint: i] == 0x2E && s[codePoint: i + 1] == 0x2E
      if isUp {
        if let last = parts.last, !isParent(s, last) {
          parts.removeLast()
        } else if root == 0 {
          parts.append((i, end))
        }
      } else if length > 0 && !isDot {
        parts.append((i, end))
      }
      i = end + 1
    }
    var length = root + max(0, parts.count - 1)
    for p in parts { length += p.end - p.start }
    if length == count && parts.count > 0 { return path.isExactStr ? path : try vm.str(of: path) }
    let result = try vm.list()
    let slash = try vm.intern("/")
    if root > 0 { try vm.append(result, try vm.intern(root == 2 ? "//" : "/")) }
    for (n, p) in parts.enumerated() {
      if n > 0 { try vm.append(result, slash) }
      try vm.append(result, try vm.getItem(path, try Slices.make(vm, Value(smallInt: p.start), Value(smallInt: p.end), .none)))
    }
    return try vm.callMethod(try vm.intern(""), "join", result)
  }
  /// Whether all parts from `start` on have names, none of which is "." or "..".
  private static func isNormal(_ s: UnsafeMutablePointer<StrLayout>, _ start: Int) -> Bool {
    var i = start
    while true {
      var end = i
      while end < s.pointee.length && s[codePoint: end] != 0x2F { end += 1 }
      let length = end - i
      if length == 0 || length <= 2 && s[codePoint: i] == 0x2E && s[codePoint: end - 1] == 0x2E { return false }
      if end >= s.pointee.length { return true }
      i = end + 1
    }
  }
  private static func isParent(_ s: UnsafeMutablePointer<StrLayout>, _ part: (start: Int, end: Int)) -> Bool {
    part.end - part.start == 2 && s[codePoint: part.start] == 0x2E && s[codePoint: part.start + 1] == 0x2E
  }

  // MARK: scheduling

  private static func scheduling(_ m: ModuleBuilder) throws(Raised) {
    let t = try StructSequence.makeType(
      m.vm, "posix.sched_param", module: m.module,
      doc: "Currently has only one field: sched_priority\n\n  sched_priority\n    A scheduling parameter.", names: ["sched_priority"],
      visible: 1)
    t.type.pointee.slots.new = ManyCode { (vm, _, args) throws(Raised) in
      try vm.bind(args, "sched_param", "(sched_priority)") { a throws(Raised) in try parameter(vm, a[0]) }
    }
    schedulingType = t
    m.value("sched_param", Value(t.type))
    m.function("sched_getparam", "($module, pid, /)", "The scheduling parameters of a process.") { (vm, _, v) throws(Raised) in
      var p = sched_param()
      if Glibc.sched_getparam(try PosixArgs.int32(vm, v), &p) != 0 { throw OSErrors.raise(vm, errno) }
      return try parameter(vm, Value(smallInt: Int(p.sched_priority)))
    }
    m.function("sched_setparam", "($module, pid, param, /)", "Sets the scheduling parameters of a process.") {
      (vm, _, args: Args) throws(Raised) in
      var p = try parameter(vm, of: args[1])
      if Glibc.sched_setparam(try PosixArgs.int32(vm, args[0]), &p) != 0 { throw OSErrors.raise(vm, errno) }
      return .none
    }
    m.function("sched_setscheduler", "($module, pid, policy, param, /)", "Sets how a process is scheduled.") {
      (vm, _, args: Args) throws(Raised) in
      var p = try parameter(vm, of: args[2])
      let pid = try PosixArgs.int32(vm, args[0]), policy = try PosixArgs.int32(vm, args[1])
      if Glibc.sched_setscheduler(pid, policy, &p) != 0 { throw OSErrors.raise(vm, errno) }
      return .none
    }
  }
  private static func parameter(_ vm: VM, _ priority: Value) throws(Raised) -> Value {
    guard let t = schedulingType else { throw vm.raise(.systemError, "posix is not initialised") }
    let v = try t.make(vm)
    v.as(TupleLayout.self).items[0] = priority
    return v
  }
  private static func parameter(_ vm: VM, of v: Value) throws(Raised) -> sched_param {
    guard let t = schedulingType, v.type == t.type else { throw vm.raise(.typeError, "must have a sched_param object") }
    let priority = try vm.asInt(v.as(TupleLayout.self).items[0])
    guard let n = Int32(exactly: priority) else { throw vm.raise(.overflowError, "sched_priority out of range") }
    var p = sched_param()
    p.sched_priority = n
    return p
  }

  // MARK: waiting

  private static func waiting(_ m: ModuleBuilder) throws(Raised) {
    let t = try StructSequence.makeType(
      m.vm, "posix.waitid_result", module: m.module,
      doc: """
        waitid_result: Result from waitid.

        This object may be accessed either as a tuple of
          (si_pid, si_uid, si_signo, si_status, si_code),
        or via the attributes si_pid, si_uid, and so on.

        See os.waitid for more information.
        """, names: ["si_pid", "si_uid", "si_signo", "si_status", "si_code"], visible: 5)
    waitType = t
    m.value("waitid_result", Value(t.type))
    m.function("waitid", "($module, idtype, id, options, /)", "Facts about a child that changed state, or None.") {
      (vm, _, args: Args) throws(Raised) in
      let kind = try PosixArgs.int32(vm, args[0]), id = try PosixArgs.int32(vm, args[1]), options = try PosixArgs.int32(vm, args[2])
      var facts: (Int32, Int32, Int32, Int32, Int32) = (0, 0, 0, 0, 0)
      let n = try PosixArgs.retrying(vm) {
        Int(amphis_waitid(kind, UInt32(bitPattern: id), options, &facts.0, &facts.1, &facts.2, &facts.3, &facts.4))
      }
      if n < 0 { throw OSErrors.raise(vm, errno) }
      if facts.0 == 0 { return .none }
      guard let t = waitType else { throw vm.raise(.systemError, "posix is not initialised") }
      let v = try t.make(vm)
      let items = v.as(TupleLayout.self).items
      for (i, f) in [facts.0, facts.1, facts.2, facts.3, facts.4].enumerated() { items[i] = Value(smallInt: Int(f)) }
      return v
    }
  }
}
