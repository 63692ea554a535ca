// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pinfeed {

/// The statements of Python that write the weights of a .pth file to a .safetensors file beside it,
/// for messages. They take the weights under 'state_dict' (mmengine) or 'model' (MAE, detectron2),
/// or all of the file.
std::string pth_conversion(const std::string& path);

}  // namespace pinfeed
