// SPDX-License-Identifier: Apache-2.0
// Source of the rules: Python's pickletools (protocols 2 to 5).
//
// A pickle is a program for a stack machine: opcodes push values, collect the values above a mark
// into lists, tuples and dicts, store values in a memo and push them again, and call functions.
// Here all values are data; what a call gives is decided by PickleCalls.
#include "pinfeed/formats/weights/pickle_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/formats/weights/byte_reader.h"
#include "pinfeed/formats/weights/pickle_calls.h"
#include "pinfeed/formats/weights/pickle_opcodes.h"
#include "pinfeed/formats/weights/pickle_stack.h"

namespace pinfeed {
namespace {

class PickleMachine {
 public:
  PickleMachine(std::span<const std::byte> bytes, std::size_t max_nodes)
      : bytes_(bytes), calls_(tree_, max_nodes), stack_(calls_) {}

  PickleTree run() {
    read_protocol();
    for (;;) {
      const std::uint8_t opcode = bytes_.u8(at_++);
      if (opcode == op_stop) break;
      if (!(constant(opcode) || text(opcode) || container(opcode) || memo(opcode) ||
            call(opcode))) {
        throw damaged_pickle(fmt::format("unknown opcode 0x{:02x} at byte {}", opcode, at_ - 1));
      }
    }
    tree_.root = stack_.pop();
    tree_.size = at_;
    return std::move(tree_);
  }

 private:
  void read_protocol() {
    const std::uint8_t first = bytes_.u8(at_++);
    const std::uint8_t protocol = bytes_.u8(at_++);
    if (first == op_proto && protocol >= 2 && protocol <= 5) return;
    throw Error(ErrorKind::data, "not a pickle of the protocols 2 to 5");
  }

  void push(PickleNode node) { stack_.push(calls_.add(std::move(node))); }

