#include "engine/compute/card/card_backend.h"

#include "engine/compute/card/card_splats.h"
#include "engine/compute/card/finite.h"
#include "engine/compute/card/self_check.h"
#include "engine/compute/cpu/cpu_backend.h"
#include "engine/compute/log_sums.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

namespace hsa {
namespace {

class CardBackend : public Backend, public SaysCardMemory {
  public:
    explicit CardBackend(std::unique_ptr<Card> card) : card_(std::move(card)) {}

    [[nodiscard]] CardMemory card_memory() const override {
        const std::lock_guard lock(mutex_);
        return cpu_ ? CardMemory{} : card_->memory();
    }

    // Of its first failure; empty before.
    [[nodiscard]] std::string why() const {
        const std::lock_guard lock(mutex_);
        return why_;
    }

    void call_before(std::function<void()> operation) { before_operation_ = std::move(operation); }

  private:
    [[nodiscard]] BackendInfo do_info() const override {
        const std::lock_guard lock(mutex_);
        BackendInfo info;
        if (cpu_) {
            info = cpu_->info();
            info.note = failure_;
            return info;
        }
        info.name = card_->name();
        info.device = card_->device();
        info.memory_bytes = card_->memory().total;
        return info;
    }

    // What goes to the card; the CPU takes any numbers.
    void expect_finite(MatrixView<const float> rows, std::string_view what) const {
        {
            const std::lock_guard lock(mutex_);
            if (cpu_) return;
        }
        hsa::expect_finite(rows, what);
    }

    // On the card, or, from its first failure on, on the CPU.
    template <class OnCard, class OnCpu>
    void compute(OnCard on_card, OnCpu on_cpu) {
        Backend* cpu = nullptr;
        {
            // Heads are fitted several at a time on one backend, and a card keeps ell between
            // calls.
            const std::lock_guard lock(mutex_);
            while (!cpu_) {
                try {
                    if (before_operation_) before_operation_();
                    on_card(*card_);
                    card_->went_well();
                    return;
                } catch (const CardFull& full) {
                    if (!card_->take_smaller_blocks()) give_up(full);
                } catch (const Error& error) {
                    give_up(error);
                }
            }
            cpu = cpu_.get();
        }
        on_cpu(*cpu);
    }

    void give_up(const Error& why) {
        why_ = why.what();
        failure_ = fmt::format(
            "{} on {} stopped ({}); the CPU goes on, and nothing is lost. `set compute.backend {}` "
            "tries it again.",
            card_->name(), card_->device(), why.what(), card_->name());
        cpu_ = make_cpu_backend();
    }

    static const CardSplats& own(const BoundSplats& splats) {
        return dynamic_cast<const CardSplats&>(splats);
    }

    [[nodiscard]] std::shared_ptr<const BoundSplats> do_bind(const SplatColumns& splats) override {
        expect_finite(splats.centre, "centres of splats");
        expect_finite(splats.variance, "variances of splats");
        auto bound = std::make_shared<CardSplats>(splats);
        compute([&](Card& card) { bound->send(card); }, [](Backend&) {});
        return bound;
    }

    void do_log_kernel(const BoundSplats& splats, MatrixView<const float> x,
                       MatrixView<float> out) override {
        expect_finite(x, "tokens");
        const CardSplats& bound = own(splats);
        const std::size_t k = bound.splats();
        compute(
            [&](Card& card) {
                const std::size_t block = card.rows_at_once(k + x.cols);
                for (std::size_t begin = 0; begin < x.rows; begin += block) {
                    const std::size_t end = std::min(x.rows, begin + block);
                    card.log_kernel(bound.forms(), bound.sent(), x.block(begin, end), k, 0, {});
                    card.read_kernel(end - begin, k, out.block(begin, end));
                }
            },
            [&](Backend& cpu) { cpu.log_kernel(bound.on(cpu), x, out); });
    }

