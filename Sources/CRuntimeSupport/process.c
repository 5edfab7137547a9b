#define _GNU_SOURCE
#include "CRuntimeSupport.h"
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

struct segment_search {
  uintptr_t anchor;
  amphis_range_visitor visit;
  void *context;
};

// Set by the release build's linker options (Makefile): Swift marks some constant data writable, and lld then puts all of .rodata into
// the writable segment. No object reference is ever stored there, and reading it at each collection would only bring its pages in.
extern const char amphis_rodata_start[] __attribute__((weak, visibility("hidden")));
extern const char amphis_rodata_end[] __attribute__((weak, visibility("hidden")));
// Swift's standard library but for its public functions is one section of two megabytes, of which a start runs a function here and one there
// (Tools/thunks.ld says where it lies; nowhere in a build for debugging).
extern char amphis_library_start[] __attribute__((weak, visibility("hidden")));
extern char amphis_library_end[] __attribute__((weak, visibility("hidden")));
// Where the text begins that is not in sections of its own before it (Tools/thunks.ld)
extern char amphis_text_start[] __attribute__((weak, visibility("hidden")));

static void split(uintptr_t low, uintptr_t end, uintptr_t piece) {
  for (uintptr_t a = (low + piece - 1) & ~(piece - 1); a + piece <= end; a += 2 * piece) madvise((void *)a, piece, MADV_RANDOM);
}

void amphis_split_library(void) {
  split((uintptr_t)amphis_library_start, (uintptr_t)amphis_library_end, 16 << 10);
  split((uintptr_t)amphis_rodata_start, (uintptr_t)amphis_rodata_end, 16 << 10);
}

// What is mapped in small pieces until the process forks: text and constants of the executable and of the C library.
static struct { uintptr_t low, end; } in_pieces[8];
static int pieces_count;

static int split_object(struct dl_phdr_info *info, size_t size, void *piece) {
  (void)size;
  const char *file = info->dlpi_name ? strrchr(info->dlpi_name, '/') : 0;
  int is_executable = !info->dlpi_name || !*info->dlpi_name;
  if (!is_executable && (!file || (strncmp(file, "/libc.so", 8) && strncmp(file, "/libm.so", 8)))) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *h = &info->dlpi_phdr[i];
    uintptr_t low = (info->dlpi_addr + h->p_vaddr) & ~(uintptr_t)4095, end = info->dlpi_addr + h->p_vaddr + h->p_memsz;
    if (h->p_type != PT_LOAD || h->p_flags & PF_W || (is_executable && !(h->p_flags & PF_X)) || pieces_count == 8) continue;
    // What the regular expressions of Swift's library take, before the text, nobody runs.
    if (is_executable && (uintptr_t)amphis_text_start > low && (uintptr_t)amphis_text_start < end)
      low = (uintptr_t)amphis_text_start & ~(uintptr_t)4095;
    in_pieces[pieces_count].low = low;
    in_pieces[pieces_count++].end = (end + 4095) & ~(uintptr_t)4095;
    split(low, end, *(const uintptr_t *)piece);
    if (!is_executable) madvise((void *)low, end - low, MADV_DONTNEED);
  }
  return 0;
}

// Each piece is a mapping that a fork copies: 0.9 ms for the thirteen hundred of 8 KiB.
static void join_pieces(void) {
  while (pieces_count > 0) {
    pieces_count--;
    madvise((void *)in_pieces[pieces_count].low, in_pieces[pieces_count].end - in_pieces[pieces_count].low, MADV_NORMAL);
  }
}

void amphis_split_text(size_t piece) {
  static int is_done;
  // Once, and not in an executable that is not linked as ours (see below).
  if (is_done || !(uintptr_t)amphis_rodata_start) return;
  is_done = 1;
  if (!pthread_atfork(join_pieces, 0, 0)) dl_iterate_phdr(split_object, &piece);
}

