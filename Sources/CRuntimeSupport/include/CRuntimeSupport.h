#ifndef AMPHIS_CRUNTIME_SUPPORT_H
#define AMPHIS_CRUNTIME_SUPPORT_H

#include <stddef.h>
#include <net/if.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/time.h>

/// Tells the processor that the memory at `p` will be read soon. `p` may be any address.
static inline void amphis_prefetch(const void *p) { __builtin_prefetch(p); }

/// Splits the mappings of Swift's standard library and of the executable's constants into pieces of 16 KiB, by advice that changes nothing else: the kernel maps what lies around a
/// page that is touched, 64 KiB and more, but not beyond a mapping's end.
void amphis_split_library(void);

/// Splits the mappings of the executable's text and of the C library into pieces of `piece` bytes in the same way, until the process forks, and gives the
/// C library's pages back: for a program that has run for a while. Does nothing the second time.
void amphis_split_text(size_t piece);

/// Gives back the pages of text and constants that the process has of a library whose file's name begins with `name` (NULL: of the
/// executable): what binding its functions has touched, or a start. Whoever runs one finds it in the page cache.
void amphis_drop_library(const char *name);

/// Gives back what the dynamic linker has read of the library that contains `anchor` (symbols and relocations), and splits the mappings of its
/// text and constants into pieces of `piece` bytes, as `amphis_split_library` does. With 0 for `piece`, it gives back text and constants, too.
void amphis_trim_library(const void *anchor, size_t piece);

/// Lets malloc keep up to 2 MiB that have been freed at the end of its memory, and take pieces of up to 1 MiB from there. By itself it gives back what exceeds
/// 128 KiB, until it has seen a larger piece come and go.
void amphis_keep_freed_memory(void);

/// Makes the pages of `count` bytes from `p` on the process's own, as writing to them does, and leaves what is in them. Reading a page of a
/// mapped file first would have the kernel map what lies around it, too.
static inline void amphis_own_pages(void *p, size_t count) {
  uintptr_t end = (uintptr_t)p + count;
  for (uintptr_t a = (uintptr_t)p; a < end; a = (a & ~(uintptr_t)4095) + 4096) {
    unsigned char nothing = 0;
    __asm__ volatile("" : "+r"(nothing));  // or the compiler would see that nothing is written
    __atomic_fetch_or((unsigned char *)a, nothing, __ATOMIC_RELAXED);
  }
}

/// Zeroes `count` words from `p` on, which is aligned to 16 bytes, and one more where `count` is odd. For a few of them.
static inline __attribute__((always_inline)) void amphis_clear_words(void *p, intptr_t count) {
  typedef uint64_t pair __attribute__((vector_size(16), aligned(16), may_alias));
  for (pair *at = (pair *)p, *end = (pair *)((uint64_t *)p + count); at < end; at++) {
    *at = (pair){0, 0};
    __asm__ volatile("" : "+r"(at));  // or the compiler would make a call of memset of it
  }
}

/// Called with a range of words, [low, high).
typedef void (*amphis_range_visitor)(void *context, const void *low, const void *high);

/// Takes away the handlers that the Swift runtime puts over faults at start: with them, a signal sent by kill() would be survived.
void amphis_faults_to_system(void);

/// Clears what ended calls left below the caller's frame: the frames of a scan would take it over where they write nothing.
void amphis_clear_stack(void);

/// The words of the function that has called the caller which are neither registers that it has saved nor its arguments on the stack: what it has for itself, written or not.
/// 0: not known (other processors than x86-64; no tables to unwind by).
int amphis_locals_of_caller(const void **low, const void **high);

/// The first of the words [p, end) that is less than `size` above `base`, which goes to `*word`; `end` if none is. AddressSanitizer is not asked: what
/// is scanned conservatively has its red zones in it.
const void *amphis_find_word(const void *p, const void *end, uintptr_t base, uintptr_t size, uintptr_t *word);

/// Bounds of the calling thread's stack: `*low` is the lowest usable address, `*high` one past the highest.
/// Returns 0, or an errno value.
int amphis_stack_bounds(const void **low, const void **high);

/// Visits the writable segments of the executable or library that contains the address `anchor`, word-aligned.
void amphis_writable_segments(const void *anchor, amphis_range_visitor visit, void *context);

/// Copies the build ID that the linker gave the executable, zero-padded or cut to `size`. Returns its length; 0: it has none.
int amphis_build_id(void *buffer, size_t size);

