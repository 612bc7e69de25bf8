#pragma once

#include "engine/core/matrix.h"
#include "engine/model/dataset.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// A field of records or a column, by what may be chosen from it.
struct FileField {
    enum class Kind : std::uint8_t { text, numbers, other };  // numbers: a list of them
    std::string name;
    Kind kind = Kind::other;
};

// What names a piece of text, where there is such a field.
inline constexpr std::array<std::string_view, 3> kTitleFields = {"title", "name", "id"};
// More further fields than these become no properties.
inline constexpr std::size_t kMostProperties = 256;

// Numbers in a field called "embedding", "vector" or "embeddings".
[[nodiscard]] bool has_named_vectors(std::span<const FileField> fields);

// The name of the field that is meant where the user names none; empty when none is. Vectors: the
// first of those above, else the only list of numbers. Text: the first of "text", "content",
// "body", "sentence", else the only text. Labels: the first text of "text", "word", "token",
// "label", "name", "title", "sentence", "content", "id", else the only one.
[[nodiscard]] std::string choose_vectors(std::span<const FileField> fields);
[[nodiscard]] std::string choose_text(std::span<const FileField> fields);
[[nodiscard]] std::string choose_labels(std::span<const FileField> fields);

// "'a', 'b'" for a message, at most 40 of them.
[[nodiscard]] std::string field_names(std::span<const FileField> fields);

// Vectors with what else their file says of them.
struct RecordVectors {
    std::string field;     // empty: the records are lists themselves, or the columns numbers
    Matrix<float> values;  // [records, d]
    std::string dtype = "float32";    // as they were stored
    std::vector<std::string> labels;  // [records] of `label_field`, or empty
    std::string label_field;
    std::vector<MetadataColumn> properties;  // [records] each
    std::vector<std::string> ignored;        // fields that are neither
};

}  // namespace hsa
