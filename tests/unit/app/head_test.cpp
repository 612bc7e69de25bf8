#include "app/runner.h"
#include "app/session_file.h"
#include "engine/core/random.h"
#include "engine/io/file.h"
#include "engine/io/npy.h"
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

constexpr std::size_t kTokens = 120;
constexpr std::size_t kAxes = 6;

// Queries and keys about four directions, in stretches of ten tokens.
struct MadeHead {
    hsa::Matrix<float> queries{kTokens, kAxes}, keys{kTokens, kAxes}, values{kTokens, 3};
};

// `share` of the directions and noise: small ones make every row of the attention nearly flat.
MadeHead made_head(float share = 1.0F) {
    MadeHead head;
    hsa::Random random{5};
    const auto noise = [&] { return static_cast<float>(random.normal()); };
    hsa::Matrix<float> direction(4, kAxes);
    for (std::size_t e = 0; e < direction.size(); ++e) direction.data()[e] = 1.5F * noise();
    for (std::size_t i = 0; i < kTokens; ++i) {
        const std::size_t topic = i / 10 % 4;
        for (std::size_t a = 0; a < kAxes; ++a) {
            head.queries(i, a) = share * (direction(topic, a) + 0.3F * noise());
            head.keys(i, a) = share * (direction(topic, a) + 0.3F * noise());
        }
        for (std::size_t v = 0; v < 3; ++v)
            head.values(i, v) = static_cast<float>(topic * v) + 0.1F * noise();
    }
    return head;
}

std::string npy(const hsa::Matrix<float>& rows) { return hsa::write_npy(rows.view()); }

std::string write_head(const io_test::Folder& folder, const MadeHead& head = made_head()) {
    std::string path = folder.at("head.npz");
    io_test::put_file(path, io_test::npz_of({{"queries.npy", npy(head.queries)},
                                             {"keys.npy", npy(head.keys)},
                                             {"values.npy", npy(head.values)}}));
    return path;
}

// softmax(q_i . k / sqrt(d)) at j, in double.
double exact_cell(const MadeHead& head, std::size_t i, std::size_t j) {
    double sum = 0.0;
    double own = 0.0;
    for (std::size_t t = 0; t < kTokens; ++t) {
        double logit = 0.0;
        for (std::size_t a = 0; a < kAxes; ++a)
            logit += static_cast<double>(head.queries(i, a)) * static_cast<double>(head.keys(t, a));
        const double e = std::exp(logit / std::sqrt(static_cast<double>(kAxes)));
        sum += e;
        if (t == j) own = e;
    }
    return own / sum;
}

double row_kl(Runner& runner) { return answer(runner, "print measures")["row_kl"].get<double>(); }

}  // namespace

TEST_CASE("a head's queries and keys open as its attention", "[app][head]") {
    const io_test::Folder folder;
    const MadeHead head = made_head();
    Runner runner({});
    REQUIRE(runner.run("open " + write_head(folder)).error.empty());
    const json measures = answer(runner, "print measures");
    CHECK(measures["row_kl"].get<double>() < 0.05);
    CHECK(noted(runner, "form shared, fitted in"));
    CHECK(noted(runner, "output error"));
    CHECK(noted(runner, "row entropy"));
    CHECK(measures["splats"].get<int>() >= 16);  // chosen by the entropy of rows
    double error = 0.0;
    for (std::size_t i = 3; i < kTokens; i += 29)
        for (std::size_t j = 0; j < kTokens; ++j)
            error += std::abs(answer(runner, "explain.cell " + std::to_string(i) + " " +
                                                 std::to_string(j))["value"]
                                  .get<double>() -
                              exact_cell(head, i, j));
    CHECK(error / 5.0 < 0.25);  // L1 of a row; uniform attention has about 1
    const json cell = answer(runner, "explain.cell 3 7");
    double parts = 0.0;
    for (const json& part : cell["parts"]) parts += part["value"].get<double>();
    CHECK(parts == Approx(cell["value"].get<double>()).epsilon(1e-4));
    // The picture's splats lie among the keys.
    const hsa::Layout& layout = *runner.snapshot().layout;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        float low = 1e30F;
        float high = -1e30F;
        for (std::size_t j = 0; j < kTokens; ++j) {
            low = std::min(low, (*layout.points[0])(j, axis));
            high = std::max(high, (*layout.points[0])(j, axis));
        }
        for (std::size_t s = 0; s < layout.centres.rows(); ++s) {
            CHECK(layout.centres(s, axis) >= low);
            CHECK(layout.centres(s, axis) <= high);
        }
    }
}

