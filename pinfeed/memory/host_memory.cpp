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
#include <optional>
#include <string>

#include "pinfeed/core/control_group.h"
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

// The number behind a key of /proc/self/status.
std::uint64_t status_number(const std::string& wanted, std::ios_base& (*base)(std::ios_base&)) {
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    std::uint64_t number = 0;
    if (key == wanted + ":" && status >> base >> number) return number;
  }
  return 0;
}

// The first user namespace maps all users to themselves. A capability that a process has in another
// one does not count for the limit.
bool in_first_user_namespace() {
  std::ifstream map("/proc/self/uid_map");
  std::uint64_t inside = 0;
  std::uint64_t outside = 0;
  std::uint64_t count = 0;
  if (!map) return true;              // a system without user namespaces
  map >> inside >> outside >> count;  // empty in a new one
  return inside == 0 && outside == 0 && count == std::numeric_limits<std::uint32_t>::max();
}

// With CAP_IPC_LOCK the limit does not apply to this process.
bool may_lock_all() {
  constexpr unsigned cap_ipc_lock = 14;
  const bool capable = (status_number("CapEff", std::hex) >> cap_ipc_lock & 1U) != 0;
  return capable && in_first_user_namespace();
}

std::size_t locked_bytes() { return 1024 * status_number("VmLck", std::dec); }

// RLIMIT_MEMLOCK; empty where it does not apply.
std::optional<std::size_t> lock_limit() {
  ::rlimit limit = {};
  const bool known = ::getrlimit(RLIMIT_MEMLOCK, &limit) == 0;
  if (!known || limit.rlim_cur == RLIM_INFINITY || may_lock_all()) return std::nullopt;
  return limit.rlim_cur;
}

std::string lock_advice(std::size_t size) {
  const std::optional<std::size_t> limit = lock_limit();
  if (!limit) {
    return "RLIMIT_MEMLOCK does not apply here, the machine has too little memory; use a smaller "
           "batch_size";
  }
  return fmt::format(
      "RLIMIT_MEMLOCK is {} bytes; raise it with 'ulimit -l {}' (KiB; as root, or 'memlock' in "
      "/etc/security/limits.conf)",
      *limit, rounded_up(lock_limit_for(size), 1024) / 1024);
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
  return std::min(machine, group_limits().memory_bytes.value_or(machine));
}

std::size_t lockable_bytes() {
  const std::optional<std::size_t> limit = lock_limit();
  if (!limit) return ram_bytes();
  return std::min(ram_bytes(), *limit - std::min(*limit, locked_bytes()));
}

std::size_t lock_limit_for(std::size_t bytes) {
  const std::size_t needed = locked_bytes() + bytes;
  const std::size_t limit = lock_limit().value_or(0);
  return needed > limit ? needed : limit + bytes;  // other processes of the user may count too
}

std::size_t pin_limit() {
  const std::size_t quarter = ram_bytes() / 4;
  const bool driver_locks = backend() == "cuda" && device_present();
  return driver_locks ? quarter : std::min(quarter, lockable_bytes());
}

}  // namespace pinfeed
