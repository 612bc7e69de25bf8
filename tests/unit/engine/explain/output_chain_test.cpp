#include "engine/explain/output_chain.h"

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/explain/answers.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <cmath>
#include <memory>

using explain_test::attention_of;
using explain_test::make_world;
using explain_test::World;

namespace {

hsa::Matrix<float> random_values(std::size_t n, std::size_t v) {
    hsa::Random random({3, n});
    hsa::Matrix<float> values(n, v);
    for (std::size_t x = 0; x < values.size(); ++x)
        values.data()[x] = static_cast<float>(random.normal());
    return values;
}

// O_i by forming the row of A.
std::vector<double> output_of(const hsa::Matrix<double>& a, const hsa::Matrix<float>& values,
                              std::size_t i) {
    std::vector<double> out(values.cols(), 0.0);
    for (std::size_t j = 0; j < values.rows(); ++j)
        for (std::size_t x = 0; x < out.size(); ++x)
            out[x] += a(i, j) * static_cast<double>(values(j, x));
    return out;
}

double length(const std::vector<double>& vector) {
    double sum = 0.0;
    for (const double x : vector) sum += x * x;
    return std::sqrt(sum);
}

// Everything sums: parts to the value, tokens to their part.
void check_sums(const hsa::OutputChain& chain) {
    double all = chain.rest;
    for (const hsa::OutputPart& part : chain.parts) {
        all += part.value;
        double tokens = part.rest;
        for (const hsa::OutputToken& each : part.tokens) tokens += each.value;
        CHECK(tokens == Approx(part.value).epsilon(1e-9).margin(1e-12));
    }
    CHECK(all == Approx(chain.value).epsilon(1e-9).margin(1e-12));
}

}  // namespace

TEST_CASE("an output is the sum of its splats' parts, and they of their tokens'",
          "[explain][output]") {
    const World world = make_world({});
    const auto values = random_values(world.factors.tokens(), 7);
    const auto a = attention_of(world.factors);
    for (const std::size_t i : {std::size_t{0}, std::size_t{17}, std::size_t{39}}) {
        const auto output = output_of(a, values, i);
        const hsa::OutputChain chain =
            hsa::output_chain(world.factors, values.view(), i, std::nullopt, true);
        CHECK(chain.value == Approx(length(output)).epsilon(1e-6));
        CHECK(chain.parts.size() == world.factors.columns());
        check_sums(chain);
        // Each part by brute force: |P u_s| and its projection.
        for (const hsa::OutputPart& part : chain.parts) {
            std::size_t c = 0;
            while (world.factors.ids[c] != part.splat) ++c;
            std::vector<double> u(values.cols(), 0.0);
            for (std::size_t j = 0; j < values.rows(); ++j)
                for (std::size_t x = 0; x < u.size(); ++x)
                    u[x] += static_cast<double>(world.factors.p(i, c)) *
                            static_cast<double>(world.factors.k(j, c)) *
                            static_cast<double>(values(j, x));
            double along = 0.0;
            for (std::size_t x = 0; x < u.size(); ++x) along += u[x] * output[x] / length(output);
            CHECK(part.norm == Approx(length(u)).epsilon(1e-6));
            CHECK(part.value == Approx(along).epsilon(1e-6).margin(1e-9));
            CHECK(part.p == Approx(static_cast<double>(world.factors.p(i, c))));
        }
        const hsa::OutputChain third = hsa::output_chain(world.factors, values.view(), i, 3, false);
        CHECK(third.value == Approx(output[3]).epsilon(1e-6).margin(1e-9));
        CHECK(third.parts.front().norm == 0.0);
        check_sums(third);
    }
}

TEST_CASE("many splats: the largest parts are listed, the others are the rest",
          "[explain][output]") {
    explain_test::Shape shape;
    shape.tokens = 90;
    shape.fine = 30;
    const World world = make_world(shape);
    const auto values = random_values(90, 4);
    const auto chain = hsa::output_chain(world.factors, values.view(), 11, std::nullopt, false);
    CHECK(chain.parts.size() == 20);
    for (std::size_t p = 1; p < chain.parts.size(); ++p)
        CHECK(std::abs(chain.parts[p].value) <= std::abs(chain.parts[p - 1].value));
    check_sums(chain);
}

TEST_CASE("exact pairs are one part of an output", "[explain][output]") {
    World world = make_world({});
    const std::size_t n = world.factors.tokens();
    for (const bool replaces : {true, false}) {
        auto near = std::make_shared<hsa::NearPairs>();
        near->replaces = replaces;
        near->set.begins = {0};
        for (std::size_t i = 0; i < n; ++i) {
            for (const std::size_t j : {i, i + 2})
                if (j < n) {
                    near->set.columns.push_back(static_cast<std::uint32_t>(j));
                    near->exact.push_back(0.1F);
                }
            near->set.begins.push_back(near->set.columns.size());
        }
        near->correction.assign(near->exact.size(), 0.0F);
        near->far_scale.assign(n, 1.0F);
        world.factors.near = near;
        auto a = attention_of(world.factors);
        for (std::size_t i = 0; i < n; ++i)
            for (const std::uint32_t j : near->set.row(i))
                a(i, j) = static_cast<double>(0.1F) + (replaces ? 0.0 : a(i, j));
        const auto values = random_values(n, 5);
        const auto chain = hsa::output_chain(world.factors, values.view(), 8, 1, true);
        CHECK(chain.value == Approx(output_of(a, values, 8)[1]).epsilon(1e-6));
        check_sums(chain);
        CHECK(std::any_of(chain.parts.begin(), chain.parts.end(),
                          [](const auto& part) { return part.splat == hsa::kExactPairs; }));
    }
}

TEST_CASE("explain.output says through which values", "[explain][output]") {
    const World world = make_world({});
    hsa::Snapshot snapshot = explain_test::snapshot_of(world);
    CHECK_THROWS_AS(hsa::answer_output(snapshot, 3, std::nullopt), hsa::Error);
    CHECK(hsa::answer_token(snapshot, 3)["output"].is_null());
    auto dataset = std::make_shared<hsa::Dataset>(*snapshot.dataset);
    dataset->embeddings = hsa::Embeddings::own(random_values(world.factors.tokens(), 6));
    snapshot.dataset = dataset;
    CHECK(hsa::answer_output(snapshot, 3, std::nullopt)["values"] == "embeddings");
    CHECK(hsa::answer_token(snapshot, 3)["output"]["width"] == 6);
    auto head = std::make_shared<hsa::HeadRows>();
    head->values = random_values(world.factors.tokens(), 2);
    dataset = std::make_shared<hsa::Dataset>(*dataset);
    dataset->head = head;
    snapshot.dataset = dataset;
    const auto answer = hsa::answer_output(snapshot, 3, 1);
    CHECK(answer["values"] == "head");
    CHECK(answer["component"] == 1);
    CHECK(answer["parts"][0]["tokens"].size() == 8);
    CHECK_THROWS_AS(hsa::answer_output(snapshot, 3, 2), hsa::Error);
    CHECK_THROWS_AS(hsa::answer_output(snapshot, 40, 0), hsa::Error);
}
