// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/python/batch_owner.h"
#include "pinfeed/python/python_records.h"
#include "pinfeed/report/loader_use.h"

namespace pinfeed {
class Value;
}  // namespace pinfeed

namespace pinfeed::python {

/// The loader behind pinfeed.Loader. Python calls it with the GIL; it waits without. Its threads
/// never need the GIL. Several threads may call it: one waits for the other.
class PythonLoader {
 private:
  // The one call that is under way. It may run code of the user: signal handlers, and the function
  // of a data set.
  class Call {
   public:
    Call(std::unique_lock<std::timed_mutex> lock, std::atomic<std::thread::id>& thread)
        : lock_(std::move(lock)), thread_(thread) {
      thread_ = std::this_thread::get_id();
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() { thread_ = std::thread::id(); }

   private:
    std::unique_lock<std::timed_mutex> lock_;
    std::atomic<std::thread::id>& thread_;
  };
  Call enter();

 public:
  /// `records` are those of the data set "PythonRecords", null without one. Throws what
  /// make_loader() throws.
  PythonLoader(const Value& root, const std::string& section, LoaderOptions options,
               std::shared_ptr<PythonRecords> records = nullptr);
  PythonLoader(const PythonLoader&) = delete;
  PythonLoader& operator=(const PythonLoader&) = delete;
  ~PythonLoader();

  /// Begins an iteration over the batches from the position to the end of its epoch, and gives its
  /// number. If an iteration was left within an epoch, the next epoch begins, except with an
  /// endless sampler.
  std::int64_t begin();
  /// The next batch of this iteration as a nest; None at the end of the epoch. Looks at signals
  /// while it waits. Throws Error(config) when another iteration has begun, the loader is closed,
  /// code that it runs asks the loader for something else, or this is a forked process and the
  /// loader was started before.
  nanobind::object next(std::int64_t iteration);
  void seek(const LoaderState& position);
  LoaderState position();
  /// Stops the threads. Batches stay valid. Within a call, the threads are stopped when it ends.
  void close();
  bool closed() const { return closing_.load(); }

  /// What the user should know that was not asked for yet.
  std::vector<std::string> take_warnings();
  bool has_warnings() const { return has_warnings_.load(); }

  /// The exception of the function of a data set that the last error of next() is about; None if
  /// it is about something else.
  nanobind::object take_exception();

  /// What `get` reads of the loader. Throws as next().
  template <class Get>
  auto read(Get get) {
    const Call call = enter();
    return get(*loader_);
  }

  /// The batches, and since the first of them: seconds, images, and what the stages did.
  struct Stats {
    LoaderUse use = {};
    std::int64_t images = 0;
    std::int64_t batches = 0;
    std::int64_t copied = 0;  // batches that were copied, because all slots were in use
    bool pinned = false;
  };
  Stats stats();

 private:
  std::optional<Batch> wait_for_batch();
  void stop();
  bool wait();
  void answer_ahead();
  void stop_records();
  void seek_now(const LoaderState& position);
  nanobind::object nest_of(Batch batch);
  nanobind::object copy_of(const Batch& batch);
  void count(const Batch& batch);
  void drop();
  void add_warning(const std::string& text);

  std::shared_ptr<PythonRecords> records_;  // null unless it is a function
  std::unique_ptr<Loader> loader_;
  bool has_budget_;
  std::timed_mutex calls_;
  std::atomic<std::thread::id> inside_ = {};  // the thread of the Call
  std::shared_ptr<void> cause_ = nullptr;     // held(): see take_exception()
  std::optional<unsigned> started_in_ = {};   // the process_number() of the threads
  std::atomic<bool> closing_ = false;
  std::int64_t iteration_ = 0;
  bool sought_ = true;  // no batch was asked for since the position was set
  std::shared_ptr<KeptBatches> kept_ = std::make_shared<KeptBatches>(0);
  std::atomic<bool> has_warnings_ = false;
  std::mutex warnings_mutex_;
  std::vector<std::string> warnings_ = {};

  double first_batch_ = 0.0;  // clock_seconds()
  std::map<std::string, StageTimes> first_stages_ = {};
  double waited_ = 0.0;  // seconds in next(), since then
  std::int64_t images_ = 0;
  std::int64_t batches_ = 0;
  std::int64_t copied_ = 0;
};

}  // namespace pinfeed::python
