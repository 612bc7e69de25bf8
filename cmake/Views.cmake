# A view is one file: every app/views/NAME.cpp that defines make_NAME_view() is in the program. Helper
# files of a view are named NAME_something.cpp.
function(splatscope_generate_views target)
  file(GLOB view_files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/app/views ${PROJECT_SOURCE_DIR}/app/views/*.cpp)
  list(SORT view_files)
  set(declarations "")
  set(calls "")
  foreach(file ${view_files})
    if(file MATCHES "^([a-z0-9]+)\\.cpp$" AND NOT file STREQUAL "view.cpp")
      string(APPEND declarations "std::unique_ptr<View> make_${CMAKE_MATCH_1}_view();\n")
      string(APPEND calls "    views.push_back(make_${CMAKE_MATCH_1}_view());\n")
    endif()
  endforeach()
  set(out ${CMAKE_CURRENT_BINARY_DIR}/generated/make_views.cpp)
  file(CONFIGURE OUTPUT ${out} CONTENT
"#include \"app/views/view.h\"

namespace splatscope {

${declarations}
std::vector<std::unique_ptr<View>> make_views() {
    std::vector<std::unique_ptr<View>> views;
${calls}    return views;
}

}  // namespace splatscope
" @ONLY)
  target_sources(${target} PRIVATE ${out})
endfunction()
