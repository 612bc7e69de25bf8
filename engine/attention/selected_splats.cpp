#include "engine/attention/selected_splats.h"

#include "engine/attention/columns.h"
#include "engine/attention/near_set.h"
#include "engine/attention/product_cells.h"
#include "engine/compute/level_kernels.h"
#include "engine/compute/selection_lanes.h"
#include "engine/core/error.h"
#include "engine/core/gather.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();
constexpr std::size_t kRowsAtOnce = 4 * kChunkRows;  // gathered
constexpr std::size_t kTokensAtOnce = 64 * kChunkRows;
constexpr std::size_t kRecallRows = 256;
constexpr std::size_t kRecallSplats = 4;
constexpr std::uint64_t kRecallSeed = 256;

// Scores all splats.
class AllSplats {
  public:
    AllSplats(Backend& backend, const SplatRegistry& registry, const Coordinates& coordinates,
              Side side, std::span<const double> shift, double temperature)
        : backend_(backend),
          coordinates_(coordinates),
          levels_(bind_levels(backend, registry, temperature, side)) {
        greatest_ = *std::max_element(shift.begin(), shift.end());
        for (const double own : shift) shift_.push_back(static_cast<float>(own - greatest_));
    }

    [[nodiscard]] std::size_t splats() const { return shift_.size(); }

    // What one thread needs to look at a token.
    struct Row {
        std::vector<float> scores;  // [k], filled up
        SelectionScratch scratch;

        explicit Row(std::size_t splats)
            : scores(splats + kScoreWord, -std::numeric_limits<float>::infinity()),
              scratch(splats) {}
    };

    // The scores of a row of log kernels: [k].
    std::span<const float> score(std::span<const float> ell, Row& row) const {
        const std::span<float> scores = std::span(row.scores).first(splats());
        add_elements(ell, shift_, scores);
        return scores;
    }

    void select_range(std::size_t begin, std::size_t end, SelectedSplats& selected,
                      const Work& work) const {
        std::vector<ScoredColumns> parts;
        for (const LevelKernel& level : levels_)
            parts.push_back(
                {level.bound.get(),
                 rows_of_side(coordinates_, level.level, level.side).view().block(begin, end),
                 level.rows});
        const std::span<double> total =
            selected.log_total.empty() ? std::span<double>()
                                       : std::span(selected.log_total).subspan(begin, end - begin);
        backend_.best_splats(parts, shift_,
                             {selected.splat.view().block(begin, end),
                              selected.log_kernel.view().block(begin, end), total},
                             work);
        for (double& own : total) own += greatest_;
    }

    // Tokens [0, n) of the matrix that holds their log kernels.
    [[nodiscard]] Matrix<float> log_kernels(std::span<const std::uint32_t> tokens) const {
        Matrix<float> all(tokens.size(), splats());
        for (const LevelKernel& level : levels_) {
            if (level.rows.empty()) continue;
            const Matrix<float> ell = log_kernel_of_tokens(backend_, level, coordinates_, tokens);
            for (std::size_t r = 0; r < tokens.size(); ++r)
                for (std::size_t s = 0; s < level.rows.size(); ++s)
                    all(r, level.rows[s]) = ell(r, s);
        }
        return all;
    }

    void select_some(std::span<const std::uint32_t> tokens, SelectedSplats& selected,
                     const Work& work) const {
        for (std::size_t first = 0; first < tokens.size(); first += kRowsAtOnce) {
            const auto some = tokens.subspan(first, std::min(kRowsAtOnce, tokens.size() - first));
            std::vector<Matrix<float>> rows;
            std::vector<ScoredColumns> parts;
            for (const LevelKernel& level : levels_) {
                rows.push_back(
                    gather_rows(rows_of_side(coordinates_, level.level, level.side).view(), some));
                parts.push_back({level.bound.get(), {}, level.rows});
            }
            for (std::size_t l = 0; l < parts.size(); ++l)
                parts[l].x = std::as_const(rows[l]).view();
            Matrix<std::uint32_t> splat(some.size(), selected.width());
            Matrix<float> ell(some.size(), selected.width());
            backend_.best_splats(parts, shift_, {splat.view(), ell.view(), {}}, work);
            for (std::size_t r = 0; r < some.size(); ++r) {
                std::copy_n(splat.row(r).begin(), splat.cols(),
                            selected.splat.row(some[r]).begin());
                std::copy_n(ell.row(r).begin(), ell.cols(),
                            selected.log_kernel.row(some[r]).begin());
            }
        }
    }

