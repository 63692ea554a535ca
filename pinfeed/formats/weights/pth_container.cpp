// SPDX-License-Identifier: Apache-2.0
// Source of the rules: torch/serialization.py.
//
// Since PyTorch 1.6 a checkpoint is a zip archive with the records <name>/data.pkl, the pickle, and
// <name>/data/<key>, the bytes of a storage. The older format is a sequence of pickles: a magic
// number, the version 1001, facts about the machine, the object, the list of the storages' keys;
// behind them each storage follows, its number of elements in 8 bytes and its bytes.
#include "pinfeed/formats/weights/pth_container.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "pinfeed/core/error.h"
#include "pinfeed/formats/weights/byte_reader.h"
#include "pinfeed/formats/weights/pickle_calls.h"
#include "pinfeed/formats/weights/zip_records.h"

namespace pinfeed {
namespace {

constexpr std::string_view magic_number("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
constexpr std::int64_t legacy_version = 1001;

// So many values take about as much memory as the file, and 30 MB in a small one.
std::size_t max_nodes(std::size_t file_bytes) { return 262144 + file_bytes / 128; }

Error other_byte_order() {
  return {ErrorKind::data, "the checkpoint was written on a big-endian machine, which is not read"};
}

// The part of the records' names before "data.pkl".
std::string_view prefix_of(const std::vector<ZipRecord>& records) {
  constexpr std::string_view pickle = "data.pkl";
  for (const ZipRecord& record : records) {
    const std::string_view name = record.name;
    if (!name.ends_with(pickle)) continue;
    const std::string_view prefix = name.substr(0, name.size() - pickle.size());
    if (prefix.empty() || prefix.find('/') == prefix.size() - 1) return prefix;
  }
  throw Error(ErrorKind::data, "the zip archive is not a checkpoint: it has no data.pkl");
}

// Throws for archives that torch.save did not write.
void require_checkpoint(const std::vector<ZipRecord>& records, std::string_view prefix) {
  for (const ZipRecord& record : records) {
    if (!record.name.starts_with(prefix)) continue;
    const std::string_view name = std::string_view(record.name).substr(prefix.size());
    if (name == "constants.pkl" || name.starts_with("code/")) {
      throw Error(ErrorKind::data, "it is a TorchScript archive: a program, not a checkpoint")
          .help("in Python: torch.save(torch.jit.load(F).state_dict(), 'weights.pth')");
    }
  }
  for (const ZipRecord& record : records) {
    if (record.stored) continue;
    throw Error(
        ErrorKind::data,
        fmt::format("the record '{}' is compressed, which torch.save never does", record.name));
  }
}

PthContainer read_archive(std::span<const std::byte> file, VerifyChecksums verify) {
  const std::vector<ZipRecord> records = read_zip(file);
  const std::string prefix(prefix_of(records));
  require_checkpoint(records, prefix);
  if (verify == VerifyChecksums::yes) verify_zip(file, records);
  std::map<std::string_view, std::span<const std::byte>> by_name;
  for (const ZipRecord& record : records) {
    by_name[record.name] = file.subspan(record.offset, record.size);
  }
  const auto order = by_name.find(prefix + "byteorder");
  if (order != by_name.end() && ByteReader(order->second).text(0, order->second.size()) == "big") {
    throw other_byte_order();
  }
  PthContainer container{.verified = verify == VerifyChecksums::yes};
  container.tree = read_pickle(by_name[prefix + "data.pkl"], max_nodes(file.size()));
  for (const PickleStorage& storage : container.tree.storages) {
    const auto found = by_name.find(fmt::format("{}data/{}", prefix, storage.key));
    if (found != by_name.end()) container.storages[storage.key] = found->second;
  }
  return container;
}

// Pickles and numbers one after the other.
class LegacyReader {
 public:
  explicit LegacyReader(std::span<const std::byte> file) : file_(file) {}

  PickleTree pickle() {
    PickleTree tree = read_pickle(file_.subspan(at_), max_nodes(file_.size()));
    at_ += tree.size;
    return tree;
  }
  std::span<const std::byte> storage(const PickleStorage& expected) {
    const ByteReader bytes(file_);
    const std::uint64_t elements = bytes.u64(at_);
    const std::size_t element = expected.dtype ? size_of(*expected.dtype) : 1;
    std::size_t size = 0;
    if (__builtin_mul_overflow(elements, element, &size)) {
      throw Error(ErrorKind::data,
                  fmt::format("the storage '{}' has {} elements", expected.key, elements));
    }
    const auto found = bytes.part(at_ + 8, size);
    at_ += 8 + size;
    return found;
  }

 private:
  std::span<const std::byte> file_;
  std::size_t at_ = 0;
};

bool has_magic_number(const PickleTree& tree) {
  const PickleNode& root = tree[tree.root];
  return root.kind == PickleKind::integer && root.text == magic_number;
}

// The storages follow in the order of their keys.
PthContainer read_legacy(LegacyReader& reader) {
  const PickleTree version = reader.pickle();
  if (version[version.root].integer != legacy_version) {
    throw Error(ErrorKind::data, fmt::format("version {} of the older format is not known",
                                             version[version.root].integer));
  }
  const PickleTree machine = reader.pickle();
  const PickleNode* little = machine.find(machine[machine.root], "little_endian");
  if (little != nullptr && little->kind == PickleKind::boolean && little->integer == 0) {
    throw other_byte_order();
  }
  PthContainer container{.tree = reader.pickle()};
  std::map<std::string_view, const PickleStorage*> expected;
  for (const PickleStorage& storage : container.tree.storages) {
    if (!storage.key.empty()) expected[storage.key] = &storage;
  }
  const PickleTree keys = reader.pickle();
  for (const std::uint32_t index : keys[keys.root].items) {
    const auto found = expected.find(keys[index].text);
    if (found == expected.end()) {
      throw Error(ErrorKind::data, fmt::format("the storage '{}' is of an unknown type, so that "
                                               "its size is not known",
                                               keys[index].text));
    }
    container.storages[found->first] = reader.storage(*found->second);
  }
  return container;
}

bool is_tar(std::span<const std::byte> file) {
  constexpr std::size_t magic_offset = 257;
  return file.size() > magic_offset + 5 && ByteReader(file).text(magic_offset, 5) == "ustar";
}

}  // namespace

PthContainer read_container(std::span<const std::byte> file, VerifyChecksums verify) {
  if (is_zip(file)) return read_archive(file, verify);
  if (is_tar(file)) {
    throw Error(ErrorKind::data, "it is a checkpoint of PyTorch before 0.1.10, which is not read")
        .help("in Python: torch.save(torch.load(F), 'new.pth')");
  }
  if (file.empty() || std::to_integer<int>(file[0]) != 0x80) {
    throw Error(ErrorKind::data, "not a checkpoint: neither a zip archive nor a pickle");
  }
  LegacyReader reader(file);
  PickleTree first = reader.pickle();
  if (has_magic_number(first)) return read_legacy(reader);
  return {.tree = std::move(first)};
}

}  // namespace pinfeed
