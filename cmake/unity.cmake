# Several files of a room are compiled as one, which from nothing takes half of the time. These stay
# alone: helpers of theirs are named as in a neighbour, or they are compiled for several processors.
set_source_files_properties(
  pinfeed/core/stream_copy.cpp
  pinfeed/plot/plot_text.cpp
  pinfeed/image/resample/filter_kernels.cpp
  pinfeed/image/resample/row_kernels.cpp
  pinfeed/image/color/tone_kernels.cpp
  pinfeed/image/draw/typeface.cpp
  pinfeed/image/resample/warp_kernels.cpp
  pinfeed/memory/device_none.cpp
  tests/data/loader_test.cpp
  tests/data/masks_test.cpp
  tests/data/random_resized_crop_test.cpp
  tests/formats/safetensors_test.cpp
  tests/data/sampler_test.cpp
  tests/data/transforms_test.cpp
  tests/data/xml_dataset_test.cpp
  tests/train/validation_test.cpp
  PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
