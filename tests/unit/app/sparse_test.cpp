#include "app/runner.h"
#include "engine/attention/cells.h"
#include "engine/attention/factors.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"
#include "tests/unit/engine/io/npz_file.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace splatscope;
using nlohmann::json;

namespace {

// Rows of A, a few of them.
hsa::Matrix<float> rows_of(const Runner& runner) {
    const hsa::Factors& factors = *runner.snapshot().factors;
    const std::vector<std::uint32_t> rows = {0, 17, 200, 1000};
    hsa::Matrix<float> a(rows.size(), factors.tokens());
    hsa::attention_rows(factors, rows, {}, a.view());
    return a;
}

double largest_l1(const hsa::Matrix<float>& a, const hsa::Matrix<float>& b) {
    double most = 0.0;
    for (std::size_t r = 0; r < a.rows(); ++r) {
        double sum = 0.0;
        for (std::size_t j = 0; j < a.cols(); ++j)
            sum += std::abs(static_cast<double>(a(r, j)) - static_cast<double>(b(r, j)));
        most = std::max(most, sum);
    }
    return most;
}

}  // namespace

TEST_CASE("attention.mode sparse and spatial show few splats a token with their bound",
          "[app][sparse]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:voyage").error.empty());
    const json measures = answer(runner, "print measures");
    const hsa::Matrix<float> dense = rows_of(runner);
    for (const std::string mode : {"sparse", "spatial"}) {
        REQUIRE(runner.run("set attention.mode " + mode).error.empty());
        const json factors = answer(runner, "print factors");
        CHECK(factors["storage"] == "sparse");
        CHECK(factors["mark"] == (mode == "sparse" ? "exact" : "approximate"));
        const double bound = factors["row_bound"].get<double>();
        const double off = largest_l1(rows_of(runner), dense);
        CHECK(off > 0.0);
        CHECK(off < (mode == "sparse" ? bound : 2.0));
        CHECK(noted(runner, "16 splats a token keep"));
        CHECK(noted(runner, "through cells") == (mode == "spatial"));
        // Looking with few splats changes no measure.
        CHECK(answer(runner, "print measures") == measures);
    }
    const std::size_t few = runner.snapshot().factors->k.bytes();
    REQUIRE(runner.run("set attention.splats_per_token 4").error.empty());
    (void)answer(runner, "print factors");
    CHECK(noted(runner, "4 splats a token keep"));
    CHECK(runner.snapshot().factors->k.bytes() < few / 2);
    REQUIRE(runner.run("set attention.mode dense").error.empty());
    REQUIRE(runner.run("reset attention.splats_per_token").error.empty());
    (void)answer(runner, "print factors");
    CHECK(rows_of(runner) == dense);
    CHECK_FALSE(noted(runner, "splats a token keep"));
}

TEST_CASE("compute.storage keeps factors in few bits, says what that does, and is left again",
          "[app][sparse]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:voyage").error.empty());
    const json was = answer(runner, "print measures");
    const json plain = answer(runner, "print factors");
    CHECK(plain["row_error"].is_null());
    for (const std::string storage : {"float16", "8bit"}) {
        REQUIRE(runner.run("set compute.storage " + storage).error.empty());
        const json factors = answer(runner, "print factors");
        CHECK(factors["storage"] == storage);
        CHECK(factors["mark"] == "approximate");
        CHECK(factors["bytes"].get<double>() <
              plain["bytes"].get<double>() / (storage == "8bit" ? 3.5 : 1.9));
        const double kl = factors["row_error"]["kl"].get<double>();
        CHECK(kl > 0.0);
        CHECK(kl < 2e-3);
        CHECK(noted(runner, "kept as " + storage));
        // rulings.md: the row-KL to the target within 1 %.
        CHECK(answer(runner, "print measures")["row_kl"].get<double>() ==
              Approx(was["row_kl"].get<double>()).epsilon(0.01));
        REQUIRE(runner.run("adapt.step").error.empty());
        REQUIRE(runner.run("undo").error.empty());
        REQUIRE(runner.run("undo").error.empty());
    }
    CHECK(answer(runner, "print factors") == plain);
    CHECK(answer(runner, "print measures") == was);
}

