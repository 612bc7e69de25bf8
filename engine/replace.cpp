#include "engine/replace.h"

#include "engine/attention/cells.h"
#include "engine/attention/factors.h"
#include "engine/attention/far_mass.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/embed/head.h"
#include "engine/embed/transformer_layers.h"
#include "engine/head_fits.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace hsa {
namespace {

// The windows that are run and their rows one after another.
struct Rows {
    std::vector<std::size_t> windows;  // of all windows of the text
    std::vector<std::size_t> begin;    // [windows + 1]
    std::vector<std::uint32_t> ids;
    std::vector<std::size_t> row;  // [rows] among the rows of all windows
};

Rows rows_of(const TokenWindows& all) {
    Rows rows;
    const std::size_t count = std::min(kReplaceWindows, all.windows());
    rows.begin.push_back(0);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t w = (2 * i + 1) * all.windows() / (2 * count);
        rows.windows.push_back(w);
        for (std::size_t r = all.begin[w]; r < all.begin[w + 1]; ++r) {
            rows.ids.push_back(all.ids[r]);
            rows.row.push_back(r);
        }
        rows.begin.push_back(rows.ids.size());
    }
    return rows;
}

// Queries, keys and values of a head in some rows of a layer's projections.
std::shared_ptr<const HeadRows> head_rows(const TransformerShape& shape,
                                          MatrixView<const float> projected, std::size_t head) {
    const std::size_t size = shape.head_size();
    const auto part = [&](std::size_t third) {
        Matrix<float> made = Matrix<float>::unwritten(projected.rows, size);
        for (std::size_t r = 0; r < made.rows(); ++r) {
            const auto from = projected.row(r).subspan(third * shape.hidden + head * size, size);
            std::copy(from.begin(), from.end(), made.row(r).begin());
        }
        return made;
    };
    return std::make_shared<const HeadRows>(HeadRows{part(0), part(1), part(2)});
}

std::shared_ptr<const Dataset> head_dataset(const std::string& source,
                                            std::shared_ptr<const HeadRows> head) {
    auto data = std::make_shared<Dataset>();
    data->source = source;
    data->embeddings = {head->keys.view(), head};
    data->head = std::move(head);
    return data;
}

// Splats fitted to a head in one window, or the sentence why there are none.
struct WindowFit {
    std::optional<FittedHead> fitted;
    double row_kl = 0.0;
    double output_error = 0.0;
};

// O of splats fitted to a head, asked by other states of the same window: [n, head_size].
Matrix<float> splat_outputs(Backend& backend, const Request& request, const FittedHead& fitted,
                            const std::shared_ptr<const HeadRows>& now, const Work& work) {
    const auto data = head_dataset(fitted.dataset->source, now);
    return attend(head_factors(backend, request, fitted.distilled.fit.registry, data, work),
                  now->values.view(), &backend);
}

// The run with splats in the place of heads, a layer at a time.
class Replacement {
  public:
    Replacement(Backend& backend, const ModelText& text, Request request,
                const ReplaceSettings& settings, const Work& work)
        : backend_(backend),
          text_(text),
          model_(*text.model().transformer),
          request_(std::move(request)),
          settings_(settings),
          work_(work),
          rows_(rows_of(text.head_states().windows())) {
        // A fit knows one window alone; what a window of the settings holds exactly stays so.
        request_.attention.mask.clear();
        if (settings.mode == ReplaceMode::outside) {
            // Masses beside exact pairs must be absolute: a near set has them fitted.
            request_.attention.window = std::max<std::size_t>(request_.attention.window, 1);
            request_.attention.blend.reset();
        }
    }

    // States after every layer, replaced; [0] is what the first one reads.
    std::vector<Matrix<float>> run(const std::vector<ReplacedHead>& heads, ReplaceReport& report) {
        std::vector<Matrix<float>> states = {embed_tokens(model_, rows_.ids, rows_.begin)};
        for (std::size_t layer = 0; layer < model_.shape.layers; ++layer) {
            std::vector<ReplacedHead> here;
            for (const ReplacedHead& head : heads)
                if (head.at.layer == layer) here.push_back(head);
            const Matrix<float> projected = project_heads(model_, layer, states.back().view());
            Matrix<float> context =
                Matrix<float>::unwritten(states.back().rows(), model_.shape.hidden);
            attend_windows(model_.shape, projected.view(), rows_.begin, {}, context.view());
            if (!here.empty()) replace(layer, here, projected, context, report);
            states.push_back(finish_layer(model_, layer, states.back().view(), context.view()));
            work_.report("running the model with splats",
                         static_cast<double>(layer + 1) / static_cast<double>(model_.shape.layers));
        }
        return states;
    }

