# splatscope_unity(TARGET [HEADER ...]): compiles the sources of TARGET several at a time, which parses the headers that
# they share once; unity_groups.py says which. SPLATSCOPE_UNITY=OFF (presets dev and tidy) compiles each by
# itself: there one change costs one source, and an include that is missing is seen. Without Python, too.
option(SPLATSCOPE_UNITY "compile several sources at a time" ON)
# What most sources include of the libraries is parsed once a target of many sources. Not where ccache is: it keeps no object that a
# precompiled header went into, unless it is told to look the other way.
option(SPLATSCOPE_PRECOMPILE "parse the headers of the libraries once a target" ON)
set(splatscope_precompiled <algorithm> <array> <chrono> <cmath> <cstddef> <cstdint> <filesystem> <functional> <limits>
  <map> <memory> <numeric> <optional> <set> <span> <string> <string_view> <utility> <variant> <vector> <fmt/format.h>
  <nlohmann/json.hpp>)
find_package(Python3 COMPONENTS Interpreter)

function(splatscope_unity target)
  if(NOT SPLATSCOPE_UNITY OR NOT Python3_FOUND)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "\\.cpp$")
  set(written "")
  foreach(source ${sources})
    cmake_path(ABSOLUTE_PATH source NORMALIZE)
    if(EXISTS ${source})
      list(APPEND written ${source})
    endif()
  endforeach()
  set(script ${PROJECT_SOURCE_DIR}/cmake/unity_groups.py)
  execute_process(COMMAND ${Python3_EXECUTABLE} ${script} ${PROJECT_SOURCE_DIR} ${written}
    OUTPUT_VARIABLE lines OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" lines "${lines}")
  foreach(line ${lines})
    string(REGEX MATCH "^([0-9]+) (.*)$" line "${line}")
    set_property(SOURCE ${CMAKE_MATCH_2} PROPERTY UNITY_GROUP "part_${CMAKE_MATCH_1}")
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${script})
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  list(LENGTH written count)
  if(SPLATSCOPE_PRECOMPILE AND count GREATER 40 AND NOT CMAKE_CXX_COMPILER_LAUNCHER MATCHES "ccache")
    foreach(header ${splatscope_precompiled} ${ARGN})
      string(REPLACE ">" "$<ANGLE-R>" header "${header}")
      list(APPEND parsed "$<$<COMPILE_LANGUAGE:CXX>:${header}>")
    endforeach()
    target_precompile_headers(${target} PRIVATE ${parsed})
  endif()
endfunction()
