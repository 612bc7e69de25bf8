#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace splatscope::layers {

// One #include line of one file.
struct Include {
    std::string file;    // from the root of the repository: "engine/io/npy.cpp"
    std::string header;  // as written between the quotes or brackets
    bool quoted = false;
    int line = 0;
};

// Every #include line of a source text; comments that hold one are no include lines.
[[nodiscard]] std::vector<Include> includes_of(const std::string& file, std::string_view text);

// The part of the house (ARCHITECTURE.md "Folders") that a file belongs to, longest prefix first;
// empty when it belongs to none.
[[nodiscard]] std::string layer_of(std::string_view file);

// What is wrong with an include line, in one sentence with its place; empty when nothing is.
[[nodiscard]] std::string fault_of(const Include& include);

}  // namespace splatscope::layers
