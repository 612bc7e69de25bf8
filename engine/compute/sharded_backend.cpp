#include "engine/compute/sharded_backend.h"

#include "engine/compute/card/card_memory.h"
#include "engine/compute/card/finite.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <fmt/core.h>

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

namespace hsa {
namespace {

// The same splats bound to every part.
class ShardedSplats : public BoundSplats {
  public:
    explicit ShardedSplats(std::vector<std::shared_ptr<const BoundSplats>> bound)
        : bound_(std::move(bound)) {}

    [[nodiscard]] std::size_t splats() const override { return bound_.front()->splats(); }
    [[nodiscard]] std::size_t dimension() const override { return bound_.front()->dimension(); }
    [[nodiscard]] const BoundSplats& of_part(std::size_t part) const { return *bound_[part]; }

  private:
    std::vector<std::shared_ptr<const BoundSplats>> bound_;
};

const BoundSplats& of_part(const BoundSplats& splats, std::size_t part) {
    return dynamic_cast<const ShardedSplats&>(splats).of_part(part);
}

struct Share {
    std::size_t part = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
};

// Whole steps of rows, as evenly as they go; no empty shares.
std::vector<Share> shares_of(std::size_t rows, std::size_t parts, std::size_t step) {
    const std::size_t steps = (rows + step - 1) / step;
    std::vector<Share> shares;
    for (std::size_t p = 0; p < parts; ++p) {
        const std::size_t begin = std::min(rows, steps * p / parts * step);
        const std::size_t end = std::min(rows, steps * (p + 1) / parts * step);
        if (begin < end) shares.push_back({p, begin, end});
    }
    return shares;
}

// Calls task(index of the share) for all of them at once, the first on this thread. What they throw
// is thrown here, the first share's first, when all have ended.
template <class Task>
void for_shares(const std::vector<Share>& shares, const Task& task) {
    std::vector<std::exception_ptr> failures(shares.size());
    const auto run = [&](std::size_t index) {
        try {
            task(index);
        } catch (...) {
            failures[index] = std::current_exception();
        }
    };
    {
        std::vector<std::jthread> threads;
        for (std::size_t index = 1; index < shares.size(); ++index)
            threads.emplace_back([&run, index] { run(index); });
        if (!shares.empty()) run(0);
    }
    for (const std::exception_ptr& failure : failures)
        if (failure) std::rethrow_exception(failure);
}

template <class Number>
std::span<Number> own_rows(std::span<Number> numbers, const Share& share) {
    return numbers.empty() ? numbers : numbers.subspan(share.begin, share.end - share.begin);
}

// The parts' sums in their order.
void add_up(const std::vector<Matrix<double>>& parts, MatrixView<double> out) {
    if (out.empty()) return;
    for (std::size_t r = 0; r < out.rows; ++r)
        for (std::size_t c = 0; c < out.cols; ++c) {
            double sum = 0.0;
            for (const Matrix<double>& part : parts) sum += part(r, c);
            out(r, c) = sum;
        }
}

// Progress is told by whoever asked, not by every part.
Work quiet(const Work& work) { return {work.stop, {}, work.until}; }

// Rows are looked at before they are shared out, so that one that is refused has its own number.
class ShardedBackend : public Backend, public SaysCardMemory {
  public:
    ShardedBackend(std::vector<std::unique_ptr<Backend>> parts, std::string without)
        : parts_(std::move(parts)), without_(std::move(without)) {}

    [[nodiscard]] CardMemory card_memory() const override {
        CardMemory all;
        for (const auto& part : parts_) {
            const auto* card = dynamic_cast<const SaysCardMemory*>(part.get());
            if (card == nullptr) continue;
            const CardMemory own = card->card_memory();
            all.total += own.total;
            all.free += own.free;
        }
        return all;
    }

    // Parts are alike, until one has gone over to the CPU.
    [[nodiscard]] bool has(RowPass pass) const override {
        return std::all_of(parts_.begin(), parts_.end(),
                           [&](const auto& part) { return part->has(pass); });
    }

  private:
    static constexpr std::size_t kCellStep = 64;  // rows of cells

