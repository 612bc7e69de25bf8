# Puts files into the program: splatscope_embed(TARGET NAME FILE NAME FILE ...) writes an assembler file
# that includes each FILE, and a table of names that app/embedded.h reads.
function(splatscope_embed target)
  set(pairs ${ARGN})
  set(assembly ".section .rodata\n")
  set(declarations "")
  set(entries "")
  set(files "")
  set(index 0)
  list(LENGTH pairs count)
  math(EXPR last "${count} - 1")
  foreach(at RANGE 0 ${last} 2)
    math(EXPR next "${at} + 1")
    list(GET pairs ${at} name)
    list(GET pairs ${next} file)
    list(APPEND files ${file})
    string(APPEND assembly
      ".balign 16\n.global splatscope_begin_${index}\n.global splatscope_end_${index}\n"
      "splatscope_begin_${index}:\n.incbin \"${file}\"\nsplatscope_end_${index}:\n.byte 0\n")
    string(APPEND declarations
      "extern const std::byte splatscope_begin_${index}[];\nextern const std::byte splatscope_end_${index}[];\n")
    string(APPEND entries "        {\"${name}\", {splatscope_begin_${index}, splatscope_end_${index}}},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND assembly ".section .note.GNU-stack,\"\",@progbits\n")
  set(assembler ${CMAKE_CURRENT_BINARY_DIR}/embedded/files.S)
  set(table ${CMAKE_CURRENT_BINARY_DIR}/embedded/table.cpp)
  file(CONFIGURE OUTPUT ${assembler} CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT ${table} CONTENT
"#include \"app/embedded.h\"

extern \"C\" {
${declarations}}

namespace splatscope {

const std::vector<EmbeddedFile>& embedded_files() {
    static const std::vector<EmbeddedFile> files = {
${entries}    };
    return files;
}

}  // namespace splatscope
" @ONLY)
  set_property(SOURCE ${assembler} APPEND PROPERTY OBJECT_DEPENDS "${files}")
  target_sources(${target} PRIVATE ${assembler} ${table})
endfunction()
