# Dear ImGui (docking), portable-file-dialogs and the Dear ImGui Test Engine
# in the unpacked source package ${SPLATSCOPE_IMGUI}. Nothing else of that package is compiled.
set(_external "${SPLATSCOPE_IMGUI}/external")
set(_imgui "${_external}/imgui/imgui")
set(_dialogs "${_external}/portable_file_dialogs/portable_file_dialogs")
set(_test_engine "${_external}/imgui_test_engine/imgui_test_engine/imgui_test_engine")

set(imgui_folders
  ${_imgui} ${_imgui}/backends ${_imgui}/misc/cpp ${_dialogs})
set(imgui_definitions IMGUI_USE_WCHAR32)
set(imgui_sources
  ${_imgui}/imgui.cpp ${_imgui}/imgui_draw.cpp ${_imgui}/imgui_tables.cpp ${_imgui}/imgui_widgets.cpp
  ${_imgui}/imgui_stacklayout.cpp ${_imgui}/misc/cpp/imgui_stdlib.cpp
  ${_imgui}/backends/imgui_impl_glfw.cpp ${_imgui}/backends/imgui_impl_opengl3.cpp)

set(imgui_tested_folders ${_test_engine})
set(imgui_tested_definitions IMGUI_ENABLE_TEST_ENGINE
  IMGUI_TEST_ENGINE_ENABLE_COROUTINE_STDTHREAD_IMPL=1 IMGUI_TEST_ENGINE_ENABLE_STD_FUNCTION=1)
set(imgui_tested_sources
  ${_test_engine}/imgui_capture_tool.cpp ${_test_engine}/imgui_te_context.cpp
  ${_test_engine}/imgui_te_coroutine.cpp ${_test_engine}/imgui_te_engine.cpp
  ${_test_engine}/imgui_te_exporters.cpp ${_test_engine}/imgui_te_perftool.cpp
  ${_test_engine}/imgui_te_ui.cpp ${_test_engine}/imgui_te_utils.cpp)
