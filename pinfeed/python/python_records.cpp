// SPDX-License-Identifier: Apache-2.0
// Records of Python. A list is converted once, so that planning runs without Python. A function is
// called in the threads of the user: the planning thread asks for one record at a time.
#include "pinfeed/python/python_records.h"

#include <nanobind/stl/string.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/data/datasets/records.h"
#include "pinfeed/data/image_file.h"
#include "pinfeed/data/loader/builtin_catalogs.h"
#include "pinfeed/python/held_object.h"
#include "pinfeed/python/python_errors.h"

namespace pinfeed::python {
namespace nb = nanobind;
namespace {

std::string_view arena_text(std::string_view text, Arena& arena) {
  auto* copy = static_cast<char*>(arena.allocate(text.size() + 1, 1));
  std::copy(text.begin(), text.end(), copy);
  return {copy, text.size()};
}

// The bytes of a list live as long as the data set, those of a function as long as the arena.
Tensor file_tensor(std::span<const std::byte> bytes, bool copies, Arena& arena) {
  const Shape shape = {std::ssize(bytes)};
  if (copies) {
    Tensor copy = arena_tensor(DType::uint8, shape, arena);
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    return copy;
  }
  auto* first = const_cast<std::byte*>(bytes.data());  // NOLINT: nothing writes to it
  Buffer view{std::shared_ptr<std::byte>(std::shared_ptr<void>(), first), bytes.size()};
  return {DType::uint8, shape, {1}, std::move(view), 0};
}

std::span<const Instance> arena_instances(std::span<const Instance> all, Arena& arena) {
  auto* copy = static_cast<Instance*>(arena.allocate(all.size_bytes(), alignof(Instance)));
  std::uninitialized_copy(all.begin(), all.end(), copy);
  return {copy, all.size()};
}

Sample sample_of(const PythonRecord& record, std::int64_t index, bool copies, Arena& arena) {
  Sample sample(arena);
  sample.fields = Field::path | Field::instances;
  sample.index = index;
  sample.img_id = record.img_id.value_or(index);
  sample.img_path = copies ? arena_text(record.path, arena) : std::string_view(record.path);
  sample.img_id_text =
      copies ? arena_text(record.img_id_text, arena) : std::string_view(record.img_id_text);
  sample.file_name = sample.path_in_root = sample.img_path;
  sample.instances = copies ? arena_instances(record.instances, arena)
                            : std::span<const Instance>(record.instances);
  if (record.file) set(sample.extra, file_in_memory, {file_tensor(record.bytes, copies, arena)});
  if (record.gt_label) sample.fields |= Field::gt_label;
  sample.gt_label = record.gt_label.value_or(0);
  return sample;
}

// The keys of a data set "PythonRecords".
struct RecordsPart {
  static constexpr auto name = "PythonRecords";
  std::optional<Value> metainfo = {};
  ConfigSteps pipeline = {};
  bool test_mode = false;
};

void describe(Schema<RecordsPart>& schema) {
  schema.summary("Records that a program in Python gives.")
      .optional("metainfo", &RecordsPart::metainfo, "dict(classes=('name', ...))")
      .optional("pipeline", &RecordsPart::pipeline, "the steps that plan a sample")
      .optional("test_mode", &RecordsPart::test_mode, "never replace a sample");
}

Dataset dataset_of(const RecordsPart& part, const std::shared_ptr<PythonRecords>& records,
                   const BuildContext& context) {
  const RecordKeys keys{
      .metainfo = part.metainfo, .pipeline = part.pipeline, .test_mode = part.test_mode};
  Dataset dataset{.name = RecordsPart::name, .size = records->size()};
  dataset.test_mode = part.test_mode;
  dataset.labels = records->labels();
  dataset.metainfo.classes = written_classes(keys).value_or(std::vector<std::string>());
  dataset.metainfo.others = other_metainfo(keys);
  dataset.get = [records](std::int64_t index, Arena& arena) {
    return records->sample(index, arena);
  };
  const Fields label = records->has_gt_labels() ? Fields(Field::gt_label) : Fields();
  return with_pipeline(std::move(dataset), keys, Field::path | Field::instances | label, context);
}

constexpr std::string_view function_error_begin = "the data set raised ";

Error function_error(const std::string& text, std::int64_t index) {
  Error error(ErrorKind::data, std::string(function_error_begin) + text);
  error.with_context(SampleContext{index});
  return error;
}

}  // namespace

PythonRecords::PythonRecords(nb::object function, std::int64_t size)
    : function_(held(function)), size_(size) {}

PythonRecords::~PythonRecords() = default;

LabelRange PythonRecords::labels() const {
  LabelRange range;
  for (const PythonRecord& record : records_) {
    for (const Instance& instance : record.instances) {
      if (instance.ignore) continue;
      range.smallest = std::min(range.smallest, instance.label);
      range.largest = std::max(range.largest, instance.label);
    }
  }
  return range;
}

Sample PythonRecords::sample(std::int64_t index, Arena& arena) {
  if (!is_function()) {
    return sample_of(records_.at(static_cast<std::size_t>(index)), index, false, arena);
  }
  return sample_of(ask(index), index, true, arena);
}

PythonRecord PythonRecords::ask(std::int64_t index) {
  Answer answer;
  if (std::this_thread::get_id() == direct_) {
    const nb::gil_scoped_acquire acquired;
    answer = call(index);
  } else {
    std::unique_lock lock(mutex_);
    question_ = index;
    changed_.notify_all();
    changed_.wait(lock, [this] { return answer_ || cancelled_; });
    question_.reset();
    if (!answer_) throw Error(ErrorKind::system, "the loader stops");
    answer = std::move(*std::exchange(answer_, std::nullopt));
  }
  if (auto* error = std::get_if<std::exception_ptr>(&answer)) std::rethrow_exception(*error);
  return std::get<PythonRecord>(std::move(answer));
}

PythonRecords::Answer PythonRecords::call(std::int64_t index) {
  try {
    const nb::handle function(static_cast<PyObject*>(function_.get()));
    return record_of(function(index), index);
  } catch (nb::python_error& error) {
    if (!error.matches(PyExc_Exception)) throw;
    constexpr std::size_t most = 64;  // errors of samples that were replaced are never asked for
    if (exceptions_.size() >= most) exceptions_.clear();
    exceptions_[index] = held(error.value());
    return std::make_exception_ptr(function_error(exception_text(error), index));
  } catch (const Error&) {
    return std::current_exception();
  }
}

bool PythonRecords::answer() {
  std::int64_t index = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!question_ || answer_) return false;
    index = *question_;
  }
  Answer given = call(index);
  const std::lock_guard lock(mutex_);
  answer_ = std::move(given);
  changed_.notify_all();
  return true;
}

void PythonRecords::wait(std::chrono::microseconds most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, most, [this] { return question_ && !answer_; });
}

void PythonRecords::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

void PythonRecords::resume() {
  const std::lock_guard lock(mutex_);
  cancelled_ = false;
  question_.reset();
  answer_.reset();
}

std::shared_ptr<void> PythonRecords::exception_behind(const Error& error) {
  const auto* sample = error.find_context<SampleContext>();
  if (sample == nullptr || !error.text().starts_with(function_error_begin)) return nullptr;
  const auto entry = exceptions_.extract(sample->index);
  return entry.empty() ? nullptr : entry.mapped();
}

Catalogs catalogs_with(const std::shared_ptr<PythonRecords>& records) {
  Catalogs catalogs = builtin();
  catalogs.datasets.add_with<RecordsPart>(
      [records](const RecordsPart& part, const BuildContext& context) {
        return dataset_of(part, records, context);
      });
  return catalogs;
}

}  // namespace pinfeed::python
