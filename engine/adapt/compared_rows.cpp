#include "engine/adapt/compared_rows.h"

namespace hsa {
namespace {

constexpr std::size_t kWorthSending = std::size_t{1} << 22U;  // products of two numbers

bool compare(Backend& backend, const LevelRows& rows, ComparedRows compared,
             MatrixView<const float> target, const RowComparison& out) {
    if (rows.weight.rows * rows.weight.cols * target.cols < kWorthSending) return false;
    compared.weight = rows.weight;
    compared.background = rows.background;
    compared.seen = rows.seen;
    compared.target = target;
    return backend.compare_rows(compared, out, {});
}

}  // namespace

bool compare_on_card(Backend& backend, const LevelKeys& keys, const LevelRows& rows,
                     MatrixView<const float> target, const RowComparison& out) {
    ComparedRows compared;
    compared.keys = keys.k.view();
    return compare(backend, rows, compared, target, out);
}

bool compare_on_card(Backend& backend, const BoundSplats& splats, MatrixView<const float> x,
                     std::span<const double> log_mass, std::size_t columns, const LevelRows& rows,
                     MatrixView<const float> target, const RowComparison& out) {
    ComparedRows compared;
    compared.splats = &splats;
    compared.x = x;
    compared.log_mass = log_mass;
    compared.columns = columns;
    return compare(backend, rows, compared, target, out);
}

}  // namespace hsa
