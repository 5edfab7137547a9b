#define _GNU_SOURCE
#include "CRuntimeSupport.h"
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

int amphis_code_map(size_t size, void **writable, void **executable) {
  int file = memfd_create("amphis-code", MFD_CLOEXEC);
  if (file < 0) return errno;
  if (ftruncate(file, (off_t)size)) {
    int error = errno;
    close(file);
    return error;
  }
  void *w = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  void *x = w == MAP_FAILED ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
  int error = x == MAP_FAILED ? errno : 0;
  close(file);
  if (error) {
    if (w != MAP_FAILED) munmap(w, size);
    return error;
  }
  *writable = w;
  *executable = x;
  return 0;
}

int amphis_code_make(const void *code, size_t size, void **executable) {
  void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return errno;
  __builtin_memcpy(p, code, size);
  if (mprotect(p, size, PROT_READ | PROT_EXEC)) {
    int error = errno;
    munmap(p, size);
    return error;
  }
  *executable = p;
  return 0;
}
