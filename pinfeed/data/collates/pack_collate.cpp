// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "pinfeed/core/error.h"
#include "pinfeed/data/collates/map_tree.h"
#include "pinfeed/data/collates/pack_collate.h"
#include "pinfeed/data/collates/padding.h"

namespace pinfeed {
namespace {

const Tensor& tensor_at(const Column& column, std::size_t i) {
  const auto* tensor = column[i]->as<Tensor>();
  if (tensor == nullptr) throw_kind_mismatch(column, i);
  return *tensor;
}

[[noreturn]] void throw_ragged(const Column& column, std::size_t i) {
  throw Error(ErrorKind::data, "cannot pack sample " + std::to_string(i) + " of shape " +
                                   to_string(tensor_at(column, i).shape) + " where sample 0 has " +
                                   to_string(tensor_at(column, 0).shape) +
                                   ": only the first axis may differ");
}

// The rows of all samples, one after the other.
Tensor packed_values(const Column& column, Arena& arena) {
  Shape shape = tensor_at(column, 0).shape;
  shape[0] = 0;
  for (std::size_t i = 0; i < column.size(); ++i) {
    const Tensor& own = tensor_at(column, i);
    Shape rest = own.shape;
    if (rest.rank() != shape.rank() || own.dtype != tensor_at(column, 0).dtype) {
      throw_ragged(column, i);
    }
    rest[0] = shape[0];
    if (!(rest == shape)) throw_ragged(column, i);
    shape[0] += own.shape[0];
  }
  Tensor values = arena_tensor(tensor_at(column, 0).dtype, shape, arena);
  std::byte* to = values.data();
  for (std::size_t i = 0; i < column.size(); ++i) {
    copy_contiguous(tensor_at(column, i), to);
    to += tensor_at(column, i).bytes();
  }
  return values;
}

// Where each sample's rows begin, and where the last ones end.
Tensor packed_offsets(const Column& column, Arena& arena) {
  const auto count = static_cast<std::int64_t>(column.size());
  Tensor offsets = arena_tensor(DType::int64, {count + 1}, arena);
  auto* to = offsets.data_as<std::int64_t>();
  *to = 0;
  for (std::size_t i = 0; i < column.size(); ++i, ++to) {
    to[1] = *to + tensor_at(column, i).shape[0];
  }
  return offsets;
}

bool has_rows(const TreeNode& item) {
  const auto* tensor = item.as<Tensor>();
  return tensor != nullptr && tensor->shape.rank() > 0;
}

class Packer {
 public:
  Packer(const PackCollate& params, Layout& layout) : params_(&params), layout_(&layout) {}

  TreeNode leaf(const Column& column, SequenceKind kind) {
    if (column[0]->as<image::ImageExpr>() != nullptr) {
      TreeNode images = padded_images(*params_, column, *layout_);
      if (shapes_.as<NoneNode>() != nullptr) shapes_ = valid_shapes(column, *layout_);
      return images;
    }
    if (const auto* element = column[0]->as<ElementNode>()) return packed(column, *element);
    return as_sequence(column, kind, *layout_);
  }
  TreeNode take_shapes() { return std::move(shapes_); }

 private:
  // The fields of data samples: tensors are concatenated, and must all have the same offsets.
  TreeNode packed(const Column& column, const ElementNode& first) {
    Arena& arena = layout_->arena();
    TreeNode result = map_node(arena);
    std::optional<Tensor> offsets;
    for (const Text& key : first.keys) {
      const Column parts = parts_of(column, key);
      if (!has_rows(*parts[0])) {
        set(result, key, leaf(parts, SequenceKind::list));
        continue;
      }
      set(result, key, {layout_->place(packed_values(parts, arena))});
      const Tensor field_offsets = packed_offsets(parts, arena);
      const bool same =
          !offsets || std::memcmp(field_offsets.data(), offsets->data(), offsets->bytes()) == 0;
      if (!same) {
        throw Error(ErrorKind::data, "the parts of a sample differ in length: '" +
                                         std::string(key) + "' is not as long as those before it");
      }
      if (!offsets) offsets = field_offsets;
    }
    if (offsets) set(result, "offsets", {layout_->place(*offsets)});
    return result;
  }

  Column parts_of(const Column& column, const Text& key) const {
    Column parts(&layout_->arena());
    for (std::size_t i = 0; i < column.size(); ++i) {
      parts.push_back(column[i]->find(key));
      if (parts.back() != nullptr) continue;
      throw Error(ErrorKind::data, "sample " + std::to_string(i) + " has no '" + std::string(key) +
                                       "', which sample 0 has");
    }
    return parts;
  }

  const PackCollate* params_;
  Layout* layout_;
  TreeNode shapes_ = {};
};

}  // namespace

void describe(Schema<PackCollate>& schema) {
  schema
      .summary(
          "pad_collate whose data samples are packed: one tensor with the boxes of all samples, "
          "and "
          "'offsets' with the index of each sample's first box.")
      .include<PadCollate>();
}

Layout layout(const PackCollate& params, std::span<const TreeNode> samples, Arena& arena) {
  Layout result(arena);
  Packer packer(params, result);
  const LeafFn leaf = [&packer](const Column& column, SequenceKind kind) {
    return packer.leaf(column, kind);
  };
  result.batch = map_tree(samples, leaf, arena);
  set_valid_shapes(result, packer.take_shapes());
  return result;
}

}  // namespace pinfeed
