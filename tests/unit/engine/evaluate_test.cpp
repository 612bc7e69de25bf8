#include "engine/attention/picture.h"
#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/engine.h"
#include "engine/first_picture.h"
#include "engine/io/npy.h"
#include "engine/look.h"
#include "tests/catch.h"

#include <fmt/core.h>

#include <cmath>
#include <string>
#include <vector>

using namespace hsa;

namespace {

// A text of two topics that change every forty lines: about 20,000 tokens.
std::string long_text(const std::string&) {
    std::string text;
    for (std::uint64_t line = 0; line < 1700; ++line) {
        const std::uint64_t topic = line / 40 % 2;
        for (std::uint64_t word = 0; word < 11; ++word)
            text += fmt::format("{}{} ", topic == 0 ? "sea" : "gear",
                                random_bits({7, line, word}) % 90);
        text += ".\n\n";
    }
    return text;
}

Request long_request(std::uint64_t id) {
    Request request;
    request.id = id;
    request.sources.push_back({"sample:long", "text", 0});
    return request;
}

// A bound on the largest cell of each pixel is none below some cells, and marked.
void check_bound(const Snapshot& snapshot) {
    const Factors& factors = *snapshot.factors;
    const std::size_t n = factors.tokens();
    PictureRequest wanted{{0, n}, {0, n}, 6, 6};
    wanted.statistic = Statistic::most;
    const Picture bound = attention_picture(factors, *snapshot.sums, wanted, {}, {});
    CHECK(bound.mark == Mark::bound);
    wanted.statistic = Statistic::mean;
    const Picture mean = attention_picture(factors, *snapshot.sums, wanted, {}, {});
    for (std::size_t r = 0; r < 6; ++r)
        for (std::size_t c = 0; c < 6; ++c) {
            double largest = 0.0;
            for (std::size_t t = 0; t < 200; ++t) {  // some cells of the pixel
                const std::size_t i = bound.row_edges[r] + 37 * t % 3000;
                const std::size_t j = bound.column_edges[c] + 101 * t % 3000;
                largest = std::max(largest, cell_parts(factors, i, j).value);
            }
            CHECK(static_cast<double>(bound.mean(r, c)) >= largest * (1.0 - 1e-5));
            CHECK(bound.mean(r, c) > mean.mean(r, c));
        }
}

std::vector<std::shared_ptr<const Snapshot>> published_by(const Request& request,
                                                          StageCache& cache) {
    std::vector<std::shared_ptr<const Snapshot>> all;
    EvaluateHooks hooks;
    hooks.read_sample = long_text;
    hooks.entering = [](Stage) {};
    hooks.publish = [&](std::shared_ptr<const Snapshot> snapshot) {
        all.push_back(std::move(snapshot));
    };
    std::vector<std::string> notes;
    const auto backend = make_backend("cpu", notes);
    evaluate(request, cache, *backend, hooks, {});
    return all;
}

// The long text, opened once for all that look at it.
struct Opened {
    StageCache cache;
    std::vector<std::shared_ptr<const Snapshot>> all = published_by(long_request(1), cache);
};
Opened& opened() {
    static Opened long_text_once;
    return long_text_once;
}

Picture whole_picture(const Snapshot& snapshot, std::size_t pixels) {
    PictureRequest wanted;
    wanted.rows = wanted.columns = {0, snapshot.factors->tokens()};
    wanted.height = wanted.width = pixels;
    return attention_picture(*snapshot.factors, *snapshot.sums, wanted, {}, {});
}

}  // namespace

