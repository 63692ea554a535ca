// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "pinfeed/core/error.h"
#include "pinfeed/formats/weights/pickle_tree.h"

namespace pinfeed {

/// Adds values to a tree, and decides what the calls in a pickle give: a known function gives data,
/// any other one an object of which only the name and the arguments are kept.
class PickleCalls {
 public:
  PickleCalls(PickleTree& tree, std::size_t max_nodes) : tree_(&tree), max_nodes_(max_nodes) {}

  /// Throws Error(data) when there are too many values.
  std::uint32_t add(PickleNode node);
  /// Counts items that are added to a value. Throws Error(data) when there are too many.
  void charge(std::size_t items);
  /// Throws Error(data) for a function that can harm.
  std::uint32_t global(std::string_view module, std::string_view name);
  std::uint32_t call(std::uint32_t function, std::uint32_t arguments);
  /// What `object.__setstate__(state)` does.
  void set_state(std::uint32_t object, std::uint32_t state);
  /// The storage of a persistent id: ('storage', type, key, location, elements, view).
  std::uint32_t persistent(std::uint32_t id);

 private:
  using Function = std::uint32_t (PickleCalls::*)(std::uint32_t arguments);
  static Function find(std::string_view name);

  std::uint32_t ordered_dict(std::uint32_t arguments);
  std::uint32_t set_of(std::uint32_t arguments);
  std::uint32_t tuple_of(std::uint32_t arguments);
  std::uint32_t encoded(std::uint32_t arguments);     // _codecs.encode(text, 'latin1')
  std::uint32_t byte_array(std::uint32_t arguments);  // bytearray(bytes)
  std::uint32_t reconstructed(
      std::uint32_t arguments);                   // copyreg._reconstructor(class, base, state)
  std::uint32_t tensor(std::uint32_t arguments);  // torch._utils._rebuild_tensor_v2(...)
  std::uint32_t typed_tensor(std::uint32_t arguments);    // torch._utils._rebuild_tensor_v3(...)
  std::uint32_t first_argument(std::uint32_t arguments);  // torch._utils._rebuild_parameter(...)
  std::uint32_t from_type(std::uint32_t arguments);    // torch._tensor._rebuild_from_type_v2(...)
  std::uint32_t numpy_array(std::uint32_t arguments);  // numpy's _reconstruct(class, shape, type)
  std::uint32_t numpy_buffer(
      std::uint32_t arguments);  // numpy's _frombuffer(bytes, dtype, shape, order)
  std::uint32_t numpy_scalar(std::uint32_t arguments);  // numpy's scalar(dtype, bytes)

  const PickleNode& argument(std::uint32_t arguments, std::size_t position) const;
  std::uint32_t object(std::string_view name, std::uint32_t arguments);
  std::uint32_t tensor_of(std::uint32_t arguments, std::optional<DType> dtype);
  std::optional<PickleNode> array_of(const PickleNode& dtype, const PickleNode& shape, bool fortran,
                                     const PickleNode& bytes);
  Shape shape_of(const PickleNode& sizes) const;
  std::string_view keep(std::string text);

  PickleTree* tree_;
  std::size_t max_nodes_;
  std::size_t items_ = 0;  // of all values
};

/// The error for a pickle that does not follow the format.
Error damaged_pickle(const std::string& what);

/// Whether a pickle that refers to this function or class is refused.
bool is_harmful(std::string_view global);

}  // namespace pinfeed
