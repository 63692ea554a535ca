# Several files of a room are compiled as one, which from nothing takes half of the time. These stay
# alone: helpers of theirs are named as in a neighbour, or they are compiled for several processors.
set_source_files_properties(
  pinfeed/cli/weights.cpp
  pinfeed/core/plot_bars.cpp
  pinfeed/core/plot_text.cpp
  pinfeed/config/write_json.cpp
  pinfeed/config/write_py.cpp
  pinfeed/data/transforms/mix_up.cpp
  pinfeed/image/filter_kernels.cpp
  pinfeed/image/jitter.cpp
  pinfeed/image/kernels.cpp
  pinfeed/image/tone_kernels.cpp
  pinfeed/image/typeface.cpp
  pinfeed/image/warp_kernels.cpp
  pinfeed/memory/device_none.cpp
  pinfeed/train/menu/fcos.cpp
  pinfeed/train/menu/preprocessor.cpp
  tests/data/loader_test.cpp
  tests/data/masks_test.cpp
  tests/data/random_resized_crop_test.cpp
  tests/data/safetensors_test.cpp
  tests/data/sampler_test.cpp
  tests/data/transforms_test.cpp
  tests/data/xml_dataset_test.cpp
  tests/train/validation_test.cpp
  PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
