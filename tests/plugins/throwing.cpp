// SPDX-License-Identifier: Apache-2.0
// Parts that throw exceptions other than Error: when they are made, and when they run.
#include <cstdlib>
#include <stdexcept>

#include "pinfeed/plugin.h"

namespace mine {

struct ThrowsWhenMade {
  static constexpr auto name = "ThrowsWhenMade";
};
void describe(pinfeed::Schema<ThrowsWhenMade>& schema) { schema.summary("Throws."); }
pinfeed::Transform make(const ThrowsWhenMade&, const pinfeed::BuildContext&) {
  throw std::runtime_error("no licence");
}

struct ThrowsAtWork {
  static constexpr auto name = "ThrowsAtWork";
};
void describe(pinfeed::Schema<ThrowsAtWork>& schema) { schema.summary("Throws."); }
pinfeed::FieldUse fields(const ThrowsAtWork&) { return {}; }
bool apply(const ThrowsAtWork&, pinfeed::Sample&, pinfeed::RandomContext&) {
  throw std::out_of_range("index 7 of 3");
}

struct ThrowsAnInt {
  static constexpr auto name = "ThrowsAnInt";
};
void describe(pinfeed::Schema<ThrowsAnInt>& schema) { schema.summary("Throws."); }
pinfeed::FieldUse fields(const ThrowsAnInt&) { return {}; }
bool apply(const ThrowsAnInt&, pinfeed::Sample&, pinfeed::RandomContext&) { throw 7; }

struct throws_in_layout {
  static constexpr auto name = "throws_in_layout";
};
void describe(pinfeed::Schema<throws_in_layout>& schema) { schema.summary("Throws."); }
pinfeed::Layout layout(const throws_in_layout&, std::span<const pinfeed::TreeNode>,
                       pinfeed::Arena&) {
  throw std::length_error("too long");
}

}  // namespace mine

void pinfeed_add_parts(pinfeed::Catalogs& catalogs) {
  if (std::getenv("PINFEED_TEST_THROW") != nullptr) throw std::runtime_error("not today");
  catalogs.transforms.add<mine::ThrowsWhenMade>();
  catalogs.transforms.add<mine::ThrowsAtWork>();
  catalogs.transforms.add<mine::ThrowsAnInt>();
  catalogs.collates.add<mine::throws_in_layout>();
}
