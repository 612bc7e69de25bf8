# cmake --install: the program, its entry in the desktop's menu, and the notices of what is part of the
# program file.
include(GNUInstallDirs)
install(TARGETS splatscope)
install(FILES cmake/splatscope.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)

set(notices ${CMAKE_INSTALL_DATADIR}/doc/splatscope/notices)
function(splatscope_notice name file)
  install(FILES ${SPLATSCOPE_IMGUI}/${file} DESTINATION ${notices} RENAME ${name}.txt)
endfunction()
splatscope_notice(imgui external/imgui/imgui/LICENSE.txt)
splatscope_notice(implot external/implot/implot/LICENSE)
splatscope_notice(implot3d external/implot3d/implot3d/LICENSE)
splatscope_notice(imguizmo external/ImGuizmo/ImGuizmo/LICENSE)
splatscope_notice(roboto bindings/imgui_bundle/assets/fonts/Roboto/LICENSE.txt)
splatscope_notice(inconsolata bindings/imgui_bundle/assets/fonts/Inconsolata-LICENSE-OFL.txt)
splatscope_notice(font-awesome external/hello_imgui/hello_imgui/hello_imgui_assets/fonts/LICENSE-FontAwesome.txt)
