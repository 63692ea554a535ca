// SPDX-License-Identifier: Apache-2.0
// The dicts of records. Arrays are taken through DLPack or as sequences of numbers.
#include <nanobind/ndarray.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/core/record_id.h"
#include "pinfeed/python/bindings.h"
#include "pinfeed/python/held_object.h"
#include "pinfeed/python/python_errors.h"
#include "pinfeed/python/python_records.h"
#include "pinfeed/python/python_text.h"

namespace pinfeed::python {
namespace {

Error bad_record(std::int64_t index, const std::string& what) {
  Error error(ErrorKind::data, "a record " + what);
  error.with_context(SampleContext{index});
  return error;
}

// As (rows, columns) float64, row-major; numpy converts what is another type.
using Numbers = nb::ndarray<nb::numpy, const double, nb::c_contig, nb::device::cpu>;

Numbers numbers_of(nb::handle object) {
  const nb::object array =
      nb::module_::import_("numpy").attr("ascontiguousarray")(object, nb::arg("dtype") = "float64");
  return nb::cast<Numbers>(array);
}

std::vector<std::int64_t> integers_of(nb::handle object, const char* key, std::int64_t index) {
  const Numbers numbers = numbers_of(object);
  if (numbers.ndim() != 1)
    throw bad_record(index, std::string("has '") + key + "' with " +
                                std::to_string(numbers.ndim()) + " axes; it must have one");
  std::vector<std::int64_t> integers;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double number = numbers.data()[i];
    if (number != std::floor(number) || std::abs(number) > 1e15)
      throw bad_record(index, std::string("has '") + key + "' with a number that is no integer");
    integers.push_back(static_cast<std::int64_t>(number));
  }
  return integers;
}

void read_boxes(nb::handle boxes, PythonRecord& record, std::int64_t index) {
  const Numbers numbers = numbers_of(boxes);
  const bool none = numbers.size() == 0;
  if (!none && (numbers.ndim() != 2 || numbers.shape(1) != 4))
    throw bad_record(index, "has 'bboxes' of another shape than (n, 4): x1, y1, x2, y2");
  for (std::size_t i = 0; i < numbers.size(); i += 4) {
    const double* box = numbers.data() + i;
    for (int k = 0; k < 4; ++k) {
      if (!std::isfinite(box[k])) throw bad_record(index, "has a box that is not finite");
    }
    record.instances.push_back({.x1 = box[0],
                                .y1 = box[1],
                                .x2 = box[2],
                                .y2 = box[3],
                                .annotation = static_cast<std::int64_t>(i / 4)});
  }
}

void require_count(std::size_t count, const char* key, const PythonRecord& record,
                   std::int64_t index) {
  if (count == record.instances.size()) return;
  throw bad_record(index, "has " + std::to_string(record.instances.size()) + " bboxes and " +
                              std::to_string(count) + " " + key);
}

void read_objects(const nb::dict& dict, PythonRecord& record, std::int64_t index) {
  if (dict.contains("bboxes")) read_boxes(dict["bboxes"], record, index);
  if (dict.contains("labels")) {
    const std::vector<std::int64_t> labels = integers_of(dict["labels"], "labels", index);
    require_count(labels.size(), "labels", record, index);
    for (std::size_t i = 0; i < labels.size(); ++i) record.instances[i].label = labels[i];
  } else if (!record.instances.empty()) {
    throw bad_record(index, "has bboxes and no labels");
  }
  if (!dict.contains("ignore")) return;
  const std::vector<std::int64_t> flags = integers_of(dict["ignore"], "ignore", index);
  require_count(flags.size(), "ignore", record, index);
  for (std::size_t i = 0; i < flags.size(); ++i) record.instances[i].ignore = flags[i] != 0;
}

void read_file(nb::handle bytes, PythonRecord& record) {
  record.file = held(bytes);
  record.bytes = {reinterpret_cast<const std::byte*>(PyBytes_AsString(bytes.ptr())),
                  static_cast<std::size_t>(PyBytes_Size(bytes.ptr()))};
}

void read_image(const nb::dict& dict, PythonRecord& record, std::int64_t index) {
  const bool has_path = dict.contains("img_path");
  if (has_path && !PyBytes_Check(nb::object(dict["img_path"]).ptr()))
    record.path = text_of(dict["img_path"]);
  else if (has_path)
    read_file(dict["img_path"], record);
  if (dict.contains("img_bytes")) {
    if (!PyBytes_Check(nb::object(dict["img_bytes"]).ptr()))
      throw bad_record(index, "has 'img_bytes' that are no bytes");
    read_file(dict["img_bytes"], record);
  }
  if (!has_path && !record.file) throw bad_record(index, "has neither 'img_path' nor 'img_bytes'");
  if (record.path.empty() && !record.file) throw bad_record(index, "has an empty 'img_path'");
  if (record.path.empty()) record.path = "<bytes of sample " + std::to_string(index) + ">";
}

void read_id(nb::handle id, PythonRecord& record) {
  if (PyUnicode_Check(id.ptr())) {
    record.img_id_text = text_of(id);
    record.img_id = text_id(record.img_id_text);
  } else {
    record.img_id = nb::cast<std::int64_t>(nb::int_(nb::borrow(id)));
  }
}

void check_keys(const nb::dict& dict, std::int64_t index) {
  const std::vector<std::string> known = {"img_path", "img_bytes", "bboxes",  "labels",
                                          "ignore",   "img_id",    "gt_label"};
  for (const nb::handle key : dict.keys()) {
    const std::string name = nb::cast<std::string>(nb::str(key));
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    Error error = bad_record(index, "has the key '" + name + "'");
    throw error.help("the keys of a record are " + joined(known));
  }
}

// Raises what Python and numpy raise for values of other types.
PythonRecord read_record(nb::handle object, std::int64_t index) {
  if (!PyDict_Check(object.ptr())) {
    throw bad_record(index, "is a " +
                                nb::cast<std::string>(nb::str(object.type().attr("__name__"))) +
                                "; it must be a dict");
  }
  const nb::dict dict = nb::borrow<nb::dict>(object);
  check_keys(dict, index);
  PythonRecord record;
  read_image(dict, record, index);
  read_objects(dict, record, index);
  if (dict.contains("img_id")) read_id(dict["img_id"], record);
  if (dict.contains("gt_label"))
    record.gt_label = nb::cast<std::int64_t>(nb::int_(nb::object(dict["gt_label"])));
  return record;
}

std::shared_ptr<PythonRecords> list_of(nb::handle records) {
  std::vector<PythonRecord> all;
  bool has_gt_labels = false;
  for (const nb::handle record : records) {
    all.push_back(record_of(record, std::ssize(all)));
    has_gt_labels = has_gt_labels || all.back().gt_label;
  }
  auto list = std::make_shared<PythonRecords>(std::move(all));
  list->set_has_gt_labels(has_gt_labels);
  return list;
}

}  // namespace

PythonRecord record_of(nb::handle object, std::int64_t index) {
  try {
    return read_record(object, index);
  } catch (nb::python_error& error) {
    if (!error.matches(PyExc_Exception)) throw;
    throw bad_record(index, "cannot be read: " + exception_text(error));
  }
}

void bind_records(nb::module_& module) {
  nb::class_<PythonRecords>(module, "Records", "The records of a loader without a config.")
      .def(nb::new_(&list_of), nb::arg("records"))
      .def_static(
          "of_function",
          [](nb::object function, std::int64_t size, bool has_gt_labels) {
            auto records = std::make_shared<PythonRecords>(std::move(function), size);
            records->set_has_gt_labels(has_gt_labels);
            return records;
          },
          nb::arg("function"), nb::arg("size"), nb::arg("has_gt_labels"));
}

}  // namespace pinfeed::python
