// SPDX-License-Identifier: Apache-2.0
// Source of the rules: torch/serialization.py, Python's pickletools (protocol 2), PKWARE's APPNOTE.
//
// The archive has the records archive/data.pkl, archive/byteorder, archive/version and
// archive/data/<number>, one for each tensor. The bytes of each record start at a multiple of 64,
// as PyTorch writes them, so that they can be mapped.
#include <fmt/format.h>

#include <cstring>
#include <set>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/formats/weights/pickle_types.h"
#include "pinfeed/formats/weights/weights_file.h"
#include "pinfeed/formats/weights/zip_records.h"

namespace pinfeed {
namespace {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

constexpr std::size_t record_alignment = 64;
constexpr std::uint32_t in_zip64_field = 0xFFFFFFFF;

// Little-endian numbers and texts, one after the other.
class Bytes {
 public:
  template <class T>
  Bytes& number(T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    text_.append(bytes, sizeof value);
    return *this;
  }
  Bytes& text(std::string_view text) {
    text_ += text;
    return *this;
  }
  const std::string& str() const { return text_; }

 private:
  std::string text_ = {};
};

class PickleText {
 public:
  void text(std::string_view value) {
    bytes_.text("X").number(static_cast<std::uint32_t>(value.size())).text(value);
  }
  void integer(std::int64_t value) { bytes_.text("\x8a").number(std::uint8_t{8}).number(value); }
  void shape(const Shape& sizes) {
    bytes_.text("(");
    for (const std::int64_t size : sizes) integer(size);
    bytes_.text("t");
  }
  void raw(std::string_view opcodes) { bytes_.text(opcodes); }
  const std::string& str() const { return bytes_.str(); }

 private:
  Bytes bytes_ = {};
};

constexpr std::string_view new_ordered_dict = "ccollections\nOrderedDict\n)R";

// torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())
void add_tensor(PickleText& pickle, const Tensor& tensor, std::size_t key) {
  pickle.raw("ctorch._utils\n_rebuild_tensor_v2\n((");
  pickle.text("storage");
  pickle.raw(fmt::format("ctorch\n{}\n", storage_name(tensor.dtype)));
  pickle.text(std::to_string(key));
  pickle.text("cpu");
  pickle.integer(tensor.elements());
  pickle.raw("tQ");
  pickle.integer(0);
  pickle.shape(tensor.shape);
  pickle.shape(contiguous_strides(tensor.shape));
  pickle.raw("\x89");
  pickle.raw(new_ordered_dict);
  pickle.raw("tR");
}

std::string pickle_of(const NamedTensors& weights) {
  PickleText pickle;
  pickle.raw("\x80\x02}(");
  pickle.text("state_dict");
  pickle.raw(new_ordered_dict);
  pickle.raw("(");
  for (std::size_t i = 0; i < weights.size(); ++i) {
    pickle.text(weights[i].first);
    add_tensor(pickle, weights[i].second, i);
  }
  pickle.raw("u");
  pickle.text("meta");
  pickle.raw("}u.");
  return pickle.str();
}

// Writes the records of an archive and then their directory.
class ZipWriter {
 public:
  explicit ZipWriter(FileWriter& out) : out_(&out) {}

  void add(const std::string& name, std::span<const std::byte> bytes) {
    const ZipRecord record{name, offset_, bytes.size(), zip_checksum(bytes)};
    const bool large = bytes.size() >= in_zip64_field;
    Bytes extra;
    if (large) extra.number(std::uint16_t{1}).number(std::uint16_t{16});
    if (large) extra.number(std::uint64_t{bytes.size()}).number(std::uint64_t{bytes.size()});
    const std::size_t start = offset_ + 30 + name.size() + extra.str().size() + 4;
    const std::size_t padding = (record_alignment - start % record_alignment) % record_alignment;
    extra.text("FB").number(static_cast<std::uint16_t>(padding)).text(std::string(padding, 'Z'));
    Bytes header;
    header.number(std::uint32_t{0x04034B50}).number(static_cast<std::uint16_t>(large ? 45 : 20));
    add_common(header, record, large);
    header.number(static_cast<std::uint16_t>(name.size()));
    header.number(static_cast<std::uint16_t>(extra.str().size())).text(name).text(extra.str());
    write(header.str());
    out_->write(bytes);
    offset_ += bytes.size();
    records_.push_back(record);
  }

