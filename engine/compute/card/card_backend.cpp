#include "engine/compute/card/card_backend.h"

#include "engine/compute/card/card_forward.h"
#include "engine/compute/card/card_rows.h"
#include "engine/compute/card/card_splats.h"
#include "engine/compute/card/card_uploads.h"
#include "engine/compute/card/finite.h"
#include "engine/compute/card/self_check.h"
#include "engine/compute/cpu/cpu_backend.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/range.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
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

    [[nodiscard]] bool has(RowPass pass) const override {
        const std::lock_guard lock(mutex_);
        return !cpu_ && card_->has(pass);
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
        // Slopes of outputs are for callers of the library: nothing in the program asks for them.
        for (const RowPass pass : kRowPasses)
            if (pass != RowPass::slopes && !card_->has(pass))
                info.on_cpu.emplace_back(words_of(pass));
        if (no_room_)
            info.on_cpu.push_back(fmt::format("{} (the card had no room for their rows)",
                                              words_of(RowPass::rectangles)));
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
            bool freed = false;
            while (!cpu_) {
                try {
                    if (before_operation_) before_operation_();
                    on_card(*card_);
                    card_->went_well();
                    return;
                } catch (const CardFull& full) {
                    // Rows from before may be what there is too little room beside.
                    const bool held = !uploads_.empty();
                    uploads_ = {};
                    if (!card_->take_smaller_blocks() && (freed || !held)) give_up(full);
                    freed = true;
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
        uploads_ = {};
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
                read_while_computing(card, x.rows, k, x.cols, out, [&](Range rows) {
                    const auto sent = uploads_.rows(card, x.block(rows.begin, rows.end));
                    card.log_kernel(bound.forms(), bound.sent(), *sent, rows.size(), k, 0);
                });
            },
            [&](Backend& cpu) { cpu.log_kernel(bound.on(cpu), x, out); });
    }

    void do_tile_exponentials(const BoundSplats& splats, MatrixView<const float> x,
                              std::span<const float> log_row_weight, MatrixView<float> out,
                              MatrixView<float> most, MatrixView<double> sums) override {
        expect_finite(x, "tokens");
        const CardSplats& bound = own(splats);
        const std::size_t k = bound.splats();
        compute(
            [&](Card& card) {
                const auto first = [](Range rows) { return rows.begin / kKernelTile; };
                const auto last = [](Range rows) {
                    return (rows.end + kKernelTile - 1) / kKernelTile;
                };
                const auto form = [&](Range rows) {
                    const auto sent = uploads_.rows(card, x.block(rows.begin, rows.end));
                    card.log_kernel(bound.forms(), bound.sent(), *sent, rows.size(), k, 0);
                };
                const auto finish = [&](Range rows) {
                    card.exponentials(rows.size(), k, rows_of(log_row_weight, rows.begin, rows.end),
                                      most.block(first(rows), last(rows)),
                                      sums.block(first(rows), last(rows)));
                };
                read_while_computing(card, x.rows, k, x.cols, out, form, finish);
            },
            [&](Backend& cpu) {
                cpu.tile_exponentials(bound.on(cpu), x, log_row_weight, out, most, sums);
            });
    }

    // Blocks of ell [rows, k], which `form` computes on the card and `finish` goes on with: each is
    // read while the next is formed.
    template <class Form, class Finish = void (*)(Range)>
    static void read_while_computing(
        Card& card, std::size_t rows, std::size_t k, std::size_t dimension, MatrixView<float> out,
        Form form, Finish finish = [](Range) {}) {
        constexpr std::size_t kTurns = 4;  // that a call is cut into, where it is long enough
        const std::size_t turn = (rows / kTurns + kChunkRows - 1) / kChunkRows * kChunkRows;
        const std::size_t block =
            std::min(card.rows_at_once(2 * k + dimension), std::max(turn, kChunkRows));
        Range before;
        const auto read = [&] {
            if (!before.empty())
                card.read_kept(before.size(), k, out.block(before.begin, before.end));
        };
        for (std::size_t begin = 0; begin < rows; begin += block) {
            const Range own{begin, std::min(rows, begin + block)};
            form(own);
            read();
            finish(own);
            card.keep_kernel();
            before = own;
        }
        read();
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
                const MatrixView<const float> none(nullptr, x.rows, 0);
                logs =
                    sums_on_card(card, uploads_, bound, x, log_row_weight, none, work).mass.logs();
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
                total = sums_on_card(card, uploads_, bound, x, log_row_weight, values, work);
            },
            [&](Backend& cpu) {
                total = cpu.key_sums(bound.on(cpu), x, log_row_weight, values, work);
            });
        return total;
    }

    std::vector<std::uint32_t> do_outputs(std::span<const QueryColumns> parts,
                                          MatrixView<float> out, const Work& work) override {
        for (const QueryColumns& part : parts) {
            if (part.splats) expect_finite(part.x, "tokens");
            expect_finite(part.means, "values of splats");
        }
        std::vector<std::uint32_t> far;
        compute([&](Card& card) { far = outputs_on_card(card, uploads_, parts, out, work); },
                [&](Backend& cpu) {
                    std::vector<QueryColumns> there(parts.begin(), parts.end());
                    for (QueryColumns& part : there)
                        if (part.splats) part.splats = &own(*part.splats).on(cpu);
                    far = cpu.outputs(there, out, work);
                });
        return far;
    }

    void do_best_splats(std::span<const ScoredColumns> parts, std::span<const float> shift,
                        const BestColumns& out, const Work& work) override {
        for (const ScoredColumns& part : parts) expect_finite(part.x, "tokens");
        // A card scores columns that lie side by side: splats of levels whose ids alternate are
        // chosen on the CPU, of log kernels from the card.
        for (const ScoredColumns& part : parts)
            if (!part.column.empty() &&
                part.column.back() - part.column.front() + 1 != part.column.size()) {
                Backend::do_best_splats(parts, shift, out, work);
                return;
            }
        compute([&](Card& card) { best_on_card(card, uploads_, parts, shift, out, work); },
                [&](Backend& cpu) {
                    std::vector<ScoredColumns> there(parts.begin(), parts.end());
                    for (ScoredColumns& part : there) part.splats = &own(*part.splats).on(cpu);
                    cpu.best_splats(there, shift, out, work);
                });
    }

    void do_cells(MatrixView<const float> p, MatrixView<const float> k, MatrixView<float> out,
                  const Work& work) override {
        expect_finite(p, "shares of tokens");
        expect_finite(k, "shares of keys");
        compute(
            [&](Card& card) {
                const std::size_t width = card.rows_at_once(p.cols);  // of keys
                for (std::size_t first = 0; first < k.rows; first += width) {
                    const std::size_t last = std::min(k.rows, first + width);
                    const auto keys = uploads_.rows(card, k.block(first, last));
                    const std::size_t block = card.rows_at_once(p.cols + last - first);
                    for (std::size_t begin = 0; begin < p.rows; begin += block) {
                        const std::size_t end = std::min(p.rows, begin + block);
                        const MatrixView<float> some(&out(begin, first), end - begin, last - first,
                                                     out.stride);
                        if (begin > 0 && work.late()) {
                            for (std::size_t i = 0; i < some.rows; ++i)
                                std::fill(some.row(i).begin(), some.row(i).end(),
                                          std::numeric_limits<float>::quiet_NaN());
                            continue;
                        }
                        const auto rows = uploads_.rows(card, p.block(begin, end));
                        card.cells(*rows, *keys, p.cols, some);
                    }
                }
            },
            [&](Backend& cpu) { cpu.cells(p, k, out, work); });
    }

    bool do_rectangle_means(const RangesOfRows& p, const RangesOfRows& k,
                            std::span<const std::uint32_t> chosen, MatrixView<float> out,
                            const Work& work) override {
        return on_card_alone([&](Card& card) {
            try {
                const bool made = rectangles_on_card(card, uploads_, p, k, chosen, out, work);
                if (made) no_room_ = false;
                return made;
            } catch (const CardFull&) {
                // A picture is the CPU's where there is no room for its rows: what other operations
                // have here, and the size of their blocks, are not its business.
                uploads_.forget_kept();
                card.drop_blocks();
                no_room_ = true;
                return false;
            }
        });
    }

    bool do_moments(MatrixView<const float> weight, MatrixView<const float> beside,
                    MatrixView<double> out, const Work& work) override {
        expect_finite(weight, "weights of rows");
        expect_finite(beside, "rows");
        return on_card_alone([&](Card& card) {
            moments_on_card(card, weight, beside, out, work);
            return true;
        });
    }

    bool do_compare_rows(const ComparedRows& rows, const RowComparison& out,
                         const Work& work) override {
        if (!has(RowPass::comparison)) return false;
        expect_finite(rows.weight, "shares of tokens");
        expect_finite(rows.target, "target rows");
        expect_finite(rows.splats != nullptr ? rows.x : rows.keys, "keys");
        if (!out.moments.empty()) {  // the square of a finite number may not be
            expect_finite(out.share, "weights of rows");
            expect_finite(out.beside, "rows");
        }
        const CardSplats* splats = rows.splats != nullptr ? &own(*rows.splats) : nullptr;
        return on_card_alone([&](Card& card) {
            compare_on_card(card, uploads_, rows, splats, out, work);
            return true;
        });
    }

    bool do_past_outputs(const PastRows& rows, MatrixView<float> out, const Work& work) override {
        if (!has(RowPass::past)) return false;
        expect_finite(rows.weight, "shares of tokens");
        expect_finite(rows.keys, "shares of keys");
        expect_finite(rows.values, "values");
        return on_card_alone([&](Card& card) {
            past_on_card(card, rows, out, work);
            return true;
        });
    }

    bool do_score_totals(const ScoredRows& rows, std::span<double> out, const Work& work) override {
        if (!has(RowPass::totals)) return false;
        expect_finite(rows.queries, "queries");
        expect_finite(rows.keys, "keys");
        return on_card_alone([&](Card& card) {
            totals_on_card(card, rows, out, work);
            return true;
        });
    }

    bool do_slopes(const SlopeRows& rows, const SlopeSums& out, const Work& work) override {
        if (!has(RowPass::slopes)) return false;
        expect_finite(rows.p, "shares of tokens");
        expect_finite(rows.k, "shares of keys");
        expect_finite(rows.d_outputs, "slopes of outputs");
        expect_finite(rows.values, "values");
        expect_finite(out.beside, "rows");
        return on_card_alone([&](Card& card) {
            slopes_on_card(card, rows, out, work);
            return true;
        });
    }

    // What the CPU does elsewhere: whether the card did it.
    template <class OnCard>
    bool on_card_alone(OnCard on_card) {
        bool done = false;
        compute([&](Card& card) { done = on_card(card); }, [&](Backend&) { done = false; });
        return done;
    }

    mutable std::mutex mutex_;  // guards all that follows
    std::unique_ptr<Card> card_;
    CardUploads uploads_;  // on the card
    std::function<void()> before_operation_;
    std::unique_ptr<Backend> cpu_;  // from the card's failure on
    std::string why_;
    std::string failure_;   // ... and all that is to be said of it
    bool no_room_ = false;  // for the rows of the last picture
};

}  // namespace

std::unique_ptr<Backend> make_card_backend(std::unique_ptr<Card> card,
                                           std::function<void()> before_operation, bool checked) {
    const std::string what = fmt::format("{} on {} is not used", card->name(), card->device());
    auto backend = std::make_unique<CardBackend>(std::move(card));
    try {
        if (checked) check_against_cpu(*backend);
    } catch (const Error& error) {
        fail("{}: {}.", what, error.what());
    }
    if (const std::string why = backend->why(); !why.empty()) fail("{}: {}.", what, why);
    backend->call_before(std::move(before_operation));
    return backend;
}

}  // namespace hsa
