# Arrow's C++ libraries read Parquet. They are no part of Debian, so a build without them is as usual; where
# they are found the files that need them are told by SPLATSCOPE_PARQUET.
set(SPLATSCOPE_ARROW "" CACHE PATH "folder of Arrow's libraries to look in first: a prefix, or that of the wheel pyarrow")
find_path(ARROW_HEADERS parquet/arrow/reader.h HINTS ${SPLATSCOPE_ARROW} PATH_SUFFIXES include)
foreach(name arrow parquet)
  string(TOUPPER ${name} upper)
  set(names ${name})
  foreach(folder ${SPLATSCOPE_ARROW})  # a wheel has no links without a version
    file(GLOB versions RELATIVE ${folder} ${folder}/lib${name}.so.*)
    list(APPEND names ${versions})
  endforeach()
  find_library(${upper}_LIBRARY NAMES ${names} HINTS ${SPLATSCOPE_ARROW} PATH_SUFFIXES lib)
endforeach()
mark_as_advanced(ARROW_HEADERS ARROW_LIBRARY PARQUET_LIBRARY)

if(ARROW_HEADERS AND ARROW_LIBRARY AND PARQUET_LIBRARY)
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_INCLUDES ${ARROW_HEADERS})
  set(CMAKE_REQUIRED_LIBRARIES ${PARQUET_LIBRARY} ${ARROW_LIBRARY})
  check_cxx_source_compiles("#include <arrow/api.h>
    #include <parquet/arrow/reader.h>
    int main() {
      auto made = parquet::arrow::FileReader::Make(arrow::default_memory_pool(), nullptr);
      auto read = made.ValueOrDie()->GetRecordBatchReader({}, {});
      return read.ok() ? 0 : 1;
    }" ARROW_SUITS)
  unset(CMAKE_REQUIRED_INCLUDES)
  unset(CMAKE_REQUIRED_LIBRARIES)
  if(ARROW_SUITS)
    message(STATUS "Parquet: read by ${PARQUET_LIBRARY}")
  else()
    message(STATUS "Parquet: ${PARQUET_LIBRARY} is another Arrow than the program is written for: left out")
  endif()
elseif(SPLATSCOPE_ARROW)
  message(FATAL_ERROR "SPLATSCOPE_ARROW: neither headers nor libraries of Arrow are in ${SPLATSCOPE_ARROW}")
endif()

# These files of the target may include Arrow's headers.
function(splatscope_use_arrow target)
  if(NOT ARROW_SUITS)
    return()
  endif()
  target_include_directories(${target} SYSTEM PRIVATE ${ARROW_HEADERS})
  target_link_libraries(${target} PRIVATE ${PARQUET_LIBRARY} ${ARROW_LIBRARY})
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_DEFINITIONS SPLATSCOPE_PARQUET SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
