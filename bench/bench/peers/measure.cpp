#include "bench/bench/peers/measure.h"

#include "bench/bench/peers/cells.h"
#include "bench/bench/peers/clustered_queries.h"
#include "bench/bench/peers/favor.h"
#include "bench/bench/peers/kl_nmf.h"
#include "bench/bench/peers/linear_attention.h"
#include "bench/bench/peers/nystrom.h"
#include "bench/bench/peers/window_chunks.h"
#include "bench/bench/peers/worlds.h"
#include "engine/attention/factors.h"
#include "engine/compute/backend.h"
#include "engine/core/gather.h"
#include "engine/core/products.h"
#include "engine/fit/closed_form.h"
#include "engine/fit/drawn_rows.h"
#include "engine/fit/fit.h"
#include "engine/fit/signed_core.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace hsa_bench {
namespace {

using hsa::Matrix;

constexpr std::size_t kExactKeys = 32;
constexpr std::size_t kSteps = 300;
constexpr std::size_t kManyRows = 128;  // drawn a step: fewer leave peaked heads short of columns
constexpr double kOutputWeight = 10.0;
constexpr double kRest = 1e-3;
constexpr std::array<double, 6> kFloors = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1};
constexpr std::size_t kMostRounds = 2000;
constexpr double kWorst = std::numeric_limits<double>::infinity();
constexpr Quality kNothing{kWorst, kWorst, kWorst};

// At most kExactKeys pairs a row: the window's, and of so many best splats as share the rest among
// the tokens of a splat of middling size.
hsa::NearOptions near_within(std::size_t window, const PeerProblem& problem) {
    const std::size_t left = kExactKeys - 1 - 2 * window;
    const std::size_t splats =
        std::clamp<std::size_t>(left * problem.columns / problem.tokens, window > 1 ? 1 : 2, 8);
    hsa::NearOptions near;
    near.window = window;
    near.near = splats;
    near.near_limit = left / splats;
    return near;
}

class Bench {
  public:
    explicit Bench(const PeerProblem& problem)
        : problem_(problem),
          world_(make_world(problem.world, problem.tokens, problem.sharpness, problem.seed)),
          head_(world_.head()),
          sets_(hsa::fit_rows(problem.tokens, true, problem.seed)),
          exact_(hsa::exact_rows(head_, sets_.report)),
          stop_(hsa::exact_rows(head_, sets_.stop)) {
        std::vector<std::string> notes;
        backend_ = hsa::make_backend("auto", notes);
    }

    [[nodiscard]] double entropy() const {
        double sum = 0.0;
        for (std::size_t e = 0; e < exact_.target.size(); ++e) {
            const auto t = static_cast<double>(exact_.target.data()[e]);
            if (t > 0.0) sum -= t * std::log(t);
        }
        return sum / static_cast<double>(exact_.rows.size());
    }

    [[nodiscard]] Quality favor_features() const {
        Quality best = kNothing;
        for (const FavorForm form : kFavorForms)
            best = best_of(best, quality(favor_rows(head_, exact_.rows, problem_.columns, form,
                                                    problem_.seed)));
        return best;
    }
    [[nodiscard]] Quality linear_features() const {
        Quality best = kNothing;
        for (const double scale : {0.5, 1.0, 2.0, 4.0, 8.0})
            best = best_of(best, quality(linear_attention_rows(head_, exact_.rows, scale)));
        return best;
    }
    [[nodiscard]] Quality window_and_chunks() const {
        Quality best = kNothing;
        for (const std::size_t quarters : {1U, 2U, 3U}) {
            const std::size_t chunks = problem_.columns * quarters / 4;
            best = best_of(best, quality(window_chunk_rows(head_, exact_.rows,
                                                           problem_.columns - chunks, chunks)));
        }
        return best;
    }
    [[nodiscard]] Quality clustered_queries(std::size_t exact_keys) const {
        return quality(
            clustered_query_rows(head_, exact_.rows, problem_.columns, exact_keys, problem_.seed));
    }
    [[nodiscard]] Quality landmarks() const {
        Quality best = kNothing;
        for (const NystromForm form : {NystromForm::softmax, NystromForm::kernel}) {
            const Nystrom nystrom(head_, exact_.rows, problem_.columns, form, problem_.seed);
            for (const double ridge : {0.3, 0.1, 0.03, 1e-2, 1e-3, 1e-4, 1e-6}) {
                const Matrix<float> rows = nystrom.rows(ridge);
                Quality as_it_is = quality(rows);
                as_it_is.kl = kWorst;  // of negative entries there is none
                best = best_of(best, as_it_is);
                for (const double floor : kFloors)
                    best = best_of(best, quality(positive_rows(rows, floor)));
            }
        }
        return best;
    }

