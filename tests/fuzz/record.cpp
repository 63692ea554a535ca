// SPDX-License-Identifier: Apache-2.0
// A record of the cache: any bytes are rejected or decoded within their memory.
#include <algorithm>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/core/random.h"
#include "pinfeed/image/codec/jpeg/coefficient_rows.h"

namespace pinfeed::fuzz {
namespace {

// A record of 50 x 30 pixels, 4:2:0.
std::vector<std::byte> valid_record() {
  image::jpeg::RecordInfo info{
      .size = {50, 30}, .transform = image::jpeg::ColorTransform::ycc, .plane_count = 3};
  info.planes[0].h = info.planes[0].v = 2;
  for (auto& plane : info.planes) plane.quantiser.fill(7);
  image::jpeg::set_geometry(info);
  image::jpeg::RecordWriter writer;
  writer.begin(info);
  Mt19937 random(1);
  for (int i = 0; i < 3; ++i) {
    const auto& plane = info.planes[static_cast<std::size_t>(i)];
    for (int row = 0; row < plane.blocks_high; ++row) {
      std::vector<std::int16_t> blocks(static_cast<std::size_t>(plane.blocks_wide) * 64);
      for (std::int16_t& value : blocks) {
        if (random.next() % 4 == 0) value = static_cast<std::int16_t>(random.next() % 200);
      }
      writer.add_row(i, blocks.data());
    }
  }
  const auto record = writer.finish();
  return {record.begin(), record.end()};
}

void decode_record(std::span<const std::byte> bytes) {
  const auto record = image::jpeg::CoefficientRecord::read(bytes);
  if (!record) return;
  const Size size = record->info().size;
  record->blocks_are_valid();
  image::jpeg::CoefficientRows rows;
  rows.open(bytes, size, image::ChannelOrder::rgb);
  rows.crop_columns(size.width / 3, std::max(1, size.width / 2));
  std::vector<std::byte> row(static_cast<std::size_t>(size.width) * 3);
  for (int y = 0; y < std::min(size.height, 64); ++y) rows.read(row.data());
}

}  // namespace
}  // namespace pinfeed::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Three bytes each change one: its position and its new value.
  static const std::vector<std::byte> valid = pinfeed::fuzz::valid_record();
  std::vector<std::byte> bytes = valid;
  for (std::size_t i = 0; i + 2 < size; i += 3)
    bytes[(data[i] + std::size_t{256} * data[i + 1]) % bytes.size()] = std::byte{data[i + 2]};
  try {
    pinfeed::fuzz::decode_record(bytes);
  } catch (const pinfeed::Error&) {
  }
  return 0;
}
