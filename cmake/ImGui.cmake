# Dear ImGui (docking), ImPlot, ImPlot3D, ImGuizmo and, for tests, the Dear ImGui Test Engine, compiled
# from the unpacked source package that tools/setup fetches. Optimised in every preset and free of our
# warning flags; nothing else of that package is compiled.
set(SPLATSCOPE_IMGUI "$ENV{SPLATSCOPE_IMGUI}" CACHE PATH "folder of an unpacked imgui-bundle source package")
if(NOT SPLATSCOPE_IMGUI)
  set(SPLATSCOPE_IMGUI "${PROJECT_SOURCE_DIR}/third_party/imgui-bundle" CACHE PATH "" FORCE)
endif()
set(_bundle "${SPLATSCOPE_IMGUI}/external")
if(NOT EXISTS "${_bundle}/imgui/imgui/imgui.h")
  message(FATAL_ERROR "Dear ImGui is missing: expected ${_bundle}/imgui/imgui/imgui.h. Run tools/setup run, or set SPLATSCOPE_IMGUI.")
endif()

set(_imgui "${_bundle}/imgui/imgui")
set(_implot "${_bundle}/implot/implot")
set(_implot3d "${_bundle}/implot3d/implot3d")
set(_imguizmo "${_bundle}/ImGuizmo/ImGuizmo/src")
set(_test_engine "${_bundle}/imgui_test_engine/imgui_test_engine/imgui_test_engine")
set(_dialogs "${_bundle}/portable_file_dialogs/portable_file_dialogs")
set(SPLATSCOPE_FONTS "${SPLATSCOPE_IMGUI}/bindings/imgui_bundle/assets/fonts")

set(_imgui_sources
  ${_imgui}/imgui.cpp ${_imgui}/imgui_draw.cpp ${_imgui}/imgui_tables.cpp ${_imgui}/imgui_widgets.cpp
  ${_imgui}/imgui_stacklayout.cpp
  ${_imgui}/backends/imgui_impl_glfw.cpp ${_imgui}/backends/imgui_impl_opengl3.cpp
  ${_imgui}/misc/cpp/imgui_stdlib.cpp
  ${_implot}/implot.cpp ${_implot}/implot_items.cpp
  ${_implot3d}/implot3d.cpp ${_implot3d}/implot3d_items.cpp ${_implot3d}/implot3d_meshes.cpp
  ${_imguizmo}/ImGuizmo.cpp)

# The headers alone: app objects are compiled once against them and linked with either library.
add_library(imgui_headers INTERFACE)
target_include_directories(imgui_headers SYSTEM INTERFACE
  ${_imgui} ${_imgui}/backends ${_imgui}/misc/cpp ${_implot} ${_implot3d} ${_imguizmo} ${_dialogs})
target_compile_definitions(imgui_headers INTERFACE IMGUI_USE_WCHAR32)

function(splatscope_add_imgui name)
  add_library(${name} STATIC ${_imgui_sources} ${ARGN})
  target_link_libraries(${name} PUBLIC imgui_headers glfw Threads::Threads ${CMAKE_DL_LIBS})
  target_compile_options(${name} PRIVATE -O2 -w -fno-sanitize=all)
endfunction()

splatscope_add_imgui(imgui)

if(SPLATSCOPE_TESTS)
  splatscope_add_imgui(imgui_tested
    ${_test_engine}/imgui_capture_tool.cpp ${_test_engine}/imgui_te_context.cpp
    ${_test_engine}/imgui_te_coroutine.cpp ${_test_engine}/imgui_te_engine.cpp
    ${_test_engine}/imgui_te_exporters.cpp ${_test_engine}/imgui_te_perftool.cpp
    ${_test_engine}/imgui_te_ui.cpp ${_test_engine}/imgui_te_utils.cpp)
  target_include_directories(imgui_tested SYSTEM PUBLIC ${_test_engine})
  target_compile_definitions(imgui_tested PUBLIC IMGUI_ENABLE_TEST_ENGINE
    IMGUI_TEST_ENGINE_ENABLE_COROUTINE_STDTHREAD_IMPL=1 IMGUI_TEST_ENGINE_ENABLE_STD_FUNCTION=1)
endif()
