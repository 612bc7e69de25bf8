#include "engine/adapt/compared_rows.h"

namespace hsa {
namespace {

constexpr std::size_t kWorthSending = std::size_t{1} << 22U;  // products of two numbers

bool compare(Backend& backend, const LevelRows& rows, ComparedRows compared,
             MatrixView<const float> target, const RowComparison& out) {
    if (!worth_sending(backend, rows, target.cols)) return false;
    compared.weight = rows.weight;
    compared.background = rows.background;
    compared.seen = rows.seen;
    compared.target = target;
    return backend.compare_rows(compared, out, {});
}

}  // namespace

bool worth_sending(const Backend& backend, const LevelRows& rows, std::size_t columns) {
    return rows.weight.rows * rows.weight.cols * columns >= kWorthSending &&
           backend.has(RowPass::comparison);
}

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