/// The flag that makes `mmap` take the given address or none.
int amphis_map_fixed_noreplace(void);

/// Fills `buffer` with `count` random bytes; 0, or an errno value.
int amphis_random_bytes(void *buffer, size_t count);

/// System calls that the system's Swift module leaves out or hides behind a struct of the same name.
int amphis_dup3(int from, int to, int flags);
int amphis_pipe2(int *ends, int flags);
int amphis_sched_getaffinity(int pid, uint8_t *mask, size_t bytes);
int amphis_statvfs(const char *path, struct statvfs *result);
int amphis_fstatvfs(int fd, struct statvfs *result);
int amphis_gettid(void);

/// Memory for machine code, `size` bytes (whole pages): one view that is written and one that is run. Shared with children of fork():
/// only the process that made it may write. Returns 0, or an errno value where the system refuses it.
int amphis_code_map(size_t size, void **writable, void **executable);
/// The other way, for one piece of code: written first and made executable afterwards, in pages of its own. 0, or an errno value.
int amphis_code_make(const void *code, size_t size, void **executable);

/// Installs a signal handler (without SA_RESTART, so that blocked calls look up); 0, or -1 with errno.
int amphis_signal_install(int number, void (*handler)(int));
/// Signals that have come and wait for the main thread. `note` may be called in a signal handler; `noted` has bit `number - 1` of each that
/// waits; `take` says whether `number` waited, and takes it away; `forget` takes all away.
void amphis_signals_note(int number);
uint64_t amphis_signals_noted(void);
int amphis_signals_take(int number);
void amphis_signals_forget(void);
/// The errno of a write to the wakeup descriptor that failed in a signal handler; `take` answers 0 when there was none.
void amphis_signals_note_wakeup_error(int error);
int amphis_signals_take_wakeup_error(void);
/// Back to the default action, or ignores the signal.
int amphis_signal_default(int number, int ignore);
/// forkpty(3) without a name, modes or size.
int amphis_forkpty(int *descriptor);
/// write(2) if it need not wait; −1 with errno otherwise (EAGAIN, or EOPNOTSUPP for what cannot say so beforehand, files for one).
long amphis_write_at_once(int descriptor, const void *memory, long count);
// accept4, whose descriptor children do not inherit; Glibc's module hides it.
int amphis_accept(int descriptor, struct sockaddr *address, socklen_t *length);
// if_nameindex(): its struct's name hides it from Swift.
struct if_nameindex *amphis_interfaces(void);
/// waitid(2); `*pid` is 0 when no child has changed.
int amphis_waitid(int kind, unsigned id, int options, int *pid, int *user, int *number, int *status, int *code);
/// faulthandler: puts a handler over what the signal did before (0, or -1 with errno); takes it off again; runs what it covers.
int amphis_fault_install(int number, void (*handler)(int), int chain);
void amphis_fault_restore(int number);
void amphis_fault_chain(int number);
/// Calls `callback` on a thread of its own once some time has passed, again and again if `repeat`; 0, or an errno value.
int amphis_watchdog_start(int64_t nanoseconds, int repeat, void (*callback)(void));
void amphis_watchdog_cancel(void);
int amphis_setitimer(int which, const struct itimerval *value, struct itimerval *old);
int amphis_getitimer(int which, struct itimerval *value);

/// sendfile(2), which the system's Swift module leaves out.
long amphis_sendfile(int out, int in, long *offset, size_t count);

/// BLAKE2 (RFC 7693): mixes a block of sixteen words into the eight of `h`. `count`: bytes so far, this block's among them, in two words; `last`: the two words that
/// mark the last block, and the last node of a tree.
void amphis_blake2b_compress(uint64_t *h, const uint8_t *block, const uint64_t *count, const uint64_t *last);
void amphis_blake2s_compress(uint32_t *h, const uint8_t *block, const uint32_t *count, const uint32_t *last);
/// What the eight words are before the parameters are mixed in.
const uint64_t *amphis_start_of_blake2b(void);
const uint32_t *amphis_start_of_blake2s(void);

/// Calls `body(context, sp)` with the callee-saved registers spilled above `sp`, so that a stack scan from `sp` upwards sees
/// everything the caller held in registers.
void amphis_with_spilled_registers(void (*body)(void *context, const void *sp), void *context);

