# Several files of a room are compiled as one, which from nothing takes half of the time. These stay
# alone: helpers of theirs are named as in a neighbour.
set_source_files_properties(
  pinfeed/cli/weights.cpp
  pinfeed/core/plot_bars.cpp
  pinfeed/core/plot_text.cpp
  pinfeed/config/write_py.cpp
  pinfeed/data/transforms/mix_up.cpp
  pinfeed/image/typeface.cpp
  pinfeed/memory/device_none.cpp
  pinfeed/train/menu/fcos.cpp
  pinfeed/train/menu/preprocessor.cpp
  PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
