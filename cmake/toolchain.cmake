# Flags of all modules. -Wno-restrict: g++ 12 warns about correct uses of std::string (GCC bug 105651).
# -ffp-contract=off: a fused multiply-add would break bit equality.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>)

add_library(pinfeed_warnings INTERFACE)
set(warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-restrict $<$<BOOL:${PINFEED_WERROR}>:-Werror>)
target_compile_options(pinfeed_warnings INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${warnings}>")

find_program(ccache_program ccache)
if(ccache_program)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ccache_program})
endif()
find_program(mold_program mold)
if(mold_program)
  add_link_options(-fuse-ld=mold)
endif()
# Sanitizer builds have assertions, also those of the standard library. -O1 -g1 compiles in a third of
# the time of -O2 -g.
if(PINFEED_SANITIZE)
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -D_GLIBCXX_ASSERTIONS")
  add_compile_options(-Wno-maybe-uninitialized)  # gives false warnings below -O2
  add_compile_options(-fsanitize=${PINFEED_SANITIZE} -fno-omit-frame-pointer)
  if(PINFEED_SANITIZE MATCHES "address") # these UBSan checks take half of the time, and ASan finds most of the same mistakes
    add_compile_options(-fno-sanitize=null,alignment,object-size,vptr)
  endif()
  if(PINFEED_SANITIZE MATCHES "undefined") # a float that does not fit an int; not part of `undefined`
    add_compile_options(-fsanitize=float-cast-overflow)
  endif()
  add_link_options(-fsanitize=${PINFEED_SANITIZE})
endif()

# A variable whose value is the text of a file, as a string of C++.
function(pinfeed_text_literal file variable)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} text)
  set(${variable} "R\"txt(${text})txt\"" PARENT_SCOPE)
endfunction()
