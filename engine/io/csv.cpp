#include "engine/io/csv.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <vector>

namespace hsa {
namespace {

std::string number_at(const std::vector<std::uint32_t>& column, std::size_t index) {
    return index < column.size() ? std::to_string(column[index]) : std::string();
}

}  // namespace

std::string csv_field(std::string_view text) {
    const auto is_blank = [](char letter) { return letter == ' ' || letter == '\t'; };
    const bool plain = text.find_first_of(",\"\r\n") == std::string_view::npos &&
                       (text.empty() || (!is_blank(text.front()) && !is_blank(text.back())));
    if (plain) return std::string(text);
    std::string quoted = "\"";
    for (const char letter : text) {
        if (letter == '"') quoted += '"';
        quoted += letter;
    }
    return quoted + '"';
}

std::string write_tokens_csv(const Dataset& dataset) {
    std::string out = "index,text,begin,end,sentence,paragraph,section";
    for (const MetadataColumn& column : dataset.properties) out += "," + csv_field(column.name);
    out += '\n';
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        const bool placed = dataset.text && i < dataset.tokens.size();
        out += fmt::format("{},{},", i, csv_field(dataset.token_text(i)));
        if (placed) out += fmt::format("{},{}", dataset.tokens[i].begin, dataset.tokens[i].end);
        else out += ',';
        out += "," + number_at(dataset.structure.sentence, i);
        out += "," + number_at(dataset.structure.paragraph, i);
        out += "," + number_at(dataset.structure.section, i);
        for (const MetadataColumn& column : dataset.properties) {
            out += ',';
            if (column.numbers.empty()) out += csv_field(column.words[i]);
            else if (!std::isnan(column.numbers[i])) out += fmt::format("{}", column.numbers[i]);
        }
        out += '\n';
    }
    return out;
}

std::string write_embeddings_csv(const Dataset& dataset) {
    const MatrixView<const float> rows = dataset.embeddings.rows;
    const bool words = dataset.text != nullptr || !dataset.labels.empty();
    std::string out = words ? "token" : "";
    for (std::size_t c = 0; c < rows.cols; ++c)
        out += fmt::format("{}x{}", c == 0 && !words ? "" : ",", c);
    out += '\n';
    for (std::size_t i = 0; i < rows.rows; ++i) {
        if (words) out += csv_field(dataset.token_text(i));
        for (std::size_t c = 0; c < rows.cols; ++c) {
            if (c > 0 || words) out += ',';
            fmt::format_to(std::back_inserter(out), "{}", rows(i, c));
        }
        out += '\n';
    }
    return out;
}

}  // namespace hsa
