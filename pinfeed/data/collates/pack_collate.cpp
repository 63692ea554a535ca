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
  if (tensor == nullptr) throw_other_kind(column, i);
  return *tensor;
}

[[noreturn]] void throw_ragged(const Column& column, std::size_t i) {
  throw Error(ErrorKind::data, "cannot pack sample " + std::to_string(i) + " of shape " +
                                   to_string(tensor_at(column, i).shape) + " where sample 0 has " +
                                   to_string(tensor_at(column, 0).shape) +
                                   ": only the first axis may differ");
}

// The rows of all samples, one after the other.
Tensor values_of(const Column& column, Arena& arena) {
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
Tensor offsets_of(const Column& column, Arena& arena) {
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

  TreeNode leaf(const Column& column, SequenceKind held) {
    if (column[0]->as<image::ImageExpr>() != nullptr) {
      TreeNode images = padded_images(*params_, column, *layout_);
      if (shapes_.as<NoneNode>() != nullptr) shapes_ = valid_shapes(column, *layout_);
      return images;
    }
    if (const auto* element = column[0]->as<ElementNode>()) return packed(column, *element);
    return as_it_is(column, held, *layout_);
  }
  TreeNode take_shapes() { return std::move(shapes_); }

 private:
  // The parts of data samples: tensors become rows, which share the offsets of the first.
  TreeNode packed(const Column& column, const ElementNode& first) {
    Arena& arena = layout_->arena();
    TreeNode made = map_node(arena);
    std::optional<Tensor> offsets;
    for (const Text& key : first.keys) {
      const Column parts = parts_of(column, key);
      if (!has_rows(*parts[0])) {
        set(made, key, leaf(parts, SequenceKind::list));
        continue;
      }
      set(made, key, {layout_->place(values_of(parts, arena))});
      const Tensor own = offsets_of(parts, arena);
      const bool same = !offsets || std::memcmp(own.data(), offsets->data(), offsets->bytes()) == 0;
      if (!same) {
        throw Error(ErrorKind::data, "the parts of a sample differ in length: '" +
                                         std::string(key) + "' is not as long as those before it");
      }
      if (!offsets) offsets = own;
    }
    if (offsets) set(made, "offsets", {layout_->place(*offsets)});
    return made;
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
  schema.summary(
      "pad_collate with the data samples packed: one tensor for the boxes of all, and 'offsets'.");
  describe_padding(schema);
}

Layout layout(const PackCollate& params, std::span<const TreeNode> samples, Arena& arena) {
  Layout made(arena);
  Packer packer(params, made);
  const LeafFn leaf = [&packer](const Column& column, SequenceKind held) {
    return packer.leaf(column, held);
  };
  made.batch = map_tree(samples, leaf, arena);
  TreeNode shapes = packer.take_shapes();
  const bool is_map = made.batch.as<MapNode>() != nullptr;
  if (is_map && shapes.as<NoneNode>() == nullptr)
    set(made.batch, "valid_shapes", std::move(shapes));
  return made;
}

}  // namespace pinfeed
