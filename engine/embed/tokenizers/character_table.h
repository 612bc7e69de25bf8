#pragma once

#include <string>
#include <string_view>

namespace hsa {

// Throws Error naming `path` unless the table of a SentencePiece model that says what becomes of
// characters (its precompiled_charsmap: a double-array trie and texts that end with NUL) leads
// nowhere outside itself, whatever text is looked up in it.
void check_character_table(const std::string& path, std::string_view table);

}  // namespace hsa
