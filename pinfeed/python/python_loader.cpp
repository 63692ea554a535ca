// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/python/python_loader.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "pinfeed/core/clock.h"
#include "pinfeed/core/error.h"
#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/loader/builtin_catalogs.h"
#include "pinfeed/memory/batch_buffer_ring.h"
#include "pinfeed/python/batch_nest.h"
#include "pinfeed/python/held_object.h"

namespace pinfeed::python {
namespace nb = nanobind;
namespace {

// Python looks at signals this often while it waits.
constexpr std::chrono::milliseconds signal_interval(20);

void check_signals() {
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
}

// The variable of a loop keeps a batch while the next one is fetched: one slot more than in C++.
LoaderOptions with_slot_of_the_loop(LoaderOptions options) {
  ++options.prefetch;
  return options;
}

}  // namespace

PythonLoader::PythonLoader(const Value& root, const std::string& section, LoaderOptions options,
                           std::shared_ptr<PythonRecords> records)
    : records_(records && records->is_function() ? records : nullptr),
      has_budget_(options.memory_budget.has_value()) {
  const nb::gil_scoped_release released;
  const PythonRecords::Direct direct(records_.get());
  const Catalogs catalogs = records ? catalogs_with(records) : builtin();
  loader_ = std::make_unique<Loader>(
      make_loader(root, section, catalogs, with_slot_of_the_loop(std::move(options))));
  for (const std::string& text : loader_->dataset().warnings) add_warning(text);
  loader_->warn_to([this](const std::string& text) { add_warning(text); });
}

PythonLoader::~PythonLoader() { drop(); }

// The threads of a loader that was started before a fork do not exist in the child.
void PythonLoader::drop() {
  if (started_in_ && *started_in_ != process_number()) {
    loader_.release();  // NOLINT(bugprone-unused-return-value): see process_number()
    return;
  }
  stop();
  records_.reset();
  release_held();  // the function or the bytes of the data set
}

void PythonLoader::stop() {
  const nb::gil_scoped_release released;
  stop_records();
  loader_.reset();
}

// The planning thread may wait for a record: it ends before the loader joins it.
void PythonLoader::stop_records() {
  if (records_) records_->cancel();
}

PythonLoader::Call PythonLoader::enter() {
  if (started_in_ && *started_in_ != process_number()) {
    throw Error(ErrorKind::config,
                "the loader was started before this process was forked; its threads do not exist "
                "here")
        .help("make the loader in the child, or use the 'spawn' start method");
  }
  if (inside_.load() == std::this_thread::get_id()) {
    throw Error(
        ErrorKind::config,
        "the loader is asked while it runs a signal handler or the function of its data set")
        .help("let the handler set a flag, and read the state when next() has returned");
  }
  release_held();
  std::unique_lock lock(calls_, std::try_to_lock);
  while (!lock.owns_lock()) {
    {
      const nb::gil_scoped_release released;
      (void)lock.try_lock_for(signal_interval);
    }
    check_signals();
  }
  if (closing_ && loader_) stop();  // close() was called within a call
  if (!loader_) throw Error(ErrorKind::config, "the loader is closed");
  return {std::move(lock), inside_};
}

std::int64_t PythonLoader::begin() {
  const Call call = enter();
  const LoaderState& position = loader_->state();
  const bool was_left = !sought_ && position.batch != 0 && !loader_->endless();
  if (was_left) seek_now({position.epoch + 1, 0});
  return ++iteration_;
}

// Batches that were made ahead are not given up for the position where the loader is.
void PythonLoader::seek_now(const LoaderState& position) {
  if (loader_->state() == position) return;
  const nb::gil_scoped_release released;
  stop_records();
  struct Resume {
    ~Resume() {
      if (records != nullptr) records->resume();
    }
    PythonRecords* records;
  } const resume{records_.get()};  // also after an exception
  const PythonRecords::Direct direct(records_.get());
  loader_->seek(position);
}

// Waits for some time, without the GIL. Records of a function are made here.
bool PythonLoader::wait() {
  constexpr std::chrono::microseconds record_interval(500);
  if (records_) records_->answer();
  const nb::gil_scoped_release released;
  if (!records_) return loader_->wait(signal_interval);
  if (loader_->wait(std::chrono::milliseconds(0))) return true;
  records_->wait(record_interval);
  return false;
}

// The records of one further batch, so that the planning thread stays ahead.
void PythonLoader::answer_ahead() {
  constexpr std::chrono::microseconds patience(100);
  for (std::int64_t i = 0; i < loader_->batch_size() && records_->answer(); ++i) {
    const nb::gil_scoped_release released;
    records_->wait(patience);
  }
}

std::optional<Batch> PythonLoader::wait_for_batch() {
  if (records_) answer_ahead();
  if (loader_->ready()) return loader_->next();
  const double start = clock_seconds();
  while (!wait()) {
    check_signals();
    if (closing_) {
      throw Error(ErrorKind::config, "the loader was closed while next() waited for a batch");
    }
  }
  if (batches_ > 0) waited_ += clock_seconds() - start;
  const nb::gil_scoped_release released;
  return loader_->next();
}

nb::object PythonLoader::next(std::int64_t iteration) {
  const Call call = enter();
  if (iteration != iteration_) {
    throw Error(ErrorKind::config, "another iteration over the loader has begun")
        .help("a loader has one position: make a second loader for a second iteration");
  }
  started_in_ = process_number();
  sought_ = false;
  std::optional<Batch> batch;
  try {
    batch = wait_for_batch();
  } catch (const Error& error) {
    cause_ = records_ ? records_->exception_behind(error) : nullptr;
    throw;
  }
  if (!batch) return nb::none();
  count(*batch);
  return nest_of(std::move(*batch));
}

void PythonLoader::count(const Batch& batch) {
  if (batches_ == 0) {
    first_batch_ = clock_seconds();
    first_stages_ = loader_->stages();
  } else {
    images_ += std::ssize(batch.samples());
  }
  ++batches_;
}

// If Python kept all slots, the loader could make no further batch. So the last one stays free: a
// batch that would take it is copied.
nb::object PythonLoader::nest_of(Batch batch) {
  if (has_budget_ || kept_->load() + 1 >= loader_->slots().slots) return copy_of(batch);
  const auto owner = std::make_shared<BatchOwner>(std::move(batch), kept_);
  return BatchNest(owner).object(owner->batch().data());
}

nb::object PythonLoader::copy_of(const Batch& batch) {
  if (copied_++ == 0 && !has_budget_) {
    add_warning(
        "all slots of the loader belong to batches that are in use: batches are "
        "copied from now on while this is so. Release batches, or raise "
        "pinfeed.prefetch");
  }
  const Buffer slot = batch.bytes();
  Buffer copy = allocate_pageable(std::max<std::size_t>(slot.size, 1));
  {
    const nb::gil_scoped_release released;
    std::memcpy(copy.data(), slot.data(), slot.size);
  }
  return BatchNest(slot, copy).object(batch.data());
}

void PythonLoader::seek(const LoaderState& position) {
  const Call call = enter();
  sought_ = true;
  ++iteration_;  // those that have begun end
  seek_now(position);
}

LoaderState PythonLoader::position() {
  return read([](Loader& loader) { return loader.state(); });
}

void PythonLoader::close() {
  closing_ = true;
  if (inside_.load() == std::this_thread::get_id()) return;
  if (started_in_ && *started_in_ != process_number()) return drop();
  {
    const nb::gil_scoped_release released;
    const std::lock_guard lock(calls_);
    stop_records();
    loader_.reset();
  }
  release_held();
}

nb::object PythonLoader::take_exception() {
  const std::shared_ptr<void> taken = std::exchange(cause_, nullptr);
  return taken ? nb::borrow(static_cast<PyObject*>(taken.get())) : nb::none();
}

// Called while another thread of Python may read them.
void PythonLoader::add_warning(const std::string& text) {
  const std::lock_guard lock(warnings_mutex_);
  warnings_.push_back(text);
  has_warnings_ = true;
}

std::vector<std::string> PythonLoader::take_warnings() {
  const std::lock_guard lock(warnings_mutex_);
  has_warnings_ = false;
  return std::exchange(warnings_, {});
}

PythonLoader::Stats PythonLoader::stats() {
  const Call call = enter();
  Stats stats{.images = images_, .batches = batches_, .copied = copied_};
  stats.pinned = loader_->pinned();
  stats.use.stages = loader_->stages();
  stats.use.threads = loader_->threads();
  stats.use.io_threads = loader_->io_threads();
  if (batches_ == 0) return stats;
  stats.use.seconds = clock_seconds() - first_batch_;
  for (auto& [name, times] : stats.use.stages) {
    times.busy_seconds -= first_stages_.at(name).busy_seconds;
    times.wait_seconds -= first_stages_.at(name).wait_seconds;
  }
  stats.use.waited = waited_;
  return stats;
}

}  // namespace pinfeed::python
