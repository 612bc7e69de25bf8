#include "tests/unit/engine/explain/world.h"

#include "engine/core/random.h"
#include "engine/explain/names.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace explain_test {

World make_world(const Shape& shape) {
    hsa::Random random({shape.seed, 77});
    World world;
    hsa::SplatRegistry& registry = world.registry;
    registry.hierarchy.levels = {{"Fine", 0.6}, {"Coarse", 0.4}};
    registry.dimension = shape.dimension;
    const auto matrix = [&](std::size_t rows, double spread) {
        hsa::Matrix<float> m(rows, shape.dimension);
        for (std::size_t x = 0; x < m.size(); ++x)
            m.data()[x] = static_cast<float>(spread * random.normal());
        return m;
    };
    const auto first = std::make_shared<hsa::Matrix<float>>(matrix(shape.tokens, 1.5));
    const auto second = std::make_shared<hsa::Matrix<float>>(matrix(shape.tokens, 1.0));
    world.coordinates.base = first;
    world.coordinates.levels = {first, second};
    for (std::size_t i = 0; i < shape.tokens; ++i)
        world.coordinates.token_weight.push_back(static_cast<float>(random.uniform()));
    for (std::size_t s = 0; s < shape.fine + shape.coarse; ++s) {
        hsa::Splat splat;
        splat.level = s < shape.fine ? 0 : 1;
        splat.kind = s % 2 == 0 ? hsa::CovarianceKind::spherical : hsa::CovarianceKind::diagonal;
        for (std::size_t a = 0; a < shape.dimension; ++a) {
            splat.centre.push_back(static_cast<float>(1.5 * random.normal()));
            const bool repeat = splat.kind == hsa::CovarianceKind::spherical && a > 0;
            splat.variance.push_back(repeat ? splat.variance.front()
                                            : static_cast<float>(0.5 + random.uniform()));
        }
        splat.beta = static_cast<float>(0.6 + random.uniform());
        splat.log_amplitude = static_cast<float>(0.3 * random.normal());
        splat.age = static_cast<std::int32_t>(s);
        for (int u = 0; u < 4; ++u) splat.usage.push(static_cast<float>(random.uniform()));
        registry.add(splat);
    }
    for (std::size_t s = 0; s < shape.fine; ++s)
        registry.parent[s] = registry.id[shape.fine + s % shape.coarse];
    if (shape.background) registry.background_log_weight = -4.0;
    world.factors = factors_of(registry, world.coordinates);
    world.sums = hsa::tile_sums(world.factors);

    hsa::Measures& measures = world.measures;
    measures.tokens = shape.tokens;
    measures.dimension = shape.dimension;
    measures.splats = registry.size();
    measures.has_background = shape.background;
    measures.levels = {{"Fine", shape.fine, 0, 0, 0.6, 0.5, 0.75},
                       {"Coarse", shape.coarse, 0, 0, 0.4, {}, {}}};
    for (std::size_t c = 0; c < world.factors.columns(); ++c) {
        double usage = 0.0;
        double information = 0.0;
        for (std::size_t i = 0; i < shape.tokens; ++i)
            usage += static_cast<double>(world.factors.p(i, c)) / static_cast<double>(shape.tokens);
        for (std::size_t i = 0; i < shape.tokens; ++i) {
            const auto p = static_cast<double>(world.factors.p(i, c));
            if (p > 0.0) information += p * std::log(p / usage) / static_cast<double>(shape.tokens);
        }
        if (c == registry.size()) {
            measures.background_usage = usage;
            continue;
        }
        measures.usage.push_back(usage);
        measures.information.push_back(information);
        measures.levels[registry.level[c]].usage += usage;
        measures.levels[registry.level[c]].information += information;
    }
    return world;
}

