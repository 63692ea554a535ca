// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pinfeed {

// The ids of images, annotations and categories. An integer of 64 bits with a sign stands for
// itself. OpenMMLab takes texts and larger integers too, so each of these gets a number from a
// reserved range at the low end: the same in all files that the process reads. An integer that
// lies in this range is treated as a larger one. All functions are safe from any thread.

/// The id of a text.
std::int64_t text_id(std::string_view text);
/// The id of an integer in decimal digits that is outside 64 bits or in the reserved range.
std::int64_t digits_id(std::string_view digits);
/// Whether the integer cannot stand for itself.
bool is_reserved_id(std::int64_t id);

/// The id as the annotation file states it: "7", "img_00001".
std::string id_text(std::int64_t id);
/// The same in JSON: a text is quoted.
std::string id_json(std::int64_t id);

/// Integers by value, then texts by their bytes, as numpy.unique sorts ids of one type.
struct IdLess {
  bool operator()(std::int64_t a, std::int64_t b) const;
};

}  // namespace pinfeed