TEST_CASE("splats.save 8bit writes a small file that opens as nearly the same splats",
          "[app][sparse]") {
    const io_test::Folder folder;
    Runner runner({});
    REQUIRE(runner.run("open sample:voyage").error.empty());
    const double was = answer(runner, "print measures")["row_kl"].get<double>();
    const json plain = answer(runner, "splats.save " + folder.at("plain.splats"));
    const json few = answer(runner, "splats.save " + folder.at("few.splats") + " 8bit");
    CHECK_FALSE(plain.contains("row_error"));
    // Of 8 bytes a number and axis 2 are left; the rest of the file stays.
    const hsa::SplatRegistry& registry = *runner.snapshot().registry;
    const auto numbers = static_cast<double>(registry.size() * registry.dimension);
    CHECK(plain["bytes"].get<double>() - few["bytes"].get<double>() > 5.0 * numbers);
    CHECK(few["row_error"]["kl"].get<double>() > 0.0);
    CHECK(few["row_error"]["kl"].get<double>() < 0.01 * was);
    REQUIRE(runner.run("splats.open " + folder.at("few.splats")).error.empty());
    CHECK(answer(runner, "print measures")["row_kl"].get<double>() == Approx(was).epsilon(0.01));
    CHECK(runner.run("splats.save " + folder.at("few.json") + " 8bit").exit_code == 1);
    CHECK(runner.run("splats.save " + folder.at("x.splats") + " 4bit").exit_code == 2);
}

TEST_CASE("a level's temperature divides its Gaussians while looking, and no measure",
          "[app][levels]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:voyage").error.empty());
    const json measures = answer(runner, "print measures");
    const hsa::Matrix<float> was = rows_of(runner);
    REQUIRE(runner.run("set attention.level.Phrase.temperature 4").error.empty());
    CHECK(answer(runner, "print measures") == measures);
    // The same as splats of a quarter of the beta.
    const hsa::Snapshot& snapshot = runner.snapshot();
    hsa::SplatRegistry warmed = *snapshot.registry;
    for (const std::size_t row : warmed.rows_of_level(1)) warmed.beta[row] *= 0.25F;
    std::vector<std::string> notes;
    const hsa::Factors wanted = hsa::compute_factors(*hsa::make_backend("auto", notes), warmed,
                                                     *snapshot.coordinates, {}, {});
    CHECK(snapshot.factors->p == wanted.p);
    CHECK(snapshot.factors->k == wanted.k);
    CHECK(largest_l1(rows_of(runner), was) > 1e-3);
    CHECK(runner.run("set attention.level.Phrase.temperature 0").exit_code == 1);
    REQUIRE(runner.run("reset attention.level.Phrase.temperature").error.empty());
    CHECK(answer(runner, "print measures") == measures);
    CHECK(rows_of(runner) == was);
}

TEST_CASE("few bits and few splats say what they cannot stand beside", "[app][sparse]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:voyage").error.empty());
    REQUIRE(runner.run("print measures").error.empty());
    for (const std::string few : {"set attention.mode sparse", "set compute.storage 8bit"})
        for (const std::string other : {"set attention.causal true", "set attention.window 3"}) {
            REQUIRE(runner.run(few).error.empty());
            (void)runner.run(other);
            const Outcome refused = runner.run("print measures");
            CHECK(refused.exit_code == 1);
            CHECK(refused.error.find(few.substr(4, few.find(' ', 4) - 4)) != std::string::npos);
            for (const std::string& line : {few, other}) {
                const std::string name = line.substr(4, line.find(' ', 4) - 4);
                REQUIRE(runner.run("reset " + name).error.empty());
            }
            CHECK(runner.run("print measures").error.empty());
        }
}