/// `f(a, …)`, which may give up the interpreter lock: meanwhile `*parked` says from where upwards the thread's native stack holds
/// everything that callers have in registers. Null afterwards.
///
/// In line where the callee-saved registers are known: naming them all as changed makes the surrounding function save its caller's, and put
/// what it has in them itself on the stack above what is noted. That is half of what a function of its own costs, which saves all of them. The frame pointer cannot
/// be named so. Where functions have none, its register is one like others, so what is in it is put on the stack (`frame`), too.
#if defined(__x86_64__)
#define AMPHIS_NOTE_STACK(low, frame) \
  __asm__ volatile("movq %%rbp, %1\n\tmovq %%rsp, %0" : "=r"(low), "=m"(frame) : : "rbx", "r12", "r13", "r14", "r15", "memory")
#elif defined(__aarch64__)
#define AMPHIS_NOTE_STACK(low, frame)                                                                                                \
  __asm__ volatile("str x29, %1\n\tmov %0, sp" : "=r"(low), "=m"(frame) : : "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", \
                   "x28", "d8", "d9", "d10", "d11", "d12", "d13", "d14", "d15", "memory")
#endif
#ifdef AMPHIS_NOTE_STACK
#define AMPHIS_PARKED(RESULT, NAME, PARAMETERS, CALL)                  \
  static inline __attribute__((always_inline)) RESULT NAME PARAMETERS { \
    const void *low, *frame;                                            \
    AMPHIS_NOTE_STACK(low, frame);                                      \
    *parked = low;                                                      \
    RESULT result = CALL;                                               \
    __asm__ volatile("" : : "m"(frame));                                \
    *parked = 0;                                                        \
    return result;                                                      \
  }
#else
#define AMPHIS_PARKED(RESULT, NAME, PARAMETERS, CALL) RESULT NAME PARAMETERS;
#endif
#define AMPHIS_PARKED_FUNCTIONS(P)                                                                                                     \
  P(void *, amphis_parked_1, (const void **parked, void *(*f)(void *), void *a), f(a))                                                 \
  P(void *, amphis_parked_2, (const void **parked, void *(*f)(void *, void *), void *a, void *b), f(a, b))                             \
  P(void *, amphis_parked_3, (const void **parked, void *(*f)(void *, void *, void *), void *a, void *b, void *c), f(a, b, c))         \
  P(void *, amphis_parked_n, (const void **parked, void *(*f)(void *, void *, long), void *a, void *items, long count),                \
    f(a, items, count))                                                                                                                \
  P(void *, amphis_parked_4,                                                                                                           \
    (const void **parked, void *(*f)(void *, void *, long, void *), void *a, void *items, long count, void *names),                    \
    f(a, items, count, names))                                                                                                         \
  P(void *, amphis_parked_5,                                                                                                           \
    (const void **parked, void *(*f)(void *, void *, void *, long, void *), void *a, void *b, void *items, long count, void *names),   \
    f(a, b, items, count, names))                                                                                                      \
  P(void *, amphis_parked_indexed, (const void **parked, void *(*f)(void *, long), void *a, long i), f(a, i))                          \
  P(void *, amphis_parked_compare, (const void **parked, void *(*f)(void *, void *, int), void *a, void *b, int operation),            \
    f(a, b, operation))                                                                                                                \
  P(long, amphis_parked_length, (const void **parked, long (*f)(void *), void *a), f(a))
AMPHIS_PARKED_FUNCTIONS(AMPHIS_PARKED)

/// Address of the end of the native stack: how deep it is right now. Not the address of the caller's frame, which would have the caller set up a
/// frame pointer.
static inline __attribute__((always_inline)) uintptr_t amphis_stack_pointer(void) {
  uintptr_t end;
#if defined(__x86_64__)
  __asm__("movq %%rsp, %0" : "=r"(end));
#elif defined(__aarch64__)
  __asm__("mov %0, sp" : "=r"(end));
#else
  end = (uintptr_t)__builtin_frame_address(0);
#endif
  return end;
}

/// First and last occurrences in raw memory (GNU extensions that the system's module does not show).
extern void *memmem(const void *haystack, size_t count, const void *needle, size_t needle_count);
extern void *memrchr(const void *memory, int byte, size_t count);

static inline int32_t amphis_atomic_load_i32(const int32_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline void amphis_atomic_store_i32(int32_t *p, int32_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
static inline int32_t amphis_atomic_or_i32(int32_t *p, int32_t v) { return __atomic_fetch_or(p, v, __ATOMIC_ACQ_REL); }
static inline int32_t amphis_atomic_and_i32(int32_t *p, int32_t v) { return __atomic_fetch_and(p, v, __ATOMIC_ACQ_REL); }

#endif
