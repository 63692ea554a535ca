// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/annotations/bad_records.h"
#include "pinfeed/annotations/instance.h"
#include "pinfeed/config/value/value.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/geometry.h"

namespace pinfeed {

/// A record of an annotation file in OpenMMLab's own format.
struct FileRecord {
  std::string img_path = {};
  std::optional<std::int64_t> img_id = {};
  std::string img_id_text = {};  // of an id that is a text or a larger integer
  Size size = {};                // pixels; 0 where the file does not state it
  std::optional<std::int64_t> gt_label = {};
  std::uint32_t first = 0;                  // index of the first object in RecordsFile::instances
  std::uint32_t count = 0;                  // number of objects
  std::shared_ptr<const Error> error = {};  // why it cannot be used; null if it can
};

/// The content of such a file, in its order.
struct RecordsFile {
  std::string path = {};
  Dict metainfo = {};
  std::vector<FileRecord> records = {};
  std::vector<Instance> instances = {};
};

/// Reads 'metainfo' and 'data_list' of a JSON file. Of masks only the byte range is read. Throws
/// Error(data) naming the file and the record for invalid JSON, keys that are missing or have a
/// wrong type, and numbers that are not finite. With BadRecords::keep an invalid record does not
/// throw.
RecordsFile read_records_file(const std::string& path, BadRecords rule = BadRecords::raise);

}  // namespace pinfeed
