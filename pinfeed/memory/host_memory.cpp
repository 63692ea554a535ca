// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/host_memory.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <limits>
#include <string>

#include "pinfeed/core/error.h"
#include "pinfeed/core/round_up.h"
#include "pinfeed/memory/device.h"

namespace pinfeed {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20U;

[[noreturn]] void throw_no_memory(std::size_t size) {
  throw Error(ErrorKind::system,
              fmt::format("could not allocate {} bytes of memory: {}", size, system_reason()));
}

// An anonymous mapping aligned to a huge page. It maps one huge page more than asked for and then
// unmaps both ends.
std::byte* map_aligned(std::size_t bytes, std::size_t requested) {
  if (bytes < requested || bytes > std::numeric_limits<std::size_t>::max() - huge_page) {
    errno = ENOMEM;
    throw_no_memory(requested);
  }
  void* start = ::mmap(nullptr, bytes + huge_page, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) throw_no_memory(requested);
  auto* first = static_cast<std::byte*>(start);
  const auto address = reinterpret_cast<std::uintptr_t>(first);
  const std::size_t before = rounded_up(address, huge_page) - address;
  if (before > 0) ::munmap(first, before);
  if (huge_page > before) ::munmap(first + before + bytes, huge_page - before);
  ::madvise(first + before, bytes, MADV_HUGEPAGE);  // if this fails the pages are small
  return first + before;
}

Buffer mapped(std::size_t size, MemoryKind kind) {
  const std::size_t bytes = std::max(rounded_up(size, page_bytes()), page_bytes());
  std::byte* start = map_aligned(bytes, size);
  return {std::shared_ptr<std::byte>(start, [bytes](std::byte* at) { ::munmap(at, bytes); }), size,
          kind};
}

std::string first_word(const char* path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word;
}

// With CAP_IPC_LOCK the limit does not apply to this process.
bool may_lock_all() {
  constexpr unsigned cap_ipc_lock = 14;
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    if (key != "CapEff:") continue;
    std::uint64_t capabilities = 0;
    status >> std::hex >> capabilities;
    return (capabilities >> cap_ipc_lock & 1U) != 0;
  }
  return false;
}

std::string lock_advice(std::size_t size) {
  ::rlimit limit = {};
  ::getrlimit(RLIMIT_MEMLOCK, &limit);
  if (limit.rlim_cur == RLIM_INFINITY || may_lock_all()) {
    return "RLIMIT_MEMLOCK does not apply here, the machine has too little memory; use a smaller "
           "batch_size";
  }
  return fmt::format(
      "RLIMIT_MEMLOCK is {} bytes; raise it with 'ulimit -l {}' (KiB; as root, or 'memlock' in "
      "/etc/security/limits.conf)",
      limit.rlim_cur, rounded_up(size, 1024) / 1024);
}

}  // namespace

Buffer allocate_huge(std::size_t size) {
  return size < huge_page ? allocate_pageable(size) : mapped(size, MemoryKind::pageable);
}

Buffer allocate_locked(std::size_t size, std::size_t chunk_bytes) {
  Buffer buffer = mapped(size, MemoryKind::pinned);
  const std::size_t bytes = rounded_up(std::max<std::size_t>(size, 1), page_bytes());
  for (std::size_t done = 0; done < bytes; done += chunk_bytes) {
    const std::size_t chunk = std::min(chunk_bytes, bytes - done);
    if (::mlock(buffer.data() + done, chunk) == 0) continue;
    const std::string first = done == 0 ? "" : fmt::format(", only the first {}", done);
    throw Error(ErrorKind::system, fmt::format("could not lock {} bytes of memory{}: {}", size,
                                               first, system_reason()))
        .help(lock_advice(size));
  }
  return buffer;
}

std::size_t page_bytes() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

std::size_t huge_page_bytes() {
  const std::string text = first_word("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
  const bool number = !text.empty() && std::all_of(text.begin(), text.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  return number ? std::stoull(text) : 0;
}

std::size_t ram_bytes() {
  const std::size_t machine = static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) * page_bytes();
  std::ifstream group("/sys/fs/cgroup/memory.max");
  std::size_t limit = 0;
  return group >> limit ? std::min(machine, limit) : machine;  // the file may say "max": no limit
}

std::size_t lockable_bytes() {
  ::rlimit limit = {};
  const bool known = ::getrlimit(RLIMIT_MEMLOCK, &limit) == 0;
  if (!known || limit.rlim_cur == RLIM_INFINITY || may_lock_all()) return ram_bytes();
  return std::min(ram_bytes(), static_cast<std::size_t>(limit.rlim_cur));
}

std::size_t pin_limit() {
  const std::size_t quarter = ram_bytes() / 4;
  const bool driver_locks = backend() == "cuda" && device_present();
  return driver_locks ? quarter : std::min(quarter, lockable_bytes());
}

}  // namespace pinfeed