static int drop_object(struct dl_phdr_info *info, size_t size, void *name) {
  (void)size;
  const char *file = info->dlpi_name ? strrchr(info->dlpi_name, '/') : 0;
  // The executable is the first object, without a name.
  if (name && (!file || strncmp(file + 1, name, strlen(name)))) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *h = &info->dlpi_phdr[i];
    if (h->p_type != PT_LOAD || h->p_flags & PF_W) continue;
    uintptr_t low = (info->dlpi_addr + h->p_vaddr) & ~(uintptr_t)4095;
    madvise((void *)low, info->dlpi_addr + h->p_vaddr + h->p_memsz - low, MADV_DONTNEED);
  }
  // The executable's constants, where the linker has put them among what is written to.
  uintptr_t low = ((uintptr_t)amphis_rodata_start + 4095) & ~(uintptr_t)4095, end = (uintptr_t)amphis_rodata_end & ~(uintptr_t)4095;
  if (!name && low < end) madvise((void *)low, end - low, MADV_DONTNEED);
  return 1;
}

void amphis_drop_library(const char *name) {
  // An executable without these marks is not ours as `make build` links it: a debug build, or a program with Amphis in it, whose text is its own affair.
  if (!name && !(uintptr_t)amphis_rodata_start) return;
  dl_iterate_phdr(drop_object, (void *)name);
}

struct trimming {
  uintptr_t anchor;
  uintptr_t piece;
};

static int trim_object(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size;
  struct trimming *trimming = data;
  int contains = 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *h = &info->dlpi_phdr[i];
    if (h->p_type == PT_LOAD && trimming->anchor - info->dlpi_addr - h->p_vaddr < h->p_memsz) contains = 1;
  }
  if (!contains) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *h = &info->dlpi_phdr[i];
    if (h->p_type != PT_LOAD || h->p_flags & PF_W) continue;
    uintptr_t low = (info->dlpi_addr + h->p_vaddr) & ~(uintptr_t)4095, end = info->dlpi_addr + h->p_vaddr + h->p_memsz;
    // Constants of the program are in a segment of their own, behind the text.
    if (!trimming->piece || (h->p_vaddr == 0 && !(h->p_flags & PF_X))) {
      madvise((void *)low, end - low, MADV_DONTNEED);
    } else {
      split(low, end, trimming->piece);
    }
  }
  return 1;
}

void amphis_trim_library(const void *anchor, size_t piece) {
  struct trimming trimming = {(uintptr_t)anchor, piece};
  dl_iterate_phdr(trim_object, &trimming);
}

static int visit_object(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size;
  struct segment_search *search = data;
  int contains = 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *h = &info->dlpi_phdr[i];
    uintptr_t low = info->dlpi_addr + h->p_vaddr;
    if (h->p_type == PT_LOAD && search->anchor >= low && search->anchor < low + h->p_memsz) contains = 1;
  }
  if (!contains) return 0;
  // Data that is read-only after relocation holds no object references, and part of it may not be mapped as the header says.
  uintptr_t relro_low = 0, relro_high = 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *h = &info->dlpi_phdr[i];
    if (h->p_type != PT_GNU_RELRO) continue;
    relro_low = info->dlpi_addr + h->p_vaddr;
    relro_high = relro_low + h->p_memsz;
  }
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *h = &info->dlpi_phdr[i];
    if (h->p_type != PT_LOAD || !(h->p_flags & PF_W)) continue;
    uintptr_t low = (info->dlpi_addr + h->p_vaddr + 7) & ~(uintptr_t)7;
    uintptr_t high = (info->dlpi_addr + h->p_vaddr + h->p_memsz) & ~(uintptr_t)7;
    if (low >= relro_low && low < relro_high) low = (relro_high + 7) & ~(uintptr_t)7;
    uintptr_t constant_low = (uintptr_t)amphis_rodata_start & ~(uintptr_t)7, constant_high = ((uintptr_t)amphis_rodata_end + 7) & ~(uintptr_t)7;
    if (constant_low > low && constant_high < high) {
      search->visit(search->context, (const void *)low, (const void *)constant_low);
      low = constant_high;
    }
    if (low < high) search->visit(search->context, (const void *)low, (const void *)high);
  }
  return 1;
}

void amphis_writable_segments(const void *anchor, amphis_range_visitor visit, void *context) {
  struct segment_search search = {(uintptr_t)anchor, visit, context};
  dl_iterate_phdr(visit_object, &search);
}