hsa::Factors factors_of(const hsa::SplatRegistry& registry, const hsa::Coordinates& coordinates) {
    const std::size_t n = coordinates.size();
    const std::size_t k = registry.size();
    const std::size_t columns = k + (registry.background_log_weight ? 1U : 0U);
    hsa::Factors factors;
    factors.p = hsa::Matrix<float>(n, columns);
    factors.k = hsa::Matrix<float>(n, columns);
    factors.ids = registry.id;
    factors.level = registry.level;
    factors.log_weight = registry.log_weights();
    if (columns > k) {
        factors.ids.push_back(hsa::kNoSplat);
        factors.level.push_back(hsa::kBackgroundLevel);
        factors.log_weight.push_back(*registry.background_log_weight);
    }
    hsa::Matrix<double> ell(n, columns);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t s = 0; s < k; ++s) {
            double m = 0.0;
            for (std::size_t a = 0; a < registry.dimension; ++a) {
                const auto delta =
                    static_cast<double>((*coordinates.levels[registry.level[s]])(i, a)) -
                    static_cast<double>(registry.gaussians.centre(s, a));
                m += delta * delta / static_cast<double>(registry.gaussians.variance(s, a));
            }
            ell(i, s) = -0.5 * static_cast<double>(registry.beta[s]) * m;
        }
    for (std::size_t s = 0; s < columns; ++s) {
        double mass = 0.0;
        for (std::size_t j = 0; j < n; ++j) mass += std::exp(ell(j, s));
        factors.log_mass.push_back(std::log(mass));
        for (std::size_t j = 0; j < n; ++j)
            factors.k(j, s) = static_cast<float>(std::exp(ell(j, s)) / mass);
    }
    for (std::size_t i = 0; i < n; ++i) {
        double all = 0.0;
        std::vector<double> row(columns);
        for (std::size_t s = 0; s < columns; ++s) {
            row[s] = std::exp(factors.log_weight[s] + ell(i, s) + factors.log_mass[s]);
            all += row[s];
        }
        for (std::size_t s = 0; s < columns; ++s)
            factors.p(i, s) = static_cast<float>(row[s] / all);
        factors.log_normaliser.push_back(static_cast<float>(std::log(all)));
    }
    return factors;
}

hsa::Matrix<double> attention_of(const hsa::Factors& factors) {
    return reference::product(factors);
}

std::shared_ptr<const hsa::Dataset> text_of(const std::vector<std::string>& words) {
    auto dataset = std::make_shared<hsa::Dataset>();
    std::string text;
    std::map<std::string, std::uint32_t> known;
    for (const std::string& word : words) {
        if (!text.empty()) text += ' ';
        dataset->tokens.push_back({text.size(), text.size() + word.size()});
        text += word;
        std::string folded = word;
        for (char& c : folded)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const auto [place, fresh] =
            known.emplace(folded, static_cast<std::uint32_t>(dataset->type_names.size()));
        if (fresh) dataset->type_names.push_back(folded);
        dataset->types.push_back(place->second);
    }
    dataset->text = std::make_shared<const std::string>(std::move(text));
    dataset->source = "words.txt";
    dataset->understood = "words";
    dataset->dtype = "float32";
    dataset->hash = 0x1234;
    dataset->ordered = true;
    return dataset;
}

hsa::Snapshot snapshot_of(const World& world) {
    hsa::Snapshot snapshot;
    std::vector<std::string> words;
    for (std::size_t i = 0; i < world.factors.tokens(); ++i)
        words.push_back("word" + std::to_string(i % 11));
    snapshot.dataset = text_of(words);
    snapshot.coordinates = std::make_shared<hsa::Coordinates>(world.coordinates);
    snapshot.registry = std::make_shared<hsa::SplatRegistry>(world.registry);
    snapshot.factors = std::make_shared<hsa::Factors>(world.factors);
    snapshot.sums = std::make_shared<hsa::TileSums>(world.sums);
    snapshot.measures = std::make_shared<hsa::Measures>(world.measures);
    snapshot.names = std::make_shared<std::vector<std::string>>(
        hsa::splat_names(*snapshot.dataset, world.factors, 4));
    auto state = std::make_shared<hsa::AdaptState>();
    state->registry = snapshot.registry;
    auto cycle = std::make_shared<hsa::Cycle>();
    cycle->state = std::move(state);
    auto history = std::make_shared<hsa::History>();
    history->cycles.push_back(std::move(cycle));
    snapshot.history = std::move(history);
    snapshot.stages = {{"load", 1.5, false, 0}, {"factor", 0.0, true, 2}};
    snapshot.complete = true;
    return snapshot;
}

std::vector<std::uint32_t> falling(const std::vector<double>& values) {
    std::vector<std::uint32_t> order(values.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return values[a] > values[b]; });
    return order;
}

}  // namespace explain_test
