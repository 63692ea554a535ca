// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/pth_conversion.h"

namespace pinfeed {

std::string pth_conversion(const std::string& path) {
  const std::string file = path.substr(0, path.rfind('.')) + ".safetensors";
  return "f = torch.load('" + path +
         "', map_location='cpu', weights_only=True); w = f.get('state_dict') or f.get('model') or "
         "f; "
         "safetensors.torch.save_file({k: v.contiguous() for k, v in w.items()}, '" +
         file + "')";
}

}  // namespace pinfeed
