// SPDX-License-Identifier: Apache-2.0
// libjpeg-turbo reads the headers. Baseline scans are read by baseline_rows.h; where that finds
// anything irregular, and for all other files, libjpeg reads the coefficients. Any warning of
// libjpeg excludes a file: what it then does to the pixels is not part of a record.
#include "pinfeed/image/codec/jpeg/read_coefficients.h"

#include <algorithm>
#include <csetjmp>
#include <iterator>

#include "pinfeed/core/error.h"
#include "pinfeed/image/codec/codec_jpeg_memory.h"
#include "pinfeed/image/codec/codec_jpeg_source.h"
#include "pinfeed/image/codec/jpeg/baseline_rows.h"

namespace pinfeed::image::jpeg {

// libjpeg points to the members that it uses, so a State must not move.
struct CoefficientReader::State {
  JpegMemory memory = {};
  jpeg_decompress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  JpegSource source = {};
  std::jmp_buf failed = {};
  bool warned = false;  // libjpeg did
  jvirt_barray_ptr* coefficients = nullptr;
  RecordInfo info = {};
  RecordWriter writer = {};
  std::array<HuffmanTable, NUM_HUFF_TBLS> dc_tables = {};
  std::array<HuffmanTable, NUM_HUFF_TBLS> ac_tables = {};
  BaselineRows baseline = {};
};

namespace {

using State = CoefficientReader::State;

State& state_of(void* client) { return *static_cast<State*>(client); }

[[noreturn]] void fail(j_common_ptr jpeg) { std::longjmp(state_of(jpeg->client_data).failed, 1); }

void on_message(j_common_ptr jpeg, int level) {
  if (level < 0) state_of(jpeg->client_data).warned = true;
}

void ignore_message(j_common_ptr) {}

// libjpeg reports failures by longjmp: `call` must not have locals with destructors.
template <class Call>
bool succeeds(State& state, const Call& call) {
  if (setjmp(state.failed) != 0) return false;
  call();
  return !state.warned && !state.source.ran_out;
}

bool set_transform(const jpeg_decompress_struct& jpeg, RecordInfo& info) {
  info.plane_count = jpeg.num_components;
  const J_COLOR_SPACE space = jpeg.jpeg_color_space;
  if (space == JCS_GRAYSCALE) info.transform = ColorTransform::grey;
  if (space == JCS_YCbCr) info.transform = ColorTransform::ycc;
  if (space == JCS_RGB) info.transform = ColorTransform::rgb;
  return space == JCS_GRAYSCALE || space == JCS_YCbCr || space == JCS_RGB;
}

// What is known before the coefficients are read.
bool set_info(const jpeg_decompress_struct& jpeg, const Header& header, RecordInfo& info) {
  info.size = {static_cast<int>(jpeg.image_width), static_cast<int>(jpeg.image_height)};
  info.orientation = header.orientation;
  info.pillow_orientation = header.pillow_orientation;
  if (info.size != header.stored || jpeg.data_precision != 8 || jpeg.arith_code != FALSE)
    return false;
  if (!set_transform(jpeg, info)) return false;
  for (int i = 0; i < jpeg.num_components; ++i) {
    info.planes[static_cast<std::size_t>(i)].h = jpeg.comp_info[i].h_samp_factor;
    info.planes[static_cast<std::size_t>(i)].v = jpeg.comp_info[i].v_samp_factor;
  }
  return set_geometry(info);
}

// libjpeg smooths the blocks of a progressive file that lacks bits of the lowest coefficients. And
// of a file that seems to have one scan it decodes only that one.
bool has_all_bits(const jpeg_decompress_struct& jpeg, bool one_scan) {
  if (one_scan && jpeg.input_scan_number != 1) return false;
  constexpr int checked = 10;  // of each component, as smoothing does
  if (jpeg.coef_bits == nullptr) return true;
  for (int i = 0; i < jpeg.num_components; ++i) {
    const int* bits = jpeg.coef_bits[i];
    if (std::any_of(bits, bits + checked, [](int missing) { return missing != 0; })) return false;
  }
  return true;
}

bool set_quantisers(const jpeg_decompress_struct& jpeg, RecordInfo& info) {
  for (int i = 0; i < jpeg.num_components; ++i) {
    const JQUANT_TBL* table = jpeg.comp_info[i].quant_table;
    if (table == nullptr) return false;
    std::copy(std::begin(table->quantval), std::end(table->quantval),
              info.planes[static_cast<std::size_t>(i)].quantiser.begin());
  }
  return true;
}

bool prepare_table(const JHUFF_TBL* codes, bool is_dc, HuffmanTable& table) {
  if (codes == nullptr) return false;
  HuffmanCodes wanted;
  std::copy(std::begin(codes->bits), std::end(codes->bits), wanted.counts.begin());
  std::copy(std::begin(codes->huffval), std::end(codes->huffval), wanted.symbols.begin());
  wanted.counts[0] = 0;
  return table.prepare(wanted, is_dc);
}

// Whether the file is one baseline scan of all components in order; prepares their tables.
bool prepare_baseline(State& state, std::span<ScanComponent> components) {
  const jpeg_decompress_struct& jpeg = state.jpeg;
  const bool sequential = jpeg.progressive_mode == FALSE && jpeg.Ss == 0 && jpeg.Se == 63 &&
                          jpeg.Ah == 0 && jpeg.Al == 0;
  if (!sequential || jpeg.comps_in_scan != jpeg.num_components) return false;
  int blocks = 0;  // of a minimum coded unit
  for (std::size_t i = 0; i < components.size(); ++i) {
    const jpeg_component_info& component = jpeg.comp_info[i];
    const int dc = component.dc_tbl_no;
    const int ac = component.ac_tbl_no;
    const int quantiser = component.quant_tbl_no;
    if (jpeg.cur_comp_info[i] != &component || dc < 0 || dc >= NUM_HUFF_TBLS || ac < 0 ||
        ac >= NUM_HUFF_TBLS || quantiser < 0 || quantiser >= NUM_QUANT_TBLS)
      return false;
    HuffmanTable& dc_table = state.dc_tables[static_cast<std::size_t>(dc)];
    HuffmanTable& ac_table = state.ac_tables[static_cast<std::size_t>(ac)];
    const JQUANT_TBL* table = jpeg.quant_tbl_ptrs[quantiser];
    if (table == nullptr || !prepare_table(jpeg.dc_huff_tbl_ptrs[dc], true, dc_table) ||
        !prepare_table(jpeg.ac_huff_tbl_ptrs[ac], false, ac_table))
      return false;
    std::copy(std::begin(table->quantval), std::end(table->quantval),
              state.info.planes[i].quantiser.begin());
    blocks += component.h_samp_factor * component.v_samp_factor;
    const bool alone = components.size() == 1;  // then a unit is one block
    components[i] = {alone ? 1 : component.h_samp_factor, alone ? 1 : component.v_samp_factor,
                     &dc_table, &ac_table};
  }
  return components.size() == 1 || blocks <= D_MAX_BLOCKS_IN_MCU;
}

// Reads the header.
bool read_info(State& state, const Header& header) {
  return succeeds(state, [&] { jpeg_read_header(&state.jpeg, TRUE); }) &&
         set_info(state.jpeg, header, state.info);
}

// After the header. False if the scan is not a baseline scan of all components.
bool begin_baseline(State& state, RecordWriter* writer) {
  std::array<ScanComponent, 3> all = {};
  const std::span components(all.data(), static_cast<std::size_t>(state.info.plane_count));
  if (!prepare_baseline(state, components)) return false;
  const jpeg_source_mgr& source = state.source;
  const auto* data = reinterpret_cast<const std::byte*>(source.next_input_byte);
  state.baseline.begin(state.info, components, {data, source.bytes_in_buffer},
                       static_cast<int>(state.jpeg.restart_interval), writer);
  return true;
}

// After the header, by libjpeg.
bool read_others(State& state) {
  jpeg_decompress_struct& jpeg = state.jpeg;
  const bool one_scan = jpeg_has_multiple_scans(&jpeg) == FALSE;
  if (!succeeds(state, [&] { state.coefficients = jpeg_read_coefficients(&jpeg); })) return false;
  return has_all_bits(jpeg, one_scan) && set_quantisers(jpeg, state.info);
}

// Row after row of minimum coded units, so that a crop's rows of all planes are near each other.
void write_rows(State& state) {
  auto* jpeg = reinterpret_cast<j_common_ptr>(&state.jpeg);
  const RecordInfo& info = state.info;
  state.writer.begin(info);
  const int groups = (info.size.height + 8 * info.max_v - 1) / (8 * info.max_v);
  for (int group = 0; group < groups; ++group) {
    for (int i = 0; i < info.plane_count; ++i) {
      const Plane& plane = info.planes[static_cast<std::size_t>(i)];
      const int end = std::min((group + 1) * plane.v, plane.blocks_high);
      for (int row = group * plane.v; row < end; ++row) {
        const JBLOCKARRAY blocks = state.jpeg.mem->access_virt_barray(
            jpeg, state.coefficients[i], static_cast<JDIMENSION>(row), 1, FALSE);
        state.writer.add_row(i, blocks[0][0]);
      }
    }
  }
}

}  // namespace

CoefficientReader::CoefficientReader() : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.jpeg.err = jpeg_std_error(&state.errors);
  state.errors.error_exit = fail;
  state.errors.emit_message = on_message;
  state.errors.output_message = ignore_message;
  state.jpeg.client_data = &state;
  if (!succeeds(state, [&] { jpeg_create_decompress(&state.jpeg); }))
    throw Error(ErrorKind::system, "no memory for a JPEG decoder");
  state.memory.install(reinterpret_cast<j_common_ptr>(&state.jpeg));
}

