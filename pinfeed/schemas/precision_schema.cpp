// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine's AmpOptimWrapper; torch.amp.GradScaler.
#include "pinfeed/schemas/precision_schema.h"

#include <cmath>

#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

LossScale read_loss_scale(const Value& value, const std::string& path) {
  if (value == Value("dynamic")) return {};
  if (value.is_dict()) return schema_of<LossScale>().parse(value, path);
  const bool is_number = value.is_int() || value.is_float();
  const double scale = is_number ? convert<double>(value, path) : 0.0;
  if (scale > 0.0 && std::isfinite(scale)) return {.init_scale = scale, .dynamic = false};
  throw Error(ErrorKind::config,
              "loss_scale is " + repr(value) + "; it must be 'dynamic', a number above 0 or a dict")
      .at(value.span())
      .inside(path);
}

}  // namespace

void describe(Schema<LossScale>& schema) {
  schema.summary("The factor of the loss that keeps float16 gradients in range; used on CUDA.")
      .optional("init_scale", &LossScale::init_scale, "the factor of the first step")
      .optional("growth_factor", &LossScale::growth_factor,
                "multiplies the factor after growth_interval steps without inf or nan")
      .optional("backoff_factor", &LossScale::backoff_factor,
                "multiplies the factor after a step with inf or nan, which is skipped")
      .optional("growth_interval", &LossScale::growth_interval, "steps", at_least(1))
      .optional("enabled", &LossScale::enabled, "False: the loss is not scaled")
      .check([](const LossScale& params) {
        if (params.init_scale <= 0.0) throw_config_error("init_scale must be above 0");
        if (params.growth_factor <= 1.0) throw_config_error("growth_factor must be above 1");
        if (params.backoff_factor <= 0.0 || params.backoff_factor >= 1.0)
          throw_config_error("backoff_factor must be between 0 and 1");
      });
}

void describe(Schema<AmpKeys>& schema) {
  schema
      .optional("loss_scale", &AmpKeys::loss_scale,
                "'dynamic', a number, or a dict; it has no effect on the CPU")
      .optional("dtype", &AmpKeys::dtype, "'float16' or 'bfloat16' on CUDA; None: 'float16'")
      .refused("use_fsdp", "training uses one device")
      .check([](const AmpKeys& params) {
        if (!params.dtype || *params.dtype == "float16" || *params.dtype == "bfloat16") return;
        throw_config_error("dtype is '" + *params.dtype +
                           "'; it must be 'float16' or 'bfloat16', or None");
      });
}

MixedPrecisionPlan make(const AmpKeys& params, const std::string& path) {
  return {.scale = read_loss_scale(params.loss_scale, path + ".loss_scale"), .dtype = params.dtype};
}

}  // namespace pinfeed
