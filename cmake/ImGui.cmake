# Targets imgui_headers, imgui and imgui_tested, from the unpacked source package that tools/setup fetches
# or that SPLATSCOPE_IMGUI names. Each library is built once, in build/imgui, for all presets.
set(SPLATSCOPE_IMGUI "$ENV{SPLATSCOPE_IMGUI}" CACHE PATH "folder of an unpacked imgui-bundle source package")
if(NOT SPLATSCOPE_IMGUI)
  set(SPLATSCOPE_IMGUI "${PROJECT_SOURCE_DIR}/third_party/imgui-bundle" CACHE PATH "" FORCE)
endif()
set(SPLATSCOPE_IMGUI_BUILD "${PROJECT_SOURCE_DIR}/build/imgui" CACHE PATH "where its libraries are built")
if(NOT EXISTS "${SPLATSCOPE_IMGUI}/external/imgui/imgui/imgui.h")
  message(FATAL_ERROR "Dear ImGui is missing: ${SPLATSCOPE_IMGUI}/external/imgui/imgui/imgui.h is not there. "
    "Run tools/setup source, or set SPLATSCOPE_IMGUI to an unpacked copy.")
endif()
set(SPLATSCOPE_FONTS "${SPLATSCOPE_IMGUI}/bindings/imgui_bundle/assets/fonts")
include(cmake/imgui/sources.cmake)

# The headers alone: app objects are compiled once against them and linked with either library.
add_library(imgui_headers INTERFACE)
target_include_directories(imgui_headers SYSTEM INTERFACE ${imgui_folders})
target_compile_definitions(imgui_headers INTERFACE ${imgui_definitions})

function(splatscope_add_imgui name)
  set(library ${SPLATSCOPE_IMGUI_BUILD}/lib${name}.a)
  add_custom_command(OUTPUT ${library}
    COMMAND ${CMAKE_COMMAND} -D NAME=${name} -D OUT=${SPLATSCOPE_IMGUI_BUILD} -D IMGUI=${SPLATSCOPE_IMGUI}
      -D LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER} -P ${PROJECT_SOURCE_DIR}/cmake/imgui/build.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/cmake/imgui/CMakeLists.txt
      ${PROJECT_SOURCE_DIR}/cmake/imgui/sources.cmake
    COMMENT "Building ${name}, once for all presets" VERBATIM)
  add_custom_target(build_${name} DEPENDS ${library})
  add_library(${name} STATIC IMPORTED GLOBAL)
  add_dependencies(${name} build_${name})
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${library})
  target_link_libraries(${name} INTERFACE imgui_headers glfw Threads::Threads ${CMAKE_DL_LIBS})
endfunction()

splatscope_add_imgui(imgui ${imgui_sources})
splatscope_add_imgui(imgui_tested ${imgui_sources} ${imgui_tested_sources})
target_include_directories(imgui_tested SYSTEM INTERFACE ${imgui_tested_folders})
target_compile_definitions(imgui_tested INTERFACE ${imgui_tested_definitions})
