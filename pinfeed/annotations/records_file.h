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

/// A record of a file in OpenMMLab's own format.
struct FileRecord {
  std::string img_path = {};
  std::optional<std::int64_t> img_id = {};
  std::string img_id_text = {};  // where it is a text
  Size size = {};                // 0 where it is not written
  std::optional<std::int64_t> gt_label = {};
  std::uint32_t first = 0;  // objects, in RecordsFile::instances
  std::uint32_t count = 0;
  std::shared_ptr<const Error> wrong = {};  // why it cannot be used, if it cannot
};

/// What such a file says, in its order.
struct RecordsFile {
  std::string path = {};
  Dict metainfo = {};
  std::vector<FileRecord> records = {};
  std::vector<Instance> instances = {};
};

/// Reads 'metainfo' and 'data_list' of a JSON file. Masks stay in it. Throws Error(data), naming
/// the file and the record, for: no JSON, keys missing or of the wrong kind, numbers that are not
/// finite. Where bad records are kept, a wrong record does not throw.
RecordsFile read_records_file(const std::string& path, BadRecords rule = BadRecords::raise);

}  // namespace pinfeed
