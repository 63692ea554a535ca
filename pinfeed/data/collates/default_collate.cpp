// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 1.1, 1.2, 1.6.
#include <cstring>
#include <functional>

#include "pinfeed/data/collates/data_container.h"
#include "pinfeed/data/collates/default_collate.h"
#include "pinfeed/data/collates/map_tree.h"

namespace pinfeed {
namespace {

template <class T>
std::pmr::vector<T> leaves_of(const Column& column, Arena& arena) {
  std::pmr::vector<T> values(&arena);
  values.reserve(column.size());
  for (std::size_t i = 0; i < column.size(); ++i) {
    const T* value = column[i]->as<T>();
    if (value == nullptr) throw_kind_mismatch(column, i);
    values.push_back(*value);
  }
  return values;
}

bool is_number(const TreeNode& node) {
  return node.as<bool>() != nullptr || node.as<std::int64_t>() != nullptr ||
         node.as<double>() != nullptr;
}

double number_of(const TreeNode& node) {
  if (const bool* flag = node.as<bool>()) return *flag ? 1.0 : 0.0;
  if (const double* real = node.as<double>()) return *real;
  return static_cast<double>(*node.as<std::int64_t>());
}

// float64 if the first number is a float. Otherwise float32 if any is a float, else int64 if any is
// an int, else bool.
DType number_dtype(const Column& column) {
  if (column[0]->as<double>() != nullptr) return DType::float64;
  DType dtype = DType::boolean;
  for (const TreeNode* node : column) {
    if (node->as<double>() != nullptr) return DType::float32;
    if (node->as<std::int64_t>() != nullptr) dtype = DType::int64;
  }
  return dtype;
}

void write_as(const TreeNode& node, DType dtype, std::byte* to) {
  const auto put = [to](auto value) { std::memcpy(to, &value, sizeof value); };
  if (dtype == DType::float64) return put(number_of(node));
  if (dtype == DType::float32) return put(static_cast<float>(number_of(node)));
  if (const bool* flag = node.as<bool>()) {
    return dtype == DType::boolean ? put(*flag) : put(std::int64_t{*flag});
  }
  put(*node.as<std::int64_t>());
}

Tensor number_tensor(const Column& column, Layout& layout) {
  for (std::size_t i = 0; i < column.size(); ++i) {
    if (!is_number(*column[i])) throw_kind_mismatch(column, i);
  }
  const DType dtype = number_dtype(column);
  const Shape shape = {static_cast<std::int64_t>(column.size())};
  const Tensor tensor = arena_tensor(dtype, shape, layout.arena());
  for (std::size_t i = 0; i < column.size(); ++i) {
    write_as(*column[i], dtype, tensor.data() + i * size_of(dtype));
  }
  return layout.place(tensor);
}

[[noreturn]] void throw_unknown_kind(const TreeNode& node) {
  throw Error(ErrorKind::data,
              "default_collate takes tensors, numbers, strings, lists, dicts and "
              "data samples; it found " +
                  node.kind_name());
}

std::size_t group_size(const DefaultCollate& params, const Column& column) {
  return params.samples_per_gpu ? static_cast<std::size_t>(*params.samples_per_gpu) : column.size();
}

}  // namespace

void describe(Schema<DefaultCollate>& schema) {
  schema.summary("Stacks images, tensors and numbers of equal shape.")
      .optional("samples_per_gpu", &DefaultCollate::samples_per_gpu,
                "samples in each group of a DataContainer; default: the whole batch")
      .check([](const DefaultCollate& params) {
        if (!params.samples_per_gpu || *params.samples_per_gpu > 0) return;
        throw Error(ErrorKind::config, "samples_per_gpu is " +
                                           std::to_string(*params.samples_per_gpu) +
                                           "; it must be at least 1");
      });
}

Layout layout(const DefaultCollate& params, std::span<const TreeNode> samples, Arena& arena) {
  Layout result(arena);
  const auto leaf = [&](const Column& column, SequenceKind kind) -> TreeNode {
    const TreeNode& first = *column[0];
    const bool unstacked = first.as<ElementNode>() != nullptr || first.as<Text>() != nullptr;
    if (unstacked) return as_sequence(column, kind, result);
    if (first.as<Tensor>() != nullptr) return {result.stack(leaves_of<Tensor>(column, arena))};
    if (first.as<image::ImageExpr>() != nullptr) {
      return {result.stack(leaves_of<image::ImageExpr>(column, arena))};
    }
    if (is_number(first)) return {number_tensor(column, result)};
    if (first.as<DataContainerNode>() != nullptr) {
      return collate_containers(column, group_size(params, column), result);
    }
    throw_unknown_kind(first);
  };
  result.batch = map_tree(samples, std::cref(leaf), arena);
  return result;
}

}  // namespace pinfeed
