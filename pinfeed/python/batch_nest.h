// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <memory>

#include "pinfeed/core/buffer.h"
#include "pinfeed/data/tree_node.h"
#include "pinfeed/python/batch_owner.h"

namespace pinfeed::python {

/// Makes Python's nest of dict, list, tuple, str and numbers of the tree of a batch. Tensors become
/// pinfeed.Tensor; elements such as DetDataSample become pinfeed.Element, masks pinfeed.Masks. With
/// a BatchOwner they are views of the batch, and elements read it when they are asked for a field.
/// Without one nothing refers to the batch: its bytes were copied to `copied`.
class BatchNest {
 public:
  explicit BatchNest(std::shared_ptr<BatchOwner> owner) : owner_(std::move(owner)) {}
  /// `slot` are the bytes that were copied.
  BatchNest(Buffer slot, Buffer copied) : slot_(std::move(slot)), copied_(std::move(copied)) {}

  nanobind::object object(const TreeNode& node) const;

  nanobind::object leaf(const NoneNode&) const;
  nanobind::object leaf(bool value) const;
  nanobind::object leaf(std::int64_t value) const;
  nanobind::object leaf(double value) const;
  nanobind::object leaf(const Text& value) const;
  nanobind::object leaf(const Tensor& value) const;
  nanobind::object leaf(const image::ImageExpr& value) const;
  nanobind::object leaf(const ListNode& value) const;
  nanobind::object leaf(const TupleNode& value) const;
  nanobind::object leaf(const MapNode& value) const;
  nanobind::object leaf(const NamedTupleNode& value) const;
  nanobind::object leaf(const DataContainerNode& value) const;
  nanobind::object leaf(const ElementNode& value) const;
  nanobind::object leaf(const Masks& value) const;

  /// The dict of names and values.
  nanobind::dict dict(const std::pmr::vector<Text>& keys, const TreeNodes& values) const;

 private:
  std::shared_ptr<BatchOwner> owner_ = nullptr;
  Buffer slot_ = {};
  Buffer copied_ = {};
};

}  // namespace pinfeed::python
