// The measures of defaults.md on a text whose sections are known, one line a seed:
//
//     explore TEXT --sections FILE [--vectors FILE] [--seeds N] [--chunk N] [--permute]
//         [--method M]
//
// FILE names a section a line: first byte, byte after the last, topic; tabs between. With --permute
// the words change places (the sections stay), so that nothing but chance is left to find.
//
// Smoothing along the text brightens the diagonal whatever the words are, and chunks beside each
// other are nearly always of different topics: over all pairs of chunks chance is well below .5.
// The "far" columns leave out, with and without --permute, pairs whose smoothed rows share a token;
// they are the ones to hold against .5 and 1.

#include "bench/guarded.h"
#include "engine/adapt/initialise.h"
#include "engine/attention/factors.h"
#include "engine/attention/sums.h"
#include "engine/attention/target.h"
#include "engine/compute/backend.h"
#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/stratified.h"
#include "engine/embed/cooccurrence.h"
#include "engine/embed/coordinates.h"
#include "engine/io/file.h"
#include "engine/load.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace hsa;

constexpr std::size_t kPictureSide = 512;
constexpr std::size_t kTargetRows = 200;
// Of the widest smoothing h: three boxes of width 2 h reach 3 h to either side, so rows farther
// apart than this share no token.
constexpr double kReach = 6.0;

struct Options {
    std::string text;
    std::string vectors;
    std::string sections;
    std::size_t seeds = 3;
    std::size_t chunk = 0;  // 0: by the sections' length
    bool permute = false;
    InitMethod method = InitMethod::levels;
};

std::size_t number(std::string_view digits, std::string_view what) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size())
        fail_usage("{} is '{}': expected a whole number.", what, digits);
    return value;
}

InitMethod method_of(std::string_view name) {
    if (name == "levels") return InitMethod::levels;
    if (name == "kmeans") return InitMethod::kmeans;
    if (name == "pca") return InitMethod::pca;
    if (name == "random") return InitMethod::random;
    fail_usage("There is no method '{}': expected levels, kmeans, pca or random.", name);
}

Options read_options(int argc, char** argv) {
    Options options;
    for (int a = 1; a < argc; ++a) {
        const std::string_view word = argv[a];
        const auto value = [&]() -> std::string_view {
            if (a + 1 == argc) fail_usage("{} needs a value.", word);
            return argv[++a];
        };
        if (word == "--sections") options.sections = value();
        else if (word == "--vectors") options.vectors = value();
        else if (word == "--seeds") options.seeds = number(value(), word);
        else if (word == "--chunk") options.chunk = number(value(), word);
        else if (word == "--method") options.method = method_of(value());
        else if (word == "--permute") options.permute = true;
        else if (word.starts_with("--")) fail_usage("There is no option {}.", word);
        else options.text = word;
    }
    if (options.text.empty() || options.sections.empty())
        fail_usage(
            "Usage: explore TEXT --sections FILE [--vectors FILE] [--seeds N] [--chunk N] "
            "[--permute] [--method levels|kmeans|pca|random]");
    return options;
}

// The section of each token and the topic of each section, by number.
struct Sections {
    std::vector<std::size_t> of_token;
    std::vector<std::size_t> topic;
    std::vector<std::string> topics;
};

Sections read_sections(const std::string& path, const Dataset& dataset) {
    struct Stretch {
        std::size_t begin, end;
    };
    std::vector<Stretch> stretches;
    Sections sections;
    const std::string text = read_file(path);
    std::size_t line_number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t stop = std::min(text.find('\n', at), text.size());
        const std::string_view line(text.data() + at, stop - at);
        at = stop + 1;
        ++line_number;
        if (line.empty()) continue;
        const std::size_t first = line.find('\t');
        const std::size_t second = line.find('\t', first + 1);
        if (first == std::string_view::npos || second == std::string_view::npos)
            fail(
                "{}, line {}: expected first byte, byte after the last and topic with tabs "
                "between.",
                path, line_number);
        stretches.push_back({number(line.substr(0, first), "the first byte"),
                             number(line.substr(first + 1, second - first - 1), "the last byte")});
        const std::string topic(line.substr(second + 1));
        const auto known = std::find(sections.topics.begin(), sections.topics.end(), topic);
        sections.topic.push_back(static_cast<std::size_t>(known - sections.topics.begin()));
        if (known == sections.topics.end()) sections.topics.push_back(topic);
    }
    std::size_t current = 0;
    for (const Span& token : dataset.tokens) {
        while (current < stretches.size() && stretches[current].end <= token.begin) ++current;
        if (current == stretches.size() || stretches[current].begin > token.begin)
            fail(
                "{}: the token at byte {} is in no section; the sections must rise and cover the "
                "text.",
                path, token.begin);
        sections.of_token.push_back(current);
    }
    return sections;
}

