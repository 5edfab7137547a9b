#define _GNU_SOURCE
#include "CRuntimeSupport.h"
#include <pthread.h>
#include <setjmp.h>
#include <string.h>

__attribute__((noinline))
void amphis_scan_native_stack(const void *high, amphis_stack_visitor visit, void *context) {
  jmp_buf registers;
  __builtin_unwind_init();
  (void)_setjmp(registers);  // glibc mangles some words; __builtin_unwind_init has spilled those plainly
  const void *low = __builtin_frame_address(0);
  if ((const void *)&registers < low) low = (const void *)&registers;
  low = (const void *)((uintptr_t)low & ~(uintptr_t)7);
  visit(context, low, high);
}

__attribute__((noinline))
void amphis_clear_dead_stack(void) {
  unsigned char below[24 * 1024];
  memset(below, 0, sizeof below);
  __asm__ volatile("" : : "r"(below) : "memory");
}

int amphis_stack_bounds(const void **low, const void **high) {
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
  jmp_buf registers;
  __builtin_unwind_init();
  (void)_setjmp(registers);
  const void *low = __builtin_frame_address(0);
  if ((const void *)&registers < low) low = (const void *)&registers;
  body(context, (const void *)((uintptr_t)low & ~(uintptr_t)7));
  __asm__ volatile("" : : "r"(&registers) : "memory");
}
