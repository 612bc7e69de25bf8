#include "bench/bench/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace hsa_bench {

std::string shown(double value) {
    if (!std::isfinite(value)) return "";
    return value < 0.1 ? fmt::format("{:.4f}", value) : fmt::format("{:.3f}", value);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

Table::Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

void Table::row(std::vector<std::string> cells) {
    cells.resize(rows_.front().size());
    rows_.push_back(std::move(cells));
}

void Table::print() const {
    std::vector<std::size_t> width(rows_.front().size(), 3);
    for (const auto& row : rows_)
        for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
    for (std::size_t r = 0; r < rows_.size(); ++r) {
        fmt::print("| {:<{}} |", rows_[r][0], width[0]);
        for (std::size_t c = 1; c < width.size(); ++c)
            fmt::print(" {:>{}} |", rows_[r][c], width[c]);
        fmt::print("\n");
        if (r > 0) continue;
        fmt::print("|{}|", std::string(width[0] + 2, '-'));
        for (std::size_t c = 1; c < width.size(); ++c)
            fmt::print("{}:|", std::string(width[c] + 1, '-'));
        fmt::print("\n");
    }
    fmt::print("\n");
    std::fflush(stdout);
}

}  // namespace hsa_bench
