// SPDX-License-Identifier: Apache-2.0
// Operations of all ranks, on c10d's process groups.
#include "pinfeed/train/distributed/process_group.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/comm.hpp>
#include <typeinfo>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/train/distributed/connection.h"
#include "pinfeed/train/distributed/end_together.h"
#include "pinfeed/train/distributed/process_identity.h"

namespace pinfeed {
namespace {

// Gloo's exceptions derive from std::runtime_error, and its headers are not those of this Gloo.
bool is_of_communication(const std::exception& error) {
  return dynamic_cast<const c10::DistError*>(&error) != nullptr ||
         std::string_view(typeid(error).name()).find("gloo") != std::string_view::npos;
}

torch::Tensor bytes_of(const std::string& text, std::int64_t size) {
  torch::Tensor bytes = torch::zeros({size}, torch::kByte);
  std::memcpy(bytes.mutable_data_ptr(), text.data(), text.size());
  return bytes;
}

std::string text_of(const torch::Tensor& bytes, std::int64_t size) {
  return {static_cast<const char*>(bytes.const_data_ptr()), static_cast<std::size_t>(size)};
}

// One more in the number while it lives.
class Counted {
 public:
  explicit Counted(std::atomic<int>& number) : number_(&number) { ++*number_; }
  ~Counted() { --*number_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::atomic<int>* number_;
};

std::string key_of_identity(int rank) { return "rank/" + std::to_string(rank); }

}  // namespace

ProcessGroup::ProcessGroup(const ProcessGroupOptions& options)
    : options_(options), connection_(std::make_unique<Connection>(options)) {
  try {
    wait_for_all();
    connection_->open(options_);
  } catch (const Error&) {
    leave();
    throw;
  } catch (const std::exception& error) {
    leave();
    throw Error(ErrorKind::system, fmt::format("{} cannot connect with the others: {}",
                                               options_.ranks.text(), error.what()));
  }
  watch();
}

// Rank 0 looks who has come, and tells the others.
void ProcessGroup::wait_for_all() {
  const SharedKeys keys = shared_keys(connection_->store);
  keys.set(key_of_identity(rank()), own_identity());
  constexpr auto ready = "ready";
  const std::chrono::milliseconds timeout(static_cast<std::int64_t>(options_.timeout * 1e3));
  std::vector<std::string> missing;
  if (is_first()) {
    std::vector<std::string> all;
    for (int rank = 0; rank < world_size(); ++rank) all.push_back(key_of_identity(rank));
    try {
      connection_->store->wait(all, timeout);
    } catch (const std::exception&) {
      for (int rank = 0; rank < world_size(); ++rank) {
        if (!keys.find(key_of_identity(rank))) missing.push_back(std::to_string(rank));
      }
    }
    keys.set(ready, missing.empty() ? "yes" : joined(missing));
  }
  connection_->store->wait({ready}, timeout + std::chrono::seconds(10));
  const std::string text = keys.find(ready).value_or("");
  for (int rank = 0; rank < world_size(); ++rank) {
    const std::optional<std::string> identity = keys.find(key_of_identity(rank));
    if (!identity) lost_.push_back(rank);
    identities_.push_back(identity.value_or(""));
  }
  if (text != "yes") {
    throw Error(ErrorKind::system,
                fmt::format("of {} ranks, these have not started within {} s: {}", world_size(),
                            options_.timeout, text))
        .help("env_cfg.dist_cfg.timeout is the time that they have");
  }
}

void ProcessGroup::watch() {
  SharedKeys keys = shared_keys(connection_->second_store);
  keys.set = [this, set = keys.set](const std::string& key, const std::string& value) {
    connection_->stalls.note();
    set(key, value);
  };
  connection_->stalls.note();
  heartbeats_ = std::make_unique<Heartbeats>(
      std::move(keys),
      HeartbeatOptions{
          .rank = rank(), .world_size = world_size(), .dead_after = options_.dead_after},
      [this] {
        connection_->cut();
        end_if_stuck();
      });
}

ProcessGroup::~ProcessGroup() {
  if (!finished_) leave();
  heartbeats_->stop();
}

// No operation begins on connections that were cut: Gloo does not always notice.
void ProcessGroup::run(const std::function<void()>& work) {
  heartbeats_->count_operation();
  std::string reason = "a rank has given no sign of life";
  {
    const Counted operation(operations_);
    try {
      if (!heartbeats_->dead().any()) return work();
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      if (!is_of_communication(error)) throw;
      reason = error.what();
    }
  }
  throw_failure(reason);
}

void ProcessGroup::all_reduce(const torch::Tensor& numbers) {
  run([&] {
    std::vector<torch::Tensor> tensors = {numbers};
    const auto& backend = numbers.is_cuda() ? connection_->device : connection_->host;
    backend->allreduce(tensors)->wait();
  });
}

void ProcessGroup::broadcast(const std::vector<torch::Tensor>& tensors) {
  constexpr std::size_t bytes_at_once = std::size_t{250} << 20U;  // as torch's DDP
  run([&] {
    const torch::NoGradGuard no_gradients;
    c10d::broadcast_coalesced(connection_->group, tensors, bytes_at_once);
  });
}

std::string ProcessGroup::broadcast(const std::string& text) {
  torch::Tensor size = torch::tensor({std::ssize(text)}, torch::kLong);
  broadcast(std::vector<torch::Tensor>{size});
  const std::int64_t length = size.item<std::int64_t>();
  const torch::Tensor bytes =
      is_first() ? bytes_of(text, length) : torch::zeros({length}, torch::kByte);
  if (length > 0) broadcast(std::vector<torch::Tensor>{bytes});
  return text_of(bytes, length);
}

std::vector<std::string> ProcessGroup::all_gather(const std::string& text) {
  std::vector<std::string> texts;
  run([&] {
    const auto gathered = [&](const torch::Tensor& own) {
      std::vector<std::vector<torch::Tensor>> all(1);
      for (int rank = 0; rank < world_size(); ++rank) all[0].push_back(torch::zeros_like(own));
      std::vector<torch::Tensor> inputs = {own};
      connection_->host->allgather(all, inputs)->wait();
      return all[0];
    };
    std::vector<std::int64_t> sizes;
    for (const torch::Tensor& size : gathered(torch::tensor({std::ssize(text)}, torch::kLong)))
      sizes.push_back(size.item<std::int64_t>());
    const std::int64_t longest = std::max<std::int64_t>(1, *std::ranges::max_element(sizes));
    const std::vector<torch::Tensor> bytes = gathered(bytes_of(text, longest));
    for (std::size_t i = 0; i < sizes.size(); ++i) texts.push_back(text_of(bytes[i], sizes[i]));
  });
  return texts;
}

std::vector<std::string> ProcessGroup::gather(const std::string& text) {
  std::vector<std::string> texts;
  run([&] {
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(world_size()));
    sizes[static_cast<std::size_t>(rank())] = std::ssize(text);
    const torch::Tensor all_sizes = torch::tensor(sizes, torch::kLong);
    std::vector<torch::Tensor> summed = {all_sizes};
    connection_->host->allreduce(summed)->wait();
    if (is_first()) texts.push_back(text);
    for (int from = 1; from < world_size(); ++from) {
      const std::int64_t size = all_sizes[from].item<std::int64_t>();
      if (size > 0 && rank() == from) {
        std::vector<torch::Tensor> sent = {bytes_of(text, size)};
        connection_->host->send(sent, 0, from)->wait();
      } else if (is_first()) {
        std::vector<torch::Tensor> received = {torch::zeros({size}, torch::kByte)};
        if (size > 0) connection_->host->recv(received, from, from)->wait();
        texts.push_back(text_of(received[0], size));
      }
    }
  });
  return texts;
}

bool ProcessGroup::any(bool flag) {
  const torch::Tensor flags = torch::tensor({flag ? 1 : 0}, torch::kInt);
  all_reduce(flags);
  return flags.item<int>() > 0;
}

void ProcessGroup::barrier() { (void)any(false); }

void end_together(ProcessGroup& group) noexcept {
  try {
    std::vector<torch::Tensor> tensors = {torch::zeros({1})};
    group.connection().host->allreduce(tensors)->wait();
  } catch (const std::exception&) {
    group.connection().cut();  // a rank has ended for another reason
  }
}

void ProcessGroup::finish() {
  barrier();
  finished_ = true;
  heartbeats_->stop();
}

}  // namespace pinfeed
