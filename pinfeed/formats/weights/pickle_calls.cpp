// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/decisions.md, 9; Python's pickletools; torch/_utils.py.
#include "pinfeed/formats/weights/pickle_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/formats/weights/pickle_types.h"

namespace pinfeed {
namespace {

// A function of this name gives the result of a member function.
template <class Function>
struct Known {
  std::string_view name;
  Function function;
};

bool is_text(const PickleNode& node, std::string_view text) {
  return node.kind == PickleKind::text && node.text == text;
}

// The bytes of a text whose characters are all below 256; empty optional for others.
std::optional<std::string> latin1(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (first < 0x80) {
      bytes += text[i];
    } else if ((first == 0xC2 || first == 0xC3) && i + 1 < text.size()) {
      const auto second = static_cast<unsigned char>(text[++i]);
      bytes += static_cast<char>((first & 3U) << 6U | (second & 0x3FU));
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

}  // namespace

Error damaged_pickle(const std::string& what) {
  return {ErrorKind::data, "the pickle is damaged: " + what};
}

PickleCalls::Function PickleCalls::find(std::string_view name) {
  using Calls = PickleCalls;
  static constexpr std::array known = {
      Known<Function>{"collections.OrderedDict", &Calls::ordered_dict},
      Known<Function>{"builtins.set", &Calls::set_of},
      Known<Function>{"builtins.frozenset", &Calls::set_of},
      Known<Function>{"builtins.bytearray", &Calls::byte_array},
      Known<Function>{"_codecs.encode", &Calls::encoded},
      Known<Function>{"copyreg._reconstructor", &Calls::reconstructed},
      Known<Function>{"torch.Size", &Calls::tuple_of},
      Known<Function>{"torch._utils._rebuild_tensor", &Calls::tensor},
      Known<Function>{"torch._utils._rebuild_tensor_v2", &Calls::tensor},
      Known<Function>{"torch._utils._rebuild_tensor_v3", &Calls::typed_tensor},
      Known<Function>{"torch._utils._rebuild_parameter", &Calls::first_argument},
      Known<Function>{"torch._utils._rebuild_parameter_with_state", &Calls::first_argument},
      Known<Function>{"torch._tensor._rebuild_from_type_v2", &Calls::from_type},
      Known<Function>{"torch.jit._pickle.restore_type_tag", &Calls::first_argument},
      Known<Function>{"torch.jit._pickle.build_intlist", &Calls::first_argument},
      Known<Function>{"torch.jit._pickle.build_doublelist", &Calls::first_argument},
      Known<Function>{"torch.jit._pickle.build_boollist", &Calls::first_argument},
      Known<Function>{"torch.jit._pickle.build_tensorlist", &Calls::first_argument},
      Known<Function>{"numpy.core.multiarray._reconstruct", &Calls::numpy_array},
      Known<Function>{"numpy._core.multiarray._reconstruct", &Calls::numpy_array},
      Known<Function>{"numpy.core.numeric._frombuffer", &Calls::numpy_buffer},
      Known<Function>{"numpy._core.numeric._frombuffer", &Calls::numpy_buffer},
      Known<Function>{"numpy.core.multiarray.scalar", &Calls::numpy_scalar},
      Known<Function>{"numpy._core.multiarray.scalar", &Calls::numpy_scalar}};
  const auto* found = std::find_if(known.begin(), known.end(),
                                   [name](const auto& one) { return one.name == name; });
  return found == known.end() ? nullptr : found->function;
}

void PickleCalls::charge(std::size_t items) {
  constexpr std::size_t items_per_node = 4;
  items_ += items;
  if (tree_->nodes.size() < max_nodes_ && items_ < items_per_node * max_nodes_) return;
  throw Error(ErrorKind::data, fmt::format("the pickle has more than {} values, too many for a "
                                           "file of its size",
                                           max_nodes_));
}

std::uint32_t PickleCalls::add(PickleNode node) {
  charge(node.items.size() + node.arguments.size());
  tree_->nodes.push_back(std::move(node));
  return static_cast<std::uint32_t>(tree_->nodes.size() - 1);
}

std::string_view PickleCalls::keep(std::string text) {
  return tree_->owned.emplace_back(std::move(text));
}

// Python 2 called two modules differently.
std::uint32_t PickleCalls::global(std::string_view module, std::string_view name) {
  if (module == "__builtin__") module = "builtins";
  if (module == "copy_reg") module = "copyreg";
  const std::string_view text = keep(fmt::format("{}.{}", module, name));
  if (is_harmful(text)) {
    throw Error(ErrorKind::data,
                fmt::format("the file would call {} when Python loads it: it is not a checkpoint "
                            "but an attack",
                            text))
        .help("do not load it in Python either; fetch the checkpoint from its source again");
  }
  return add({.kind = PickleKind::global, .text = text});
}

const PickleNode& PickleCalls::argument(std::uint32_t arguments, std::size_t position) const {
  const PickleNode& node = (*tree_)[arguments];
  if (position >= node.items.size()) throw damaged_pickle("a call has too few arguments");
  return (*tree_)[node.items[position]];
}

std::uint32_t PickleCalls::object(std::string_view name, std::uint32_t arguments) {
  return add({.kind = PickleKind::object, .text = name, .arguments = (*tree_)[arguments].items});
}

std::uint32_t PickleCalls::call(std::uint32_t function, std::uint32_t arguments) {
  if ((*tree_)[arguments].kind != PickleKind::tuple) {
    throw damaged_pickle("the arguments of a call are not a tuple");
  }
  const PickleNode& called = (*tree_)[function];
  if (called.kind != PickleKind::global) return object("object", arguments);
  const Function known = find(called.text);
  return known != nullptr ? (this->*known)(arguments) : object(called.text, arguments);
}

void PickleCalls::set_state(std::uint32_t object, std::uint32_t state) {
  PickleNode& node = tree_->nodes[object];
  if (node.kind != PickleKind::object) return;  // attributes of an OrderedDict or a tensor
  const PickleNode& values = (*tree_)[state];
  if (node.text == "numpy.ndarray" && values.kind == PickleKind::tuple &&
      values.items.size() == 5) {
    const auto array = array_of(argument(state, 2), argument(state, 1),
                                argument(state, 3).integer != 0, argument(state, 4));
    if (array) {
      node = *array;
      return;
    }
  }
  node.arguments.push_back(state);
}

std::uint32_t PickleCalls::persistent(std::uint32_t id) {
  const PickleNode& values = (*tree_)[id];
  if (values.kind != PickleKind::tuple) throw damaged_pickle("a persistent id is not a tuple");
  if (is_text(argument(id, 0), "module")) {  // of old files: with its source
    argument(id, 1);                         // throws if it is missing
    return values.items[1];
  }
  const PickleNode& type = argument(id, 1);
  const PickleNode& key = argument(id, 2);
  const PickleNode& elements = argument(id, 4);
  if (!is_text(argument(id, 0), "storage") || type.kind != PickleKind::global ||
      key.kind != PickleKind::text || elements.kind != PickleKind::integer ||
      elements.integer < 0) {
    throw damaged_pickle("a persistent id is not a storage");
  }
  PickleStorage storage{.key = key.text, .elements = elements.integer};
  if (!is_untyped_storage(type.text)) {
    storage.dtype = storage_dtype(type.text);
    if (!storage.dtype) return object(type.text, id);
  }
  if (values.items.size() > 5 && argument(id, 5).kind == PickleKind::tuple) {
    storage.view_offset = argument(values.items[5], 1).integer;
  }
  tree_->storages.push_back(storage);
  return add({.kind = PickleKind::storage,
              .integer = static_cast<std::int64_t>(tree_->storages.size() - 1)});
}

std::uint32_t PickleCalls::ordered_dict(std::uint32_t arguments) {
  PickleNode dict{.kind = PickleKind::dict};
  const bool filled = !(*tree_)[arguments].items.empty();
  if (filled) {  // a list of pairs
    for (const std::uint32_t pair : argument(arguments, 0).items) {
      if ((*tree_)[pair].items.size() != 2) throw damaged_pickle("an OrderedDict without pairs");
      for (const std::uint32_t item : (*tree_)[pair].items) dict.items.push_back(item);
    }
  }
  return add(std::move(dict));
}

std::uint32_t PickleCalls::set_of(std::uint32_t arguments) {
  PickleNode set{.kind = PickleKind::set};
  if (!(*tree_)[arguments].items.empty()) set.items = argument(arguments, 0).items;
  return add(std::move(set));
}

std::uint32_t PickleCalls::tuple_of(std::uint32_t arguments) {
  return add({.kind = PickleKind::tuple, .items = argument(arguments, 0).items});
}

std::uint32_t PickleCalls::encoded(std::uint32_t arguments) {
  const PickleNode& text = argument(arguments, 0);
  std::optional<std::string> bytes = latin1(text.text);
  if (text.kind != PickleKind::text || !bytes) throw damaged_pickle("bytes that are not Latin-1");
  return add({.kind = PickleKind::bytes, .text = keep(std::move(*bytes))});
}

std::uint32_t PickleCalls::byte_array(std::uint32_t arguments) {
  if ((*tree_)[arguments].items.empty()) return add({.kind = PickleKind::bytes});
  const PickleNode& bytes = argument(arguments, 0);
  if (bytes.kind == PickleKind::bytes) return (*tree_)[arguments].items[0];
  return encoded(arguments);
}

std::uint32_t PickleCalls::reconstructed(std::uint32_t arguments) {
  const std::string_view name = argument(arguments, 0).text;
  return object(name, arguments);
}

std::uint32_t PickleCalls::first_argument(std::uint32_t arguments) {
  argument(arguments, 0);
  return (*tree_)[arguments].items[0];
}

std::uint32_t PickleCalls::from_type(std::uint32_t arguments) {
  argument(arguments, 2);
  const PickleNode& node = (*tree_)[arguments];
  const PickleNode& rebuild = (*tree_)[node.items[0]];
  if (rebuild.kind == PickleKind::global && find(rebuild.text) == &PickleCalls::from_type) {
    throw damaged_pickle("a tensor is rebuilt by the function that rebuilds it");
  }
  return call(node.items[0], node.items[2]);
}

}  // namespace pinfeed