CoefficientReader::CoefficientReader(CoefficientReader&&) noexcept = default;
CoefficientReader& CoefficientReader::operator=(CoefficientReader&&) noexcept = default;

CoefficientReader::~CoefficientReader() {
  if (!state_) return;
  state_->memory.uninstall(reinterpret_cast<j_common_ptr>(&state_->jpeg));
  jpeg_destroy_decompress(&state_->jpeg);
}

namespace {

void begin_file(State& state, std::span<const std::byte> file) {
  jpeg_abort_decompress(&state.jpeg);
  state.source.begin(state.jpeg, file);
  state.warned = false;
  state.errors.msg_code = 0;
}

void check_memory(const State& state) {
  if (state.errors.msg_code == JERR_OUT_OF_MEMORY)
    throw Error(ErrorKind::system, "no memory for a JPEG decoder");
}

}  // namespace

std::span<const std::byte> CoefficientReader::read(std::span<const std::byte> file,
                                                   const Header& header) {
  State& state = *state_;
  begin_file(state, file);
  std::span<const std::byte> record;
  if (read_info(state, header)) {
    if (begin_baseline(state, &state.writer) && state.baseline.finish()) {
      record = state.writer.finish();
    } else if (read_others(state)) {
      write_rows(state);
      record = state.writer.finish();
    }
  }
  check_memory(state);
  jpeg_abort_decompress(&state.jpeg);
  return record;
}

bool CoefficientReader::begin(std::span<const std::byte> file, const Header& header,
                              bool with_record) {
  State& state = *state_;
  begin_file(state, file);
  const bool is_baseline =
      read_info(state, header) && begin_baseline(state, with_record ? &state.writer : nullptr);
  check_memory(state);
  return is_baseline;
}

const RecordInfo& CoefficientReader::info() const { return state_->info; }

const std::int16_t* CoefficientReader::blocks(int plane, int row) {
  return state_->baseline.blocks(plane, row);
}

bool CoefficientReader::finish() { return state_->baseline.finish(); }

RecordWriter& CoefficientReader::writer() { return state_->writer; }

}  // namespace pinfeed::image::jpeg
