// SPDX-License-Identifier: Apache-2.0
// Which rank is to blame when an operation of all ranks fails.
//
// An operation fails with a broken connection as soon as any process ends, or after a time-out.
// Neither says who began it: the first rank that ends breaks the connections of the others, which
// then end too. So the store is asked, in this order: a rank has written why it ends; a rank has
// declared another one dead; a process of the same machine has ended; a rank has given no sign of
// life since the failure; a rank has begun fewer operations than this one, while it lives.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "pinfeed/core/clock.h"
#include "pinfeed/core/error.h"
#include "pinfeed/train/distributed/connection.h"
#include "pinfeed/train/distributed/process_group.h"
#include "pinfeed/train/distributed/process_identity.h"

namespace pinfeed {
namespace {

constexpr double silence = 7.0;    // seconds; more than three signs of life, after a failure
constexpr double pause = 0.2;      // seconds between two questions
constexpr double farewell = 10.0;  // seconds that the store of rank 0 waits for the others

std::string failure_key(int rank) { return "failed/" + std::to_string(rank); }
std::string left_key(int rank) { return "left/" + std::to_string(rank); }

void sleep_for(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

// The signs of life of all ranks, as often as it is asked.
class Pulse {
 public:
  explicit Pulse(const SharedKeys& keys, int world_size) : keys_(&keys) {
    for (int rank = 0; rank < world_size; ++rank) first_.push_back(count(rank));
  }
  bool beats(int rank) const { return count(rank) != first_[static_cast<std::size_t>(rank)]; }
  double seconds() const { return clock_seconds() - start_; }

 private:
  std::int64_t count(int rank) const {
    const std::optional<Beat> beat = beat_of(*keys_, rank);
    return beat ? beat->count : 0;
  }

  const SharedKeys* keys_;
  std::vector<std::int64_t> first_ = {};
  double start_ = clock_seconds();
};

}  // namespace

std::string ProcessGroup::described(int rank) const {
  return fmt::format("rank {} of {} ({})", rank, world_size(),
                     name_of_process(identities_[static_cast<std::size_t>(rank)]));
}

// Sets lost_, and returns what has happened to them.
std::string ProcessGroup::find_lost_ranks(const std::string& reason) {
  const SharedKeys keys = shared_keys(connection_->store);
  const Pulse pulse(keys, world_size());
  const auto all_lost = [&](auto is_lost) {
    for (int other = 0; other < world_size(); ++other)
      if (other != rank() && is_lost(other)) lost_.push_back(other);
    return !lost_.empty();
  };
  const auto with_first = [&](const std::string& what) { return described(lost_.front()) + what; };
  for (; pulse.seconds() < options_.dead_after + silence; sleep_for(pause)) {
    if (all_lost([&](int other) { return keys.find(failure_key(other)).has_value(); }))
      return with_first(" has failed: " + *keys.find(failure_key(lost_.front())));
    if (lost_ = declared_dead(keys).ranks; !lost_.empty()) {
      return is_lost(rank()) ? "the other ranks have seen no sign of life of this one, " +
                                   options_.ranks.text() + ", and go on without it"
                             : with_first(" has ended, or has given no sign of life");
    }
    if (all_lost([&](int other) {
          return has_ended(identities_[static_cast<std::size_t>(other)]) &&
                 !keys.find(left_key(other));
        }))
      return with_first(" has ended");
    if (pulse.seconds() < silence) continue;
    if (all_lost([&](int other) { return !pulse.beats(other); }))
      return with_first(fmt::format(" has given no sign of life for {:.0f} s", pulse.seconds()));
    const std::optional<Beat> own = beat_of(keys, rank());
    if (all_lost([&](int other) {
          const std::optional<Beat> beat = beat_of(keys, other);
          return own && beat && beat->operations < own->operations;
        }))
      return with_first(
          fmt::format(" does not answer; the time-out is {:.0f} s", options_.timeout));
  }
  return "the ranks have lost each other: " + reason;
}

void ProcessGroup::throw_failure(const std::string& reason) {
  if (failure_) throw *failure_;
  failed_ = true;
  connection_->cut();
  std::string what;
  try {
    what = find_lost_ranks(reason);
    if (!lost_.empty()) declare_dead(shared_keys(connection_->store), lost_);
  } catch (const std::exception&) {
    const bool of_rank_0 = !options_.ranks.launcher_has_store && rank() != 0;
    if (of_rank_0) lost_ = {0};
    what = of_rank_0 ? described(0) + " has ended: its store does not answer"
                     : "the store of the launcher does not answer";
  }
  failure_ = Error(ErrorKind::system, what)
                 .help(
                     "see the log of this rank; torchrun and SLURM's --requeue can start all "
                     "ranks again");
  throw *failure_;
}

// On the thread of the signs of life, when a rank is dead and the connections are cut. Gloo ends
// the operation that waits for it, but not always. Then nothing can be saved from another thread.
void ProcessGroup::end_if_stuck() const {
  constexpr double patience = 30.0;
  const double end = clock_seconds() + patience;
  while (operations_ > 0 && clock_seconds() < end) sleep_for(pause);
  if (operations_ == 0) return;
  fmt::print(stderr,
             "error: {} waits for a rank that has ended, and cannot stop waiting: it ends without "
             "saving\nhelp: start all ranks again; the newest checkpoint is used\n",
             options_.ranks.text());
  _exit(exit_code(ErrorKind::system));
}

bool ProcessGroup::is_lost(int rank) const {
  return std::find(lost_.begin(), lost_.end(), rank) != lost_.end();
}

// A rank that did not run for so long has been declared dead, even if nobody is left to say so: its
// state may be older than a checkpoint of a later start.
bool ProcessGroup::is_first_left() const {
  if (connection_->stalls.longest() > options_.dead_after) return false;
  for (int other = 0; other < rank(); ++other)
    if (!is_lost(other)) return false;
  return !is_lost(rank());
}

void ProcessGroup::announce_failure(const std::string& reason) noexcept {
  try {
    if (failed_ || finished_) return;
    failed_ = true;
    const std::string line = reason.substr(0, reason.find('\n'));
    shared_keys(connection_->store).set(failure_key(rank()), line);
    connection_->cut();
  } catch (const std::exception&) {
    connection_->cut();  // the others notice that the connections are closed
  }
}

// The store ends with rank 0: the others ask it first why they fail.
void ProcessGroup::leave() noexcept {
  try {
    const SharedKeys keys = shared_keys(connection_->store);
    keys.set(left_key(rank()), "yes");
    connection_->cut();
    if (rank() != 0 || options_.ranks.launcher_has_store || identities_.empty()) return;
    const auto is_waited_for = [&](int other) {
      return !is_lost(other) && !keys.find(left_key(other)) &&
             !has_ended(identities_[static_cast<std::size_t>(other)]);
    };
    const double end = clock_seconds() + farewell;
    for (int other = 1; other < world_size(); ++other) {
      while (clock_seconds() < end && is_waited_for(other)) sleep_for(pause);
    }
  } catch (const std::exception&) {
    connection_->cut();
  }
}

}  // namespace pinfeed