// Half of the middle section's length, so that most chunks lie within one section.
std::size_t default_chunk(const Sections& sections) {
    std::vector<std::size_t> length(sections.topic.size(), 0);
    for (const std::size_t s : sections.of_token) ++length[s];
    std::sort(length.begin(), length.end());
    std::size_t chunk = 32;
    while (chunk < 256 && 2 * chunk <= length[length.size() / 2] / 2 + chunk / 2) chunk *= 2;
    return chunk;
}

// What is measured on.
struct Map {
    const Factors& factors;
    const TileSums& sums;

    // Means of one factor over the stretches between edges: [edges - 1, c].
    static Matrix<double> means(const FactorMatrix& factor, const Matrix<double>& prefix,
                                const std::vector<std::size_t>& edges) {
        Matrix<double> out(edges.size() - 1, factor.cols());
        for (std::size_t e = 0; e + 1 < edges.size(); ++e) {
            range_sum(factor, prefix, {edges[e], edges[e + 1]}, out.row(e));
            for (double& v : out.row(e)) v /= static_cast<double>(edges[e + 1] - edges[e]);
        }
        return out;
    }
    // Exact means of A over the blocks between edges.
    [[nodiscard]] Matrix<double> blocks(const std::vector<std::size_t>& edges) const {
        const Matrix<double> p = means(factors.p, sums.p, edges);
        const Matrix<double> k = means(factors.k, sums.k, edges);
        Matrix<double> out(p.rows(), k.rows(), 0.0);
        for (std::size_t i = 0; i < out.rows(); ++i)
            for (std::size_t j = 0; j < out.cols(); ++j)
                out(i, j) =
                    std::inner_product(p.row(i).begin(), p.row(i).end(), k.row(j).begin(), 0.0);
        return out;
    }
};

// Share of (good, bad) pairs in which the good one is larger, ties half.
double area_under_curve(const std::vector<double>& good, std::vector<double> bad) {
    if (good.empty() || bad.empty()) return std::nan("");
    std::sort(bad.begin(), bad.end());
    double wins = 0.0;
    for (const double g : good) {
        const auto low = std::lower_bound(bad.begin(), bad.end(), g);
        const auto high = std::upper_bound(low, bad.end(), g);
        wins += static_cast<double>(low - bad.begin()) + 0.5 * static_cast<double>(high - low);
    }
    return wins / (static_cast<double>(good.size()) * static_cast<double>(bad.size()));
}

double mean_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

struct Separation {
    double auc = 0.0;      // same topic against different topic, chunks of different sections
    double auc_far = 0.0;  // the same among chunks that share no token by smoothing
    double ratio = 0.0;    // recurring / different: means of those blocks
    double ratio_far = 0.0;
};

Separation separation(const Map& map, const Sections& sections, std::size_t chunk, double reach) {
    const std::size_t n = sections.of_token.size();
    std::vector<std::size_t> edges;
    for (std::size_t at = 0; at < n; at += chunk) edges.push_back(at);
    if (edges.size() > 1 && n - edges.back() < chunk / 2) edges.pop_back();
    edges.push_back(n);
    const std::size_t chunks = edges.size() - 1;
    std::vector<std::size_t> section(chunks);
    for (std::size_t c = 0; c < chunks; ++c) {
        std::vector<std::size_t> votes(sections.topic.size(), 0);
        for (std::size_t i = edges[c]; i < edges[c + 1]; ++i) ++votes[sections.of_token[i]];
        section[c] =
            static_cast<std::size_t>(std::max_element(votes.begin(), votes.end()) - votes.begin());
    }
    const Matrix<double> mean = map.blocks(edges);
    std::vector<double> good, bad, good_far, bad_far;
    for (std::size_t i = 0; i < chunks; ++i)
        for (std::size_t j = 0; j < chunks; ++j) {
            if (section[i] == section[j]) continue;
            const bool same = sections.topic[section[i]] == sections.topic[section[j]];
            (same ? good : bad).push_back(mean(i, j));
            const std::size_t between =
                i == j ? 0 : edges[std::max(i, j)] - edges[std::min(i, j) + 1];
            if (static_cast<double>(between) > reach)
                (same ? good_far : bad_far).push_back(mean(i, j));
        }
    Separation found;
    found.auc = area_under_curve(good, bad);
    found.auc_far = area_under_curve(good_far, bad_far);
    found.ratio = mean_of(good) / mean_of(bad);
    found.ratio_far = mean_of(good_far) / mean_of(bad_far);
    return found;
}