TEST_CASE("a long text is published as text, then a coarse map, then the exact one, then all",
          "[evaluate]") {
    const auto& all = opened().all;
    REQUIRE(all.size() == 4);
    const Snapshot& text = *all[0];
    const Snapshot& coarse = *all[1];
    const Snapshot& exact = *all[2];
    const Snapshot& complete = *all[3];

    CHECK(text.dataset->size() > 16384);
    CHECK_FALSE(text.factors);
    REQUIRE(coarse.factors);
    CHECK_FALSE(coarse.factors_exact);
    CHECK_FALSE(coarse.complete);
    CHECK(coarse.factors->tokens() < text.dataset->size());
    REQUIRE(exact.factors);
    CHECK(exact.factors_exact);
    CHECK(exact.factors->tokens() == text.dataset->size());
    CHECK_FALSE(exact.complete);
    CHECK(complete.complete);
    CHECK(complete.factors == exact.factors);
    CHECK((complete.measures && complete.layout));
    CHECK((coarse.layout && coarse.registry));  // the 3-D picture comes with the coarse map
    check_bound(complete);

    // The coarse map shows what the exact one does: n x mean of each pixel within a tenth on
    // average.
    const Picture sampled = whole_picture(coarse, 32);
    const Picture whole = whole_picture(exact, 32);
    double difference = 0.0;
    for (std::size_t r = 0; r < 32; ++r)
        for (std::size_t c = 0; c < 32; ++c)
            difference += std::abs(static_cast<double>(sampled.mean(r, c)) *
                                       static_cast<double>(coarse.factors->tokens()) -
                                   static_cast<double>(whole.mean(r, c)) *
                                       static_cast<double>(text.dataset->size()));
    CHECK(difference / (32.0 * 32.0) < 0.1);
}

TEST_CASE("very many tokens have a first picture by splats of a sample", "[evaluate][plain]") {
    constexpr std::size_t kTokens = 70000;
    Matrix<float> rows(kTokens, 4);
    for (std::size_t i = 0; i < kTokens; ++i) {
        const std::size_t cluster = i * 7 / kTokens;
        for (std::size_t a = 0; a < 4; ++a)
            rows(i, a) = static_cast<float>(3.0 * Random{5, cluster, a}.normal() +
                                            0.4 * Random{6, i, a}.normal());
    }
    const std::string bytes = write_npy(rows.view());
    Request request;
    request.id = 1;
    request.sources.push_back({"sample:many", "embeddings", 0});
    request.init.counts = {14, 7};
    StageCache cache;
    std::vector<std::shared_ptr<const Snapshot>> seen;
    const auto published = [&](StageCache& remembered) {
        seen.clear();
        EvaluateHooks hooks;
        hooks.read_sample = [&](const std::string&) { return bytes; };
        hooks.entering = [](Stage) {};
        hooks.publish = [&](std::shared_ptr<const Snapshot> snapshot) {
            seen.push_back(std::move(snapshot));
        };
        std::vector<std::string> notes;
        evaluate(request, remembered, *make_backend("cpu", notes), hooks, {});
        return seen;
    };
    const auto all = published(cache);
    REQUIRE(all.size() == 5);  // the data, by a sample's splats, by those of cycle 0, exact, all
    const Snapshot& sketch = *all[1];
    REQUIRE((sketch.factors && sketch.layout && sketch.registry));
    CHECK_FALSE(sketch.factors_exact);
    CHECK_FALSE(sketch.complete);
    CHECK(sketch.registry->size() == 21);
    CHECK(sketch.registry->id.front() == kSketchIds);
    CHECK(all[2]->registry->id.front() == 0);
    REQUIRE(sketch.layout->points.size() == 2);
    CHECK(sketch.layout->points.front()->rows() == kTokens);
    const auto centres = [](const Snapshot& snapshot) -> const Matrix<float>& {
        return snapshot.registry->gaussians.centre;
    };
    CHECK_FALSE(centres(*all[2]) == centres(sketch));
    CHECK(centres(*all[2]) == centres(*all.back()));
    // It shows what there is: nearer to the exact map than a map without structure.
    const Picture rough = whole_picture(sketch, 16);
    const Picture exact = whole_picture(*all.back(), 16);
    double away = 0.0;
    double structure = 0.0;
    for (std::size_t r = 0; r < 16; ++r)
        for (std::size_t c = 0; c < 16; ++c) {
            const double lift =
                static_cast<double>(exact.mean(r, c)) * static_cast<double>(kTokens);
            away += std::abs(static_cast<double>(rough.mean(r, c)) *
                                 static_cast<double>(sketch.factors->tokens()) -
                             lift);
            structure += std::abs(1.0 - lift);
        }
    INFO(away << " of " << structure);
    CHECK(away < 0.25 * structure);

    // What is on screen already makes way for nothing that is worse.
    request.splats.seed = 2;
    const auto other = published(cache);
    REQUIRE(other.size() == 3);
    CHECK(centres(*other.front()) == centres(*other.back()));

    // A warm-up that fails leaves no splats: by that it is known to be taken back.
    StageCache fresh;
    request.init.warm_up = {"/nowhere/at/all.txt"};
    CHECK_THROWS_AS(published(fresh), Error);
    CHECK_FALSE(seen.empty());
    for (const auto& each : seen) CHECK_FALSE(each->registry);
}