    [[nodiscard]] hsa::SplatRegistry closed_splats() const {
        return hsa::closed_form(
            *backend_, head_,
            hsa::exact_rows(head_, hsa::rows_of_step(sets_.free, 64, problem_.seed, 0)), start(),
            {});
    }

    // Splats and what they keep exactly.
    struct Splats {
        hsa::SplatRegistry registry;
        hsa::NearOptions near;
    };
    // The best of some by the rows that fits stop by, for KL and for outputs.
    struct Best {
        Splats by_kl;
        Splats by_output;
    };

    // Or the closed form. The measured rows are never drawn.
    [[nodiscard]] Best fit_unseen() const {
        hsa::FitOptions shared = options();
        hsa::FitOptions paired = shared;
        paired.form = hsa::Form::paired;
        shared.apart = paired.apart = true;
        return best({{closed_splats(), {}}, fit(shared), fit(paired)});
    }
    // Or the closed form. Any row may be drawn.
    [[nodiscard]] Best fit_all() const {
        hsa::FitOptions for_kl = options();
        for_kl.rows = kManyRows;
        hsa::FitOptions for_output = options();
        for_output.output_weight = kOutputWeight;
        return best({{closed_splats(), {}}, fit(for_kl), fit(for_output)});
    }
    // Any row may be drawn. By content and by position.
    [[nodiscard]] Best fit_near() const {
        std::vector<Splats> fits;
        for (const std::size_t window : {1U, 8U}) {
            hsa::FitOptions beside = options();
            beside.near = near_within(window, problem_);
            fits.push_back(fit(beside));
        }
        return best(fits);
    }

    [[nodiscard]] Quality of_splats(const Best& best) const {
        const Quality kl = quality(rows_of(best.by_kl));
        const Quality output = quality(rows_of(best.by_output));
        return {kl.kl, output.output, output.noise};
    }

    // P C K of the splats that are best by outputs; the core has not seen the measured rows either.
    // Its KL as Nystrom's, negative entries clipped.
    [[nodiscard]] Quality with_core(const Best& best) const {
        const hsa::Factors factors =
            hsa::compute_factors(*backend_, best.by_output.registry, head_.coordinates, {}, {});
        const hsa::SignedCore core =
            hsa::fit_signed_core(factors, *world_.target, head_.values, problem_.seed, {});
        const Matrix<float> p = hsa::gather_rows(factors.p.values().view(), exact_.rows);
        Matrix<float> pc(p.rows(), p.cols());
        hsa::multiply(p.view(), core.c.view(), pc.view());
        Matrix<float> a(p.rows(), problem_.tokens);
        hsa::multiply_transposed(std::as_const(pc).view(), factors.k.values().view(), a.view());
        Quality quality = this->quality(a);
        quality.kl = kWorst;
        for (const double floor : kFloors)
            quality.kl = std::min(quality.kl, this->quality(positive_rows(a, floor)).kl);
        return quality;
    }

    // From the fit and from k-means, the better of the two.
    [[nodiscard]] Quality least(const hsa::SplatRegistry& from) const {
        std::vector<std::uint32_t> all(problem_.tokens);
        std::iota(all.begin(), all.end(), 0U);
        const Matrix<float> target = hsa::exact_rows(head_, all).target;
        const hsa::Factors factors =
            hsa::compute_factors_of_queries(*backend_, from, head_.coordinates, all, {}, {});
        Matrix<float> h(factors.columns(), all.size());
        for (std::size_t j = 0; j < h.cols(); ++j)
            for (std::size_t s = 0; s < h.rows(); ++s) h(s, j) = factors.k(j, s);
        const Quality own =
            of_nmf(kl_nmf(target, factors.p.values(), std::move(h), kRest, kMostRounds));

        const Cells cells = cells_of(queries_of(head_), problem_.columns, problem_.seed);
        const std::size_t k = cells.mean.rows();
        constexpr float kOwn = 0.8F;
        Matrix<float> w(all.size(), k, (1.0F - kOwn) / static_cast<float>(k));
        Matrix<float> mean(k, all.size(), 1e-6F);
        for (const std::uint32_t i : all) {
            w(i, cells.label[i]) += kOwn;
            for (std::size_t j = 0; j < all.size(); ++j) mean(cells.label[i], j) += target(i, j);
        }
        for (std::size_t s = 0; s < k; ++s) {
            float sum = 0.0F;
            for (const float x : mean.row(s)) sum += x;
            for (float& x : mean.row(s)) x /= sum;
        }
        return best_of(own,
                       of_nmf(kl_nmf(target, std::move(w), std::move(mean), kRest, kMostRounds)));
    }

