#include "engine/explain/flow.h"

#include "engine/core/parallel.h"
#include "engine/embed/words.h"
#include "engine/explain/answers.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <cmath>

using explain_test::attention_of;
using explain_test::make_world;
using explain_test::World;

namespace {

World world_of(std::size_t tokens) {
    explain_test::Shape shape;
    shape.tokens = tokens;
    return make_world(shape);
}

// A text of so many words with a heading before each third.
std::shared_ptr<hsa::Dataset> text_in_sections() {
    std::string text;
    for (const char* title : {"One", "Two", "Three"}) {
        text += "# " + std::string(title) + "\n\n";
        for (int w = 0; w < 30; ++w) text += "word" + std::to_string(w) + " ";
        text += "\n\n";
    }
    return std::make_shared<hsa::Dataset>(
        hsa::split_words("parts.txt", std::make_shared<const std::string>(text), {}));
}

}  // namespace

TEST_CASE("attention flows from section to section as the sums of its cells say",
          "[explain][flow]") {
    const auto dataset = text_in_sections();
    const std::size_t n = dataset->size();
    const World world = world_of(n);
    const hsa::Flow flow = hsa::attention_flow(*dataset, world.factors, world.sums,
                                               world.registry.hierarchy, nullptr, {});
    CHECK(flow.by_sections);
    REQUIRE(flow.parts.size() == 3);
    CHECK(flow.parts[1].title == "Two");
    CHECK(flow.parts[2].tokens.end == n);
    const auto a = attention_of(world.factors);
    for (std::size_t r = 0; r < 3; ++r) {
        double row = 0.0;
        for (std::size_t c = 0; c < 3; ++c) {
            double sum = 0.0;
            for (std::size_t i = flow.parts[r].tokens.begin; i < flow.parts[r].tokens.end; ++i)
                for (std::size_t j = flow.parts[c].tokens.begin; j < flow.parts[c].tokens.end; ++j)
                    sum += a(i, j);
            CHECK(flow.between(r, c) ==
                  Approx(sum / static_cast<double>(flow.parts[r].tokens.size())).epsilon(1e-6));
            row += flow.between(r, c);
        }
        CHECK(row == Approx(1.0).epsilon(1e-6));
    }
    CHECK(flow.rows_exact);
    // Distances by brute force.
    REQUIRE(flow.bins.size() == 8);  // 0, 1, 2..3, ... 64..
    CHECK(flow.bins[3].first == 4);
    CHECK(flow.bins[3].last == 7);
    double mass = 0.0, pairs = 0.0, entropy = 0.0, earlier = 0.0;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            const std::size_t apart = i > j ? i - j : j - i;
            entropy -= a(i, j) * std::log(a(i, j)) / static_cast<double>(n);
            if (j < i) earlier += a(i, j) / static_cast<double>(n);
            if (apart < 4 || apart > 7) continue;
            mass += a(i, j);
            pairs += 1.0;
        }
    CHECK(flow.all.share[3] == Approx(mass / static_cast<double>(n)).epsilon(1e-5));
    CHECK(flow.all.ratio[3] == Approx(mass / pairs * static_cast<double>(n)).epsilon(1e-5));
    CHECK(flow.all.earlier == Approx(earlier).epsilon(1e-5));
    CHECK(flow.all.earlier + flow.all.self + flow.all.later == Approx(1.0).epsilon(1e-5));
    CHECK(flow.entropy.mean == Approx(entropy).epsilon(1e-5));
    CHECK(flow.effective.low <= flow.effective.median);
    CHECK(flow.effective.median <= flow.effective.high);
    CHECK(flow.effective.high <= static_cast<double>(n) * (1.0 + 1e-6));
}

