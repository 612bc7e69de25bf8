# cmake -D NAME=imgui -D OUT=build/imgui ... -P build.cmake: builds one library of this folder. Presets
# that are built at the same time wait for each other here.
file(MAKE_DIRECTORY ${OUT})
file(LOCK ${OUT}/lock GUARD PROCESS TIMEOUT 1800)
execute_process(
  COMMAND ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${OUT} -G Ninja
    -D SPLATSCOPE_IMGUI=${IMGUI} -D CMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
cmake_host_system_information(RESULT jobs QUERY NUMBER_OF_LOGICAL_CORES)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${OUT} --target ${NAME} --parallel ${jobs}
  OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
if(result)
  message(FATAL_ERROR "${NAME} could not be compiled:\n${output}")
endif()