// Share of the variance of log10 of the 512 x 512 map that section x section means explain.
double explained_by_sections(const Map& map, const Sections& sections) {
    const std::size_t n = sections.of_token.size();
    const std::size_t side = std::min(kPictureSide, n);
    std::vector<std::size_t> edges(side + 1);
    for (std::size_t e = 0; e <= side; ++e) edges[e] = (e * n + side / 2) / side;
    const Matrix<double> mean = map.blocks(edges);
    const std::size_t s = sections.topic.size();
    std::vector<double> sum(s * s, 0.0), count(s * s, 0.0);
    double all = 0.0, squares = 0.0;
    for (std::size_t i = 0; i < side; ++i)
        for (std::size_t j = 0; j < side; ++j) {
            const double value = std::log10(static_cast<double>(n) * mean(i, j));
            const std::size_t group = sections.of_token[(edges[i] + edges[i + 1]) / 2] * s +
                                      sections.of_token[(edges[j] + edges[j + 1]) / 2];
            sum[group] += value;
            count[group] += 1.0;
            all += value;
            squares += value * value;
        }
    const auto cells = static_cast<double>(side * side);
    double between = 0.0;
    for (std::size_t g = 0; g < sum.size(); ++g)
        if (count[g] > 0.0) between += sum[g] * sum[g] / count[g];
    return (between - all * all / cells) / (squares - all * all / cells);
}

std::vector<double> usage(const Factors& factors) {
    std::vector<double> u(factors.columns(), 0.0);
    for (std::size_t i = 0; i < factors.tokens(); ++i)
        for (std::size_t s = 0; s < u.size(); ++s)
            u[s] += static_cast<double>(factors.p(i, s)) / static_cast<double>(factors.tokens());
    return u;
}

// Splats whose usage is below 5 % of their level's mean.
std::size_t dead_splats(const Factors& factors, std::size_t levels) {
    const std::vector<double> u = usage(factors);
    std::size_t dead = 0;
    for (std::size_t l = 0; l < levels; ++l) {
        double sum = 0.0;
        std::size_t count = 0;
        for (std::size_t s = 0; s < u.size(); ++s)
            if (factors.level[s] == l) {
                sum += u[s];
                ++count;
            }
        for (std::size_t s = 0; s < u.size(); ++s)
            if (factors.level[s] == l && u[s] < 0.05 * sum / static_cast<double>(count)) ++dead;
    }
    return dead;
}

// 1 - KL(T|A) / KL(T|uniform), means over up to 200 rows.
double fidelity(const Factors& factors, const Target& target) {
    const std::size_t n = factors.tokens();
    const std::size_t count = std::min(kTargetRows, n);
    const std::vector<std::uint32_t> rows = stratified_rows(n, count);
    Matrix<float> t(count, n);
    target.rows(rows, t.view());
    double kl = 0.0, flat = 0.0;
    for (std::size_t r = 0; r < count; ++r) {
        const auto p = factors.p.row(rows[r]);
        for (std::size_t j = 0; j < n; ++j) {
            const auto wanted = static_cast<double>(t(r, j));
            if (wanted <= 0.0) continue;
            const double a =
                std::inner_product(p.begin(), p.end(), factors.k.values().row(j).begin(), 0.0);
            kl += wanted * std::log(wanted / a);
            flat += wanted * std::log(wanted * static_cast<double>(n));
        }
    }
    return 1.0 - kl / flat;
}

void permute(Dataset& dataset, std::uint64_t seed) {
    Random random{seed, 100};
    for (std::size_t i = dataset.size(); i > 1; --i) {
        const std::size_t other = random.below(i);
        std::swap(dataset.tokens[i - 1], dataset.tokens[other]);
        std::swap(dataset.types[i - 1], dataset.types[other]);
    }
}

class Clock {
  public:
    // Milliseconds since the last call.
    double lap() {
        const auto now = std::chrono::steady_clock::now();
        const double ms = std::chrono::duration<double, std::milli>(now - last_).count();
        last_ = now;
        return ms;
    }