  private:
    [[nodiscard]] Quality quality(const Matrix<float>& a) const {
        return quality_of(exact_, a, world_.values, world_.grouped);
    }
    [[nodiscard]] hsa::StartOptions start() const {
        hsa::StartOptions start;
        start.splats = problem_.columns;
        start.seed = problem_.seed;
        return start;
    }
    [[nodiscard]] hsa::FitOptions options() const {
        hsa::FitOptions options;
        options.start = start();
        options.steps = kSteps;
        options.apart = false;
        return options;
    }
    [[nodiscard]] Splats fit(const hsa::FitOptions& options) const {
        return {hsa::fit(*backend_, head_, options, {}).registry, options.near};
    }
    [[nodiscard]] hsa::Head beside(const hsa::NearOptions& near) const {
        return near.any() ? hsa::with_near(head_, near) : head_;
    }
    [[nodiscard]] Best best(const std::vector<Splats>& all) const {
        Best best;
        hsa::FitLoss least{kWorst, kWorst};
        for (const Splats& one : all) {
            const hsa::FitLoss loss =
                hsa::measure_fit(*backend_, one.registry, beside(one.near), stop_, {}).loss;
            if (loss.kl < least.kl) best.by_kl = one;
            if (loss.output < least.output) best.by_output = one;
            least = {std::min(least.kl, loss.kl), std::min(least.output, loss.output)};
        }
        return best;
    }
    [[nodiscard]] Matrix<float> rows_of(const Splats& splats) const {
        return hsa::drawn_rows(*backend_, splats.registry, beside(splats.near), exact_, false, {})
            .a;
    }
    [[nodiscard]] Quality of_nmf(const KlNmf& nmf) const {
        const Matrix<float> w = hsa::gather_rows(nmf.w.view(), exact_.rows);
        Matrix<float> a(w.rows(), problem_.tokens);
        hsa::multiply(w.view(), nmf.h.view(), a.view());
        return quality(a);
    }

    PeerProblem problem_;
    World world_;
    hsa::Head head_;
    hsa::FitRows sets_;
    hsa::ExactRows exact_;  // never drawn, unless any row may be
    hsa::ExactRows stop_;
    std::unique_ptr<hsa::Backend> backend_;
};

}  // namespace

const char* name_of(Method method) {
    static constexpr std::array<const char*, kMethods> kNames = {
        "FAVOR+",         "linear",      "window + chunks",  "clustered",   "clustered + 32 keys",
        "Nystrom",        "closed form", "fit, rows unseen", "signed core", "fit",
        "fit + 32 pairs", "KL-NMF"};
    return kNames[static_cast<std::size_t>(method)];
}

namespace {

// Fills in what needs no exact pairs beside k columns; the fit that may draw any row.
Bench::Best without_near(const Bench& bench, Measured& measured) {
    measured.of(Method::nystrom) = bench.landmarks();
    const Bench::Splats by_formula{bench.closed_splats(), {}};
    measured.of(Method::closed) = bench.of_splats({by_formula, by_formula});
    const Bench::Best unseen = bench.fit_unseen();
    measured.of(Method::unseen) = bench.of_splats(unseen);
    measured.of(Method::core) = bench.with_core(unseen);
    Bench::Best fitted = bench.fit_all();
    measured.of(Method::fitted) = bench.of_splats(fitted);
    return fitted;
}

Measured unmeasured(const Bench& bench) {
    Measured measured;
    measured.entropy = bench.entropy();
    measured.all.fill(kNothing);
    return measured;
}

}  // namespace

Measured measure_diffuse(const PeerProblem& problem) {
    const Bench bench(problem);
    Measured measured = unmeasured(bench);
    (void)without_near(bench, measured);
    return measured;
}

Measured measure(const PeerProblem& problem, bool with_least) {
    const Bench bench(problem);
    Measured measured = unmeasured(bench);
    measured.of(Method::favor) = bench.favor_features();
    measured.of(Method::linear) = bench.linear_features();
    measured.of(Method::window) = bench.window_and_chunks();
    measured.of(Method::clustered) = bench.clustered_queries(0);
    measured.of(Method::improved) = bench.clustered_queries(kExactKeys);
    const Bench::Best fitted = without_near(bench, measured);
    measured.of(Method::near) = bench.of_splats(bench.fit_near());
    if (with_least) measured.of(Method::least) = bench.least(fitted.by_kl.registry);
    return measured;
}

}  // namespace hsa_bench
