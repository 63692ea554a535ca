// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/core/tensor.h"

namespace pinfeed {

/// What a value of a pickle is.
enum class PickleKind : std::uint8_t {
  none,
  boolean,
  integer,
  real,
  text,
  bytes,
  list,
  tuple,
  set,
  dict,
  global,   // a function or class by name; never imported or called
  object,   // the result of calling a global that is not built: its name is kept
  storage,  // the bytes of tensors
  tensor
};

/// A value of a pickle. Which members are used depends on the kind.
struct PickleNode {
  PickleKind kind = PickleKind::none;
  bool is_long = false;        // an integer beyond 64 bits, of which only the low bits are kept
  std::int64_t integer = 0;    // boolean, integer; the index of a storage or tensor
  double real = 0.0;           // real
  std::string_view text = {};  // text, bytes; the name of a global or object: "torch.Size"
  std::vector<std::uint32_t> items = {};      // list, tuple, set; dict: key, value, key, value, ...
  std::vector<std::uint32_t> arguments = {};  // object: of its constructor, then its states
};

/// The bytes of one or more tensors.
struct PickleStorage {
  std::string_view key = {};  // of the container; empty if `bytes` are in the pickle
  std::span<const std::byte> bytes = {};
  std::optional<DType> dtype = {};  // empty: untyped, counted in bytes
  std::int64_t elements = 0;        // of the storage; of a view, with what lies before it
  std::int64_t view_offset = 0;     // in elements
};

struct PickleTensor {
  DType dtype = DType::uint8;
  std::size_t storage = 0;  // index in PickleTree::storages
  std::int64_t offset = 0;  // in elements
  Shape shape = {};
  Shape strides = {};  // in elements
};

/// The values of a pickle. They refer to each other by index, because Python's objects may be
/// shared and may contain themselves. Texts point into the bytes of the pickle or into `owned`.
struct PickleTree {
  std::vector<PickleNode> nodes = {};
  std::vector<PickleStorage> storages = {};
  std::vector<PickleTensor> tensors = {};
  std::deque<std::string> owned = {};
  std::uint32_t root = 0;
  std::size_t size = 0;  // bytes of the pickle

  const PickleNode& operator[](std::uint32_t index) const { return nodes[index]; }
  /// The value of a text key of a dict, or nullptr.
  const PickleNode* find(const PickleNode& dict, std::string_view key) const;
};

/// Reads the pickle at the start of `bytes`, protocols 2 to 5, without running anything: of the
/// functions that a pickle may call, only those of an allow-list have an effect
/// (docs/specs/decisions.md, 9). Throws Error(data) for a damaged pickle, for one that refers to a
/// function that can harm (`os.system`, `builtins.eval`, ...), and for more than `max_nodes`
/// values.
PickleTree read_pickle(std::span<const std::byte> bytes, std::size_t max_nodes);

}  // namespace pinfeed
