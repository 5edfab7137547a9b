#include "CRuntimeSupport.h"

// Set by signal handlers, which may run on any thread and in the middle of anything, and taken by the main thread: a plain `|=` on one side could
// bring back what the other has just taken, or lose what has just come.
static uint64_t tripped;
static int32_t wakeup_error;

void amphis_signals_note(int number) {
  if (number > 0 && number < 65) __atomic_fetch_or(&tripped, UINT64_C(1) << (number - 1), __ATOMIC_ACQ_REL);
}

uint64_t amphis_signals_noted(void) { return __atomic_load_n(&tripped, __ATOMIC_ACQUIRE); }

int amphis_signals_take(int number) {
  uint64_t bit = UINT64_C(1) << (number - 1);
  return (__atomic_fetch_and(&tripped, ~bit, __ATOMIC_ACQ_REL) & bit) != 0;
}

void amphis_signals_forget(void) { __atomic_store_n(&tripped, 0, __ATOMIC_RELEASE); }

void amphis_signals_note_wakeup_error(int error) { __atomic_store_n(&wakeup_error, error, __ATOMIC_RELEASE); }

int amphis_signals_take_wakeup_error(void) { return __atomic_exchange_n(&wakeup_error, 0, __ATOMIC_ACQ_REL); }
