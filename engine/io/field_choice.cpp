#include "engine/io/field_choice.h"

#include <fmt/core.h>

#include <algorithm>

namespace hsa {
namespace {

constexpr std::array<std::string_view, 3> kVectorFields = {"embedding", "vector", "embeddings"};
constexpr std::array<std::string_view, 4> kTextFields = {"text", "content", "body", "sentence"};
constexpr std::array<std::string_view, 9> kLabelFields = {
    "text", "word", "token", "label", "name", "title", "sentence", "content", "id"};

// The first of `names` that is a field of this kind.
std::string first_of(std::span<const FileField> fields, std::span<const std::string_view> names,
                     FileField::Kind kind) {
    for (const std::string_view name : names)
        if (std::any_of(fields.begin(), fields.end(), [&](const FileField& field) {
                return field.kind == kind && field.name == name;
            }))
            return std::string(name);
    return {};
}

std::string first_or_only(std::span<const FileField> fields,
                          std::span<const std::string_view> names, FileField::Kind kind) {
    std::string first = first_of(fields, names, kind);
    if (!first.empty()) return first;
    const auto suits = [kind](const FileField& field) { return field.kind == kind; };
    if (std::count_if(fields.begin(), fields.end(), suits) != 1) return {};
    return std::find_if(fields.begin(), fields.end(), suits)->name;
}

}  // namespace

bool has_named_vectors(std::span<const FileField> fields) {
    return !first_of(fields, kVectorFields, FileField::Kind::numbers).empty();
}

std::string choose_vectors(std::span<const FileField> fields) {
    return first_or_only(fields, kVectorFields, FileField::Kind::numbers);
}

std::string choose_text(std::span<const FileField> fields) {
    return first_or_only(fields, kTextFields, FileField::Kind::text);
}

std::string choose_labels(std::span<const FileField> fields) {
    return first_or_only(fields, kLabelFields, FileField::Kind::text);
}

std::string field_names(std::span<const FileField> fields) {
    constexpr std::size_t kShown = 40;
    if (fields.empty()) return "none";
    std::string names;
    for (std::size_t f = 0; f < std::min(fields.size(), kShown); ++f)
        names += fmt::format("{}'{}'", f == 0 ? "" : ", ", fields[f].name);
    return fields.size() <= kShown ? names
                                   : names + fmt::format(" and {} more", fields.size() - kShown);
}

}  // namespace hsa