TEST_CASE("the other forms of a head, and what they refuse", "[app][head]") {
    const io_test::Folder folder;
    Runner runner({});
    REQUIRE(runner.run("open " + write_head(folder)).error.empty());
    const double shared = row_kl(runner);
    REQUIRE(runner.run("set attention.form paired").error.empty());
    CHECK(row_kl(runner) < 0.1);
    CHECK(noted(runner, "form paired"));
    for (const char* line : {"splats.calibrate"}) {
        INFO(line);
        const Outcome outcome = runner.run(line);
        CHECK(outcome.exit_code == 1);
        CHECK(outcome.error.find("form token") != std::string::npos);
        CHECK(runner.session().document.timeline.last == 0);
    }
    REQUIRE(runner.run("adapt.step 2").error.empty());
    CHECK(runner.run("expect history.last == 2").error.empty());
    CHECK(answer(runner, "print history")["events"] > 0);
    REQUIRE(runner.run("adapt.goto 0").error.empty());
    REQUIRE(runner.run("set attention.form token").error.empty());
    CHECK(row_kl(runner) > shared);
    CHECK(noted(runner, "not this head's attention"));
    REQUIRE(runner.run("adapt.step").error.empty());
    CHECK(answer(runner, "print history")["last"] >= 1);
    REQUIRE(runner.run("adapt.goto 0").error.empty());
    REQUIRE(runner.run("reset attention.form").error.empty());
    CHECK(row_kl(runner) == shared);
    REQUIRE(runner.run("splats.init distil 12").error.empty());
    CHECK(answer(runner, "print measures")["splats"] == 12);
    for (const char* line : {"splats.init pca", "splats.init distil 4 2"}) {
        INFO(line);
        REQUIRE(runner.run(line).error.empty());
        CHECK(runner.run("print measures").exit_code == 1);
        REQUIRE(runner.run("undo").error.empty());
    }
    REQUIRE(runner.run("set attention.causal true").error.empty());
    CHECK(answer(runner, "explain.cell 3 7")["value"] == 0.0);
    CHECK(runner.run("output.save " + folder.at("v.npy") + " " + folder.at("o.npy")).exit_code ==
          1);
    io_test::put_file(folder.at("v.npy"), npy(made_head().values));
    CHECK(runner.run("output.save " + folder.at("v.npy") + " " + folder.at("o.npy")).error.empty());
}

