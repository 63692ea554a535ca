// SPDX-License-Identifier: Apache-2.0
// The two ends of a pass: where rows come from, and where they go.
#pragma once

#include "pinfeed/image/color/tone_kernels.h"
#include "pinfeed/image/expression/pass.h"
#include "pinfeed/image/resample/row_kernels.h"

namespace pinfeed::image {

/// Bytes of one pixel before it becomes float.
std::size_t pixel_bytes(const Pass& pass);

/// Several threads may render one stored image at once.
void mark_truncated(Encoded& encoded);
void mark_damaged(Encoded& encoded);

/// The rows of a pass' window. Asked for from the top down; the last `mixed_together` stay valid.
/// Throws Error(data).
class SourceRows {
 public:
  SourceRows(const Pass& pass, Workspace& space);

  /// The first pixel of row y of the window; further pixels of the stored row may be read.
  const std::byte* row(int y);
  /// What may be read of a row, from there on.
  std::ptrdiff_t row_bytes() const;
  /// After the last row that is wanted.
  void close();

 private:
  const std::byte* decoded(int y);

  const Pass& pass_;
  Workspace& space_;
  int next_ = 0;                               // the row that the decoder stands before
  std::array<int, mixed_together> held_ = {};  // the numbers of space_.rows, or -1
  std::size_t oldest_ = 0;
};

/// The rows of what a pass keeps, from the top of the resized image down. A row is produced in
/// its place, or, where it still has to become float, in a line of its own.
class ResultRows {
 public:
  ResultRows(const Pass& pass, const ImageView& out, Workspace& space);
  ResultRows(const ResultRows&) = delete;
  ResultRows& operator=(const ResultRows&) = delete;
  ~ResultRows();

  /// Where the pixels of row y go; exactly kept.width of them may be written before end(y).
  std::byte* begin(int y);
  void end(int y);
  /// Whether begin() gives a place that is not read again soon.
  bool past_caches() const { return pass_.past_caches && !pass_.to_float; }

 private:
  std::byte* place(int y) const;

  const Pass& pass_;
  const ImageView& out_;
  std::vector<std::byte>& line_;
  RenderClock& clock_;
  const ChannelRule& rule_;
};

}  // namespace pinfeed::image
