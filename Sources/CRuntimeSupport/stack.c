#define _GNU_SOURCE
#include "CRuntimeSupport.h"
#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <unwind.h>

__attribute__((noinline))
void amphis_clear_stack(void) {
#ifdef DEBUG
  // The evaluator's frame alone has 42 KiB there.
  char below[64 * 1024];
#else
  char below[24 * 1024];
#endif
  memset(below, 0, sizeof below);
  __asm__ volatile("" : : "r"(below) : "memory");
}

#ifdef __x86_64__
struct frames {
  int number;
  uintptr_t ends[2];
};

// A frame is at hand with the stack pointer that it has while it calls: of the function asked about, and of the one that has called it.
static _Unwind_Reason_Code note_frame(struct _Unwind_Context *context, void *data) {
  struct frames *frames = data;
  int number = frames->number++;
  if (number >= 2) frames->ends[number - 2] = _Unwind_GetCFA(context);
  return number == 3 ? _URC_END_OF_STACK : _URC_NO_REASON;
}
#endif

__attribute__((noinline))
int amphis_locals_of_caller(const void **low, const void **high) {
#ifdef __x86_64__
  // Of six registers that it may have saved, and the return address
  enum { saved = 7 * 8, largest = 64 * 1024 };
  struct frames frames = {0, {0, 0}};
  _Unwind_Backtrace(note_frame, &frames);
  if (frames.number != 4 || frames.ends[1] <= frames.ends[0] + saved || frames.ends[1] - frames.ends[0] > largest) return 0;
  *low = (const void *)frames.ends[0];
  *high = (const void *)(frames.ends[1] - saved);
  return 1;
#else
  (void)low;
  (void)high;
  return 0;
#endif
}

// The main thread's stack as the kernel made it: the program's path lies at its very top. pthread_getattr_np would read and parse
// /proc/self/maps for that, a fiftieth of a start.
static int main_stack_bounds(const void **low, const void **high) {
  const char *path = (const char *)getauxval(AT_EXECFN);
  struct rlimit limit;
  if (!path || getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > (rlim_t)1 << 30) return 0;
  uintptr_t here = (uintptr_t)__builtin_frame_address(0), end = ((uintptr_t)path + strlen(path) + 1 + 4095) & ~(uintptr_t)4095;
  uintptr_t size = (uintptr_t)limit.rlim_cur & ~(uintptr_t)4095;
  if (here >= (uintptr_t)path || end <= size || here <= end - size) return 0;
  *low = (const void *)(end - size);
  *high = (const void *)end;
  return 1;
}

int amphis_stack_bounds(const void **low, const void **high) {
  if (syscall(SYS_gettid) == getpid() && main_stack_bounds(low, high)) return 0;
  pthread_attr_t attributes;
  int error = pthread_getattr_np(pthread_self(), &attributes);
  if (error) return error;
  void *base;
  size_t size, guard = 0;
  error = pthread_attr_getstack(&attributes, &base, &size);
  if (!error) pthread_attr_getguardsize(&attributes, &guard);
  pthread_attr_destroy(&attributes);
  if (error) return error;
  *low = (const char *)base + guard;
  *high = (const char *)base + size;
  return 0;
}

__attribute__((noinline))
void amphis_with_spilled_registers(void (*body)(void *context, const void *sp), void *context) {
  __builtin_unwind_init();  // saves every callee-saved register in this frame, between `lowest` and the frame's address
  void *lowest = 0;         // nothing below it is scanned, and nothing of this frame that is not written
  const void *low = __builtin_frame_address(0);
  if ((const void *)&lowest < low) low = (const void *)&lowest;
  body(context, (const void *)((uintptr_t)low & ~(uintptr_t)7));
  __asm__ volatile("" : : "r"(&lowest) : "memory");
}

#ifndef AMPHIS_NOTE_STACK
// __builtin_unwind_init makes the compiler save every callee-saved register in the function's own frame; these lie within the words below
// the frame's address, whatever their order. What is scanned below them is stack of the callee's.
#define PARKED(RESULT, NAME, PARAMETERS, CALL)                \
  __attribute__((noinline)) RESULT NAME PARAMETERS {          \
    __builtin_unwind_init();                                  \
    *parked = (const char *)__builtin_frame_address(0) - 256; \
    RESULT result = CALL;                                     \
    *parked = 0;                                              \
    return result;                                            \
  }
AMPHIS_PARKED_FUNCTIONS(PARKED)
#endif