TEST_CASE("outputs of a diffuse head go through a signed core", "[app][head][core]") {
    const io_test::Folder folder;
    const MadeHead diffuse = made_head(0.3F);
    io_test::put_file(folder.at("v.npy"), npy(diffuse.values));
    const std::string save = "output.save " + folder.at("v.npy") + " " + folder.at("o.npy");
    Runner runner({});
    REQUIRE(runner.run("open " + write_head(folder, diffuse)).error.empty());
    REQUIRE(runner.run("splats.init distil 12").error.empty());
    const std::string cell = runner.run("explain.cell 3 7").output;
    const json saved = answer(runner, save);
    INFO(saved.dump());
    REQUIRE(saved["core"]["used"] == true);
    CHECK(saved["mark"] == "approximate");
    CHECK(saved["core"]["entropy_share"].get<double>() > 0.95);
    CHECK(saved["core"]["entropy_share"].get<double>() < 1.0);
    CHECK(saved["core"]["error_core"].get<double>() < saved["core"]["error_plain"].get<double>());
    // The file is nearer to softmax(q k) V than what the cells give; cells stay as they were.
    CHECK(runner.run("explain.cell 3 7").output == cell);
    REQUIRE(runner.run("attention.save " + folder.at("a.npy")).error.empty());
    const auto read = [&](const char* name) {
        return hsa::read_npy(name, hsa::read_file(folder.at(name))).values;
    };
    const hsa::Matrix<float> out = read("o.npy");
    const hsa::Matrix<float> a = read("a.npy");
    double plain = 0.0;
    double core = 0.0;
    for (std::size_t i = 0; i < kTokens; ++i)
        for (std::size_t v = 0; v < 3; ++v) {
            double wanted = 0.0;
            double cells = 0.0;
            for (std::size_t j = 0; j < kTokens; ++j) {
                wanted += exact_cell(diffuse, i, j) * static_cast<double>(diffuse.values(j, v));
                cells += static_cast<double>(a(i, j)) * static_cast<double>(diffuse.values(j, v));
            }
            plain += std::pow(cells - wanted, 2);
            core += std::pow(static_cast<double>(out(i, v)) - wanted, 2);
        }
    CHECK(core < 0.9 * plain);

    // What is shown is no longer the target's: the outputs are those of the cells, exactly.
    for (const char* line : {"set attention.temperature 2", "set attention.window 2"}) {
        INFO(line);
        REQUIRE(runner.run(line).error.empty());
        const json other = answer(runner, save + " overwrite");
        CHECK(other.find("core") == other.end());
        CHECK(other["mark"] == "exact");
        REQUIRE(runner.run("undo").error.empty());
    }
    REQUIRE(runner.run("open " + write_head(folder)).error.empty());
    const json peaked = answer(runner, save + " overwrite");
    CHECK(peaked["core"]["used"] == false);
    CHECK(peaked["core"]["entropy_share"].get<double>() < 0.95);
    CHECK(peaked["mark"] == "exact");
    io_test::put_file(folder.at("v.npy"), npy(hsa::Matrix<float>(kTokens - 1, 2)));
    CHECK(runner.run(save + " overwrite").error.find("119 rows") != std::string::npos);
}

TEST_CASE("cycles that were asked for before a head was there are run", "[app][head]") {
    const io_test::Folder folder;
    Runner runner({});
    runner.submit("open " + write_head(folder));
    runner.submit("adapt.step 3");  // runs before the data are known
    (void)runner.poll();
    runner.wait_complete();
    (void)runner.poll();
    CHECK(runner.session().document.timeline.last == 3);
    CHECK(runner.run("print measures").error.empty());
}

TEST_CASE("the cycles of a head beside exact pairs are computed again as they were",
          "[app][head]") {
    const io_test::Folder folder;
    Runner runner({});
    REQUIRE(runner.run("open " + write_head(folder)).error.empty());
    REQUIRE(runner.run("set attention.window 2").error.empty());
    REQUIRE(runner.run("splats.init distil 16").error.empty());
    REQUIRE(runner.run("adapt.step 2").error.empty());
    CHECK(answer(runner, "run.verify")["same"] == true);
    const nlohmann::json measures = answer(runner, "print measures");
    REQUIRE(runner.run("run.save " + folder.at("h.run")).error.empty());
    REQUIRE(runner.run("adapt.step 1").error.empty());
    REQUIRE(runner.run("run.open " + folder.at("h.run")).error.empty());
    CHECK(answer(runner, "print measures")["row_kl"] == measures["row_kl"]);
    CHECK(answer(runner, "run.verify")["same"] == true);
}

TEST_CASE("fitted splats are saved and opened as they are", "[app][head]") {
    const io_test::Folder folder;
    const std::string file = write_head(folder);
    std::string measures;
    {
        Runner runner({});
        REQUIRE(runner.run("open " + file).error.empty());
        REQUIRE(runner.run("set splats.kernel spherical").error.empty());
        REQUIRE(runner.run("splats.init distil 16").error.empty());
        measures = runner.run("print measures").output;
        REQUIRE(runner.run("splats.save " + folder.at("h.json")).error.empty());
        REQUIRE(runner.run("run.save " + folder.at("h.run")).error.empty());
        REQUIRE(runner.run("session.save " + folder.at("h.session")).error.empty());
    }
    for (const std::string& line :
         {"splats.open " + folder.at("h.json"), "run.open " + folder.at("h.run"),
          "session.open " + folder.at("h.session")}) {
        INFO(line);
        Runner runner({});
        REQUIRE(runner.run("open " + file).error.empty());
        REQUIRE(runner.run(line).error.empty());
        CHECK(runner.run("print measures").output == measures);
    }
    Runner runner({});
    REQUIRE(runner.run("open " + file).error.empty());
    REQUIRE(runner.run("splats.open " + folder.at("h.json")).error.empty());
    REQUIRE(runner.run("set attention.form token").error.empty());
    CHECK(runner.run("print measures").error.find("splats.init") != std::string::npos);
}

