// How well splats stand for every head of a model: one window of each text, beside other methods.
// Usage: heads MODEL TEXT... [--steps N] [--window N]; MODEL is a folder or a name (find_model.h).
#include "bench/bench/peers/clustered_queries.h"
#include "bench/bench/peers/favor.h"
#include "bench/bench/peers/nystrom.h"
#include "bench/bench/peers/quality.h"
#include "bench/bench/table.h"
#include "bench/guarded.h"
#include "engine/compute/backend.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/embed/find_model.h"
#include "engine/embed/head.h"
#include "engine/embed/model_text.h"
#include "engine/fit/drawn_rows.h"
#include "engine/fit/fit.h"
#include "engine/io/file.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace {

using hsa::Matrix;

constexpr std::size_t kSplats = 64;
constexpr double kWorst = std::numeric_limits<double>::infinity();

// real-heads.md 3: a window of 4, 4 anchors and the tokens of the two best splats.
hsa::NearOptions near_set() { return {4, 3, 12, 8, false}; }

struct HeadResult {
    std::string name;
    double kl = 0.0;         // any row may be drawn: the better of both forms
    double shared_kl = 0.0;  // without the near set, form shared
    double output = 0.0;
    double pairs = 0.0;      // exact ones a row
    double unseen_kl = 0.0;  // on rows never drawn, the form chosen by rows to stop by
    double favor = 0.0;
    double nystrom = 0.0;
    double clustered = 0.0;
    hsa::Form form = hsa::Form::shared;
};

double favor_kl(const hsa::Head& head, const hsa::ExactRows& exact) {
    double best = kWorst;
    for (const hsa_bench::FavorForm form : hsa_bench::kFavorForms)
        best = std::min(best,
                        hsa_bench::quality_of(exact, favor_rows(head, exact.rows, kSplats, form, 1),
                                              Matrix<float>(head.tokens(), 1), 1)
                            .kl);
    return best;
}

double nystrom_kl(const hsa::Head& head, const hsa::ExactRows& exact) {
    double best = kWorst;
    for (const auto form : {hsa_bench::NystromForm::softmax, hsa_bench::NystromForm::kernel}) {
        const hsa_bench::Nystrom nystrom(head, exact.rows, kSplats, form, 1);
        for (const double ridge : {0.3, 0.1, 0.03, 1e-2, 1e-3, 1e-4, 1e-6}) {
            const Matrix<float> rows = nystrom.rows(ridge);
            for (const double floor : {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1})
                best = std::min(best,
                                hsa_bench::quality_of(exact, hsa_bench::positive_rows(rows, floor),
                                                      Matrix<float>(head.tokens(), 1), 1)
                                    .kl);
        }
    }
    return best;
}

HeadResult measure(hsa::Backend& backend, const std::shared_ptr<const hsa::HeadRows>& rows,
                   std::size_t steps) {
    hsa::Dataset data;
    data.head = rows;
    const hsa::Coordinates coordinates = hsa::head_coordinates(data, 1);
    const auto target = hsa::make_target(data, coordinates, {});
    const hsa::Head head{coordinates, *target, rows->values.view()};
    hsa::FitOptions options;
    options.start.splats = kSplats;
    options.start.kind = hsa::CovarianceKind::diagonal;
    options.steps = steps;
    options.near = near_set();
    HeadResult result;
    // Any row may be drawn, 64 a step; measured on all rows.
    result.kl = kWorst;
    options.apart = false;
    for (const hsa::Form form : {hsa::Form::shared, hsa::Form::paired}) {
        options.form = form;
        const hsa::Fit fit = hsa::fit(backend, head, options, {});
        if (fit.report.reached.loss.kl >= result.kl) continue;
        result.kl = fit.report.reached.loss.kl;
        result.output = fit.report.reached.output_error();
        result.form = form;
        const hsa::Head whole = hsa::with_near(head, options.near);
        const hsa::ExactRows all =
            hsa::exact_rows(head, hsa::fit_rows(head.tokens(), false, 1).free);
        const hsa::DrawnRows drawn = hsa::drawn_rows(backend, fit.registry, whole, all, false, {});
        result.pairs = static_cast<double>(drawn.set.pairs()) / static_cast<double>(head.tokens());
    }
    options.near = {};
    options.form = hsa::Form::shared;
    result.shared_kl = hsa::fit(backend, head, options, {}).report.reached.loss.kl;
    // Rows kept apart; which form is said by the rows to stop by.
    options.near = near_set();
    options.apart = true;
    double stop = kWorst;
    for (const hsa::Form form : {hsa::Form::shared, hsa::Form::paired}) {
        options.form = form;
        const hsa::Fit fit = hsa::fit(backend, head, options, {});
        const hsa::Head whole = hsa::with_near(head, options.near);
        const double kl =
            hsa::measure_fit(backend, fit.registry, whole,
                             hsa::exact_rows(head, hsa::fit_rows(head.tokens(), true, 1).stop), {})
                .loss.kl;
        if (kl >= stop) continue;
        stop = kl;
        result.unseen_kl = fit.report.reached.loss.kl;
    }
    const hsa::ExactRows exact = hsa::exact_rows(head, hsa::fit_rows(head.tokens(), false, 1).free);
    result.favor = favor_kl(head, exact);
    result.nystrom = nystrom_kl(head, exact);
    result.clustered = hsa_bench::quality_of(
                           exact, hsa_bench::clustered_query_rows(head, exact.rows, kSplats, 0, 1),
                           Matrix<float>(head.tokens(), 1), 1)
                           .kl;
    return result;
}