TEST_CASE("attention flows from level to level and none is lost", "[explain][flow]") {
    const World world = world_of(40);
    const hsa::Snapshot snapshot = explain_test::snapshot_of(world);
    const hsa::Flow flow = hsa::attention_flow(*snapshot.dataset, world.factors, world.sums,
                                               world.registry.hierarchy, nullptr, {});
    REQUIRE(flow.levels == std::vector<std::string>{"Fine", "Coarse", "background"});
    // From Fine to Coarse by cells: i leaves through fine splats, j speaks through coarse ones.
    const auto share = [&](std::size_t token, std::size_t level) {
        double sum = 0.0;
        for (std::size_t c = 0; c < world.factors.columns(); ++c)
            if (world.factors.level[c] == level)
                sum += static_cast<double>(world.factors.p(token, c));
        return sum;
    };
    double expected = 0.0;
    for (std::size_t i = 0; i < 40; ++i)
        for (std::size_t j = 0; j < 40; ++j)
            for (std::size_t c = 0; c < world.factors.columns(); ++c)
                if (world.factors.level[c] == 0)
                    expected += static_cast<double>(world.factors.p(i, c)) *
                                static_cast<double>(world.factors.k(j, c)) * share(j, 1) / 40.0;
    CHECK(flow.levels_between(0, 1) == Approx(expected).epsilon(1e-6));
    for (std::size_t l = 0; l < 2; ++l) {
        double row = 0.0;
        for (std::size_t m = 0; m < 3; ++m) row += flow.levels_between(l, m);
        CHECK(row == Approx(world.measures.levels[l].usage).epsilon(1e-5));
    }
    CHECK_FALSE(flow.by_sections);
    CHECK(flow.parts.size() == 12);
    CHECK(flow.parts.front().tokens == hsa::Range{0, 3});
    CHECK(flow.parts.back().tokens.end == 40);
}

TEST_CASE("uniform attention lies at 1 at every distance", "[explain][flow]") {
    World world = world_of(70);
    for (std::size_t i = 0; i < 70; ++i)
        for (std::size_t c = 0; c < world.factors.columns(); ++c)
            world.factors.k(i, c) = 1.0F / 70.0F;
    world.sums = hsa::tile_sums(world.factors);
    const hsa::Snapshot snapshot = explain_test::snapshot_of(world);
    const hsa::Target target(hsa::Matrix<float>(70, 70, 1.0F / 70.0F));
    const hsa::Flow flow = hsa::attention_flow(*snapshot.dataset, world.factors, world.sums,
                                               world.registry.hierarchy, &target, {});
    for (const double ratio : flow.all.ratio) CHECK(ratio == Approx(1.0).epsilon(1e-5));
    REQUIRE(flow.target);
    for (const double ratio : flow.target->ratio) CHECK(ratio == Approx(1.0).epsilon(1e-5));
    CHECK(flow.effective.median == Approx(70.0).epsilon(1e-4));
    CHECK(flow.all.far == Approx(flow.far_uniform).epsilon(1e-5));
    CHECK(flow.far_from == 16);
    const auto answer = hsa::answer_flow(snapshot, flow);
    CHECK(answer["distance"]["bins"].size() == flow.bins.size());
    CHECK(answer["between"]["share"].size() == 12);
    CHECK(answer["mark"] == "exact");
}

TEST_CASE("rows of no text have no distances", "[explain][flow]") {
    const World world = world_of(40);
    auto dataset = std::make_shared<hsa::Dataset>(*explain_test::snapshot_of(world).dataset);
    dataset->text = nullptr;
    dataset->tokens.clear();
    dataset->ordered = false;
    dataset->embeddings = hsa::Embeddings::own(hsa::Matrix<float>(40, 1, 1.0F));
    for (std::size_t i = 0; i < 40; ++i)
        dataset->labels.emplace_back(i < 25 ? "owl/barn" : "ray/manta");
    const hsa::Flow flow = hsa::attention_flow(*dataset, world.factors, world.sums,
                                               world.registry.hierarchy, nullptr, {});
    CHECK(flow.bins.empty());
    REQUIRE(flow.parts.size() == 2);
    CHECK(flow.parts[0].title == "owl");
    CHECK(flow.parts[1].tokens == hsa::Range{25, 40});
    CHECK(flow.entropy.mean > 0.0);
}
