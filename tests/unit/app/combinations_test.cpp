#include "app/runner.h"
#include "app/settings.h"
#include "engine/attention/cells.h"
#include "engine/core/random.h"
#include "engine/io/npy.h"
#include "engine/model/key_mask.h"
#include "tests/catch.h"
#include "tests/unit/engine/io/npz_file.h"

#include <cmath>
#include <string>
#include <vector>

using namespace splatscope;

namespace {

struct Choice {
    const char* setting;
    std::vector<const char*> values;
};

// Settings that decide what attention is, with values that work, that exclude each other and that
// are at the edge of what is allowed.
const std::vector<Choice>& choices() {
    static const std::vector<Choice> all = {
        {"attention.form", {"auto", "token", "shared", "paired"}},
        {"attention.mode", {"dense", "sparse", "spatial"}},
        {"compute.storage", {"float32", "float16", "8bit"}},
        {"attention.temperature", {"0.01", "0.5", "1", "100"}},
        {"attention.level.Token.temperature", {"0.01", "0.5", "100"}},
        {"attention.causal", {"false", "true"}},
        {"attention.window", {"0", "1", "4096"}},
        {"attention.blend", {"auto", "0", "0.3", "1"}},
        {"attention.near", {"0", "1", "64"}},
        {"attention.near_limit", {"1", "64"}},
        {"attention.anchors", {"0", "1", "4096"}},
        {"attention.mask", {"0", "1", "0:2,5:9", "0:50", "0:10000"}},
        {"attention.normalise", {"row", "softmax", "softmax-linear"}},
        {"attention.tau", {"0.001", "1", "1000"}},
        {"attention.top_k", {"0", "1", "1000000"}},
        {"attention.threshold", {"0", "0.05", "1"}},
        {"attention.splats_per_token", {"0", "1", "7"}},
        {"compute.precision", {"single", "double"}},
        {"splats.kernel", {"auto", "spherical", "diagonal", "lowrank", "full"}},
        {"splats.background", {"true", "false"}},
        {"coordinates.smoothing", {"auto", "off", "trailing", "factor"}},
        {"coordinates.position", {"0", "0.3"}},
        {"target.source", {"scores", "none"}},
        {"target.scale", {"auto", "0.01", "30"}},
        {"map.statistic", {"mean", "most"}},
    };
    return all;
}

std::string numbers(std::size_t rows, std::size_t columns, std::uint64_t seed, double scale) {
    std::string text;
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t c = 0; c < columns; ++c) {
            const double value =
                scale * (static_cast<double>(hsa::random_bits({seed, i, c}) % 2001) - 1000.0);
            text += std::to_string(value) + (c + 1 < columns ? "," : "\n");
        }
    return text;
}

hsa::Matrix<float> rows_of(std::size_t n, std::size_t d, std::uint64_t seed) {
    hsa::Matrix<float> rows(n, d);
    hsa::Random random{seed};
    for (std::size_t e = 0; e < rows.size(); ++e)
        rows.data()[e] = static_cast<float>(2.0 * random.normal());
    return rows;
}

std::vector<std::string> data_files(const io_test::Folder& folder) {
    io_test::put_file(folder.at("one.csv"), "1,2,3\n");
    io_test::put_file(folder.at("two.csv"), "1,2\n1,2\n");
    io_test::put_file(folder.at("rows.csv"), numbers(70, 3, 9, 1e-3));
    io_test::put_file(folder.at("words.txt"),
                      "One day the sea was high. The ship ran.\n\nThe engine ran hot, the valve "
                      "stuck. Then the sea fell and the ship lay still.\n");
    const auto npy = [](const hsa::Matrix<float>& m) { return hsa::write_npy(m.view()); };
    io_test::put_file(folder.at("head.npz"),
                      io_test::npz_of({{"queries.npy", npy(rows_of(66, 4, 1))},
                                       {"keys.npy", npy(rows_of(66, 4, 2))},
                                       {"values.npy", npy(rows_of(66, 2, 3))}}));
    return {"one.csv", "two.csv", "rows.csv", "words.txt", "head.npz"};
}

// A question that was answered, or refused with a sentence: never a fault of the program.
bool answered(Runner& runner, const std::string& line) {
    const Outcome outcome = runner.run(line);
    INFO(line << ": " << outcome.error);
    CHECK((outcome.exit_code == 0 || outcome.exit_code == 1 || outcome.exit_code == 2));
    CHECK(outcome.error.empty() == (outcome.exit_code == 0));
    if (!outcome.error.empty()) CHECK(outcome.error.size() > 20);
    CHECK(outcome.output.find("nan") == std::string::npos);
    return outcome.exit_code == 0;
}

void check_rows(const Runner& runner) {
    const hsa::Factors& factors = *runner.snapshot().factors;
    const std::size_t n = factors.tokens();
    std::vector<std::uint32_t> rows = {0, static_cast<std::uint32_t>(n / 2),
                                       static_cast<std::uint32_t>(n - 1)};
    hsa::Matrix<float> a(rows.size(), n);
    hsa::attention_rows(factors, rows, runner.session().document.attention, a.view());
    for (std::size_t r = 0; r < rows.size(); ++r) {
        double sum = 0.0;
        for (const float value : std::as_const(a).row(r)) {
            CHECK(value >= 0.0F);
            sum += static_cast<double>(value);
        }
        // Causal rows before the first key that is not masked are zero.
        const bool zero =
            runner.snapshot().causal && rows[r] < hsa::rows_without_keys(factors.masked);
        CHECK(sum == Approx(zero ? 0.0 : 1.0).epsilon(1e-3));
        for (const std::uint32_t j : factors.masked) CHECK(a(r, j) == 0.0F);
    }
}

}  // namespace

TEST_CASE("any combination of settings works or is refused with a sentence",
          "[app][combinations]") {
    constexpr std::uint64_t kCombinations = 60;  // a file
    const io_test::Folder folder;
    std::size_t worked = 0;
    std::size_t refused = 0;
    for (const std::string& file : data_files(folder)) {
        Runner runner({});
        REQUIRE(runner.run("open " + folder.at(file)).error.empty());
        for (std::uint64_t combination = 0; combination < kCombinations; ++combination) {
            hsa::Random random{0xc0, combination};
            std::string script = file;
            for (const Choice& choice : choices()) {
                // Most stay as they are, so that a combination is of a few.
                const bool changed = random.below(3) == 0;
                const std::string line = changed
                                             ? std::string("set ") + choice.setting + " " +
                                                   choice.values[random.below(choice.values.size())]
                                             : std::string("reset ") + choice.setting;
                if (changed) script += "; " + line;
                (void)answered(runner, line);
            }
            INFO(script);
            if (random.below(4) == 0) (void)answered(runner, "splats.init kmeans 3");
            if (random.below(4) == 0) (void)answered(runner, "adapt.step");
            if (answered(runner, "print measures")) {
                ++worked;
                check_rows(runner);
                for (const char* question :
                     {"explain.cell 0 0", "explain.token 0", "explain.block : :", "explain.pairs 1",
                      "explain.level Token", "print health", "print factors"}) {
                    INFO(question);
                    CHECK(answered(runner, question));
                }
                (void)answered(runner, "explain.splat 0");
            } else {
                ++refused;
                (void)answered(runner, "undo");
            }
            (void)answered(runner, "adapt.goto 0");
        }
    }
    // Both happen, or the choices say nothing.
    CHECK(worked > 100);
    CHECK(refused > 10);
}