    void do_tile_exponentials(const BoundSplats& splats, MatrixView<const float> x,
                              std::span<const float> log_row_weight, MatrixView<float> out,
                              MatrixView<float> most, MatrixView<double> sums) override {
        expect_finite(x, "tokens");
        const CardSplats& bound = own(splats);
        compute(
            [&](Card& card) {
                tiles_on_card(card, bound, x, log_row_weight, {}, most, sums,
                              [&](std::size_t begin, std::size_t end) {
                                  card.read_kernel(end - begin, bound.splats(),
                                                   out.block(begin, end));
                              });
            },
            [&](Backend& cpu) {
                cpu.tile_exponentials(bound.on(cpu), x, log_row_weight, out, most, sums);
            });
    }

    // Exponentials by tiles, block by block; `done` after each.
    template <class Done>
    static void tiles_on_card(Card& card, const CardSplats& bound, MatrixView<const float> x,
                              std::span<const float> log_row_weight, const Work& work,
                              MatrixView<float> most, MatrixView<double> sums, Done done) {
        const std::size_t k = bound.splats();
        const std::size_t block = card.rows_at_once(k + x.cols);
        for (std::size_t begin = 0; begin < x.rows; begin += block) {
            work.check();
            const std::size_t end = std::min(x.rows, begin + block);
            const std::size_t first = begin / kKernelTile;
            const std::size_t last = (end + kKernelTile - 1) / kKernelTile;
            card.log_kernel(bound.forms(), bound.sent(), x.block(begin, end), k, 0, {});
            card.exponentials(end - begin, k, rows_of(log_row_weight, begin, end), kKernelTile,
                              false, most.block(first, last), sums.block(first, last));
            done(begin, end);
        }
    }

    static std::span<const float> rows_of(std::span<const float> weight, std::size_t begin,
                                          std::size_t end) {
        return weight.empty() ? weight : weight.subspan(begin, end - begin);
    }

    std::vector<double> do_log_mass(const BoundSplats& splats, MatrixView<const float> x,
                                    std::span<const float> log_row_weight,
                                    const Work& work) override {
        expect_finite(x, "tokens");
        const CardSplats& bound = own(splats);
        std::vector<double> logs;
        compute(
            [&](Card& card) {
                const std::size_t tiles = (x.rows + kKernelTile - 1) / kKernelTile;
                Matrix<float> most(tiles, bound.splats());
                Matrix<double> sums(tiles, bound.splats());
                tiles_on_card(card, bound, x, log_row_weight, work, most.view(), sums.view(),
                              [](std::size_t, std::size_t) {});
                logs = join_tiles(most, sums).logs();
            },
            [&](Backend& cpu) { logs = cpu.log_mass(bound.on(cpu), x, log_row_weight, work); });
        return logs;
    }

    KeySums do_key_sums(const BoundSplats& splats, MatrixView<const float> x,
                        std::span<const float> log_row_weight, MatrixView<const float> values,
                        const Work& work) override {
        expect_finite(x, "tokens");
        expect_finite(values, "values");
        const CardSplats& bound = own(splats);
        KeySums total;
        compute(
            [&](Card& card) {
                total =
                    sum_over_keys(x.rows, bound.splats(), values.cols,
                                  [&](std::size_t begin, std::size_t end, std::span<KeySums> out) {
                                      chunks_on_card(card, bound, x, log_row_weight, values, work,
                                                     begin, end, out);
                                  });
            },
            [&](Backend& cpu) {
                total = cpu.key_sums(bound.on(cpu), x, log_row_weight, values, work);
            });
        return total;
    }

