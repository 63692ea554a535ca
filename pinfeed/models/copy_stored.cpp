// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/copy_stored.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstddef>
#include <span>

namespace pinfeed {
namespace {

constexpr std::int64_t part_bytes = std::int64_t{1} << 20U;

const std::byte* first_byte(const at::Tensor& tensor) {
  return static_cast<const std::byte*>(tensor.const_data_ptr());
}

std::span<std::byte> bytes_to_fill(at::Tensor& tensor) {
  return {static_cast<std::byte*>(tensor.mutable_data_ptr()), tensor.nbytes()};
}

// By torch's threads, if there are several parts.
void read_into(const MappedFile& file, const std::byte* from, std::span<std::byte> to) {
  at::parallel_for(0, std::ssize(to), part_bytes, [&](std::int64_t begin, std::int64_t end) {
    file.read(from + begin,
              to.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
  });
}

// For another type or device: part by part. Both tensors are contiguous.
void copy_parts(const MappedFile& file, const at::Tensor& stored, const at::Tensor& ours) {
  const std::int64_t elements = std::min(stored.numel(), part_bytes / stored.element_size());
  at::Tensor part = at::empty({elements}, stored.options());
  const at::Tensor target = ours.view({-1});
  for (std::int64_t done = 0; done < stored.numel(); done += elements) {
    at::Tensor now = part.narrow(0, 0, std::min(elements, stored.numel() - done));
    file.read(first_byte(stored) + done * stored.element_size(), bytes_to_fill(now));
    target.narrow(0, done, now.numel()).copy_(now);
  }
}

}  // namespace

void copy_stored(const MappedFile& file, const at::Tensor& stored, at::Tensor ours) {
  const at::NoGradGuard no_gradients;
  if (stored.numel() == 0 || !file.contains(first_byte(stored))) {
    ours.copy_(stored);
  } else if (!stored.is_contiguous() || !ours.is_contiguous()) {
    ours.copy_(read_stored(file, stored));
  } else if (ours.is_cpu() && ours.scalar_type() == stored.scalar_type()) {
    read_into(file, first_byte(stored), bytes_to_fill(ours));
  } else {
    copy_parts(file, stored, ours);
  }
}

at::Tensor read_stored(const MappedFile& file, const at::Tensor& stored) {
  if (stored.numel() == 0 || !file.contains(first_byte(stored))) return stored;
  std::int64_t reach = 1;  // elements from the first to behind the last one
  for (std::int64_t axis = 0; axis < stored.dim(); ++axis)
    reach += (stored.size(axis) - 1) * stored.stride(axis);
  at::Tensor copy = at::empty({reach}, stored.options());
  file.read(first_byte(stored), bytes_to_fill(copy));
  return copy.as_strided(stored.sizes(), stored.strides());
}

}  // namespace pinfeed
