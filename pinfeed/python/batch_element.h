// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <string>

#include "pinfeed/data/tree_node.h"
#include "pinfeed/python/batch_owner.h"

namespace pinfeed::python {

/// pinfeed.Element: an object that collate functions pass on as a whole, such as a DetDataSample.
/// Its fields become Python objects when one of them is asked for. Needs the GIL.
class Element {
 public:
  /// `node` is in the owner's batch.
  Element(const ElementNode& node, std::shared_ptr<BatchOwner> owner)
      : type_(node.type), node_(&node), owner_(std::move(owner)) {}
  Element(std::string type, nanobind::dict fields)
      : type_(std::move(type)), fields_(std::move(fields)) {}

  const std::string& type() const { return type_; }
  nanobind::dict& fields();
  /// The dict as it is: null while nobody has asked for a field.
  PyObject* made_fields() const { return fields_.ptr(); }
  void clear() { fields_.reset(); }

 private:
  std::string type_;
  const ElementNode* node_ = nullptr;
  std::shared_ptr<BatchOwner> owner_ = nullptr;
  nanobind::dict fields_ = nanobind::steal<nanobind::dict>(nanobind::handle());
};

}  // namespace pinfeed::python