TEST_CASE("nothing is explained from a sample of rows", "[evaluate][look]") {
    const auto& all = opened().all;
    REQUIRE(all.size() == 4);
    LookRequest wanted;
    wanted.snapshot = all[1];
    wanted.selection.tokens.push_back({5, 6});
    std::vector<std::string> notes;
    const auto backend = make_backend("cpu", notes);
    const auto coarse = look(wanted, *backend, {});
    CHECK_FALSE(coarse->linked);
    CHECK_FALSE(coarse->token);
    wanted.snapshot = all[2];
    const auto exact = look(wanted, *backend, {});
    CHECK(exact->linked);
    CHECK(exact->token);
}

TEST_CASE("what did not change is not computed again", "[evaluate]") {
    StageCache& cache = opened().cache;
    const auto first = opened().all.back();
    Request request = long_request(2);
    const auto again = published_by(request, cache);
    REQUIRE(again.size() == 1);
    CHECK(again.back()->factors == first->factors);
    CHECK(again.back()->layout == first->layout);
    for (const StageTime& stage : again.back()->stages) {
        INFO(stage.name);
        CHECK(stage.cached);
    }
    request.id = 3;
    request.attention.splats_per_token = 2;
    const auto looked = published_by(request, cache).back();
    CHECK(looked->registry == first->registry);
    CHECK(looked->measures == first->measures);  // of A, not of what is looked at
    CHECK(looked->factors != first->factors);
}

TEST_CASE("a splat changed by hand leaves the exact map on screen until the next one is there",
          "[evaluate][preview]") {
    StageCache& cache = opened().cache;
    Request request = long_request(4);
    const auto first = published_by(request, cache).back();
    REQUIRE(first->coordinates->size() > 16384);
    HistoryEntry entry;
    entry.edit = Edit{};
    entry.edit->kind = Edit::Kind::widen;
    entry.edit->splats = {first->registry->id.front()};
    entry.edit->values = {1.5};
    request.id = 5;
    request.entries = {entry};
    request.previewed = true;
    const auto after = published_by(request, cache);
    REQUIRE_FALSE(after.empty());
    for (const auto& each : after) {
        CHECK(each->error.empty());
        CHECK(each->factors_exact);
    }
    CHECK(after.back()->complete);
    CHECK(after.back()->registry != first->registry);
    // What no hand previewed shows a coarse map first, as before: a typed edit ...
    entry.edit->splats = {first->registry->id.back()};
    request.id = 6;
    request.entries.push_back(entry);
    request.previewed = false;
    CHECK_FALSE(published_by(request, cache).front()->factors_exact);
    // ... and another look.
    request.id = 7;
    request.attention.splats_per_token = 3;
    CHECK_FALSE(published_by(request, cache).front()->factors_exact);
}

TEST_CASE("a long history keeps few whole states and shows every cycle", "[evaluate][history]") {
    StageCache cache;
    Request request;
    request.sources.push_back({"sample:rows", "embeddings", 0});
    request.init.counts = {2, 1};
    request.last_cycle = 70;
    EvaluateHooks hooks;
    hooks.read_sample = [](const std::string&) {
        std::string rows;
        for (std::uint64_t i = 0; i < 24; ++i)
            rows += fmt::format("{},{}\n", random_bits({3, i}) % 100, random_bits({4, i}) % 100);
        return rows;
    };
    std::shared_ptr<const Snapshot> last;
    hooks.entering = [](Stage) {};
    hooks.publish = [&](std::shared_ptr<const Snapshot> snapshot) { last = std::move(snapshot); };
    std::vector<std::string> notes;
    const auto backend = make_backend("cpu", notes);
    evaluate(request, cache, *backend, hooks, {});
    REQUIRE(last->history->last() == 70);
    std::size_t whole = 0;
    for (const auto& cycle : last->history->cycles) {
        whole += cycle->state ? 1 : 0;
        CHECK(hash_registry(*registry_at(*last->history, cycle->number)) == cycle->registry_hash);
    }
    CHECK(whole == 32 + 2);  // the last 32, and cycles 0 and 32 of those before
}
