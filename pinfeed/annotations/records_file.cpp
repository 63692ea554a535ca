// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.1.
#include "pinfeed/annotations/records_file.h"

#include <memory>

#include "pinfeed/annotations/json_elements.h"
#include "pinfeed/config/read_json.h"

namespace pinfeed {
namespace {

// Reads an object of a record, key by key.
class InstanceReader {
 public:
  InstanceReader(const ElementName& name, std::size_t number) : name_(&name) {
    instance_.annotation = static_cast<std::int64_t>(number);
  }

  Instance read(JsonValue value) {
    simdjson::ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) {
      fail("that is " + shown(value) + "; it must be a dict");
    }
    for (auto field : object) {
      std::string_view key;
      JsonValue part;
      const bool valid = field.unescaped_key().get(key) == simdjson::SUCCESS &&
                         field.value().get(part) == simdjson::SUCCESS;
      if (!valid) name_->fail("is not valid JSON");
      read_key(key, part);
    }
    if (!has_box_) fail("without a 'bbox'");
    if (!has_label_) fail("without a 'bbox_label'");
    return instance_;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    name_->fail("has an instance " + std::to_string(instance_.annotation) + " " + what);
  }

  void read_key(std::string_view key, JsonValue value) {
    if (key == "bbox") {
      const auto [x1, y1, x2, y2] = box(value, *name_);
      instance_.x1 = x1;
      instance_.y1 = y1;
      instance_.x2 = x2;
      instance_.y2 = y2;
      has_box_ = true;
    }
    if (key == "bbox_label") {
      instance_.label = integer(value, key, *name_);
      has_label_ = true;
    }
    if (key == "ignore_flag") instance_.ignore = truthy(value, key, *name_);
    if (key == "mask") instance_.segmentation = segmentation(value, key, *name_);
  }

  const ElementName* name_;
  Instance instance_ = {};
  bool has_box_ = false;
  bool has_label_ = false;
};

void read_instances(JsonValue value, const ElementName& name, std::vector<Instance>& to) {
  simdjson::ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS)
    name.fail("has 'instances' of " + shown(value) + "; they must be a list");
  std::size_t number = 0;
  for (auto item : array) {
    JsonValue instance;
    if (item.get(instance) != simdjson::SUCCESS) name.fail("is not valid JSON");
    to.push_back(InstanceReader(name, number++).read(instance));
  }
}

void read_id(JsonValue value, const ElementName& name, FileRecord& record) {
  record.img_id = record_id(value, "img_id", name);
  if (is_reserved_id(*record.img_id)) record.img_id_text = id_text(*record.img_id);
}

void read_record_key(std::string_view key, JsonValue value, const ElementName& name,
                     FileRecord& record, std::vector<Instance>& instances) {
  if (key == "img_path") record.img_path = file_text(value, key, name);
  if (key == "img_id") read_id(value, name, record);
  if (key == "width") record.size.width = side(value, key, name);
  if (key == "height") record.size.height = side(value, key, name);
  if (key == "gt_label") record.gt_label = integer(value, key, name);
  if (key != "instances") return;
  record.first = static_cast<std::uint32_t>(instances.size());
  read_instances(value, name, instances);
  record.count = static_cast<std::uint32_t>(instances.size()) - record.first;
}

void read_records(JsonFile& json, std::string_view list, BadRecords rule, RecordsFile& file) {
  FileRecord record;
  ElementGuard guard(rule);
  ElementReader(json, "data_list")
      .run(
          list,
          [&](std::string_view key, JsonValue value, ElementName& name) {
            guard.run([&] { read_record_key(key, value, name, record, file.instances); });
          },
          [&](const ElementName& name) {
            guard.run([&] {
              if (record.img_path.empty()) name.fail("has no 'img_path'");
            });
            record.error = guard.take_error();
            file.records.push_back(std::move(record));
            record = {};
          });
}

std::string_view required_member(JsonFile& file, std::string_view key, char kind,
                                 const char* kind_name) {
  const std::string_view part = file.find(key);
  if (part.empty()) {
    throw Error(ErrorKind::data, file.path() + " has no " + quoted(key))
        .help("a file of this format has 'metainfo' and 'data_list'");
  }
  if (part.front() == kind) return part;
  throw Error(ErrorKind::data, file.path() + ": " + quoted(key) + " is no " + kind_name);
}

// Positions in the text would not be those in the file.
Dict metainfo_of(std::string_view text, const std::string& path) {
  try {
    return read_json(std::make_shared<const SourceText>(SourceText{path, std::string(text)}));
  } catch (const Error& error) {
    throw Error(ErrorKind::data, path + ": 'metainfo': " + error.text());
  }
}

}  // namespace

RecordsFile read_records_file(const std::string& path, BadRecords rule) {
  JsonFile json(path);
  if (json.kind() != '{') {
    throw Error(ErrorKind::data, path + " is a list, not a dict of 'metainfo' and 'data_list'");
  }
  RecordsFile file{.path = path};
  file.metainfo = metainfo_of(required_member(json, "metainfo", '{', "dict"), path);
  read_records(json, required_member(json, "data_list", '[', "list"), rule, file);
  return file;
}

}  // namespace pinfeed
