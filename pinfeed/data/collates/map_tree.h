// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory_resource>
#include <span>
#include <vector>

#include "pinfeed/data/collate.h"

namespace pinfeed {

/// The nodes at one position of the trees of all samples of a batch, in the order of the samples.
/// Never empty.
using Column = std::pmr::vector<const TreeNode*>;

/// The Python type of an unstacked column: the values of a dict form a list, the items of a
/// sequence a tuple.
enum class SequenceKind { list, tuple };

/// Makes the node of the batch for a column whose first node is no container.
using LeafFn = std::function<TreeNode(const Column&, SequenceKind)>;

/// Applies `leaf` to each leaf of the trees, as all collates of upstream do
/// (docs/specs/openmmlab-data.md, 1.2): keys and their order are those of the first sample,
/// sequences must have equal lengths, a tuple becomes a list. Throws Error(data) naming the sample
/// that differs and the keys that lead to the difference.
TreeNode map_tree(const Column& column, SequenceKind kind, const LeafFn& leaf, Arena& arena);

/// The same for a whole batch. Throws Error(data) for an empty batch.
TreeNode map_tree(std::span<const TreeNode> samples, const LeafFn& leaf, Arena& arena);

/// The column as a list or tuple. Its tensors and images are added to the layout.
TreeNode as_sequence(const Column& column, SequenceKind kind, Layout& layout);
/// A copy of the node; its tensors and images are added to the layout. `sample` is the position of
/// the node's sample in the batch.
TreeNode add_to_layout(const TreeNode& node, std::size_t sample, Layout& layout);

/// Throws Error(data): sample `i` has a node of another kind than sample 0.
[[noreturn]] void throw_kind_mismatch(const Column& column, std::size_t i);

}  // namespace pinfeed