  private:
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

void run(const Options& options) {
    std::vector<Source> sources(1);
    sources[0].path = options.text;
    if (!options.vectors.empty()) {
        sources.emplace_back();
        sources[1].path = options.vectors;
    }
    Clock clock;
    const std::shared_ptr<const Dataset> opened = load_dataset(
        sources, {},
        [](const std::string& name) -> std::string { fail("sample:{}: give a path.", name); },
        std::numeric_limits<std::uint64_t>::max(), Work{});
    const double load_ms = clock.lap();
    const Sections sections = read_sections(options.sections, *opened);
    const std::size_t chunk = options.chunk > 0 ? options.chunk : default_chunk(sections);
    const std::size_t n = opened->size();
    fmt::print("{}: {}\n{} sections, {} topics; chunks of {} tokens{}\n", opened->source,
               opened->understood, sections.topic.size(), sections.topics.size(), chunk,
               options.permute ? "; words permuted" : "");
    if (opened->embeddings.rows.empty() == false && options.permute)
        fail_usage("--permute belongs to a text alone: vectors of a file keep their places.");

    std::vector<std::string> notes;
    const std::unique_ptr<Backend> backend = make_backend("auto", notes);
    const Hierarchy hierarchy = default_hierarchy(n);
    fmt::print("{:>4} {:>18} {:>6} {:>7} {:>10} {:>8} {:>6} {:>5} {:>6}   {}\n", "seed", "splats",
               "AUC", "AUC far", "recur/diff", "rec. far", "eta2", "dead", "KL",
               "ms: load embed coordinates splats factors");
    Separation total;
    double reach = 0.0;
    for (std::uint64_t seed = 1; seed <= options.seeds; ++seed) {
        Dataset dataset = *opened;
        if (options.permute) permute(dataset, seed);
        (void)clock.lap();
        if (dataset.embeddings.rows.empty())
            dataset.embeddings = embed_cooccurrence(dataset, Work{});
        const double embed_ms = clock.lap();
        const Coordinates coordinates = estimate_coordinates(dataset, hierarchy, {}, Work{});
        const double coordinates_ms = clock.lap();
        InitSettings init;
        init.method = options.method;
        SplatSettings splats;
        splats.seed = seed;
        const SplatRegistry registry =
            initialise(*backend, dataset, coordinates, hierarchy, init, splats, Work{}).registry;
        const double splats_ms = clock.lap();
        const Factors factors = compute_factors(*backend, registry, coordinates, {}, Work{});
        const TileSums sums = tile_sums(factors);
        const double factors_ms = clock.lap();

        const Map map{factors, sums};
        reach = kReach * coordinates.recipe->levels.back().h;
        const Separation found = separation(map, sections, chunk, reach);
        const std::shared_ptr<const Target> target = make_target(dataset, coordinates, {});
        std::string counts;
        for (std::size_t l = 0; l < hierarchy.size(); ++l)
            counts += fmt::format("{}{}", l > 0 ? "/" : "", registry.count(l));
        total.auc += found.auc;
        total.auc_far += found.auc_far;
        total.ratio += found.ratio;
        total.ratio_far += found.ratio_far;
        fmt::print(
            "{:>4} {:>18} {:>6.3f} {:>7.3f} {:>10.2f} {:>8.2f} {:>6.3f} {:>5} {:>6.3f}   "
            "{:.0f} {:.0f} {:.0f} {:.0f} {:.0f}\n",
            seed, counts, found.auc, found.auc_far, found.ratio, found.ratio_far,
            explained_by_sections(map, sections), dead_splats(factors, hierarchy.size()),
            fidelity(factors, *target), load_ms, embed_ms, coordinates_ms, splats_ms, factors_ms);
    }
    const auto seeds = static_cast<double>(options.seeds);
    fmt::print("{:>4} {:>18} {:>6.3f} {:>7.3f} {:>10.2f} {:>8.2f}\n", "mean", "", total.auc / seeds,
               total.auc_far / seeds, total.ratio / seeds, total.ratio_far / seeds);
    fmt::print(
        "AUC: same topic against different topic, chunks of different sections, by mean attention. "
        "Far: only chunks\nwith more than {:.0f} tokens between them, whose smoothed rows share no "
        "token; smoothing alone makes near chunks\nbright, and those are of different topics, so "
        "that only the far columns are .5 and 1 by chance.\n",
        reach);
}

}  // namespace

int main(int argc, char** argv) {
    return guarded("explore", [&] { run(read_options(argc, argv)); });
}
