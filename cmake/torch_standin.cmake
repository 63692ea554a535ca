# Torch's device "cuda" without a GPU (tests/torch_standin), where torch has no CUDA of its own.
if(NOT EXISTS ${PINFEED_TORCH}/lib/libtorch_cuda.so)
  add_library(torch_standin SHARED tests/torch_standin/standin.cpp tests/torch_standin/standin_memory.cpp)
  target_link_libraries(torch_standin PRIVATE pinfeed_warnings pinfeed_torch)
  target_include_directories(torch_standin PRIVATE ${PROJECT_SOURCE_DIR})
  set_target_properties(torch_standin PROPERTIES JOB_POOL_COMPILE torch_pool)
  pinfeed_tests(torch_standin SOURCES tests/models/roi_align_test.cpp tests/train/copy_together_test.cpp
                LINKS torch_standin pinfeed_train)
  set_target_properties(torch_standin_test PROPERTIES JOB_POOL_COMPILE torch_pool)
  if(TARGET pinfeed_program AND Python3_FOUND AND NOT PINFEED_SANITIZE)
    add_test(NAME torch_standin.Trainings
             COMMAND ${Python3_EXECUTABLE} tests/torch_standin/train_on_device.py --program $<TARGET_FILE:pinfeed_program>
                     --standin $<TARGET_FILE:torch_standin> configs/demo_mae.py
                     configs/demo_finetune.py,model.backbone.init_cfg=None configs/shapes_mask_rcnn_r18.py
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(torch_standin.Trainings PROPERTIES TIMEOUT 300 LABELS slow)
  endif()
endif()