TEST_CASE("a near set and a window are settings", "[app][head][near]") {
    const io_test::Folder folder;
    const MadeHead head = made_head();
    Runner runner({});
    REQUIRE(runner.run("open " + write_head(folder)).error.empty());
    REQUIRE(runner.run("splats.init distil 8").error.empty());
    const double plain = row_kl(runner);
    REQUIRE(runner.run("set attention.window 4").error.empty());
    REQUIRE(runner.run("set attention.near 1").error.empty());
    REQUIRE(runner.run("set attention.anchors 2").error.empty());
    const json measures = answer(runner, "print measures");
    CHECK(measures["row_kl"].get<double>() < 0.7 * plain);
    double usage = 0.0;
    for (const auto& entry : measures["usage"].items()) usage += entry.value().get<double>();
    CHECK(usage == Approx(1.0).epsilon(1e-4));
    CHECK(measures["usage"]["exact"].get<double>() > 0.05);
    CHECK(noted(runner, "keep their exact scores, masses fitted"));
    CHECK(answer(runner, "print factors")["near_pairs"].get<int>() > 900);
    const json cell = answer(runner, "explain.cell 30 31");
    REQUIRE(cell["parts"].size() == 1);
    CHECK(cell["parts"][0]["splat"] == "exact");
    CHECK(answer(runner, "explain.cell 30 31")["value"].get<double>() ==
          Approx(exact_cell(head, 30, 31)).epsilon(0.1));
    CHECK(row_kl(runner) ==
          Approx(runner.snapshot().history->cycles.front()->measures.row_kl).epsilon(1e-6));
    const json files =
        answer(runner, "factors.save " + folder.at("p.npy") + " " + folder.at("k.npy"));
    CHECK(files["near_pairs"].get<int>() > 900);
    CHECK(files["rows"].get<std::string>().find("attention.save") != std::string::npos);
    REQUIRE(runner.run("splats.save " + folder.at("near.json")).error.empty());
    const std::string saved = runner.run("print measures").output;

    // What was fitted with a near set is read with it.
    Runner again({});
    REQUIRE(again.run("open " + folder.at("head.npz")).error.empty());
    REQUIRE(again.run("splats.open " + folder.at("near.json")).error.empty());
    CHECK(again.run("print measures").output == saved);
    CHECK(noted(again, "as the splats were fitted with"));

    REQUIRE(runner.run("set attention.splats_per_token 2").error.empty());
    CHECK(runner.run("print measures").exit_code == 1);
    REQUIRE(runner.run("undo").error.empty());
    REQUIRE(runner.run("set attention.blend 0.5").error.empty());
    CHECK(runner.run("print measures").error.find("blend auto") != std::string::npos);
}