  private:
    Backend& backend_;
    const Coordinates& coordinates_;
    std::vector<LevelKernel> levels_;
    double greatest_;
    std::vector<float> shift_;  // less the greatest
};

double recall_of(const AllSplats& all, const SelectedSplats& selected) {
    const std::vector<std::uint32_t> tokens =
        sampled_rows(selected.splat.rows(), kRecallRows, kRecallSeed);
    if (tokens.empty()) return 1.0;
    const Matrix<float> ell = all.log_kernels(tokens);
    std::vector<std::uint32_t> best(std::min(kRecallSplats, selected.width()));
    AllSplats::Row row(all.splats());
    double sum = 0.0;
    for (std::size_t r = 0; r < tokens.size(); ++r) {
        const std::span<const float> scores = all.score(ell.row(r), row);
        largest_scores(scores, row.scratch, best);
        const auto kept = selected.splat.row(tokens[r]);
        double most = kNothing;
        for (const std::uint32_t s : best) most = std::max(most, static_cast<double>(scores[s]));
        double whole = 0.0;
        double found = 0.0;
        for (const std::uint32_t s : best) {
            const double mass = std::exp(static_cast<double>(scores[s]) - most);
            whole += mass;
            if (std::binary_search(kept.begin(), kept.end(), s)) found += mass;
        }
        sum += found / whole;
    }
    return sum / static_cast<double>(tokens.size());
}

}  // namespace

SelectedSplats select_splats(Backend& backend, const SplatRegistry& registry,
                             const Coordinates& coordinates, Side side,
                             std::span<const double> shift, const SelectOptions& options,
                             const Work& work) {
    check_shapes(registry, coordinates);
    if (shift.size() != registry.size())
        fault("{} numbers to choose {} splats by", shift.size(), registry.size());
    const auto heard = static_cast<std::size_t>(
        std::count_if(shift.begin(), shift.end(), [](double own) { return own > kNothing; }));
    const std::size_t m = std::min(options.splats, heard);
    if (m == 0) fail("No splat can be chosen: {} of {} are wanted.", options.splats, heard);
    const std::size_t n = coordinates.size();
    SelectedSplats selected;
    selected.splat = Matrix<std::uint32_t>::unwritten(n, m);
    selected.log_kernel = Matrix<float>::unwritten(n, m);
    const AllSplats all(backend, registry, coordinates, side, shift, options.temperature);
    const std::size_t scored = std::max(m, options.scored > 0 ? options.scored : 2 * m);
    const bool served = ProductCells::serve(registry, side, shift);
    selected.spatial = options.spatial && served && heard > scored;
    if (options.spatial && !served)
        selected.note = "some splats are lowrank or full, so all of them are scored";
    if (selected.spatial) {
        const ProductCells cells(registry, coordinates, side, shift, scored, options.temperature,
                                 work);
        for (std::size_t begin = 0; begin < n; begin += kTokensAtOnce) {
            work.check();
            const std::size_t end = std::min(n, begin + kTokensAtOnce);
            all.select_some(cells.select(begin, end, selected.splat.view().block(begin, end),
                                         selected.log_kernel.view().block(begin, end)),
                            selected, work);
            work.report("splats", static_cast<double>(end) / static_cast<double>(n));
        }
        selected.recall = recall_of(all, selected);
        return selected;
    }
    if (options.totals) selected.log_total.resize(n);
    for (std::size_t begin = 0; begin < n; begin += kTokensAtOnce) {
        work.check();
        const std::size_t end = std::min(n, begin + kTokensAtOnce);
        all.select_range(begin, end, selected, work);
        work.report("splats", static_cast<double>(end) / static_cast<double>(n));
    }
    return selected;
}

}  // namespace hsa
