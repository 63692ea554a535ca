# Tests that belong to no module. layering: the rules of docs/architecture.md that a program can check in
# the source files.
get_property(modules GLOBAL PROPERTY PINFEED_MODULES)
list(JOIN modules "\n" modules)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/modules.txt CONTENT "@modules@\n" @ONLY)
pinfeed_tests(layering LINKS fmt::fmt)
if(TARGET pinfeed_program AND TARGET layering_test)
  add_dependencies(layering_test pinfeed_program)
endif()

# examples/ against the installed tree. With a sanitizer the examples would need its runtime too.
if(TARGET pinfeed_program AND NOT PINFEED_SANITIZE)
  set(prefix ${PROJECT_BINARY_DIR}/installed)
  set(examples ${PROJECT_BINARY_DIR}/examples)
  add_test(NAME install.PutsTheTreeThere
           COMMAND ${CMAKE_COMMAND} --install ${PROJECT_BINARY_DIR} --prefix ${prefix})
  add_test(NAME install.FindPackageBuildsTheExamples
           COMMAND ${CMAKE_CTEST_COMMAND} --build-and-test ${PROJECT_SOURCE_DIR}/examples ${examples}
                   --build-generator ${CMAKE_GENERATOR} --build-noclean --build-options
                   -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER} -DPINFEED_TORCH=${PINFEED_TORCH})
  add_test(NAME install.TheScheduleExampleRuns COMMAND ${examples}/schedule_example)
  add_test(NAME install.TheInstalledProgramWritesShapes
           COMMAND ${prefix}/bin/pinfeed shapes ${examples}/shapes --images 10 --val 1)
  add_test(NAME install.TheLoaderExampleRuns
           COMMAND ${examples}/loader_example ${PROJECT_SOURCE_DIR}/examples/loader/config.py)
  add_test(NAME install.TheEpochsExampleRuns
           COMMAND ${examples}/epochs_example ${PROJECT_SOURCE_DIR}/examples/epochs/config.py)
  add_test(NAME install.TheProgramTakesThePluginExample
           COMMAND ${CMAKE_COMMAND} -E env PINFEED=${prefix}/bin/pinfeed PLUGIN=${examples}/libexample_plugin.so
                   sh -e ${PROJECT_SOURCE_DIR}/tests/plugins/run_example.sh ${PROJECT_SOURCE_DIR}/examples/plugin)
  if(TARGET pinfeed_train)
    add_test(NAME install.TheProgramTrainsWithThePluginExample
             COMMAND ${CMAKE_COMMAND} -E env PINFEED=${prefix}/bin/pinfeed PLUGIN=${examples}/libexample_train_plugin.so
                     PINFEED_TORCH=${PINFEED_TORCH}
                     sh -e ${PROJECT_SOURCE_DIR}/tests/plugins/run_train_example.sh ${PROJECT_SOURCE_DIR}/examples/train_plugin)
    set_tests_properties(install.TheProgramTrainsWithThePluginExample PROPERTIES FIXTURES_REQUIRED examples
                         WORKING_DIRECTORY ${examples} LABELS slow)
  endif()
  set_tests_properties(install.PutsTheTreeThere PROPERTIES FIXTURES_SETUP prefix)
  set_tests_properties(install.FindPackageBuildsTheExamples install.TheInstalledProgramWritesShapes
                       PROPERTIES FIXTURES_SETUP examples FIXTURES_REQUIRED prefix)
  set_tests_properties(install.TheScheduleExampleRuns PROPERTIES FIXTURES_REQUIRED examples
                       PASS_REGULAR_EXPRESSION "10  lr 0.100000")
  set_tests_properties(install.TheLoaderExampleRuns PROPERTIES FIXTURES_REQUIRED examples
                       WORKING_DIRECTORY ${examples} PASS_REGULAR_EXPRESSION "2: 2 images, [0-9]+ rows\n")
  set_tests_properties(install.TheEpochsExampleRuns PROPERTIES FIXTURES_REQUIRED examples
                       WORKING_DIRECTORY ${examples}
                       PASS_REGULAR_EXPRESSION "epoch 1 batch 2: lr [0-9.]+, brightness [0-9.]+\n[0-9]+ boxes\n")
  set_tests_properties(install.TheProgramTakesThePluginExample PROPERTIES FIXTURES_REQUIRED examples
                       WORKING_DIRECTORY ${examples}
                       PASS_REGULAR_EXPRESSION "0 0 4 48x48.*0 2 2 48x48.*CutMiddle.*ListedImages.*images_only")
  set_tests_properties(install.PutsTheTreeThere install.FindPackageBuildsTheExamples install.TheScheduleExampleRuns
                       install.TheInstalledProgramWritesShapes install.TheLoaderExampleRuns
                       install.TheEpochsExampleRuns install.TheProgramTakesThePluginExample PROPERTIES LABELS slow)
endif()

# The tree at another place, and how it finds torch.
if(TARGET pinfeed_program AND TARGET pinfeed_train AND NOT PINFEED_SANITIZE)
  add_test(NAME install.TheTreeCanBeMoved
           COMMAND sh -e ${PROJECT_SOURCE_DIR}/tests/install/move_tree.sh ${prefix} ${PINFEED_TORCH} ${PROJECT_SOURCE_DIR})
  set_tests_properties(install.TheTreeCanBeMoved PROPERTIES FIXTURES_REQUIRED prefix LABELS slow)
endif()

