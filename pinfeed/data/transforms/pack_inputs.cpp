// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmpretrain/datasets/transforms/formatting.py, PackInputs.
#include "pinfeed/data/transforms/pack_inputs.h"
#include "pinfeed/data/transforms/meta.h"

namespace pinfeed {

void describe(Schema<PackInputs>& schema) {
  schema
      .summary(
          "Packs the sample as {'inputs', 'data_samples'} for pre-training and classification.")
      .optional("input_key", &PackInputs::input_key, "the field that becomes 'inputs'")
      .optional("meta_keys", &PackInputs::meta_keys,
                "metadata to pack; keys that the sample lacks are left out")
      .accepted("algorithm_keys",
                "no transform of pinfeed writes such keys; upstream skips absent ones")
      .check([](const PackInputs& params) {
        check_meta_keys(params.meta_keys);
        if (params.input_key == "img") return;
        throw Error(ErrorKind::config, "input_key is '" + params.input_key + "'; it must be 'img'");
      });
}

FieldUse fields(const PackInputs&) { return {.needs = Field::image, .creates = Field::packed}; }

bool apply(const PackInputs& params, Sample& sample, RandomContext&) {
  Arena& arena = *sample.arena;
  TreeNode element = element_node("DataSample", arena);
  if (sample.fields.has(Field::gt_label)) {
    Tensor label = arena_tensor(DType::int64, {1}, arena);
    *label.data_as<std::int64_t>() = sample.gt_label;
    set(element, "gt_label", {std::move(label)});
  }
  set(element, "metainfo", meta_of(sample, params.meta_keys));
  sample.packed = map_node(arena);
  set(sample.packed, "inputs", {sample.image});
  set(sample.packed, "data_samples", std::move(element));
  return true;
}

}  // namespace pinfeed