    // The model's own states of the same rows.
    [[nodiscard]] std::vector<Matrix<float>> own() const {
        std::vector<Matrix<float>> states = {embed_tokens(model_, rows_.ids, rows_.begin)};
        for (std::size_t layer = 0; layer < model_.shape.layers; ++layer)
            states.push_back(run_layer(model_, layer, states.back().view(), rows_.begin));
        return states;
    }

    [[nodiscard]] const Rows& rows() const { return rows_; }

  private:
    // A head of the model as it is, in a window or, of mode outside, in the whole text.
    WindowFit fit_to(std::shared_ptr<const HeadRows> head) const {
        WindowFit made;
        const auto data = head_dataset(text_.model().folder, std::move(head));
        FittedHead fitted = fit_head(backend_, request_, data, 0, {work_.stop, {}});
        made.row_kl = fitted.distilled.fit.report.reached.loss.kl;
        made.output_error = fitted.distilled.fit.report.reached.output_error();
        made.fitted = std::move(fitted);
        return made;
    }

    void replace(std::size_t layer, const std::vector<ReplacedHead>& here,
                 const Matrix<float>& projected, Matrix<float>& context, ReplaceReport& report) {
        const std::size_t windows = rows_.windows.size();
        const ModelStates& states = text_.head_states();
        const Matrix<float> own = project_heads(model_, layer, states.after(layer, work_)->rows);
        const bool outside = settings_.mode == ReplaceMode::outside;
        const std::size_t fits = outside ? 1 : windows;
        std::vector<WindowFit> made(here.size() * fits);
        parallel_for(made.size(), [&](std::size_t task) {
            work_.check();
            const std::size_t w = rows_.windows[task % fits];
            const TokenWindows& all = states.windows();
            const MatrixView<const float> seen =
                outside ? own.view() : own.view().block(all.begin[w], all.begin[w + 1]);
            made[task] = fit_to(head_rows(model_.shape, seen, here[task / fits].at.head));
        });
        for (std::size_t h = 0; h < here.size(); ++h) {
            ReplacedReport line{here[h]};
            for (std::size_t f = 0; f < fits; ++f) {
                const WindowFit& fit = made[h * fits + f];
                line.row_kl += fit.row_kl / static_cast<double>(fits);
                line.output_error += fit.output_error / static_cast<double>(fits);
                line.splats = std::max(line.splats, fit.fitted->distilled.fit.registry.size());
                if (fit.row_kl > settings_.bound) line.kept += outside ? windows : 1;
            }
            report.heads.push_back(line);
        }
        parallel_for(here.size() * windows, [&](std::size_t task) {
            work_.check();
            const std::size_t h = task / windows;
            const std::size_t w = task % windows;
            const WindowFit& fit = made[outside ? h : task];
            if (fit.row_kl > settings_.bound) return;
            const MatrixView<const float> now =
                projected.view().block(rows_.begin[w], rows_.begin[w + 1]);
            const auto head = head_rows(model_.shape, now, here[h].at.head);
            const std::size_t size = model_.shape.head_size();
            MatrixView<float> to(context.row(rows_.begin[w]).data() + here[h].at.head * size,
                                 head->keys.rows(), size, model_.shape.hidden);
            if (outside) add_outside(*fit.fitted, *head, rows_.windows[w], here[h].blend, to);
            else
                blend(splat_outputs(backend_, request_, *fit.fitted, head, {work_.stop, {}}),
                      here[h].blend, to);
        });
    }

    void blend(const Matrix<float>& splats, double r, MatrixView<float> to) const {
        const bool full = settings_.mode == ReplaceMode::full;
        const auto theirs = static_cast<float>(full ? 1.0 : r);
        const float ours = settings_.mode == ReplaceMode::added ? 1.0F : 1.0F - theirs;
        for (std::size_t i = 0; i < to.rows; ++i)
            for (std::size_t a = 0; a < to.cols; ++a)
                to(i, a) = ours * to(i, a) + theirs * splats(i, a);
    }

