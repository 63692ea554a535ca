# Several files of a module are compiled as one file, which takes half of the time in a build from
# nothing. Helpers in anonymous namespaces therefore have names that are unique within their module or
# test program; `tools/long_checks unity-all` finds repeated ones. Files that Highway compiles for several
# instruction sets include themselves and stay alone.
set(PINFEED_UNITY_BATCH 6 CACHE STRING "Number of files that are compiled as one; 0: all of a module")
file(GLOB_RECURSE unity_sources CONFIGURE_DEPENDS pinfeed/*.cpp)
foreach(source ${unity_sources})
  file(STRINGS ${source} foreach_target REGEX "hwy/foreach_target.h" LIMIT_COUNT 1)
  if(foreach_target)
    set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endforeach()
# Its public types have members of local types, about which g++ warns in an included file.
set_source_files_properties(pinfeed/memory/device_none.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