TEST_CASE("a window beside the splats of the form token is blended", "[app][near]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("adapt.step 1").error.empty());
    const json before = answer(runner, "explain.cell 10 11");
    const json far = answer(runner, "explain.cell 10 200");
    const std::string measures = runner.run("print measures").output;
    REQUIRE(runner.run("set attention.window 3").error.empty());
    CHECK(runner.session().document.timeline.last == 1);  // looking only
    const json after = answer(runner, "explain.cell 10 11");
    CHECK(noted(runner, "splats 50 %, a window of 3 tokens"));
    CHECK(after["value"].get<double>() > before["value"].get<double>());
    CHECK(after["parts"].size() == before["parts"].size() + 1);
    CHECK(answer(runner, "explain.cell 10 200")["value"].get<double>() ==
          Approx(0.5 * far["value"].get<double>()).epsilon(1e-5));
    CHECK(runner.run("print measures").output == measures);
    REQUIRE(runner.run("set attention.blend 1").error.empty());
    CHECK(answer(runner, "explain.cell 10 11")["value"].get<double>() ==
          Approx(before["value"].get<double>()).epsilon(1e-6));
    REQUIRE(runner.run("set attention.blend 0.2").error.empty());
    const json token = answer(runner, "explain.token 10");
    CHECK(token["to"][0]["splat"] == "exact");
    REQUIRE(runner.run("set attention.near 2").error.empty());
    CHECK(runner.run("print measures").error.find("attention.form shared") != std::string::npos);
    REQUIRE(runner.run("undo").error.empty());
    REQUIRE(runner.run("set attention.causal true").error.empty());
    CHECK(answer(runner, "explain.cell 10 11")["value"] == 0.0);
    CHECK(answer(runner, "explain.cell 11 10")["value"].get<double>() > 0.0);
}

TEST_CASE("splats of causal attention are fitted to causal attention", "[app][head]") {
    const io_test::Folder folder;
    Runner runner({});
    // Where all tokens are seen nearly all attention is of the late ones: what the early rows
    // attend to does not count.
    MadeHead head = made_head();
    for (std::size_t i = 0; i < kTokens; ++i) {
        head.queries(i, 0) += 3.0F;
        if (i >= 80) head.keys(i, 0) += 5.0F;
    }
    io_test::put_file(folder.at("late.npz"), io_test::npz_of({{"queries.npy", npy(head.queries)},
                                                              {"keys.npy", npy(head.keys)},
                                                              {"values.npy", npy(head.values)}}));
    REQUIRE(runner.run("open " + folder.at("late.npz")).error.empty());
    REQUIRE(runner.run("splats.init distil 5").error.empty());
    REQUIRE(runner.run("splats.save " + folder.at("all.splats")).error.empty());
    REQUIRE(runner.run("set attention.causal true").error.empty());
    const double fitted = row_kl(runner);
    CHECK(answer(runner, "explain.cell 3 7")["value"] == 0.0);
    REQUIRE(runner.run("splats.save " + folder.at("causal.splats")).error.empty());
    REQUIRE(runner.run("splats.open " + folder.at("all.splats")).error.empty());
    const double of_all = row_kl(runner);  // fitted to rows that see everything
    CHECK(fitted < 0.5 * of_all);
    REQUIRE(runner.run("splats.open " + folder.at("causal.splats")).error.empty());
    CHECK(row_kl(runner) == Approx(fitted).epsilon(1e-5));
    REQUIRE(runner.run("set attention.causal false").error.empty());
    (void)row_kl(runner);
    CHECK(noted(runner, "set attention.causal true"));
}

TEST_CASE("embeddings may ask and be asked in the form shared", "[app][head]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const double token = row_kl(runner);
    REQUIRE(runner.run("set attention.form shared").error.empty());
    CHECK(row_kl(runner) < token);
    CHECK(noted(runner, "as queries and as keys"));
    REQUIRE(runner.run("set attention.form token").error.empty());
    REQUIRE(runner.run("splats.init distil").error.empty());
    CHECK(runner.run("print measures").error.find("attention.form shared") != std::string::npos);
}

TEST_CASE("a head with one side missing or broken is refused", "[app][head]") {
    const io_test::Folder folder;
    const MadeHead head = made_head();
    const auto refuses = [&](const io_test::Members& members, const std::string& words) {
        const std::string path = folder.at("broken.npz");
        io_test::put_file(path, io_test::npz_of(members));
        Runner runner({});
        REQUIRE(runner.run("open " + path).error.empty());
        const Outcome outcome = runner.run("print measures");
        INFO(outcome.error);
        CHECK(outcome.exit_code == 1);
        CHECK(outcome.error.find(words) != std::string::npos);
    };
    refuses({{"queries.npy", npy(head.queries)}}, "without its 'keys'");
    refuses({{"keys.npy", npy(head.keys)}, {"values.npy", npy(head.values)}},
            "without its 'queries'");
    refuses({{"queries.npy", npy(head.queries)}, {"keys.npy", npy(head.values)}}, "must agree");
}
