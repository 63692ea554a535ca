// SPDX-License-Identifier: Apache-2.0
// A COCO file, its selection, and every segmentation that a step could read.
#include "pinfeed/data/datasets/coco_select.h"
#include "tests/fuzz/memory_file.h"

namespace pinfeed::fuzz {
namespace {

void read_all(const std::string& path) {
  const CocoFile file = read_coco_file(path);
  const CocoSelection selection{
      .wants = [](const std::string&) { return true; }, .filter = true, .filter_empty_gt = true};
  const CocoRecords records = select_records(file, selection);
  Arena arena;
  for (std::size_t i = 0; i < records.store.images.size(); ++i) {
    arena.reset();
    const Sample sample = sample_of(records.store, static_cast<std::int64_t>(i), arena);
    for (const Instance& one : sample.instances) {
      if (one.segmentation.bytes == 0) continue;
      read_segmentation(sample.segmentations->read(one.segmentation, arena), sample.annotated,
                        arena);
    }
  }
}

}  // namespace
}  // namespace pinfeed::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return pinfeed::fuzz::read_or_refuse(data, size, pinfeed::fuzz::read_all);
}
