// SPDX-License-Identifier: Apache-2.0
// A library for LD_PRELOAD that lets one call of the operating system fail, as inject.py asks.
//
//   PINFEED_FAULT=CALL:N        the N-th call of CALL fails, from 1 on
//   PINFEED_FAULT=CALL@SITE:N   the N-th call of CALL from this call site fails
//   PINFEED_FAULT_COUNTS=FILE   at the end of the process, writes a line "CALL SITE COUNT" for each
//                               call site
//
// CALL is open, read, write, mmap, alloc (at least 64 KiB), thread, rename, fsync or clock, which
// does not fail: from that call on the time of day is a day earlier. Only calls of
// pinfeed's program and libraries count, directly or through the standard library. A call site is
// the return address in them: "libpinfeed.so+1a2b".
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

enum Call {
  open_call,
  read_call,
  write_call,
  mmap_call,
  alloc_call,
  thread_call,
  rename_call,
  fsync_call,
  clock_call
};
struct Kind {
  const char* name;
  int reason;  // errno of the failure
};
constexpr std::array<Kind, 9> kinds = {{{"open", EMFILE},
                                        {"read", EIO},
                                        {"write", ENOSPC},
                                        {"mmap", ENOMEM},
                                        {"alloc", ENOMEM},
                                        {"thread", EAGAIN},
                                        {"rename", EIO},
                                        {"fsync", EIO},
                                        {"clock", 0}}};
constexpr std::size_t large_allocation = 65536;

// Plain arrays and a spin lock: nothing here may allocate.
struct Site {
  Call call;
  char name[96];
  long count;
};
constexpr int most_sites = 1024;
Site sites[most_sites];
int site_count = 0;
long totals[kinds.size()] = {};
std::atomic_flag busy = ATOMIC_FLAG_INIT;
thread_local bool inside = false;
std::atomic<bool> clock_jumped = false;
constexpr time_t day = 86400;

struct Fault {
  int call = -1;
  char site[96] = {};  // empty: any
  long number = 0;
};
Fault fault;
bool ready = false;

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

const char* base_name(const char* path) {
  const char* slash = std::strrchr(path, '/');
  return slash == nullptr ? path : slash + 1;
}

bool is_ours(const char* file) {
  return std::strncmp(file, "pinfeed", 7) == 0 || std::strncmp(file, "libpinfeed", 10) == 0;
}

// Looks through the standard library to its caller. False if that is not pinfeed.
bool find_site(char* name, std::size_t size) {
  void* frames[16] = {};
  const int count = backtrace(frames, 16);
  for (int i = 0; i < count; ++i) {
    Dl_info info = {};
    if (dladdr(frames[i], &info) == 0 || info.dli_fname == nullptr) return false;
    const char* file = base_name(info.dli_fname);
    const bool through = std::strncmp(file, "libfail_call", 12) == 0 ||
                         std::strncmp(file, "libstdc++", 9) == 0 ||
                         std::strncmp(file, "libasan", 7) == 0;
    if (through) continue;
    if (!is_ours(file)) return false;
    const auto offset = reinterpret_cast<std::uintptr_t>(frames[i]) -
                        reinterpret_cast<std::uintptr_t>(info.dli_fbase);
    std::snprintf(name, size, "%s+%lx", file, static_cast<unsigned long>(offset));
    return true;
  }
  return false;
}

Site* site_of(Call call, const char* name) {
  for (int i = 0; i < site_count; ++i) {
    if (sites[i].call == call && std::strcmp(sites[i].name, name) == 0) return &sites[i];
  }
  if (site_count == most_sites) return nullptr;
  Site& site = sites[site_count++];
  site.call = call;
  std::snprintf(site.name, sizeof site.name, "%s", name);
  return &site;
}

// Counts the call. True if it is the one that must fail; errno is set then.
bool fails(Call call) {
  if (!ready || inside) return false;
  inside = true;
  const int before = errno;
  char name[96] = {};
  bool found = false;
  if (find_site(name, sizeof name)) {
    while (busy.test_and_set()) {
    }
    Site* site = site_of(call, name);
    const long of_site = site == nullptr ? 0 : ++site->count;
    const long of_call = ++totals[call];
    busy.clear();
    if (fault.call == call) {
      found = fault.site[0] == '\0' ? of_call == fault.number
                                    : std::strcmp(name, fault.site) == 0 && of_site == fault.number;
    }
  }
  errno = found ? kinds[call].reason : before;
  inside = false;
  return found;
}