    [[nodiscard]] BackendInfo do_info() const override {
        BackendInfo all = parts_.front()->info();
        std::size_t alike = 1;
        for (std::size_t p = 1; p < parts_.size(); ++p) {
            const BackendInfo own = parts_[p]->info();
            if (own.device == all.device) ++alike;
            all.memory_bytes += own.memory_bytes;
            if (all.note.empty()) all.note = own.note;
        }
        if (alike == parts_.size()) {
            if (alike > 1) all.device = fmt::format("{} x {}", alike, all.device);
        } else {
            for (std::size_t p = 1; p < parts_.size(); ++p)
                all.device += " + " + parts_[p]->info().device;
        }
        if (!without_.empty()) all.device += fmt::format(" ({})", without_);
        return all;
    }

    [[nodiscard]] std::vector<Share> shares(std::size_t rows, std::size_t step = kChunkRows) const {
        return shares_of(rows, parts_.size(), step);
    }

    [[nodiscard]] std::shared_ptr<const BoundSplats> do_bind(const SplatColumns& splats) override {
        std::vector<std::shared_ptr<const BoundSplats>> bound;
        for (const auto& part : parts_) bound.push_back(part->bind(splats));
        return std::make_shared<ShardedSplats>(std::move(bound));
    }

    void do_log_kernel(const BoundSplats& splats, MatrixView<const float> x,
                       MatrixView<float> out) override {
        expect_finite(x, "tokens");
        const std::vector<Share> all = shares(x.rows);
        for_shares(all, [&](std::size_t index) {
            const Share& own = all[index];
            parts_[own.part]->log_kernel(of_part(splats, own.part), x.block(own.begin, own.end),
                                         out.block(own.begin, own.end));
        });
    }

    void do_tile_exponentials(const BoundSplats& splats, MatrixView<const float> x,
                              std::span<const float> log_row_weight, MatrixView<float> out,
                              MatrixView<float> most, MatrixView<double> sums) override {
        expect_finite(x, "tokens");
        const std::vector<Share> all = shares(x.rows);
        for_shares(all, [&](std::size_t index) {
            const Share& own = all[index];
            const std::size_t first = own.begin / kKernelTile;
            const std::size_t last = (own.end + kKernelTile - 1) / kKernelTile;
            parts_[own.part]->tile_exponentials(
                of_part(splats, own.part), x.block(own.begin, own.end),
                own_rows(log_row_weight, own), out.block(own.begin, own.end),
                most.block(first, last), sums.block(first, last));
        });
    }

    std::vector<double> do_log_mass(const BoundSplats& splats, MatrixView<const float> x,
                                    std::span<const float> log_row_weight,
                                    const Work& work) override {
        const MatrixView<const float> none(nullptr, x.rows, 0);
        return do_key_sums(splats, x, log_row_weight, none, work).mass.logs();
    }

    KeySums do_key_sums(const BoundSplats& splats, MatrixView<const float> x,
                        std::span<const float> log_row_weight, MatrixView<const float> values,
                        const Work& work) override {
        expect_finite(x, "tokens");
        expect_finite(values, "values");
        const std::vector<Share> all = shares(x.rows);
        std::vector<KeySums> sums(all.size());
        const Work own_work = quiet(work);
        for_shares(all, [&](std::size_t index) {
            const Share& own = all[index];
            sums[index] = parts_[own.part]->key_sums(
                of_part(splats, own.part), x.block(own.begin, own.end),
                own_rows(log_row_weight, own), values.block(own.begin, own.end), own_work);
        });
        KeySums total(splats.splats(), values.cols);
        for (const KeySums& own : sums) add_key_sums(total, own);
        return total;
    }

    std::vector<std::uint32_t> do_outputs(std::span<const QueryColumns> columns,
                                          MatrixView<float> out, const Work& work) override {
        for (const QueryColumns& part : columns)
            if (part.splats) expect_finite(part.x, "tokens");
        const std::vector<Share> all = shares(out.rows);
        std::vector<std::vector<std::uint32_t>> far(all.size());
        const Work own_work = quiet(work);
        for_shares(all, [&](std::size_t index) {
            const Share& own = all[index];
            std::vector<QueryColumns> asked(columns.begin(), columns.end());
            for (QueryColumns& part : asked) {
                if (!part.splats) continue;
                part.splats = &of_part(*part.splats, own.part);
                part.x = part.x.block(own.begin, own.end);
            }
            far[index] = parts_[own.part]->outputs(asked, out.block(own.begin, own.end), own_work);
        });
        std::vector<std::uint32_t> rows;
        for (std::size_t index = 0; index < all.size(); ++index)
            for (const std::uint32_t row : far[index])
                rows.push_back(static_cast<std::uint32_t>(all[index].begin + row));
        return rows;
    }

