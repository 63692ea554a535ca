// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory_resource>
#include <span>
#include <vector>

#include "pinfeed/data/collate.h"

namespace pinfeed {

/// The same place of all samples of a batch.
using Column = std::pmr::vector<const TreeNode*>;

/// What Python would hold a column in: values of a dict come in a list, those of a sequence in a
/// tuple.
enum class SequenceKind { list, tuple };

/// Makes the item that stands for a column whose first item is no container.
using LeafFn = std::function<TreeNode(const Column&, SequenceKind)>;

/// Walks through the containers of the samples, as all of upstream's collates do
/// (docs/specs/openmmlab-data.md, 1.2): keys and their order are the first sample's; sequences must
/// have equal lengths; a tuple becomes a list. Throws Error(data) naming the sample that differs,
/// and the keys on the way to it.
TreeNode map_tree(const Column& column, SequenceKind held, const LeafFn& leaf, Arena& arena);

/// walk() over a batch, for the root of a collate. Throws Error(data) for an empty batch.
TreeNode map_tree(std::span<const TreeNode> samples, const LeafFn& leaf, Arena& arena);

/// The column itself, as a list or tuple; what lies in it is placed in the layout.
TreeNode as_it_is(const Column& column, SequenceKind held, Layout& layout);
/// The item with its tensors and images placed in the layout. It is of this sample.
TreeNode placed(const TreeNode& item, std::size_t sample, Layout& layout);

/// The error of a sample that is of another kind than the first.
[[noreturn]] void throw_other_kind(const Column& column, std::size_t i);

}  // namespace pinfeed
