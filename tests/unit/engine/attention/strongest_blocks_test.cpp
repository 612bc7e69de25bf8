#include "engine/attention/strongest_blocks.h"

#include "engine/attention/cells.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace {

using hsa::Block;
using hsa::Factors;
using hsa::Matrix;
using hsa::Range;
using hsa::StrengthBy;
using hsa::StrongestBlocks;
using hsa::StrongestWanted;

Factors factors_of(std::size_t n, bool causal) {
    reference::Shape shape;
    shape.tokens = n;
    shape.dimension = 3;
    shape.splats = {8, 3};
    hsa::FactorOptions options;
    options.causal = causal;
    return reference::factors_of(reference::random_case(shape, 11 + n), options);
}

Matrix<double> all_cells(const Factors& factors) {
    Matrix<double> a(factors.tokens(), factors.tokens());
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t j = 0; j < a.cols(); ++j) a(i, j) = hsa::cell_parts(factors, i, j).value;
    return a;
}

double mean(const Matrix<double>& a, const Range& rows, const Range& columns) {
    double sum = 0.0;
    for (std::size_t i = rows.begin; i < rows.end; ++i)
        for (std::size_t j = columns.begin; j < columns.end; ++j) sum += a(i, j);
    return sum / static_cast<double>(rows.size() * columns.size());
}

struct Found {
    Block block;
    double strength = 0.0;
    std::size_t row = 0, column = 0;
};

std::size_t apart(std::size_t a, std::size_t b) { return std::max(a, b) - std::min(a, b); }

// The definition, without tile sums or pictures: every block of the grid, the strongest first, left
// out where it touches one that was taken.
std::vector<Found> by_hand(const Matrix<double>& a, const StrongestWanted& wanted, bool causal) {
    const auto n = static_cast<double>(a.rows());
    const auto edges = [](const Range& range) {
        const std::size_t count = std::min(hsa::kStrongestGrid, range.size());
        std::vector<std::size_t> at;
        for (std::size_t e = 0; e <= count; ++e)
            at.push_back(range.begin + range.size() * e / count);
        return at;
    };
    const std::vector<std::size_t> rows = edges(wanted.rows), columns = edges(wanted.columns);
    std::vector<Found> all;
    for (std::size_t r = 0; r + 1 < rows.size(); ++r)
        for (std::size_t c = 0; c + 1 < columns.size(); ++c) {
            const Block block{{rows[r], rows[r + 1]}, {columns[c], columns[c + 1]}};
            const std::size_t side = std::max(block.rows.size(), block.columns.size());
            bool near = false;  // to a cell of the diagonal, within the blocks asked for
            for (std::size_t i = block.rows.begin; i < block.rows.end; ++i)
                for (std::size_t j = block.columns.begin; j < block.columns.end; ++j)
                    near =
                        near || (wanted.apart > 0 && apart(i, j) < 1 + (wanted.apart - 1) * side);
            if (near) continue;
            Found found{block, 0.0, r, c};
            const double value = mean(a, block.rows, block.columns);
            found.strength = value * n;
            if (wanted.by == StrengthBy::uniform && causal) {
                double alike = 0.0;
                for (std::size_t i = block.rows.begin; i < block.rows.end; ++i)
                    for (std::size_t j = block.columns.begin; j < block.columns.end; ++j)
                        if (j <= i) alike += 1.0 / static_cast<double>(i + 1);
                alike /= static_cast<double>(block.rows.size() * block.columns.size());
                found.strength = alike > 0.0 ? value / alike : 0.0;
            }
            if (wanted.by == StrengthBy::lift)
                found.strength =
                    value * mean(a, wanted.rows, wanted.columns) /
                    (mean(a, block.rows, wanted.columns) * mean(a, wanted.rows, block.columns));
            if (found.strength > 0.0) all.push_back(found);
        }
    std::stable_sort(all.begin(), all.end(),
                     [](const Found& x, const Found& y) { return x.strength > y.strength; });
    std::vector<Found> taken;
    for (const Found& found : all) {
        const bool touches = std::any_of(taken.begin(), taken.end(), [&](const Found& other) {
            return apart(other.row, found.row) <= 1 && apart(other.column, found.column) <= 1;
        });
        if (!touches && taken.size() < wanted.most) taken.push_back(found);
    }
    return taken;
}

