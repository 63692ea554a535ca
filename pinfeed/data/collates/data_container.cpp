// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 1.4 to 1.6.
#include "pinfeed/data/collates/data_container.h"

#include <algorithm>
#include <cstring>

#include "pinfeed/core/error.h"
#include "pinfeed/data/tensor_element.h"

namespace pinfeed {
namespace {

// `size` samples of a column, from `first` on.
struct Group {
  const Column* column;
  std::size_t first;
  std::size_t size;

  const DataContainerNode& container(std::size_t i) const {
    const auto* found = (*column)[first + i]->as<DataContainerNode>();
    if (found == nullptr) throw_kind_mismatch(*column, first + i);
    return *found;
  }
  const TreeNode& payload(std::size_t i) const { return container(i).data[0]; }
};

template <class T>
std::pmr::vector<T> payloads(const Group& group, Arena& arena) {
  std::pmr::vector<T> all(&arena);
  for (std::size_t i = 0; i < group.size; ++i) {
    const T* payload = group.payload(i).as<T>();
    if (payload == nullptr) {
      throw Error(ErrorKind::data,
                  "sample " + std::to_string(group.first + i) + " has " +
                      group.payload(i).kind_name() + " in its DataContainer where sample " +
                      std::to_string(group.first) + " has " + group.payload(0).kind_name());
    }
    all.push_back(*payload);
  }
  return all;
}

[[noreturn]] void throw_pad_dims(const std::string& shape, int pad_dims) {
  throw Error(ErrorKind::data, "a DataContainer with pad_dims " + std::to_string(pad_dims) +
                                   " needs more axes than pad_dims; its shape is " + shape);
}

[[noreturn]] void throw_axis(const Group& group, std::size_t i, const std::string& shape,
                             const std::string& first) {
  throw Error(ErrorKind::data, "cannot pad sample " + std::to_string(group.first + i) +
                                   " of shape " + shape + " where sample " +
                                   std::to_string(group.first) + " has " + first +
                                   ": only the last axes may differ");
}

std::string chw(const image::ImageExpr& image) {
  return to_string(Shape{image.channels(), image.size().height, image.size().width});
}

Tensor stacked_images(const Group& group, Layout& layout) {
  const auto images = payloads<image::ImageExpr>(group, layout.arena());
  const int pad_dims = group.container(0).pad_dims;
  if (pad_dims == 0) return layout.stack(images, group.first);
  if (pad_dims > 2) throw_pad_dims(chw(images[0]), pad_dims);
  Size size = images[0].size();
  std::pmr::vector<double> values(&layout.arena());
  for (std::size_t i = 0; i < group.size; ++i) {
    const Size image_size = images[i].size();
    if (pad_dims == 1 && image_size.height != size.height) {
      throw_axis(group, i, chw(images[i]), chw(images[0]));
    }
    size = {std::max(size.width, image_size.width), std::max(size.height, image_size.height)};
    values.push_back(group.container(i).padding_value);
  }
  return layout.stack_padded(images, size, values, group.first);
}

Shape padded_container_shape(const Group& group, const std::pmr::vector<Tensor>& tensors,
                             int pad_dims) {
  Shape shape = tensors[0].shape;
  if (shape.rank() <= pad_dims) throw_pad_dims(to_string(tensors[0].shape), pad_dims);
  const int unpadded = shape.rank() - pad_dims;
  for (std::size_t i = 1; i < tensors.size(); ++i) {
    const Shape& own = tensors[i].shape;
    if (own.rank() != shape.rank())
      throw_axis(group, i, to_string(own), to_string(tensors[0].shape));
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (axis >= unpadded) {
        shape[axis] = std::max(shape[axis], own[axis]);
      } else if (own[axis] != shape[axis]) {
        throw_axis(group, i, to_string(own), to_string(tensors[0].shape));
      }
    }
  }
  return shape;
}

// Copies `tensor` to the beginning of each axis of a larger one, for the axes from `axis` on.
void copy_corner(const Tensor& tensor, const Tensor& larger, int axis, std::size_t from,
                 std::size_t to) {
  const std::size_t element = size_of(tensor.dtype);
  if (axis == tensor.shape.rank()) {
    std::memcpy(larger.data() + to * element, tensor.data() + from * element, element);
    return;
  }
  for (std::int64_t i = 0; i < tensor.shape[axis]; ++i) {
    copy_corner(tensor, larger, axis + 1, from + static_cast<std::size_t>(i * tensor.strides[axis]),
                to + static_cast<std::size_t>(i * larger.strides[axis]));
  }
}

Tensor padded_tensor(const Tensor& tensor, const Shape& shape, double value, Arena& arena) {
  if (tensor.shape == shape) return tensor;
  Tensor larger = arena_tensor(tensor.dtype, shape, arena);
  const std::size_t element = size_of(tensor.dtype);
  for (std::size_t at = 0; at < larger.bytes(); at += element) {
    write_number(tensor.dtype, value, larger.data() + at);
  }
  copy_corner(tensor, larger, 0, 0, 0);
  return larger;
}

Tensor stacked_tensors(const Group& group, Layout& layout) {
  auto tensors = payloads<Tensor>(group, layout.arena());
  const int pad_dims = group.container(0).pad_dims;
  if (pad_dims > 0) {
    const Shape shape = padded_container_shape(group, tensors, pad_dims);
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      tensors[i] =
          padded_tensor(tensors[i], shape, group.container(i).padding_value, layout.arena());
    }
  }
  return layout.stack(tensors, group.first);
}

TreeNode stacked(const Group& group, Layout& layout) {
  const TreeNode& first = group.payload(0);
  if (first.as<image::ImageExpr>() != nullptr) return {stacked_images(group, layout)};
  if (first.as<Tensor>() != nullptr) return {stacked_tensors(group, layout)};
  throw Error(ErrorKind::data,
              "a DataContainer with stack=True must hold a tensor, not " + first.kind_name());
}

// The payloads, unstacked. Those of cpu_only containers are not added to the slot, because the slot
// may be copied to a device. Images are always added: their pixels exist only in a slot.
TreeNode listed(const Group& group, bool cpu_only, Layout& layout) {
  TreeNode list = list_node(layout.arena());
  for (std::size_t i = 0; i < group.size; ++i) {
    const TreeNode& payload = group.payload(i);
    const bool outside_slot = cpu_only && payload.as<image::ImageExpr>() == nullptr;
    list.as<ListNode>()->items.push_back(outside_slot
                                             ? copied(payload, layout.arena())
                                             : add_to_layout(payload, group.first + i, layout));
  }
  return list;
}

}  // namespace

TreeNode collate_containers(const Column& column, std::size_t group_size, Layout& layout) {
  const auto& flags = *column[0]->as<DataContainerNode>();
  TreeNode groups = list_node(layout.arena());
  for (std::size_t first = 0; first < column.size(); first += group_size) {
    const Group group{&column, first, std::min(group_size, column.size() - first)};
    const bool stacks = flags.stack && !flags.cpu_only;
    groups.as<ListNode>()->items.push_back(stacks ? stacked(group, layout)
                                                  : listed(group, flags.cpu_only, layout));
  }
  DataContainerNode container{TreeNodes(&layout.arena())};
  container.data.push_back(std::move(groups));
  container.stack = flags.stack && !flags.cpu_only;
  container.padding_value = flags.cpu_only ? 0.0 : flags.padding_value;
  container.cpu_only = flags.cpu_only;
  return {std::move(container)};
}

}  // namespace pinfeed
