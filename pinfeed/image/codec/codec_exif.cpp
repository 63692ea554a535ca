// SPDX-License-Identifier: Apache-2.0
// The EXIF orientation in the words of OpenCV and of Pillow.
//
// Both read the first directory of the block. OpenCV gives the block up at the first entry of a tag
// that it knows and whose data lies outside the block; what it read before stays valid. It takes
// the first Orientation, and the first two bytes of its value field whatever their type. Pillow
// skips such entries, takes the last Orientation, and reads it by its type.
#include "pinfeed/image/codec/codec_exif.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace pinfeed::image {
namespace {

using ExifBytes = std::span<const std::byte>;

constexpr std::size_t entry_bytes = 12;
constexpr std::uint32_t orientation_tag = 0x0112;

// Numbers of the block, in its byte order; empty outside the block.
struct ExifNumbers {
  ExifBytes bytes = {};
  bool little = false;

  std::optional<std::uint32_t> number(std::uint64_t at, std::size_t count) const {
    if (at + count > bytes.size()) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t offset = at + (little ? count - 1 - i : i);
      value = value << 8U | std::to_integer<std::uint32_t>(bytes[offset]);
    }
    return value;
  }
};

// How OpenCV reads the value of a tag that it knows.
enum class TagValue { text, short_number, rationals };
struct KnownTag {
  std::uint32_t tag = 0;
  TagValue value = TagValue::text;
  std::uint32_t rationals = 0;
};
constexpr std::array known_tags = {
    KnownTag{0x010E, TagValue::text},         KnownTag{0x010F, TagValue::text},
    KnownTag{0x0110, TagValue::text},         KnownTag{0x0112, TagValue::short_number},
    KnownTag{0x011A, TagValue::rationals, 1}, KnownTag{0x011B, TagValue::rationals, 1},
    KnownTag{0x0128, TagValue::short_number}, KnownTag{0x0131, TagValue::text},
    KnownTag{0x0132, TagValue::text},         KnownTag{0x013E, TagValue::rationals, 2},
    KnownTag{0x013F, TagValue::rationals, 6}, KnownTag{0x0211, TagValue::rationals, 3},
    KnownTag{0x0213, TagValue::short_number}, KnownTag{0x0214, TagValue::rationals, 6},
    KnownTag{0x8298, TagValue::text},
};

// Whether OpenCV can read the value of an entry; it gives the block up where it cannot.
bool opencv_reads(const ExifNumbers& numbers, std::uint64_t entry, std::uint32_t tag) {
  for (const KnownTag& known : known_tags) {
    if (known.tag != tag) continue;
    if (known.value == TagValue::short_number) return numbers.number(entry + 8, 2).has_value();
    const auto count = numbers.number(entry + 4, 4);
    const auto offset = numbers.number(entry + 8, 4);
    if (known.value == TagValue::rationals) {
      if (!offset) return false;
      return std::uint64_t{*offset} + std::uint64_t{8} * known.rationals <= numbers.bytes.size();
    }
    if (!count || (*count > 4 && !offset)) return false;
    const std::uint64_t start = *count > 4 ? *offset : 8;
    return start + *count <= numbers.bytes.size();
  }
  return true;
}

