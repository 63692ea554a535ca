# build/<preset>/pinfeed: the command-line program. It does not link libtorch.
file(GLOB cli_sources CONFIGURE_DEPENDS pinfeed/cli/*.cpp)
if(cli_sources)
  # configs/own_data.py as a string, for `pinfeed new-config`.
  set(own_data_source ${PROJECT_BINARY_DIR}/own_data_template.cpp)
  pinfeed_text_literal(configs/own_data.py own_data_text)
  file(CONFIGURE OUTPUT ${own_data_source} @ONLY CONTENT
"#include \"pinfeed/cli/own_data_template.h\"
namespace pinfeed::cli {
const std::string_view own_data_template = @own_data_text@;
}  // namespace pinfeed::cli
")
  add_executable(pinfeed_program ${cli_sources} ${own_data_source})
  target_link_libraries(pinfeed_program PRIVATE pinfeed pinfeed_warnings fmt::fmt CLI11::CLI11
                                                PkgConfig::xxhash ${CMAKE_DL_LIBS})
  set_source_files_properties(pinfeed/cli/torch_folder.cpp PROPERTIES
                              COMPILE_DEFINITIONS PINFEED_TORCH_VERSION="${PINFEED_TORCH_VERSION}"
                              SKIP_UNITY_BUILD_INCLUSION ON)
  target_compile_options(pinfeed_program PRIVATE -O1) # the time-critical code is in the library
  set_target_properties(pinfeed_program PROPERTIES UNITY_BUILD ${PINFEED_UNITY} UNITY_BUILD_BATCH_SIZE ${PINFEED_UNITY_BATCH})
  # The same RPATH in the build tree and the installed tree: if they differ, CMake pads the shorter one
  # with empty entries, and the loader takes an empty entry as the current folder.
  set_target_properties(pinfeed_program PROPERTIES OUTPUT_NAME pinfeed BUILD_WITH_INSTALL_RPATH ON
                                                   INSTALL_RPATH "$ORIGIN;$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
endif()
pinfeed_module(cli TARGET none NEEDS core config/value config plot formats formats/weights memory image/codec image/codec/jpeg image/cache annotations schedule metrics
                               synthetic schemas data data/loader inspect report train)