    void do_best_splats(std::span<const ScoredColumns> columns, std::span<const float> shift,
                        const BestColumns& out, const Work& work) override {
        for (const ScoredColumns& part : columns) expect_finite(part.x, "tokens");
        const std::vector<Share> all = shares(out.column.rows);
        const Work own_work = quiet(work);
        for_shares(all, [&](std::size_t index) {
            const Share& own = all[index];
            std::vector<ScoredColumns> scored(columns.begin(), columns.end());
            for (ScoredColumns& part : scored) {
                part.splats = &of_part(*part.splats, own.part);
                part.x = part.x.block(own.begin, own.end);
            }
            parts_[own.part]->best_splats(
                scored, shift,
                {out.column.block(own.begin, own.end), out.log_kernel.block(own.begin, own.end),
                 out.log_total.empty() ? out.log_total
                                       : out.log_total.subspan(own.begin, own.end - own.begin)},
                own_work);
        });
    }

    void do_cells(MatrixView<const float> p, MatrixView<const float> k, MatrixView<float> out,
                  const Work& work) override {
        expect_finite(p, "shares of tokens");
        const std::vector<Share> all = shares(out.rows, kCellStep);
        const Work own_work = quiet(work);
        for_shares(all, [&](std::size_t index) {
            const Share& own = all[index];
            parts_[own.part]->cells(p.block(own.begin, own.end), k, out.block(own.begin, own.end),
                                    own_work);
        });
    }

    // A picture is one small product: where its rows lie is where it is made.
    bool do_rectangle_means(const RangesOfRows& p, const RangesOfRows& k,
                            std::span<const std::uint32_t> chosen, MatrixView<float> out,
                            const Work& work) override {
        return parts_.front()->rectangle_means(p, k, chosen, out, work);
    }

    // Every part has rows of its own and all of their columns.
    bool do_compare_rows(const ComparedRows& rows, const RowComparison& out,
                         const Work& work) override {
        if (!has(RowPass::comparison)) return false;
        expect_finite(rows.weight, "shares of tokens");
        expect_finite(rows.target, "target rows");
        if (!out.moments.empty()) expect_finite(out.share, "weights of rows");
        const std::vector<Share> all = shares(rows.weight.rows, kCellStep);
        std::vector<Matrix<double>> moments(all.size());
        std::vector<char> done(all.size(), 0);
        const Work own_work = quiet(work);
        for_shares(all, [&](std::size_t index) {
            const Share& own = all[index];
            ComparedRows some = rows;
            some.weight = rows.weight.block(own.begin, own.end);
            some.target = rows.target.block(own.begin, own.end);
            some.background = own_rows(rows.background, own);
            some.seen = own_rows(rows.seen, own);
            some.columns = rows.columns;
            if (rows.splats != nullptr) some.splats = &of_part(*rows.splats, own.part);
            RowComparison of = out;
            of.divergence = own_rows(out.divergence, own);
            if (!out.product.empty()) of.product = out.product.block(own.begin, own.end);
            if (!out.moments.empty()) {
                of.share = out.share.block(own.begin, own.end);
                moments[index] = Matrix<double>(out.moments.rows, out.moments.cols);
                of.moments = moments[index].view();
            }
            done[index] = parts_[own.part]->compare_rows(some, of, own_work) ? 1 : 0;
        });
        add_up(moments, out.moments);
        return std::find(done.begin(), done.end(), 0) == done.end();
    }