    // Sums of the chunks from `begin` to `end`: shares of a chunk's mass times the values first, so
    // that products of large values stay in their range.
    static void chunks_on_card(Card& card, const CardSplats& bound, MatrixView<const float> x,
                               std::span<const float> log_row_weight,
                               MatrixView<const float> values, const Work& work, std::size_t begin,
                               std::size_t end, std::span<KeySums> out) {
        const std::size_t k = bound.splats();
        const std::size_t v = values.cols;
        const std::size_t block = card.rows_at_once(k + x.cols + v);
        for (std::size_t from = begin; from < end; from += block) {
            work.check();
            const std::size_t to = std::min(end, from + block);
            const std::size_t chunks = (to - from + kChunkRows - 1) / kChunkRows;
            Matrix<float> most(chunks, k);
            Matrix<double> sums(chunks, k);
            Matrix<float> products(chunks * k, v);
            card.log_kernel(bound.forms(), bound.sent(), x.block(from, to), k, 0, {});
            card.exponentials(to - from, k, rows_of(log_row_weight, from, to), kChunkRows, true,
                              most.view(), sums.view());
            if (v > 0) card.multiply_chunks(to - from, k, values.block(from, to), products.view());
            for (std::size_t c = 0; c < chunks; ++c) {
                KeySums& chunk = out[(from - begin) / kChunkRows + c];
                chunk = KeySums(k, v);
                std::copy_n(most.row(c).begin(), k, chunk.mass.most.begin());
                std::copy_n(sums.row(c).begin(), k, chunk.mass.sum.begin());
                for (std::size_t s = 0; s < k; ++s)
                    for (std::size_t column = 0; column < v; ++column)
                        chunk.values(s, column) =
                            static_cast<double>(products(c * k + s, column)) * sums(c, s);
            }
        }
    }

    std::vector<std::uint32_t> do_outputs(std::span<const QueryColumns> parts,
                                          MatrixView<float> out, const Work& work) override {
        for (const QueryColumns& part : parts) {
            if (part.splats) expect_finite(part.x, "tokens");
            expect_finite(part.means, "values of splats");
        }
        std::vector<std::uint32_t> far;
        compute([&](Card& card) { far = outputs_on_card(card, parts, out, work); },
                [&](Backend& cpu) {
                    std::vector<QueryColumns> there(parts.begin(), parts.end());
                    for (QueryColumns& part : there)
                        if (part.splats) part.splats = &own(*part.splats).on(cpu);
                    far = cpu.outputs(there, out, work);
                });
        return far;
    }

    static std::vector<std::uint32_t> outputs_on_card(Card& card,
                                                      std::span<const QueryColumns> parts,
                                                      MatrixView<float> out, const Work& work) {
        std::size_t columns = 0;
        std::size_t dimension = 0;
        for (const QueryColumns& part : parts) {
            columns += part.shift.size();
            dimension = std::max(dimension, part.x.cols);
        }
        Matrix<float> means(columns, out.cols);
        std::size_t row = 0;
        for (const QueryColumns& part : parts)
            for (std::size_t s = 0; s < part.shift.size(); ++s)
                std::copy_n(part.means.row(s).begin(), out.cols, means.row(row++).begin());
        const std::size_t block = card.rows_at_once(columns + dimension + out.cols);
        std::vector<std::uint32_t> far;
        for (std::size_t begin = 0; begin < out.rows; begin += block) {
            work.check();
            const std::size_t end = std::min(out.rows, begin + block);
            std::size_t first = 0;
            for (const QueryColumns& part : parts) {
                if (part.splats)
                    card.log_kernel(own(*part.splats).forms(), own(*part.splats).sent(),
                                    part.x.block(begin, end), columns, first, part.shift);
                else card.fill_kernel(end - begin, columns, first, part.shift.front());
                first += part.shift.size();
            }
            for (const std::uint32_t i : card.softmax(end - begin, columns))
                far.push_back(static_cast<std::uint32_t>(begin + i));
            card.multiply(end - begin, columns, means.view(), out.block(begin, end));
        }
        return far;
    }

    mutable std::mutex mutex_;  // guards all that follows
    std::unique_ptr<Card> card_;
    std::function<void()> before_operation_;
    std::unique_ptr<Backend> cpu_;  // from the card's failure on
    std::string why_;
    std::string failure_;  // ... and all that is to be said of it
};

}  // namespace

std::unique_ptr<Backend> make_card_backend(std::unique_ptr<Card> card,
                                           std::function<void()> before_operation) {
    const std::string what = fmt::format("{} on {} is not used", card->name(), card->device());
    auto backend = std::make_unique<CardBackend>(std::move(card));
    try {
        check_against_cpu(*backend);
    } catch (const Error& error) {
        fail("{}: {}.", what, error.what());
    }
    if (const std::string why = backend->why(); !why.empty()) fail("{}: {}.", what, why);
    backend->call_before(std::move(before_operation));
    return backend;
}

}  // namespace hsa