  // The argument of an opcode: a number, or that many bytes.
  template <class T>
  T number() {
    T value = 0;
    std::memcpy(&value, bytes_.part(at_, sizeof value).data(), sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::string_view characters(std::size_t size) {
    const std::string_view found = bytes_.text(at_, size);
    at_ += size;
    return found;
  }
  std::string_view line() {
    const std::size_t start = at_;
    while (bytes_.u8(at_++) != '\n') continue;
    return bytes_.text(start, at_ - 1 - start);
  }

  void push_integer(std::int64_t value) {
    push(PickleNode{.kind = PickleKind::integer, .integer = value});
  }
  // Little endian, two's complement; `text` keeps all bytes.
  void push_long(std::string_view bytes) {
    PickleNode node{.kind = PickleKind::integer, .is_long = bytes.size() > 8, .text = bytes};
    std::uint64_t value = !bytes.empty() && (bytes.back() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = std::min<std::size_t>(bytes.size(), 8); i-- > 0;) {
      value = value << 8U | static_cast<unsigned char>(bytes[i]);
    }
    node.integer = static_cast<std::int64_t>(value);
    push(std::move(node));
  }
  void push_real() {
    push(PickleNode{.kind = PickleKind::real,
                    .real = std::bit_cast<double>(__builtin_bswap64(number<std::uint64_t>()))});
  }
  // None, True and False are the same value wherever they occur.
  void push_shared(PickleKind kind, std::int64_t value) {
    auto [found, added] = shared_.try_emplace(static_cast<int>(kind) * 2 + static_cast<int>(value));
    if (added) found->second = calls_.add({.kind = kind, .integer = value});
    stack_.push(found->second);
  }

  bool constant(std::uint8_t opcode) {
    switch (opcode) {
      case op_none: push_shared(PickleKind::none, 0); return true;
      case op_newtrue: push_shared(PickleKind::boolean, 1); return true;
      case op_newfalse: push_shared(PickleKind::boolean, 0); return true;
      case op_binint: push_integer(number<std::int32_t>()); return true;
      case op_binint1: push_integer(number<std::uint8_t>()); return true;
      case op_binint2: push_integer(number<std::uint16_t>()); return true;
      case op_long1: push_long(characters(number<std::uint8_t>())); return true;
      case op_long4: push_long(characters(number<std::uint32_t>())); return true;
      case op_binfloat: push_real(); return true;
      case op_frame: number<std::uint64_t>(); return true;
      case op_proto: number<std::uint8_t>(); return true;
      default: return false;
    }
  }

  // A text of Python 2 may be bytes; both are used as names only.
  bool text(std::uint8_t opcode) {
    PickleNode node{.kind = PickleKind::text};
    switch (opcode) {
      case op_short_binstring:
      case op_short_binunicode: node.text = characters(number<std::uint8_t>()); break;
      case op_binstring:
      case op_binunicode: node.text = characters(number<std::uint32_t>()); break;
      case op_binunicode8: node.text = characters(number<std::uint64_t>()); break;
      case op_short_binbytes: node.text = characters(number<std::uint8_t>()); break;
      case op_binbytes: node.text = characters(number<std::uint32_t>()); break;
      case op_binbytes8:
      case op_bytearray8: node.text = characters(number<std::uint64_t>()); break;
      default: return false;
    }
    const bool raw = opcode == op_short_binbytes || opcode == op_binbytes ||
                     opcode == op_binbytes8 || opcode == op_bytearray8;
    if (raw) node.kind = PickleKind::bytes;
    push(std::move(node));
    return true;
  }

  void push_items(PickleKind kind, std::vector<std::uint32_t> items) {
    if (kind == PickleKind::dict && items.size() % 2 != 0) {
      throw damaged_pickle("a dict has a key without a value");
    }
    push(PickleNode{.kind = kind, .items = std::move(items)});
  }
  // Adds values to the list, set, dict or object that is below them.
  void append(const std::vector<std::uint32_t>& values, bool pairs) {
    if (pairs && values.size() % 2 != 0) throw damaged_pickle("a dict has a key without a value");
    PickleNode& node = tree_.nodes[stack_.top()];
    calls_.charge(values.size());
    const bool fits = node.kind == PickleKind::object ||
                      (pairs ? node.kind == PickleKind::dict
                             : node.kind == PickleKind::list || node.kind == PickleKind::set);
    if (!fits) throw damaged_pickle("values are added to something that has no items");
    node.items.insert(node.items.end(), values.begin(), values.end());
  }

  bool container(std::uint8_t opcode) {
    switch (opcode) {
      case op_mark: stack_.push_mark(); return true;
      case op_empty_list: push_items(PickleKind::list, {}); return true;
      case op_empty_tuple: push_items(PickleKind::tuple, {}); return true;
      case op_empty_dict: push_items(PickleKind::dict, {}); return true;
      case op_empty_set: push_items(PickleKind::set, {}); return true;
      case op_list: push_items(PickleKind::list, stack_.pop_to_mark()); return true;
      case op_tuple: push_items(PickleKind::tuple, stack_.pop_to_mark()); return true;
      case op_dict: push_items(PickleKind::dict, stack_.pop_to_mark()); return true;
      case op_frozenset: push_items(PickleKind::set, stack_.pop_to_mark()); return true;
      case op_tuple1: push_items(PickleKind::tuple, stack_.pop_values(1)); return true;
      case op_tuple2: push_items(PickleKind::tuple, stack_.pop_values(2)); return true;
      case op_tuple3: push_items(PickleKind::tuple, stack_.pop_values(3)); return true;
      case op_append: append(stack_.pop_values(1), false); return true;
      case op_appends:
      case op_additems: append(stack_.pop_to_mark(), false); return true;
      case op_setitem: append(stack_.pop_values(2), true); return true;
      case op_setitems: append(stack_.pop_to_mark(), true); return true;
      default: return false;
    }
  }

  void put(std::uint64_t index) {
    calls_.charge(2);
    memo_[index] = stack_.top();
  }
  void get(std::uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) throw damaged_pickle("it uses a value that it has not stored");
    stack_.push(found->second);
  }

  bool memo(std::uint8_t opcode) {
    switch (opcode) {
      case op_pop: stack_.pop_value_or_mark(); return true;
      case op_pop_mark: stack_.pop_to_mark(); return true;
      case op_dup: stack_.push(stack_.top()); return true;
      case op_binput: put(number<std::uint8_t>()); return true;
      case op_long_binput: put(number<std::uint32_t>()); return true;
      case op_memoize: put(memo_.size()); return true;
      case op_binget: get(number<std::uint8_t>()); return true;
      case op_long_binget: get(number<std::uint32_t>()); return true;
      default: return false;
    }
  }

  void push_named_global() {
    const std::uint32_t name = stack_.pop();
    const std::uint32_t module = stack_.pop();
    if (tree_[name].kind != PickleKind::text || tree_[module].kind != PickleKind::text) {
      throw damaged_pickle("the name of a function is not a text");
    }
    stack_.push(calls_.global(tree_[module].text, tree_[name].text));
  }
  void push_call(std::size_t arguments) {  // the keyword arguments of NEWOBJ_EX are dropped
    const auto values = stack_.pop_values(1 + arguments);
    stack_.push(calls_.call(values[0], values[1]));
  }

  bool call(std::uint8_t opcode) {
    switch (opcode) {
      case op_global: {
        const std::string_view module = line();
        stack_.push(calls_.global(module, line()));
        return true;
      }
      case op_stack_global: push_named_global(); return true;
      case op_reduce:
      case op_newobj: push_call(1); return true;
      case op_newobj_ex: push_call(2); return true;
      case op_build: {
        const std::uint32_t state = stack_.pop();
        calls_.set_state(stack_.top(), state);
        return true;
      }
      case op_binpersid: stack_.push(calls_.persistent(stack_.pop())); return true;
      default: return false;
    }
  }

  ByteReader bytes_;
  std::size_t at_ = 0;
  PickleTree tree_ = {};
  PickleCalls calls_;
  PickleStack stack_;
  std::unordered_map<std::uint64_t, std::uint32_t> memo_ = {};
  std::unordered_map<int, std::uint32_t> shared_ = {};
};

}  // namespace

const PickleNode* PickleTree::find(const PickleNode& dict, std::string_view key) const {
  if (dict.kind != PickleKind::dict) return nullptr;
  const PickleNode* found = nullptr;
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleNode& name = nodes[dict.items[i]];
    if (name.kind == PickleKind::text && name.text == key) found = &nodes[dict.items[i + 1]];
  }
  return found;
}

PickleTree read_pickle(std::span<const std::byte> bytes, std::size_t max_nodes) {
  return PickleMachine(bytes, max_nodes).run();
}

}  // namespace pinfeed