std::optional<int> opencv_orientation(const ExifNumbers& numbers) {
  if (numbers.number(2, 2) != 42U) return std::nullopt;
  const auto directory = numbers.number(4, 4);
  const auto entries = directory ? numbers.number(*directory, 2) : std::nullopt;
  for (std::uint32_t i = 0; entries && i < *entries; ++i) {
    const std::uint64_t entry = std::uint64_t{*directory} + 2 + i * entry_bytes;
    const auto tag = numbers.number(entry, 2);
    if (!tag || !opencv_reads(numbers, entry, *tag)) return std::nullopt;
    if (*tag != orientation_tag) continue;
    const std::uint32_t value = *numbers.number(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return std::nullopt;
}

// Bytes of a value of a TIFF type; 0 for unknown types.
std::uint64_t bytes_of_type(std::uint32_t type) {
  constexpr std::array<std::uint64_t, 17> sizes = {0, 1, 1, 2, 4, 8, 1, 1, 2,
                                                   4, 8, 4, 8, 4, 0, 0, 8};
  return type < sizes.size() ? sizes[type] : 0;
}

bool starts_with(ExifBytes bytes, std::string_view start) {
  if (bytes.size() < start.size()) return false;
  for (std::size_t i = 0; i < start.size(); ++i) {
    if (bytes[i] != static_cast<std::byte>(start[i])) return false;
  }
  return true;
}

// The type that a tag has by the standard, where Pillow, which writes the block anew without the
// orientation, refuses others; 0 for other tags.
std::uint32_t standard_type(std::uint32_t tag) {
  constexpr std::uint32_t exif_pointer = 0x8769;
  constexpr std::uint32_t gps_pointer = 0x8825;
  if (tag == exif_pointer || tag == gps_pointer) return 4;
  for (const KnownTag& known : known_tags) {
    if (known.tag != tag) continue;
    if (known.value == TagValue::text) return 2;
    return known.value == TagValue::short_number ? 3 : 5;
  }
  return 0;
}

// An entry of the directory as Pillow looks at it.
struct ExifEntry {
  std::uint32_t tag = 0;
  std::uint32_t type = 0;
  std::uint32_t count = 0;
  std::uint32_t value = 0;  // or the offset of the value
  bool is_inside = false;   // the value lies in the block
};

std::optional<ExifEntry> entry_at(const ExifNumbers& numbers, std::uint64_t at) {
  if (at + entry_bytes > numbers.bytes.size()) return std::nullopt;
  ExifEntry entry{*numbers.number(at, 2), *numbers.number(at + 2, 2), *numbers.number(at + 4, 4),
                  *numbers.number(at + 8, 4)};
  const std::uint64_t size = bytes_of_type(entry.type) * entry.count;
  entry.is_inside = size > 0 && (size <= 4 || entry.value + size <= numbers.bytes.size());
  if (entry.type == 3 && entry.count == 1) entry.value = *numbers.number(at + 8, 2);
  return entry;
}

// Versions of Pillow differ for damaged directories and for several Orientations, so nothing is
// said about these unless the orientation plays no part.
void read_as_pillow(const ExifNumbers& numbers, ExifOrientation& found) {
  const bool usual = starts_with(numbers.bytes, std::string_view("II*\0", 4)) ||
                     starts_with(numbers.bytes, std::string_view("MM\0*", 4));
  const auto directory = numbers.number(4, 4);
  const auto entries = directory ? numbers.number(*directory, 2) : std::nullopt;
  bool regular = usual && entries;
  std::uint64_t size = 0;
  for (std::uint32_t i = 0; entries && i < *entries; ++i) {
    const auto entry = entry_at(numbers, std::uint64_t{*directory} + 2 + i * entry_bytes);
    if (!entry) {
      regular = false;
      break;
    }
    size += bytes_of_type(entry->type) * entry->count;
    const std::uint32_t standard = standard_type(entry->tag);
    if (entry->tag == orientation_tag) {
      const bool is_number = (entry->type == 3 || entry->type == 4) && entry->count == 1;
      regular = regular && is_number && !found.pillow;
      found.pillow = is_number && entry->value >= 1 && entry->value <= 8 ? int(entry->value) : 1;
    } else {
      regular = regular && entry->is_inside && (standard == 0 || standard == entry->type);
    }
  }
  regular = regular && size <= numbers.bytes.size();
  const bool plays_a_part = found.opencv.value_or(1) != 1 || found.pillow.value_or(1) != 1;
  found.unknown_to_pillow = !usual || !entries || (!regular && (plays_a_part || found.pillow));
}

}  // namespace

ExifOrientation exif_orientations(ExifBytes tiff) {
  const ExifNumbers numbers{tiff, starts_with(tiff, "II")};
  ExifOrientation found{.opencv = opencv_orientation(numbers)};
  read_as_pillow(numbers, found);
  return found;
}

std::optional<int> xmp_orientation(ExifBytes xmp) {
  constexpr std::string_view name = "tiff:Orientation";
  const std::string_view text(reinterpret_cast<const char*>(xmp.data()), xmp.size());
  for (std::size_t at = text.find(name); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    std::string_view rest = text.substr(at + name.size());
    if (rest.starts_with("=\"")) {
      rest.remove_prefix(2);
    } else if (rest.starts_with('>')) {
      rest.remove_prefix(1);
    } else {
      continue;
    }
    if (rest.empty() || rest[0] < '0' || rest[0] > '9') continue;
    return rest[0] >= '1' && rest[0] <= '8' ? rest[0] - '0' : 1;
  }
  return std::nullopt;
}

void OrientationNotes::add_exif(ExifBytes tiff) {
  const ExifOrientation found = exif_orientations(tiff);
  if (!opencv_) opencv_ = found.opencv;
  if (!pillow_) pillow_ = found.pillow;
  unknown_to_pillow_ = unknown_to_pillow_ || found.unknown_to_pillow;
  turns_ = turns_ || found.opencv.value_or(1) != 1 || found.pillow.value_or(1) != 1;
  ++blocks_;
}

void OrientationNotes::add_xmp(ExifBytes xmp) {
  if (const auto found = xmp_orientation(xmp)) xmp_ = found;
}

int OrientationNotes::pillow() const {
  if (unknown_to_pillow_ || (blocks_ > 1 && turns_)) return 0;
  return pillow_ ? *pillow_ : xmp_.value_or(1);
}

}  // namespace pinfeed::image
