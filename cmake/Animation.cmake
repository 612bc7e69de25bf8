# Animated pictures, the picture on the clipboard and the fonts inside an SVG take libraries of the system that a
# build may lack: where they are found the files that need them are told by SPLATSCOPE_WEBP, SPLATSCOPE_GIF,
# SPLATSCOPE_XCB and SPLATSCOPE_HARFBUZZ.
pkg_check_modules(WEBP IMPORTED_TARGET libwebp libwebpmux)
find_package(GIF 5)
pkg_check_modules(WEBPDEMUX IMPORTED_TARGET libwebpdemux)  # of tests
pkg_check_modules(XCB IMPORTED_TARGET xcb)
pkg_check_modules(HARFBUZZ IMPORTED_TARGET harfbuzz-subset>=2.9)

# These files of the target write animations.
function(splatscope_use_animation target webp gif)
  if(WEBP_FOUND)
    target_link_libraries(${target} PRIVATE PkgConfig::WEBP)
    set_source_files_properties(${webp} PROPERTIES COMPILE_DEFINITIONS SPLATSCOPE_WEBP SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  if(GIF_FOUND)
    target_link_libraries(${target} PRIVATE GIF::GIF)
    set_source_files_properties(${gif} PROPERTIES COMPILE_DEFINITIONS SPLATSCOPE_GIF SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# This file of the target owns the clipboard of X11.
function(splatscope_use_clipboard target)
  if(XCB_FOUND)
    target_link_libraries(${target} PUBLIC PkgConfig::XCB)
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_DEFINITIONS SPLATSCOPE_XCB SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# This file of the target takes letters out of fonts.
function(splatscope_use_subsets target)
  if(HARFBUZZ_FOUND)
    target_link_libraries(${target} PUBLIC PkgConfig::HARFBUZZ)
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_DEFINITIONS SPLATSCOPE_HARFBUZZ SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()
