#include "engine/io/json_properties.h"

#include "engine/io/field_choice.h"
#include "engine/io/json.h"
#include "engine/io/json_slices.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

std::string word_of(const nlohmann::json& value) {
    return value.is_string() ? value.get<std::string>() : json_text(value);
}

}  // namespace

// Empty rows up to the present one.
void JsonProperties::pad(Column& column) const {
    if (column.is_words) column.property.words.resize(rows_);
    else column.property.numbers.resize(rows_, kNothing);
}

void JsonProperties::put(Column& column, const nlohmann::json& value) {
    pad(column);
    if (value.is_null()) return;
    if (!value.is_number() && !column.is_words) {
        column.is_words = true;
        for (const double number : column.property.numbers)
            column.property.words.push_back(number == number ? json_text(number) : std::string());
        column.property.numbers.clear();
    }
    if (column.is_words) column.property.words.push_back(word_of(value));
    else column.property.numbers.push_back(value.get<double>());
}

bool JsonProperties::is_known(const std::string& name) const {
    return by_name_.contains(name) || beyond_.contains(name);
}

// A field that no record before has had.
void JsonProperties::meet(const std::string& name) {
    if (columns_.size() == kMostProperties) {
        if (beyond_.size() < kMostProperties) beyond_.insert(name);
        return;
    }
    by_name_.emplace(name, columns_.size());
    columns_.emplace_back().property.name = name;
}

void JsonProperties::add(const nlohmann::json& record, std::string_view text,
                         const std::vector<std::string>& without) {
    const auto is_left_out = [&](const std::string& name) {
        return std::find(without.begin(), without.end(), name) != without.end();
    };
    const bool is_full = columns_.size() == kMostProperties && beyond_.size() == kMostProperties;
    const auto is_new = [&](const std::string& name) {
        return !is_full && !is_left_out(name) && !is_known(name);
    };
    // The parser sorts fields by name, the text has them in their order.
    bool some_new = false;
    for (const auto& [name, value] : record.items()) some_new = some_new || is_new(name);
    if (some_new)
        for (const FileField& field : glimpse_fields(text))
            if (is_new(field.name)) meet(field.name);
    for (const auto& [name, value] : record.items()) {
        const auto found = by_name_.find(name);
        if (found == by_name_.end() || is_left_out(name)) continue;
        Column& column = columns_[found->second];
        if (value.is_structured()) column.usable = false;
        if (column.usable) put(column, value);
    }
    ++rows_;
}

std::vector<MetadataColumn> JsonProperties::take(std::vector<std::string>& ignored) {
    std::vector<MetadataColumn> properties;
    for (Column& column : columns_) {
        const std::string& name = column.property.name;
        const bool nothing = column.property.words.empty() && column.property.numbers.empty();
        if (!column.usable || nothing) {
            ignored.push_back(name);
            continue;
        }
        pad(column);
        properties.push_back(std::move(column.property));
    }
    ignored.insert(ignored.end(), beyond_.begin(), beyond_.end());
    return properties;
}

}  // namespace hsa