int call_named(const char* text, std::size_t length) {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (std::strlen(kinds[i].name) == length && std::strncmp(kinds[i].name, text, length) == 0) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

__attribute__((constructor)) void begin() {
  void* frames[2] = {};
  backtrace(frames, 2);  // loads libgcc, once
  if (const char* text = std::getenv("PINFEED_FAULT")) {
    const char* colon = std::strrchr(text, ':');
    const char* at = std::strchr(text, '@');
    const char* end = at != nullptr ? at : colon;
    if (colon == nullptr) std::abort();
    fault.call = call_named(text, static_cast<std::size_t>(end - text));
    fault.number = std::atol(colon + 1);
    if (at != nullptr) {
      std::snprintf(fault.site, sizeof fault.site, "%.*s", static_cast<int>(colon - at - 1),
                    at + 1);
    }
    if (fault.call < 0 || fault.number < 1) std::abort();
  }
  ready = true;
}

__attribute__((destructor)) void end() {
  ready = false;
  const char* path = std::getenv("PINFEED_FAULT_COUNTS");
  if (path == nullptr) return;
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  for (int i = 0; i < site_count; ++i) {
    dprintf(file, "%s %s %ld\n", kinds[sites[i].call].name, sites[i].name, sites[i].count);
  }
  close(file);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  static const auto real = next<int (*)(const char*, int, ...)>("open");
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, unsigned) : 0U;
  va_end(arguments);
  return fails(open_call) ? -1 : real(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  static const auto real = next<int (*)(const char*, int, ...)>("open64");
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, unsigned) : 0U;
  va_end(arguments);
  return fails(open_call) ? -1 : real(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  static const auto real = next<int (*)(int, const char*, int, ...)>("openat");
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, unsigned) : 0U;
  va_end(arguments);
  return fails(open_call) ? -1 : real(folder, path, flags, mode);
}

FILE* fopen(const char* path, const char* mode) {
  static const auto real = next<FILE* (*)(const char*, const char*)>("fopen");
  return fails(open_call) ? nullptr : real(path, mode);
}

FILE* fopen64(const char* path, const char* mode) {
  static const auto real = next<FILE* (*)(const char*, const char*)>("fopen64");
  return fails(open_call) ? nullptr : real(path, mode);
}

ssize_t read(int file, void* bytes, size_t size) {
  static const auto real = next<ssize_t (*)(int, void*, size_t)>("read");
  return fails(read_call) ? -1 : real(file, bytes, size);
}

ssize_t pread(int file, void* bytes, size_t size, off_t at) {
  static const auto real = next<ssize_t (*)(int, void*, size_t, off_t)>("pread");
  return fails(read_call) ? -1 : real(file, bytes, size, at);
}

ssize_t pread64(int file, void* bytes, size_t size, off_t at) {
  static const auto real = next<ssize_t (*)(int, void*, size_t, off_t)>("pread64");
  return fails(read_call) ? -1 : real(file, bytes, size, at);
}

ssize_t write(int file, const void* bytes, size_t size) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  return file > 2 && fails(write_call) ? -1 : real(file, bytes, size);
}

void* mmap(void* at, size_t size, int protection, int flags, int file, off_t offset) {
  static const auto real = next<void* (*)(void*, size_t, int, int, int, off_t)>("mmap");
  return fails(mmap_call) ? MAP_FAILED : real(at, size, protection, flags, file, offset);
}

void* mmap64(void* at, size_t size, int protection, int flags, int file, off_t offset) {
  static const auto real = next<void* (*)(void*, size_t, int, int, int, off_t)>("mmap64");
  return fails(mmap_call) ? MAP_FAILED : real(at, size, protection, flags, file, offset);
}

void* __libc_malloc(size_t size);

// dlsym() may allocate, so the real function is called by its other name.
void* malloc(size_t size) {
  return size >= large_allocation && fails(alloc_call) ? nullptr : __libc_malloc(size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  static const auto real = next<void* (*)(size_t, size_t)>("aligned_alloc");
  return size >= large_allocation && fails(alloc_call) ? nullptr : real(alignment, size);
}

int posix_memalign(void** memory, size_t alignment, size_t size) {
  static const auto real = next<int (*)(void**, size_t, size_t)>("posix_memalign");
  return size >= large_allocation && fails(alloc_call) ? ENOMEM : real(memory, alignment, size);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) {
  static const auto real =
      next<int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  return fails(thread_call) ? EAGAIN : real(thread, attributes, start, argument);
}

int rename(const char* from, const char* to) {
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  return fails(rename_call) ? -1 : real(from, to);
}

int clock_gettime(clockid_t clock, timespec* now) {
  static const auto real = next<int (*)(clockid_t, timespec*)>("clock_gettime");
  const int result = real(clock, now);
  if (clock != CLOCK_REALTIME || result != 0) return result;
  if (fails(clock_call)) clock_jumped = true;
  if (clock_jumped) now->tv_sec -= day;
  return result;
}

time_t time(time_t* now) {
  static const auto real = next<time_t (*)(time_t*)>("time");
  if (fails(clock_call)) clock_jumped = true;
  const time_t result = real(nullptr) - (clock_jumped ? day : 0);
  if (now != nullptr) *now = result;
  return result;
}

int fsync(int file) {
  static const auto real = next<int (*)(int)>("fsync");
  return fails(fsync_call) ? -1 : real(file);
}

}  // extern "C"
