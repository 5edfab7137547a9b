#define _GNU_SOURCE
#include "CRuntimeSupport.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// What a signal did before a handler of faulthandler's was put over it.
static struct sigaction previous[65];
static unsigned char installed[65];

void amphis_faults_to_system(void) {
  static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGQUIT};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    struct sigaction now;
    if (!sigaction(faults[i], 0, &now) && now.sa_handler != SIG_DFL && now.sa_handler != SIG_IGN) signal(faults[i], SIG_DFL);
  }
}

int amphis_fault_install(int number, void (*handler)(int), int chain) {
  if (number < 1 || number > 64) {
    errno = EINVAL;
    return -1;
  }
  static void *stack;
  if (!stack) {  // a stack of its own: the fault may be that the thread's stack is used up
    size_t size = 64 << 10;
    if ((stack = malloc(size))) {
      stack_t s = {.ss_sp = stack, .ss_flags = 0, .ss_size = size};
      sigaltstack(&s, 0);
    }
  }
  struct sigaction action = {0}, old;
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  if (chain) action.sa_flags |= SA_NODEFER;  // so that the previous handler can be reached from within ours
  if (sigaction(number, &action, &old)) return -1;
  if (!installed[number]) previous[number] = old;
  installed[number] = 1;
  return 0;
}

void amphis_fault_restore(int number) {
  if (number < 1 || number > 64 || !installed[number]) return;
  installed[number] = 0;
  sigaction(number, &previous[number], 0);
}

void amphis_fault_chain(int number) {
  if (number < 1 || number > 64 || !installed[number]) return;
  struct sigaction ours;
  if (sigaction(number, &previous[number], &ours)) return;
  raise(number);
  sigaction(number, &ours, 0);
}

// The watchdog of dump_traceback_later.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_t watcher;
static int running, cancelled, repeating;
static int64_t interval;
static void (*expired)(void);

static void *watch(void *unused) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, 0);
  pthread_mutex_lock(&lock);
  struct timespec deadline;
  clock_gettime(CLOCK_MONOTONIC, &deadline);
  while (!cancelled) {
    deadline.tv_sec += interval / 1000000000;
    deadline.tv_nsec += interval % 1000000000;
    if (deadline.tv_nsec >= 1000000000) {
      deadline.tv_nsec -= 1000000000;
      deadline.tv_sec++;
    }
    int result = 0;
    while (!cancelled && result == 0) result = pthread_cond_timedwait(&changed, &lock, &deadline);
    if (cancelled) break;
    expired();
    if (!repeating) break;
  }
  pthread_mutex_unlock(&lock);
  return unused;
}

int amphis_watchdog_start(int64_t nanoseconds, int repeat, void (*callback)(void)) {
  amphis_watchdog_cancel();
  static int prepared;
  if (!prepared) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &attributes);
    pthread_condattr_destroy(&attributes);
    prepared = 1;
  }
  interval = nanoseconds;
  repeating = repeat;
  expired = callback;
  cancelled = 0;
  int error = pthread_create(&watcher, 0, watch, 0);
  running = !error;
  return error;
}

void amphis_watchdog_cancel(void) {
  if (!running) return;
  pthread_mutex_lock(&lock);
  cancelled = 1;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  pthread_join(watcher, 0);
  running = 0;
}
