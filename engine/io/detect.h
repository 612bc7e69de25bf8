#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hsa {

enum class FileKind : std::uint8_t {
    text,
    table,
    word_vectors,
    json_texts,
    json_vectors,
    conllu,
    safetensors,
    parquet,
    npy,
    npz,
    splats_json,
    splats_binary,
    session,
    run,
    png,
    svg,
    pdf,
    webp,
    gif,
};

// "a text", "a .npy array": as it stands in a sentence.
[[nodiscard]] const char* name_of(FileKind kind);

inline constexpr std::string_view kSessionLine = "# splatscope-session";

// detect() looks at no more of a file than its beginning.
inline constexpr std::size_t kDetectBytes = (std::size_t{1} << 16U) + 1;

// What a file is: by its content where that is certain, then by the ending of its name, then text
// or table by how it reads. Never throws: who reads the file says what is wrong with it.
[[nodiscard]] FileKind detect(const std::string& path, std::string_view bytes);

// True for the kinds that hold embeddings: table, word_vectors, json_vectors, safetensors, parquet,
// npy, npz.
[[nodiscard]] bool holds_embeddings(FileKind kind);
// True for the kinds that hold words: text, json_texts, conllu.
[[nodiscard]] bool holds_words(FileKind kind);

// What a file is to be opened as: "text:title" is the kind "text" and the part "title", a field of
// records, a column or a tensor.
struct OpenAs {
    std::string kind;
    std::string part;
};
[[nodiscard]] OpenAs open_as(const std::string& as);

}  // namespace hsa
