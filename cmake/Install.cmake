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
splatscope_notice(roboto bindings/imgui_bundle/assets/fonts/Roboto/LICENSE.txt)
splatscope_notice(inconsolata bindings/imgui_bundle/assets/fonts/Inconsolata-LICENSE-OFL.txt)
foreach(package fonts-dejavu-core fonts-droid-fallback fonts-nanum fonts-lohit-deva)
  if(EXISTS /usr/share/doc/${package}/copyright)
    install(FILES /usr/share/doc/${package}/copyright DESTINATION ${notices} RENAME ${package}.txt)
  endif()
endforeach()
splatscope_notice(font-awesome external/hello_imgui/hello_imgui/hello_imgui_assets/fonts/LICENSE-FontAwesome.txt)
