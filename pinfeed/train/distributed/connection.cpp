// SPDX-License-Identifier: Apache-2.0
// How the ranks find each other: each connects with one store of c10d, at the address that the
// launcher names. Through the store Gloo exchanges the addresses of its connections, each rank with
// each other. The keys of a start are below a prefix of its own, because the store of torchrun
// survives a restart of the ranks.
#include "pinfeed/train/distributed/connection.h"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>

#include <c10/util/Logging.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file_descriptor.h"

namespace pinfeed {
namespace {

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1e3));
}

Error store_error(const Ranks& ranks, const c10d::TCPStoreOptions& options,
                  const std::string& reason) {
  const bool taken = reason.find("EADDRINUSE") != std::string::npos ||
                     reason.find("already in use") != std::string::npos;
  if (options.isServer && taken) {
    return Error(ErrorKind::system,
                 fmt::format("port {} of this machine is taken", ranks.master_port))
        .help("set MASTER_PORT, or torchrun's --master-port, to a free one");
  }
  return Error(ErrorKind::system, fmt::format("{} cannot reach the store at {}:{}", ranks.text(),
                                              ranks.master_address, ranks.master_port))
      .help(fmt::format("rank 0 must have started, and its port must be reachable; c10d says: {}",
                        reason.substr(0, reason.find('\n'))));
}

std::string text_of_address(const sockaddr* address, socklen_t size) {
  std::array<char, NI_MAXHOST> text = {};
  const int fault =
      getnameinfo(address, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
  return fault == 0 ? text.data() : "";
}

// The first address of this machine that others can reach; empty without one.
std::string outer_address() {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return "";
  std::string found;
  for (const ifaddrs* one = all; one != nullptr && found.empty(); one = one->ifa_next) {
    const bool usable = (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_LOOPBACK) == 0;
    if (usable && one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_INET)
      found = text_of_address(one->ifa_addr, sizeof(sockaddr_in));
  }
  freeifaddrs(all);
  return found;
}

// The address of this machine on the way to the store, which the other ranks reach too. Connecting
// a datagram socket sends nothing.
std::string own_address(const Ranks& ranks) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(ranks.master_port);
  if (getaddrinfo(ranks.master_address.c_str(), port.c_str(), &hints, &found) != 0) return "";
  std::string address;
  const FileDescriptor connected(socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_storage own = {};
  socklen_t size = sizeof(own);
  auto* own_start = reinterpret_cast<sockaddr*>(&own);
  if (connect(connected.number(), found->ai_addr, found->ai_addrlen) == 0 &&
      getsockname(connected.number(), own_start, &size) == 0)
    address = text_of_address(own_start, size);
  freeaddrinfo(found);
  const bool loopback = address.starts_with("127.") || address == "::1";
  if (loopback && ranks.local_world_size < ranks.world_size) {
    if (std::string outer = outer_address(); !outer.empty()) return outer;
  }
  return address;
}

c10::intrusive_ptr<c10d::ProcessGroupGloo::Options> gloo_options(
    const ProcessGroupOptions& options) {
  using Gloo = c10d::ProcessGroupGloo;
  const auto timeout = milliseconds(options.timeout);
  const std::string address = own_address(options.ranks);
  if (std::getenv("GLOO_SOCKET_IFNAME") != nullptr || address.empty())
    return Gloo::Options::create_default(timeout);
  auto chosen = Gloo::Options::create(timeout);
  chosen->devices.push_back(Gloo::createDeviceForHostname(address));
  return chosen;
}

// The connected sockets of this process that do not belong to the store.
std::set<int> connected_sockets(int store_port) {
  const auto port_of = [](int number, auto name_of) {
    sockaddr_storage address = {};
    socklen_t size = sizeof(address);
    if (name_of(number, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -1;
    if (address.ss_family == AF_INET)
      return int{ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port)};
    if (address.ss_family == AF_INET6)
      return int{ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port)};
    return -1;
  };
  std::set<int> sockets;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int number = std::atoi(entry.path().filename().c_str());
    const int peer = port_of(number, getpeername);
    if (peer >= 0 && peer != store_port && port_of(number, getsockname) != store_port)
      sockets.insert(number);
  }
  return sockets;
}

}  // namespace

ProcessGroup::Connection::Connection(const ProcessGroupOptions& options) {
  c10::initLogging();  // reads TORCH_CPP_LOG_LEVEL
  const Ranks& ranks = options.ranks;
  c10d::TCPStoreOptions wanted;
  wanted.port = static_cast<std::uint16_t>(ranks.master_port);
  wanted.isServer = ranks.rank == 0 && !ranks.launcher_has_store;
  wanted.numWorkers = static_cast<std::size_t>(ranks.world_size);
  wanted.waitWorkers = false;
  wanted.timeout = milliseconds(options.timeout);
  if (wanted.isServer) wanted.masterListenFd = ranks.listening;
  const std::string prefix = fmt::format("pinfeed/{}", ranks.restart_count);
  try {
    const auto connected = c10::make_intrusive<c10d::TCPStore>(ranks.master_address, wanted);
    store = c10::make_intrusive<c10d::PrefixStore>(prefix, connected);
    const auto again = connected->clone();
    again->setTimeout(milliseconds(options.dead_after));
    second_store = c10::make_intrusive<c10d::PrefixStore>(prefix, again);
  } catch (const c10::Error& error) {
    throw store_error(ranks, wanted, error.what_without_backtrace());
  }
}

void ProcessGroup::Connection::open(const ProcessGroupOptions& options) {
  const Ranks& ranks = options.ranks;
  const std::set<int> before = connected_sockets(ranks.master_port);
  host = c10::make_intrusive<c10d::ProcessGroupGloo>(store, ranks.rank, ranks.world_size,
                                                     gloo_options(options));
  sockets = connected_sockets(ranks.master_port);
  for (const int number : before) sockets.erase(number);
  group = c10::make_intrusive<c10d::ProcessGroup>(store, ranks.rank, ranks.world_size);
  group->setBackend(c10::DeviceType::CPU, c10d::ProcessGroup::BackendType::GLOO, host);
  group->setDefaultBackend(c10d::ProcessGroup::BackendType::GLOO);
  if (!options.device.is_cuda()) return;
  device = make_nccl(store, options);
  group->setBackend(c10::DeviceType::CUDA, c10d::ProcessGroup::BackendType::NCCL, device);
  group->setDefaultBackend(c10d::ProcessGroup::BackendType::NCCL);
}

// Gloo has no function for this: an operation that waits for a rank ends when its connection does.
void ProcessGroup::Connection::cut() const {
  for (const int number : sockets) ::shutdown(number, SHUT_RDWR);
  if (device) device->abort();
}

SharedKeys shared_keys(const c10::intrusive_ptr<c10d::Store>& store) {
  return {
      .set = [store](const std::string& key, const std::string& value) { store->set(key, value); },
      .find = [store](const std::string& key) -> std::optional<std::string> {
        if (!store->check({key})) return std::nullopt;
        return store->get_to_str(key);
      }};
}

}  // namespace pinfeed