void check(const Factors& factors, const StrongestWanted& wanted) {
    const std::vector<Found> expected =
        by_hand(all_cells(factors), wanted, factors.causal != nullptr);
    const StrongestBlocks got = hsa::strongest_blocks(factors, hsa::tile_sums(factors), wanted, {});
    CAPTURE(factors.tokens(), static_cast<int>(wanted.by), wanted.apart);
    REQUIRE(got.blocks.size() == expected.size());
    for (std::size_t b = 0; b < expected.size(); ++b) {
        CAPTURE(b);
        CHECK(got.blocks[b].block == expected[b].block);
        CHECK(got.blocks[b].strength == Approx(expected[b].strength).epsilon(1e-5));
        CHECK(got.blocks[b].mean ==
              Approx(mean(all_cells(factors), expected[b].block.rows, expected[b].block.columns))
                  .epsilon(1e-9));
    }
}

}  // namespace

TEST_CASE("the strongest blocks are those found cell by cell", "[attention][map][plain]") {
    for (const bool causal : {false, true}) {
        const Factors factors = factors_of(150, causal);
        for (const StrengthBy by : {StrengthBy::value, StrengthBy::uniform, StrengthBy::lift})
            for (const std::size_t off : {0UL, 1UL, 3UL}) {
                StrongestWanted wanted;
                wanted.rows = wanted.columns = {0, 150};
                wanted.by = by;
                wanted.apart = off;
                wanted.most = 8;
                check(factors, wanted);
            }
    }
    // A part, near enough that a block is a cell.
    StrongestWanted near;
    near.rows = {20, 45};
    near.columns = {70, 101};
    check(factors_of(150, false), near);
}

TEST_CASE("no two listed blocks touch, and a level's are its own", "[attention][map]") {
    const Factors factors = factors_of(400, false);
    StrongestWanted wanted;
    wanted.rows = wanted.columns = {0, 400};
    wanted.apart = 0;
    wanted.most = 50;
    wanted.part.level = 1;
    const StrongestBlocks found =
        hsa::strongest_blocks(factors, hsa::tile_sums(factors), wanted, {});
    REQUIRE(found.blocks.size() > 10);
    for (std::size_t a = 0; a < found.blocks.size(); ++a) {
        double value = 0.0;
        const hsa::CellParts parts =
            hsa::block_parts(factors, hsa::tile_sums(factors), found.blocks[a].block);
        for (const hsa::Part& part : parts.parts)
            if (part.level == 1) value += part.value;
        CHECK(found.blocks[a].mean == Approx(value));
        for (std::size_t b = a + 1; b < found.blocks.size(); ++b) {
            const Block &x = found.blocks[a].block, &y = found.blocks[b].block;
            const bool rows = x.rows.end < y.rows.begin || y.rows.end < x.rows.begin;
            const bool columns = x.columns.end < y.columns.begin || y.columns.end < x.columns.begin;
            CHECK((rows || columns));
        }
    }
}

TEST_CASE("the mean of rows that attend alike to what they see", "[attention][map][causal]") {
    for (const auto& [rows, columns] :
         {std::pair{Range{0, 40}, Range{0, 40}}, std::pair{Range{10, 30}, Range{20, 90}},
          std::pair{Range{60, 90}, Range{5, 8}}, std::pair{Range{3, 5}, Range{5, 9}}}) {
        double sum = 0.0;
        for (std::size_t i = rows.begin; i < rows.end; ++i)
            for (std::size_t j = columns.begin; j < columns.end; ++j)
                if (j <= i) sum += 1.0 / static_cast<double>(i + 1);
        CHECK(hsa::uniform_causal_mean(rows, columns) ==
              Approx(sum / static_cast<double>(rows.size() * columns.size()))
                  .epsilon(1e-10)
                  .margin(1e-14));
    }
}