    // One normaliser for the window's own pairs, whose outputs `to` holds, and r times the masses
    // of splats for the tokens outside it.
    void add_outside(const FittedHead& fitted, const HeadRows& head, std::size_t window, double r,
                     MatrixView<float> to) const {
        const TokenWindows& all = text_.head_states().windows();
        Coordinates coordinates = *fitted.coordinates;
        for (std::size_t row = all.begin[window]; row < all.begin[window + 1]; ++row)
            coordinates.masked.push_back(static_cast<std::uint32_t>(row));
        if (coordinates.masked.size() == coordinates.size()) return;  // nothing lies outside
        const Coordinates now =
            head_coordinates(*head_dataset("", std::make_shared<const HeadRows>(head)), 1);
        // The window's rows ask as they are now.
        Matrix<float> queries = *coordinates.queries;
        std::vector<std::uint32_t> rows;
        for (std::size_t i = 0; i < head.keys.rows(); ++i) {
            const std::size_t row = all.begin[window] + i;
            std::copy(now.queries->row(i).begin(), now.queries->row(i).end(),
                      queries.row(row).begin());
            rows.push_back(static_cast<std::uint32_t>(row));
        }
        coordinates.queries = std::make_shared<const Matrix<float>>(std::move(queries));
        const SplatRegistry& registry = fitted.distilled.fit.registry;
        const Factors far =
            compute_factors_of_queries(backend_, registry, coordinates, rows, {}, {work_.stop, {}});
        const std::vector<double> masses =
            log_far_masses(registry, now.queries->view(), far.log_normaliser);
        const Matrix<float> splats = outputs_of_rows(far, fitted.dataset->head->values.view());
        const Target own(*now.queries, *now.base, 1.0);
        std::vector<std::uint32_t> inside(head.keys.rows());
        for (std::size_t i = 0; i < inside.size(); ++i) inside[i] = static_cast<std::uint32_t>(i);
        const std::vector<double> near = own.log_normalisers(inside, {work_.stop, {}}, &backend_);
        for (std::size_t i = 0; i < to.rows; ++i) {
            const double mass = std::log(r) + masses[i] + registry.offset.value_or(0.0) - near[i];
            const double share = 1.0 / (1.0 + std::exp(-mass));
            for (std::size_t a = 0; a < to.cols; ++a)
                to(i, a) = static_cast<float>((1.0 - share) * static_cast<double>(to(i, a)) +
                                              share * static_cast<double>(splats(i, a)));
        }
    }

    // P (K V) of factors of some rows: [rows, v].
    static Matrix<float> outputs_of_rows(const Factors& factors, MatrixView<const float> values) {
        const std::size_t columns = factors.columns();
        Matrix<double> sums(columns, values.cols);
        for (std::size_t j = 0; j < values.rows; ++j)
            for (std::size_t s = 0; s < columns; ++s) {
                const auto k = static_cast<double>(factors.k(j, s));
                for (std::size_t a = 0; a < values.cols; ++a)
                    sums(s, a) += k * static_cast<double>(values(j, a));
            }
        Matrix<float> out(factors.p.rows(), values.cols);
        for (std::size_t i = 0; i < out.rows(); ++i)
            for (std::size_t a = 0; a < values.cols; ++a) {
                double sum = 0.0;
                for (std::size_t s = 0; s < columns; ++s)
                    sum += static_cast<double>(factors.p(i, s)) * sums(s, a);
                out(i, a) = static_cast<float>(sum);
            }
        return out;
    }

    Backend& backend_;
    const ModelText& text_;
    const Transformer& model_;
    Request request_;
    const ReplaceSettings& settings_;
    const Work& work_;
    Rows rows_;
};

double relative_error(const Matrix<float>& got, const Matrix<float>& own) {
    double difference = 0.0;
    double size = 0.0;
    for (std::size_t e = 0; e < own.size(); ++e) {
        const auto h = static_cast<double>(own.data()[e]);
        const double d = static_cast<double>(got.data()[e]) - h;
        difference += d * d;
        size += h * h;
    }
    return size > 0.0 ? std::sqrt(difference / size) : 0.0;
}

}  // namespace

ReplaceReport replace_heads(Backend& backend, const ModelText& text, const Dataset& words,
                            const Request& request, const ReplaceSettings& settings,
                            const Work& work) {
    const TransformerShape& shape = text.model().transformer->shape;
    const std::vector<ReplacedHead> heads = replaced_heads(settings, shape.layers, shape.heads);
    Replacement replacement(backend, text, request, settings, work);
    ReplaceReport report;
    report.mode = settings.mode;
    report.windows = replacement.rows().windows.size();
    report.of_windows = text.head_states().windows().windows();
    report.rows = replacement.rows().ids.size();
    const std::vector<Matrix<float>> own = replacement.own();
    const std::vector<Matrix<float>> got = replacement.run(heads, report);
    for (std::size_t layer = 1; layer < own.size(); ++layer)
        report.layer_error.push_back(relative_error(got[layer], own[layer]));
    // Sentences by what their tokens, without the special ones, mean on average.
    std::vector<std::uint32_t> sentence;
    for (const std::size_t row : replacement.rows().row)
        sentence.push_back(words.tokens[row].begin == words.tokens[row].end
                               ? kNoSentence
                               : words.structure.sentence[row]);
    add_sentences(own.back(), got.back(), sentence, report);
    return report;
}

}  // namespace hsa