    bool do_moments(MatrixView<const float> weight, MatrixView<const float> beside,
                    MatrixView<double> out, const Work& work) override {
        if (!has(RowPass::moments)) return false;
        expect_finite(weight, "weights of rows");
        expect_finite(beside, "rows");
        const std::vector<Share> all = shares(weight.rows);
        std::vector<Matrix<double>> sums(all.size());
        std::vector<char> done(all.size(), 0);
        const Work own_work = quiet(work);
        for_shares(all, [&](std::size_t index) {
            const Share& own = all[index];
            sums[index] = Matrix<double>(out.rows, out.cols);
            done[index] = parts_[own.part]->moments(weight.block(own.begin, own.end),
                                                    beside.block(own.begin, own.end),
                                                    sums[index].view(), own_work)
                              ? 1
                              : 0;
        });
        add_up(sums, out);
        return std::find(done.begin(), done.end(), 0) == done.end();
    }

    // Every row goes on from all before it, and every column of the values by itself.
    bool do_past_outputs(const PastRows& rows, MatrixView<float> out, const Work& work) override {
        if (!has(RowPass::past)) return false;
        expect_finite(rows.weight, "shares of tokens");
        expect_finite(rows.keys, "shares of keys");
        expect_finite(rows.values, "values");
        const std::vector<Share> all = shares_of(out.cols, parts_.size(), 1);
        return for_parts(all, [&](const Share& own) {
            PastRows some = rows;
            some.values = columns_of(rows.values, own);
            return parts_[own.part]->past_outputs(some, columns_of(out, own), quiet(work));
        });
    }

    bool do_score_totals(const ScoredRows& rows, std::span<double> out, const Work& work) override {
        if (!has(RowPass::totals)) return false;
        expect_finite(rows.queries, "queries");
        return for_parts(shares(rows.queries.rows, kCellStep), [&](const Share& own) {
            ScoredRows some = rows;
            some.queries = rows.queries.block(own.begin, own.end);
            some.seen = own_rows(rows.seen, own);
            return parts_[own.part]->score_totals(some, own_rows(out, own), quiet(work));
        });
    }

    bool do_slopes(const SlopeRows& rows, const SlopeSums& out, const Work& work) override {
        if (!has(RowPass::slopes)) return false;
        expect_finite(rows.p, "shares of tokens");
        expect_finite(rows.k, "shares of keys");
        expect_finite(rows.d_outputs, "slopes of outputs");
        expect_finite(rows.values, "values");
        expect_finite(out.beside, "rows");
        const std::vector<Share> all = shares(rows.p.rows);
        std::vector<Matrix<double>> moments(parts_.size());
        const bool done = for_parts(all, [&](const Share& own) {
            moments[own.part] = Matrix<double>(out.moments.rows, out.moments.cols);
            const SlopeRows some{rows.p.block(own.begin, own.end),
                                 rows.k.block(own.begin, own.end),
                                 rows.d_outputs.block(own.begin, own.end),
                                 rows.values.block(own.begin, own.end),
                                 own_rows(rows.along, own),
                                 rows.u,
                                 rows.b,
                                 rows.shift};
            const SlopeSums sums{out.beside.block(own.begin, own.end), moments[own.part].view(),
                                 out.lever, out.pulled.block(own.begin, own.end)};
            return parts_[own.part]->slopes(some, sums, quiet(work));
        });
        std::erase_if(moments, [](const Matrix<double>& part) { return part.empty(); });
        add_up(moments, out.moments);
        return done;
    }

    // Whether every part did its share.
    template <class Task>
    static bool for_parts(const std::vector<Share>& all, const Task& task) {
        std::vector<char> done(all.size(), 0);
        for_shares(all, [&](std::size_t index) { done[index] = task(all[index]) ? 1 : 0; });
        return std::find(done.begin(), done.end(), 0) == done.end();
    }

    template <class Number>
    static MatrixView<Number> columns_of(MatrixView<Number> rows, const Share& own) {
        return {rows.data + own.begin, rows.rows, own.end - own.begin, rows.stride};
    }

    std::vector<std::unique_ptr<Backend>> parts_;
    std::string without_;
};

}  // namespace

std::unique_ptr<Backend> make_sharded_backend(std::vector<std::unique_ptr<Backend>> parts,
                                              std::string without) {
    if (parts.empty()) fault("no backend to share rows out to");
    return std::make_unique<ShardedBackend>(std::move(parts), std::move(without));
}

}  // namespace hsa
