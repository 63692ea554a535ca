// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/record_function.h>

#include <array>
#include <atomic>
#include <memory>
#include <string_view>

namespace pinfeed {

/// Counts the operations whose result the host needs before it can go on: values of tensors
/// (item()), and results whose size depends on values (nonzero()). On a GPU each of them waits
/// until the device has done all earlier work. Copies between the host and a device are not
/// counted: a CPU has none.
class DeviceReads {
 public:
  DeviceReads() : handle_(at::addGlobalCallback(at::RecordFunctionCallback(count))) { number = 0; }
  DeviceReads(const DeviceReads&) = delete;
  DeviceReads& operator=(const DeviceReads&) = delete;
  ~DeviceReads() { at::removeCallback(handle_); }

  static int so_far() { return number; }

 private:
  static std::unique_ptr<at::ObserverContext> count(const at::RecordFunction& function) {
    constexpr std::array<std::string_view, 6> reading = {"aten::_local_scalar_dense",
                                                         "aten::nonzero",
                                                         "aten::masked_select",
                                                         "aten::_unique2",
                                                         "aten::equal",
                                                         "aten::unique_dim"};
    for (const std::string_view name : reading) number += function.name() == name ? 1 : 0;
    return nullptr;
  }

  static inline std::atomic<int> number = 0;
  at::CallbackHandle handle_;
};

}  // namespace pinfeed
