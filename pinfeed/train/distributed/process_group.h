// SPDX-License-Identifier: Apache-2.0
// The processes that train together. Nothing of c10d is visible here.
#pragma once

#include <torch/torch.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/core/ranks.h"
#include "pinfeed/train/distributed/heartbeats.h"

namespace pinfeed {

/// How the processes of a run find each other and how long they wait.
struct ProcessGroupOptions {
  Ranks ranks = {};
  torch::Device device = torch::kCPU;  // of the gradients
  double timeout = 1800.0;             // seconds, of the start and of each operation
  double dead_after = 20.0;            // seconds without a sign of life
};

/// The processes of a run, and what they compute together. Every rank calls the same functions in
/// the same order, from one thread. When a rank has died, has failed or does not answer in time,
/// each function of the others throws Error(system) that names it, and failed() is true.
class ProcessGroup {
 public:
  /// Waits until all ranks are there. Throws Error(system) naming those that are not, or saying
  /// why the store cannot be served or reached.
  explicit ProcessGroup(const ProcessGroupOptions& options);
  ~ProcessGroup();
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  int rank() const { return options_.ranks.rank; }
  int world_size() const { return options_.ranks.world_size; }
  /// Rank 0, which writes the files of the run.
  bool is_first() const { return rank() == 0; }

  /// Replaces the numbers on every rank by their sums over the ranks.
  void all_reduce(const torch::Tensor& numbers);
  /// Replaces the tensors of every rank by those of rank 0.
  void broadcast(const std::vector<torch::Tensor>& tensors);
  /// The text of rank 0.
  std::string broadcast(const std::string& text);
  /// The texts of all ranks by rank, on rank 0; elsewhere none.
  std::vector<std::string> gather(const std::string& text);
  /// The same on every rank.
  std::vector<std::string> all_gather(const std::string& text);
  /// Whether the flag is set on any rank.
  bool any(bool flag);
  /// Waits for all ranks.
  void barrier();
  /// Runs `work`, which computes with the other ranks: their failure becomes Error(system).
  void run(const std::function<void()>& work);

  /// Whether a rank is lost. Nothing can be computed together any more.
  bool failed() const { return failed_; }
  /// After a failure: whether this is the lowest rank that is left, which saves the state.
  bool is_first_left() const;
  /// Tells the others why this rank ends, so that their errors name the reason. Never throws.
  void announce_failure(const std::string& reason) noexcept;
  /// The ranks end together: from here on, none misses another.
  void finish();

  /// What gradient_reducer.cpp needs.
  struct Connection;
  Connection& connection() { return *connection_; }

 private:
  void wait_for_all();
  void watch();
  void end_if_stuck() const;
  [[noreturn]] void throw_failure(const std::string& reason);
  std::string find_lost_ranks(const std::string& reason);
  std::string described(int rank) const;
  bool is_lost(int rank) const;
  void leave() noexcept;

  ProcessGroupOptions options_;
  std::unique_ptr<Connection> connection_;
  std::vector<std::string> identities_ = {};  // of each rank
  std::unique_ptr<Heartbeats> heartbeats_ = {};
  std::vector<int> lost_ = {};
  bool failed_ = false;
  std::optional<Error> failure_ = {};  // the first one; those that follow are the same
  std::atomic<int> operations_ = 0;    // that run: those of a backward pass are inside of it
  bool finished_ = false;
};

}  // namespace pinfeed
