// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/formats/weights/weights_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "pinfeed/core/error.h"
#include "pinfeed/core/json_text.h"
#include "pinfeed/core/mapped_file.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/formats/weights/pth_container.h"
#include "pinfeed/formats/weights/pth_tensors.h"

namespace pinfeed {
namespace {

constexpr std::array<std::string_view, 6> state_dict_keys = {
    "state_dict", "model", "module", "model_state_dict", "network", "net"};
constexpr int max_depth = 64;

// Lists the values of a tree with their paths.
class Listing {
 public:
  Listing(const PickleTree& tree, PthTensors& tensors, WeightsFile& file, std::size_t max_text)
      : tree_(&tree), tensors_(&tensors), file_(&file), text_left_(max_text) {}

  void add(const PickleNode& root, const PickleNode* weights) {
    weights_ = weights;
    visit(root, "", 0, false);
  }

 private:
  // Values may contain each other or themselves: the number of visits is limited.
  void visit(const PickleNode& node, const std::string& path, int depth, bool in_weights) {
    constexpr std::size_t visits_per_node = 4;
    if (depth > max_depth || ++visits_ > visits_per_node * tree_->nodes.size()) {
      throw Error(ErrorKind::data, "the values of the pickle contain each other too often");
    }
    charge(path.size());
    switch (node.kind) {
      case PickleKind::tensor: return add_tensor(node, path, in_weights);
      case PickleKind::dict: return visit_dict(node, path, depth, in_weights);
      case PickleKind::list:
      case PickleKind::tuple:
      case PickleKind::set: return visit_list(node, path, depth, in_weights);
      case PickleKind::object: return visit_object(node, path, depth);
      case PickleKind::global:
      case PickleKind::storage: file_->opaque.emplace_back(path, std::string(node.text)); return;
      default: return add_value(node, path);
    }
  }

  // A text may be used in many places: the sum of all texts is limited.
  void charge(std::size_t text) {
    if (text > text_left_) throw Error(ErrorKind::data, "the texts of the pickle repeat too often");
    text_left_ -= text;
  }
  void add_value(const PickleNode& node, const std::string& path) {
    charge(node.text.size());
    file_->values.emplace_back(path, json_of(node));
  }

  void add_tensor(const PickleNode& node, const std::string& path, bool in_weights) {
    try {
      Tensor tensor = tensors_->view(tree_->tensors[static_cast<std::size_t>(node.integer)]);
      (in_weights ? file_->weights : file_->others).emplace_back(path, std::move(tensor));
    } catch (Error& error) {
      throw error.with_context(ActionContext{"reading the tensor '" + path + "'"});
    }
  }

  static std::string below(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
  }
  std::string key_of(const PickleNode& node) const {
    return node.kind == PickleKind::text ? std::string(node.text) : json_of(node);
  }

  void visit_dict(const PickleNode& dict, const std::string& path, int depth, bool in_weights) {
    const bool starts = &dict == weights_ && !in_weights;
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const std::string key = key_of((*tree_)[dict.items[i]]);
      visit((*tree_)[dict.items[i + 1]], starts ? key : below(path, key), depth + 1,
            in_weights || starts);
    }
  }
  void visit_list(const PickleNode& list, const std::string& path, int depth, bool in_weights) {
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      visit((*tree_)[list.items[i]], below(path, std::to_string(i)), depth + 1, in_weights);
    }
  }
  // Of an object the tensors of its state are listed.
  void visit_object(const PickleNode& object, const std::string& path, int depth) {
    file_->opaque.emplace_back(path, std::string(object.text));
    for (const std::uint32_t index : object.arguments) {
      const PickleNode& state = (*tree_)[index];
      if (state.kind == PickleKind::dict) visit_dict(state, path, depth + 1, false);
    }
  }

  std::string json_of(const PickleNode& node) const {
    switch (node.kind) {
      case PickleKind::none: return "null";
      case PickleKind::boolean: return node.integer != 0 ? "true" : "false";
      case PickleKind::integer:
        return node.is_long ? "\"a large integer\"" : std::to_string(node.integer);
      case PickleKind::real: return json_number(node.real);
      case PickleKind::text: return json_string(node.text);
      case PickleKind::bytes: return json_string(fmt::format("{} bytes", node.text.size()));
      default: return json_string("a " + std::string(node.text.empty() ? "container" : node.text));
    }
  }

  const PickleTree* tree_;
  PthTensors* tensors_;
  WeightsFile* file_;
  const PickleNode* weights_ = nullptr;
  std::size_t text_left_;
  std::size_t visits_ = 0;
};

std::size_t count_tensors(const PickleTree& tree, const PickleNode& dict) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < dict.items.size(); i += 2) {
    count += tree[dict.items[i]].kind == PickleKind::tensor ? 1 : 0;
  }
  return count;
}

// The key of the state dict in the outermost dict; empty: that dict itself.
std::string_view find_weights_key(const PickleTree& tree, const PickleNode& root) {
  for (const std::string_view key : state_dict_keys) {
    const PickleNode* found = tree.find(root, key);
    if (found != nullptr && found->kind == PickleKind::dict && count_tensors(tree, *found) > 0) {
      return key;
    }
  }
  if (root.kind != PickleKind::dict || count_tensors(tree, root) > 0) return "";
  std::string_view best;
  std::size_t most = 0;
  for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
    const PickleNode& key = tree[root.items[i]];
    const PickleNode& value = tree[root.items[i + 1]];
    if (key.kind != PickleKind::text || value.kind != PickleKind::dict) continue;
    const std::size_t tensors = count_tensors(tree, value);
    if (tensors > most) best = key.text;
    most = std::max(most, tensors);
  }
  return best;
}

WeightsFile content_of(const PthContainer& container, const MappedFile& source,
                       Unaligned unaligned) {
  const Buffer& bytes = source.bytes();
  const PickleTree& tree = container.tree;
  const PickleNode& root = tree[tree.root];
  WeightsFile file{.verified = container.verified, .source = source};
  file.weights_key = find_weights_key(tree, root);
  const PickleNode* weights = file.weights_key.empty() ? &root : tree.find(root, file.weights_key);
  constexpr std::size_t least_text = std::size_t{16} << 20U;
  PthTensors tensors(container, bytes, unaligned);
  Listing(tree, tensors, file, least_text + 4 * bytes.size).add(root, weights);
  return file;
}

// The file begins with the length of a header that begins with a brace; a wrong name is an error of
// that format.
bool is_safetensors(const MappedFile& source) {
  if (source.path().ends_with(".safetensors")) return true;
  const Buffer& file = source.bytes();
  constexpr std::size_t length_bytes = 8;
  return file.size > length_bytes && file.data()[length_bytes] == std::byte{'{'};
}

WeightsFile from_safetensors(const MappedFile& source) {
  SafetensorsFile file = read_safetensors(source);
  return {.is_safetensors = true,
          .checksum = file.checksum,
          .verified = file.checksum,
          .weights = std::move(file.tensors),
          .values = std::move(file.metadata),
          .source = source};
}

}  // namespace

WeightsFile read_weights_file(const std::string& path, VerifyChecksums verify,
                              Unaligned unaligned) {
  const MappedFile source(path, ErrorKind::data);
  if (is_safetensors(source)) return from_safetensors(source);
  const Buffer& file = source.bytes();
  try {
    return content_of(read_container({file.data(), file.size}, verify), source, unaligned);
  } catch (Error& error) {
    throw error.with_context(FileContext{path});
  }
}

}  // namespace pinfeed
