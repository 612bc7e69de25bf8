# Flags of the project's own targets; libraries that are not ours come in as SYSTEM. One -march for all
# of them: inline functions of Eigen differ with it and must be the same in every object of a program.
# Where sources are compiled together a name of one may well be a local name in the next (Unity.cmake).
set(shadow -Wshadow)
if(SPLATSCOPE_UNITY)
  set(shadow "")
endif()
add_library(splatscope_options INTERFACE)
target_compile_features(splatscope_options INTERFACE cxx_std_20)
target_include_directories(splatscope_options INTERFACE ${PROJECT_SOURCE_DIR})
set(warnings -Wall -Wextra ${shadow} -Wconversion -Woverloaded-virtual -Werror -march=${SPLATSCOPE_ARCH})
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports false positives of these in inlined standard-library code at -O3.
  list(APPEND warnings -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-restrict)
endif()
target_compile_options(splatscope_options INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:${warnings}>"
  "$<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings;-Xcompiler=-Wall,-Wextra,-Wconversion;--expt-relaxed-constexpr>")