double share_of(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

std::vector<double> column(const std::vector<HeadResult>& all, double HeadResult::*value) {
    std::vector<double> values(all.size());
    for (std::size_t h = 0; h < all.size(); ++h) values[h] = all[h].*value;
    return values;
}

std::size_t at_most(const std::vector<double>& values, double bound) {
    return static_cast<std::size_t>(
        std::count_if(values.begin(), values.end(), [&](double v) { return v <= bound; }));
}

// The text's first window, as the model reads it.
std::vector<HeadResult> measure_text(hsa::Backend& backend,
                                     const std::shared_ptr<const hsa::TextModel>& model,
                                     const std::string& path, std::size_t window,
                                     std::size_t steps) {
    auto text = std::make_shared<const std::string>(hsa::read_file(path));
    const hsa::Dataset all = hsa::split_pieces(path, text, *model->tokenizer, {});
    std::vector<std::uint32_t> ids = all.piece_ids;
    if (ids.size() > window - 2) ids.resize(window - 2);
    const hsa::ModelStates states(
        model->transformer, hsa::cut_windows(ids, {window, window, model->first, model->last}),
        nullptr);
    const hsa::TransformerShape& shape = model->transformer->shape;
    std::vector<HeadResult> results(shape.layers * shape.heads);
    for (std::size_t layer = 0; layer < shape.layers; ++layer) {
        (void)states.head(layer, 0, {});
        hsa::parallel_for(shape.heads, [&](std::size_t h) {
            HeadResult& result = results[layer * shape.heads + h];
            result = measure(backend, states.head(layer, h, {}), steps);
            result.name = fmt::format("{}.{}", layer, h);
        });
        fmt::print(stderr, "layer {} of {}\n", layer + 1, shape.layers);
    }
    return results;
}

void print_text(const std::string& path, const std::vector<HeadResult>& all) {
    using hsa_bench::shown;
    const std::vector<double> kl = column(all, &HeadResult::kl);
    const std::vector<double> unseen = column(all, &HeadResult::unseen_kl);
    const std::vector<double> shared = column(all, &HeadResult::shared_kl);
    const auto worst =
        std::max_element(all.begin(), all.end(),
                         [](const HeadResult& a, const HeadResult& b) { return a.kl < b.kl; });
    fmt::print("### {}: {} heads\n\n", path, all.size());
    hsa_bench::Table table({"k = 64", "measured", "to reach"});
    table.row({"exact pairs a row, mean; most",
               fmt::format("{:.1f}; {:.1f}", share_of(column(all, &HeadResult::pairs), 0.5),
                           share_of(column(all, &HeadResult::pairs), 1.0)),
               "28"});
    table.row({"row-KL: median, p90, worst",
               fmt::format("{}, {}, {} (head {})", shown(share_of(kl, 0.5)),
                           shown(share_of(kl, 0.9)), shown(worst->kl), worst->name),
               ".025, .055, .12"});
    table.row({"heads at most .1; at most .05",
               fmt::format("{}; {}", at_most(kl, 0.1), at_most(kl, 0.05)), "70; 69 (300 steps)"});
    table.row(
        {"output error, median", shown(share_of(column(all, &HeadResult::output), 0.5)), ".06"});
    table.row({"rows never drawn: median, heads at most .1",
               fmt::format("{}, {} of {}", shown(share_of(unseen, 0.5)), at_most(unseen, 0.1),
                           unseen.size()),
               ".04, 10 of 12"});
    const double fit = share_of(shared, 0.5);
    const auto peer = [&](const char* name, double HeadResult::*value, const char* wanted) {
        const double median = share_of(column(all, value), 0.5);
        table.row({fmt::format("{}: median row-KL; over the shared fit's {}", name, shown(fit)),
                   fmt::format("{}; {:.1f} x", shown(median), median / fit), wanted});
    };
    peer("FAVOR+", &HeadResult::favor, "20 x");
    peer("Nystrom", &HeadResult::nystrom, "8 x");
    peer("clustered queries", &HeadResult::clustered, "");
    const auto paired = std::count_if(all.begin(), all.end(), [](const HeadResult& one) {
        return one.form == hsa::Form::paired;
    });
    table.row({"form paired better than shared", fmt::format("{} heads", paired), ""});
    table.print();
    fmt::print("\n");
}

}  // namespace

int main(int argc, char** argv) {
    return guarded("heads", [&] {
        std::vector<std::string> words;
        std::size_t steps = 100;
        std::size_t window = 256;
        for (int a = 1; a < argc; ++a) {
            const std::string word = argv[a];
            if ((word == "--steps" || word == "--window") && a + 1 < argc)
                (word == "--steps" ? steps : window) =
                    static_cast<std::size_t>(std::stoul(argv[++a]));
            else words.push_back(word);
        }
        if (words.size() < 2 || window < 3)
            hsa::fail("Usage: heads MODEL TEXT... [--steps N] [--window N].");
        const auto model = hsa::read_text_model(hsa::need_model(words[0]), {});
        std::vector<std::string> notes;
        const auto backend = hsa::make_backend("auto", notes);
        fmt::print("## heads: {}, windows of {} tokens, {} steps of 64 drawn rows\n\n", words[0],
                   window, steps);
        for (std::size_t t = 1; t < words.size(); ++t)
            print_text(words[t], measure_text(*backend, model, words[t], window, steps));
    });
}
