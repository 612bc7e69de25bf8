#include "engine/io/json_properties.h"

#include "engine/io/json.h"

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

void JsonProperties::add(const nlohmann::json& record, const std::vector<std::string>& without) {
    for (const auto& [name, value] : record.items()) {
        if (std::find(without.begin(), without.end(), name) != without.end()) continue;
        const auto found = by_name_.find(name);
        if (found == by_name_.end()) {
            if (columns_.size() == kMost) {
                if (beyond_.size() < kMost) beyond_.push_back(name);
                continue;
            }
            by_name_.emplace(name, columns_.size());
            columns_.emplace_back().property.name = name;
        }
        Column& column = columns_[found == by_name_.end() ? columns_.size() - 1 : found->second];
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
    std::sort(beyond_.begin(), beyond_.end());
    beyond_.erase(std::unique(beyond_.begin(), beyond_.end()), beyond_.end());
    ignored.insert(ignored.end(), beyond_.begin(), beyond_.end());
    return properties;
}

}  // namespace hsa