  void finish() {
    const std::uint64_t start = offset_;
    for (const ZipRecord& record : records_) write_entry(record);
    const std::uint64_t size = offset_ - start;
    const std::uint64_t end = offset_;
    Bytes bytes;
    bytes.number(std::uint32_t{0x06064B50}).number(std::uint64_t{44});
    bytes.number(std::uint16_t{45}).number(std::uint16_t{45});
    bytes.number(std::uint32_t{0}).number(std::uint32_t{0});
    bytes.number(std::uint64_t{records_.size()}).number(std::uint64_t{records_.size()});
    bytes.number(size).number(start);
    bytes.number(std::uint32_t{0x07064B50}).number(std::uint32_t{0}).number(end);
    bytes.number(std::uint32_t{1});
    bytes.number(std::uint32_t{0x06054B50}).number(std::uint32_t{0});
    bytes.number(std::uint16_t{0xFFFF}).number(std::uint16_t{0xFFFF});
    bytes.number(in_zip64_field).number(in_zip64_field).number(std::uint16_t{0});
    write(bytes.str());
  }

 private:
  // Flags, method, time, date, checksum and sizes: the same in both headers.
  static void add_common(Bytes& header, const ZipRecord& record, bool large) {
    const auto size = large ? in_zip64_field : static_cast<std::uint32_t>(record.size);
    header.number(std::uint16_t{0x0800}).number(std::uint16_t{0}).number(std::uint16_t{0});
    header.number(std::uint16_t{0x21}).number(record.crc).number(size).number(size);
  }

  // With 64-bit numbers in the extra field, whatever the size.
  void write_entry(const ZipRecord& record) {
    Bytes entry;
    entry.number(std::uint32_t{0x02014B50}).number(std::uint16_t{45}).number(std::uint16_t{45});
    add_common(entry, record, true);
    entry.number(static_cast<std::uint16_t>(record.name.size())).number(std::uint16_t{28});
    entry.number(std::uint16_t{0}).number(std::uint16_t{0}).number(std::uint16_t{0});
    entry.number(std::uint32_t{0}).number(in_zip64_field).text(record.name);
    entry.number(std::uint16_t{1}).number(std::uint16_t{24}).number(std::uint64_t{record.size});
    entry.number(std::uint64_t{record.size}).number(std::uint64_t{record.offset});
    write(entry.str());
  }

  void write(const std::string& text) {
    out_->write(text);
    offset_ += text.size();
  }

  FileWriter* out_;
  std::size_t offset_ = 0;
  std::vector<ZipRecord> records_ = {};
};

void require_writable(const NamedTensors& weights) {
  std::set<std::string_view> names;
  for (const auto& [name, tensor] : weights) {
    if (!names.insert(name).second) {
      throw Error(ErrorKind::data, fmt::format("a state dict has one tensor named '{}'", name));
    }
    if (storage_name(tensor.dtype).empty()) {
      throw Error(ErrorKind::data,
                  fmt::format("'{}' is of {}, which is not written to .pth; use .safetensors", name,
                              name_of(tensor.dtype)));
    }
  }
}

}  // namespace

void write_pth(const std::string& path, const NamedTensors& weights) {
  require_writable(weights);
  const auto bytes_of = [](std::string_view text) { return std::as_bytes(std::span(text)); };
  write_atomically(path, [&](FileWriter& out) {
    ZipWriter zip(out);
    zip.add("archive/data.pkl", bytes_of(pickle_of(weights)));
    zip.add("archive/byteorder", bytes_of("little"));
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const Tensor tensor = contiguous(weights[i].second);
      zip.add(fmt::format("archive/data/{}", i), {tensor.data(), tensor.bytes()});
    }
    zip.add("archive/version", bytes_of("3\n"));
    zip.finish();
  });
}

}  // namespace pinfeed