# Failing calls of the operating system: a sample of them, see tests/faults/inject.py and
# tools/long_checks.
if(TARGET pinfeed_program AND NOT PINFEED_SANITIZE)
  find_package(Python3 COMPONENTS Interpreter)
  add_library(fail_call MODULE tests/faults/fail_call.cpp)
  target_link_libraries(fail_call PRIVATE pinfeed_warnings ${CMAKE_DL_LIBS})
  function(pinfeed_fault_test name seconds)
    add_test(NAME faults.${name}
             COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/faults/inject.py --seconds ${seconds}
                     --program $<TARGET_FILE:pinfeed_program> --fail-call $<TARGET_FILE:fail_call> ${ARGN})
    set_tests_properties(faults.${name} PROPERTIES TIMEOUT 300 LABELS slow)
  endfunction()
  if(Python3_FOUND)
    # Counts the configs of this project as those of a checkout.
    add_test(NAME tools.UpstreamConfigsAreCounted
             COMMAND ${CMAKE_COMMAND} -E env PINFEED=$<TARGET_FILE:pinfeed_program> ${Python3_EXECUTABLE}
                     ${PROJECT_SOURCE_DIR}/tools/upstream_configs.py ${PROJECT_SOURCE_DIR})
    set_tests_properties(tools.UpstreamConfigsAreCounted PROPERTIES LABELS quick
                         PASS_REGULAR_EXPRESSION "9 of 9 configs can train.*reason . configs . it alone")
    pinfeed_fault_test(Batches 20 batches)
    if(TARGET pinfeed_train)
      add_test(NAME tools.GpuCheckRunsWithoutAGpu COMMAND bash ${PROJECT_SOURCE_DIR}/tests/gpu_check.sh
                                                          ${PROJECT_BINARY_DIR} ${PINFEED_TORCH})
      set_tests_properties(tools.GpuCheckRunsWithoutAGpu PROPERTIES TIMEOUT 400 LABELS slow)
      pinfeed_fault_test(Train 30 train)
      add_test(NAME faults.InterruptedTrainingsEqualWholeOnes
               COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/faults/interrupt.py --tries 10
                       --program $<TARGET_FILE:pinfeed_program>)
      set_tests_properties(faults.InterruptedTrainingsEqualWholeOnes PROPERTIES TIMEOUT 900 LABELS slow)
    endif()
  endif()
endif()

# Several processes (docs/scaling.md).
if(TARGET pinfeed_program AND TARGET pinfeed_train AND NOT PINFEED_SANITIZE AND Python3_FOUND)
  cmake_path(GET PINFEED_TORCH PARENT_PATH site_packages)
  foreach(case equal options killed stopped signals resized faults evaluation digests mmdet nproc
          launchers elastic hosts)
    add_test(NAME ranks.${case}
             COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/ranks/ranks.py ${case}
                     --program $<TARGET_FILE:pinfeed_program> --torchrun ${site_packages}/../../../bin/torchrun)
    set_tests_properties(ranks.${case} PROPERTIES TIMEOUT 600 LABELS slow SKIP_RETURN_CODE 77)
  endforeach()
endif()

# headers.*: each public header compiles alone, and all of them in one file, against the installed tree.
if(TARGET pinfeed_program AND NOT PINFEED_SANITIZE)
  function(pinfeed_headers_test name)
    set(source ${PROJECT_BINARY_DIR}/headers/${name}.cpp)
    list(TRANSFORM ARGN REPLACE "(.+)" "#include \"\\1\"\n" OUTPUT_VARIABLE includes)
    list(JOIN includes "" includes)
    file(CONFIGURE OUTPUT ${source} CONTENT "@includes@" @ONLY)
    add_test(NAME headers.${name} COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -fsyntax-only -Wall -Wextra -Werror
                                          -I${prefix}/${CMAKE_INSTALL_INCLUDEDIR} ${source})
    set_tests_properties(headers.${name} PROPERTIES FIXTURES_REQUIRED prefix LABELS slow)
  endfunction()
  foreach(header ${pinfeed_public_headers})
    string(REPLACE "/" "_" name ${header})
    pinfeed_headers_test(${name} ${header} ${header})
  endforeach()
  pinfeed_headers_test(AllTogether ${pinfeed_public_headers})
endif()

# The libraries that tests pass to --plugin: examples/plugin, some that must be refused, some that throw.
if(TARGET cli_test)
  function(pinfeed_test_plugin name source)
    add_library(${name}_plugin MODULE ${source})
    target_link_libraries(${name}_plugin PRIVATE pinfeed pinfeed_warnings)
    set_target_properties(${name}_plugin PROPERTIES PREFIX "")
    add_dependencies(cli_test ${name}_plugin)
  endfunction()
  pinfeed_test_plugin(example examples/plugin/parts.cpp)
  foreach(name other_version no_parts taken_name throwing lost_device)
    pinfeed_test_plugin(${name} tests/plugins/${name}.cpp)
  endforeach()
endif()

if(NOT PINFEED_CUDA)
  include(cmake/cuda_standin.cmake)
endif()

# Replaces malloc, as a sanitizer does.
if(NOT PINFEED_SANITIZE)
  pinfeed_tests(steady LINKS pinfeed)
endif()

# Chooses the width of Highway's vectors.
if(TARGET image_test)
  target_link_libraries(image_test PRIVATE PkgConfig::hwy)
endif()

# The Python package: a test for each file.
if(TARGET pinfeed_python)
  file(GLOB python_tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/python/test_*.py)
  foreach(file ${python_tests})
    cmake_path(GET file STEM name)
    add_test(NAME python.${name} COMMAND ${Python_EXECUTABLE} -m pytest -q -rs -p no:cacheprovider ${file})
    set_tests_properties(python.${name} PROPERTIES TIMEOUT 600 LABELS slow
                         ENVIRONMENT "PYTHONPATH=${PROJECT_BINARY_DIR}/python;PYTHONDONTWRITEBYTECODE=1")
  endforeach()
endif()
