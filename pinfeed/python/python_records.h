// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "pinfeed/annotations/instance.h"
#include "pinfeed/core/error.h"
#include "pinfeed/data/catalogs.h"

namespace pinfeed::python {

/// A record that Python gives as a dict: an image and its objects.
struct PythonRecord {
  std::string path = {};
  std::shared_ptr<void> file = nullptr;  // keeps `bytes`
  std::span<const std::byte> bytes = {};
  std::optional<std::int64_t> img_id = {};
  std::string img_id_text = {};
  std::optional<std::int64_t> gt_label = {};
  std::vector<Instance> instances = {};
};

/// Reads dict(img_path or img_bytes, bboxes, labels, ignore, img_id, gt_label) of record `index`.
/// Throws Error(data).
PythonRecord record_of(nanobind::handle dict, std::int64_t index);

/// The records of a loader: a list that was read when the loader was made, or a function of Python.
/// The planning thread asks for a record of a function and waits; a thread of Python that is in
/// next() answers. So no thread of the loader needs the GIL.
class PythonRecords {
 public:
  explicit PythonRecords(std::vector<PythonRecord> records) : records_(std::move(records)) {}
  PythonRecords(nanobind::object function, std::int64_t size);
  PythonRecords(const PythonRecords&) = delete;
  PythonRecords& operator=(const PythonRecords&) = delete;
  ~PythonRecords();

  bool is_function() const { return function_ != nullptr; }
  std::int64_t size() const { return is_function() ? size_ : std::ssize(records_); }
  bool has_gt_labels() const { return has_gt_labels_; }
  void set_has_gt_labels(bool has) { has_gt_labels_ = has; }
  LabelRange labels() const;
  /// The record as a sample before any step, whose memory is in the arena where it is no memory of
  /// the list. Any thread without the GIL.
  Sample sample(std::int64_t index, Arena& arena);

  // For a function, in a thread of Python.

  /// Calls the function for the record that the planning thread waits for. False if it waits for
  /// none. Needs the GIL. An exception of the function becomes the error of the record, except
  /// KeyboardInterrupt and the like, which are thrown.
  bool answer();
  /// Waits until the planning thread asks, at most this long.
  void wait(std::chrono::microseconds most);
  /// Ends the waiting of the planning thread with an error, until resume().
  void cancel();
  void resume();
  /// Within the life of this object the thread that makes it calls the function itself.
  class Direct {
   public:
    explicit Direct(PythonRecords* records) : records_(records) {
      if (records_ != nullptr) records_->direct_ = std::this_thread::get_id();
    }
    Direct(const Direct&) = delete;
    Direct& operator=(const Direct&) = delete;
    ~Direct() {
      if (records_ != nullptr) records_->direct_ = std::thread::id();
    }

   private:
    PythonRecords* records_;
  };
  /// The exception of the function, as held(), that became this error of a record; null for an
  /// error of something else. Needs the GIL.
  std::shared_ptr<void> exception_behind(const Error& error);

 private:
  using Answer = std::variant<PythonRecord, std::exception_ptr>;
  PythonRecord ask(std::int64_t index);
  Answer call(std::int64_t index);

  std::vector<PythonRecord> records_ = {};
  bool has_gt_labels_ = false;
  std::shared_ptr<void> function_ = nullptr;  // held()
  std::int64_t size_ = 0;

  std::atomic<std::thread::id> direct_ = {};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::int64_t> question_ = {};
  std::optional<Answer> answer_ = {};
  bool cancelled_ = false;
  std::map<std::int64_t, std::shared_ptr<void>> exceptions_ = {};  // held(), by record
};

/// The catalogs with a data set "PythonRecords" of these records.
Catalogs catalogs_with(const std::shared_ptr<PythonRecords>& records);

}  // namespace pinfeed::python
