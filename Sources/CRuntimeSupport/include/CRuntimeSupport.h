#ifndef AMPHIS_CRUNTIME_SUPPORT_H
#define AMPHIS_CRUNTIME_SUPPORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/statvfs.h>
#include <sys/time.h>

/// Tells the processor that the memory at `p` will be read soon. `p` may be any address.
static inline void amphis_prefetch(const void *p) { __builtin_prefetch(p); }

/// Called with the live part of a native stack: words in [low, high), registers spilled below.
typedef void (*amphis_stack_visitor)(void *context, const void *low, const void *high);

/// Spills the callee-saved registers to the stack and passes the range from there up to `high` to `visit`.
void amphis_scan_native_stack(const void *high, amphis_stack_visitor visit, void *context);

/// Bounds of the calling thread's stack: `*low` is the lowest usable address, `*high` one past the highest.
/// Returns 0, or an errno value.
int amphis_stack_bounds(const void **low, const void **high);

/// Visits the writable segments of the executable or library that contains the address `anchor`, word-aligned.
void amphis_writable_segments(const void *anchor, amphis_stack_visitor visit, void *context);

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

/// Installs a signal handler (without SA_RESTART, so that blocked calls look up); 0, or -1 with errno.
int amphis_signal_install(int number, void (*handler)(int));
/// Back to the default action, or ignores the signal.
int amphis_signal_default(int number, int ignore);
/// forkpty(3) without a name, modes or size.
int amphis_forkpty(int *descriptor);
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

/// Calls `body(context, sp)` with the callee-saved registers spilled above `sp`, so that a stack scan from `sp` upwards sees
/// everything the caller held in registers.
void amphis_with_spilled_registers(void (*body)(void *context, const void *sp), void *context);

/// Address of the caller's frame: how deep the native stack is right now.
static inline const void *amphis_stack_pointer(void) { return __builtin_frame_address(0); }

/// First and last occurrences in raw memory (GNU extensions that the system's module does not show).
extern void *memmem(const void *haystack, size_t count, const void *needle, size_t needle_count);
extern void *memrchr(const void *memory, int byte, size_t count);

static inline int32_t amphis_atomic_load_i32(const int32_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline void amphis_atomic_store_i32(int32_t *p, int32_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
static inline int32_t amphis_atomic_or_i32(int32_t *p, int32_t v) { return __atomic_fetch_or(p, v, __ATOMIC_ACQ_REL); }
static inline int32_t amphis_atomic_and_i32(int32_t *p, int32_t v) { return __atomic_fetch_and(p, v, __ATOMIC_ACQ_REL); }

#endif