struct build_id {
  uint8_t *bytes;
  size_t size;
  int length;
};

static int visit_notes(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size;
  struct build_id *id = data;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *h = &info->dlpi_phdr[i];
    if (h->p_type != PT_NOTE) continue;
    const uint8_t *p = (const uint8_t *)(info->dlpi_addr + h->p_vaddr), *end = p + h->p_memsz;
    while (p + sizeof(ElfW(Nhdr)) <= end) {
      const ElfW(Nhdr) *note = (const void *)p;
      const uint8_t *name = p + sizeof *note, *content = name + ((note->n_namesz + 3) & ~3u);
      if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && !memcmp(name, "GNU", 4)) {
        size_t n = note->n_descsz < id->size ? note->n_descsz : id->size;
        memset(id->bytes, 0, id->size);
        memcpy(id->bytes, content, n);
        id->length = (int)note->n_descsz;
      }
      p = content + ((note->n_descsz + 3) & ~3u);
    }
  }
  return 1;  // The executable is the first object.
}

int amphis_build_id(void *buffer, size_t size) {
  struct build_id id = {buffer, size, 0};
  dl_iterate_phdr(visit_notes, &id);
  return id.length;
}

int amphis_map_fixed_noreplace(void) {
#ifdef MAP_FIXED_NOREPLACE
  return MAP_FIXED_NOREPLACE;
#else
  return 0x100000;
#endif
}

int amphis_random_bytes(void *buffer, size_t count) {
  char *p = buffer;
  while (count > 0) {
    ssize_t n = getrandom(p, count, 0);
    if (n < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    p += n;
    count -= (size_t)n;
  }
  return 0;
}

long amphis_sendfile(int out, int in, long *offset, size_t count) { return sendfile(out, in, offset, count); }

int amphis_dup3(int from, int to, int flags) { return dup3(from, to, flags); }
int amphis_pipe2(int *ends, int flags) { return pipe2(ends, flags); }
int amphis_sched_getaffinity(int pid, uint8_t *mask, size_t bytes) {
  return sched_getaffinity(pid, bytes, (cpu_set_t *)(void *)mask);
}
int amphis_statvfs(const char *path, struct statvfs *result) { return statvfs(path, result); }
int amphis_fstatvfs(int fd, struct statvfs *result) { return fstatvfs(fd, result); }
int amphis_gettid(void) { return (int)syscall(SYS_gettid); }

int amphis_signal_install(int number, void (*handler)(int)) {
  struct sigaction action = {0};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, 0);
}
int amphis_signal_default(int number, int ignore) {
  struct sigaction action = {0};
  action.sa_handler = ignore ? SIG_IGN : SIG_DFL;
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, 0);
}
int amphis_setitimer(int which, const struct itimerval *value, struct itimerval *old) { return setitimer(which, value, old); }
int amphis_getitimer(int which, struct itimerval *value) { return getitimer(which, value); }

int amphis_accept(int descriptor, struct sockaddr *address, socklen_t *length) {
  return accept4(descriptor, address, length, SOCK_CLOEXEC);
}

struct if_nameindex *amphis_interfaces(void) { return if_nameindex(); }

int amphis_forkpty(int *descriptor) { return forkpty(descriptor, 0, 0, 0); }
long amphis_write_at_once(int descriptor, const void *memory, long count) {
  struct iovec part = {(void *)memory, (size_t)count};
  return pwritev2(descriptor, &part, 1, -1, RWF_NOWAIT);
}

int amphis_waitid(int kind, unsigned id, int options, int *pid, int *user, int *number, int *status, int *code) {
  siginfo_t info;
  info.si_pid = 0;
  int result = waitid((idtype_t)kind, id, &info, options);
  if (result != 0) return result;
  *pid = info.si_pid;
  if (info.si_pid == 0) return 0;
  *user = (int)info.si_uid;
  *number = info.si_signo;
  *status = info.si_status;
  *code = info.si_code;
  return 0;
}

void amphis_keep_freed_memory(void) {
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 2 << 20);
}
