#include "app/runner.h"
#include "app/session_file.h"
#include "app/settings.h"
#include "engine/attention/cells.h"
#include "engine/core/random.h"
#include "engine/io/npy.h"
#include "engine/model/key_mask.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"
#include "tests/unit/engine/io/npz_file.h"

#include <algorithm>
#include <string>
#include <vector>

using namespace splatscope;
using nlohmann::json;

namespace {

double cell(Runner& runner, std::size_t i, std::size_t j) {
    return answer(runner, "explain.cell " + std::to_string(i) + " " + std::to_string(j))["value"]
        .get<double>();
}

hsa::Matrix<float> drawn(std::size_t rows, std::size_t cols, std::uint64_t seed) {
    hsa::Matrix<float> m(rows, cols);
    hsa::Random random{seed};
    for (std::size_t e = 0; e < m.size(); ++e) m.data()[e] = static_cast<float>(random.normal());
    return m;
}

std::string mask_array(const std::vector<float>& mask) {
    hsa::Matrix<float> row(1, mask.size());
    std::copy(mask.begin(), mask.end(), row.data());
    return hsa::write_npy(row.view());
}

}  // namespace

TEST_CASE("attention.mask reaches cells, measures, cycles and the target", "[app][mask]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const json plain = answer(runner, "print measures");
    REQUIRE(cell(runner, 3, 7) > 0.0);
    REQUIRE(runner.run("set attention.mask 0:2,7:9").error.empty());
    CHECK(cell(runner, 3, 7) == 0.0);
    CHECK(noted(runner, "4 tokens masked"));
    CHECK(cell(runner, 3, 1) == 0.0);
    CHECK(cell(runner, 7, 3) > 0.0);
    CHECK(answer(runner, "explain.token 7")["from"].empty());
    const json masked = answer(runner, "print measures");
    CHECK(masked["row_kl"] != plain["row_kl"]);
    REQUIRE(runner.run("adapt.step 3").error.empty());
    CHECK(answer(runner, "print measures")["row_kl"].get<double>() <
          masked["row_kl"].get<double>());
    CHECK(cell(runner, 5, 8) == 0.0);
    REQUIRE(runner.run("set attention.causal true").error.empty());
    CHECK(cell(runner, 1, 1) == 0.0);
    CHECK(noted(runner, "the first 2 rows have no key left and are zero"));
    CHECK(cell(runner, 2, 2) == Approx(1.0).epsilon(1e-6));
    REQUIRE(runner.run("reset attention.mask").error.empty());
    CHECK(cell(runner, 0, 0) == Approx(1.0).epsilon(1e-6));
    CHECK_FALSE(noted(runner, "masked"));
}

TEST_CASE("attention.mask is undone and kept in sessions", "[app][mask]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const double before = cell(runner, 3, 7);
    REQUIRE(runner.run("set attention.mask 7,8:10,3:5").error.empty());
    CHECK(get_setting(runner.session(), "attention.mask") == "3:5,7:10");
    const std::string saved = write_session(runner.session(), ".");
    CHECK(read_session("saved.session", saved).document.attention.mask ==
          std::vector<hsa::Range>{{3, 5}, {7, 10}});
    CHECK(cell(runner, 3, 7) == 0.0);
    REQUIRE(runner.run("undo").error.empty());
    CHECK(cell(runner, 3, 7) == before);
    // Back to where it was: nothing is computed anew.
    REQUIRE(runner.run("redo").error.empty());
    CHECK(cell(runner, 3, 7) == 0.0);
    for (const hsa::StageTime& stage : runner.snapshot().stages) {
        INFO(stage.name);
        CHECK(stage.cached);
    }
}

TEST_CASE("masks that cannot be are refused", "[app][mask]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("print measures").error.empty());
    const std::size_t n = runner.snapshot().factors->tokens();
    const auto refused = [&](const std::string& line, const std::vector<std::string>& words) {
        REQUIRE(runner.run(line).error.empty());
        const std::string error = runner.run("print measures").error;
        INFO(line << ": " << error);
        for (const std::string& word : words) CHECK(error.find(word) != std::string::npos);
        REQUIRE(runner.run("undo").error.empty());
        CHECK(runner.run("print measures").error.empty());
    };
    refused("set attention.mask 3:" + std::to_string(n + 1),
            {"attention.mask", std::to_string(n) + " tokens"});
    refused("set attention.mask 0:" + std::to_string(n), {"attention.mask", "hides all"});
    for (const char* line : {"set attention.mask -1:3", "set attention.mask 5:5",
                             "set attention.mask a", "set attention.mask 3:2"}) {
        INFO(line);
        CHECK_FALSE(runner.run(line).error.empty());
    }
}

TEST_CASE("a .npz may bring its mask, which joins the setting's", "[app][mask][npz]") {
    const io_test::Folder folder;
    std::vector<float> mask(60, 1.0F);
    for (const std::size_t token : {0U, 1U, 58U, 59U}) mask[token] = 0.0F;
    const bool head = GENERATE(false, true);
    const std::string path = folder.at("padded.npz");
    const auto npy = [](const hsa::Matrix<float>& rows) { return hsa::write_npy(rows.view()); };
    io_test::Members members = {{"mask.npy", mask_array(mask)}};
    if (head) {
        members.emplace_back("queries.npy", npy(drawn(60, 4, 1)));
        members.emplace_back("keys.npy", npy(drawn(60, 4, 2)));
    } else {
        members.emplace_back("embeddings.npy", npy(drawn(60, 4, 1)));
    }
    io_test::put_file(path, io_test::npz_of(members));
    Runner runner({});
    REQUIRE(runner.run("open " + path).error.empty());
    CHECK(answer(runner, "print dataset")["understood"].get<std::string>().find(
              "4 tokens masked by 'mask'") != std::string::npos);
    CHECK(cell(runner, 5, 58) == 0.0);
    CHECK(noted(runner, "4 tokens masked"));
    CHECK(cell(runner, 58, 5) > 0.0);
    REQUIRE(runner.run("set attention.mask 5:7").error.empty());
    CHECK(cell(runner, 5, 58) == 0.0);
    CHECK(noted(runner, "6 tokens masked"));
    CHECK(cell(runner, 5, 5) == 0.0);
    REQUIRE(runner.run("set attention.mask 2:58").error.empty());
    const std::string error = runner.run("print measures").error;
    CHECK(error.find("with those that the file masks") != std::string::npos);
}
