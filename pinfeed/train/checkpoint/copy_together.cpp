// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/checkpoint/copy_together.h"

#include <cstring>
#include <map>
#include <string>
#include <utility>

namespace pinfeed {
namespace {

// Tensors of one device and dtype.
struct Group {
  std::vector<CopyToHost> copies = {};
  std::size_t bytes = 0;
};

void copy_group(const Group& group) {
  std::vector<at::Tensor> parts;
  for (const CopyToHost& copy : group.copies) parts.push_back(copy.from.detach().flatten());
  const at::Tensor joined = (parts.size() == 1 ? parts.front() : at::cat(parts)).cpu();
  const auto* from = static_cast<const std::byte*>(joined.const_data_ptr());
  for (const CopyToHost& copy : group.copies) {
    const std::size_t bytes = copy.to.nbytes();
    if (bytes > 0) std::memcpy(copy.to.mutable_data_ptr(), from, bytes);
    from += bytes;
  }
}

}  // namespace

void copy_together(const std::vector<CopyToHost>& copies, std::size_t group_bytes) {
  std::map<std::pair<std::string, at::ScalarType>, Group> groups;
  for (const CopyToHost& copy : copies) {
    Group& group = groups[{copy.from.device().str(), copy.from.scalar_type()}];
    if (group.bytes > 0 && group.bytes + copy.from.nbytes() > group_bytes) {
      copy_group(group);
      group = {};
    }
    group.copies.push_back(copy);
    group.bytes += copy.from.nbytes();
  }
  for (const auto& [kind, group] : groups) copy_group(group);
}

}  // namespace pinfeed
