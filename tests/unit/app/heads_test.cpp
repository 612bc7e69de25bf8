#include "app/runner.h"
#include "app/session_file.h"
#include "engine/core/random.h"
#include "engine/embed/head.h"
#include "engine/io/file.h"
#include "engine/io/npy.h"
#include "engine/io/open.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"
#include "tests/unit/engine/io/npz_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace splatscope;
using nlohmann::json;

namespace {

constexpr std::size_t kLayers = 2;
constexpr std::size_t kHeads = 3;
constexpr std::size_t kTokens = 40;
constexpr std::size_t kAxes = 4;
constexpr std::size_t kMatrix = kTokens * kAxes;

std::vector<float> numbers(std::size_t count, std::uint64_t seed) {
    std::vector<float> made(count);
    for (std::size_t i = 0; i < count; ++i)
        made[i] = static_cast<float>(hsa::Random{seed, i}.normal());
    return made;
}

const std::vector<float>& queries() {
    static const std::vector<float> made = numbers(kLayers * kHeads * kMatrix, 1);
    return made;
}
const std::vector<float>& keys() {
    static const std::vector<float> made = numbers(kLayers * kHeads * kMatrix, 2);
    return made;
}

std::string four_axes() {
    return io_test::npz_of({{"queries.npy", io_test::npy_of("(2, 3, 40, 4)", queries())},
                            {"keys.npy", io_test::npy_of("(2, 3, 40, 4)", keys())}});
}

// One head of the file as a file of its own.
std::string one_head(std::size_t index) {
    const auto part = [index](const std::vector<float>& all) {
        hsa::Matrix<float> rows(kTokens, kAxes);
        std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(index * kMatrix), kMatrix,
                    rows.data());
        return hsa::write_npy(rows.view());
    };
    return io_test::npz_of({{"queries.npy", part(queries())}, {"keys.npy", part(keys())}});
}

std::string put(const io_test::Folder& folder, const std::string& name, const std::string& bytes) {
    std::string path = folder.at(name);
    io_test::put_file(path, bytes);
    return path;
}

// Everything of an answer but what names the file.
std::string measures_of(Runner& runner) { return answer(runner, "print measures").dump(); }

std::string refused(Runner& runner, const std::string& line) {
    const Outcome outcome = runner.run(line);
    CHECK(outcome.exit_code == 1);
    return outcome.error;
}

}  // namespace

TEST_CASE("every head of a file is what it is in a file of its own", "[app][heads]") {
    const io_test::Folder folder;
    Runner runner({});
    REQUIRE(runner.run("open " + put(folder, "all.npz", four_axes())).error.empty());
    REQUIRE(runner.run("splats.init distil 4").error.empty());
    const json dataset = answer(runner, "print dataset");
    CHECK(dataset["understood"].get<std::string>().find("2 layers of 3 heads") !=
          std::string::npos);
    CHECK(dataset["layers"] == 2);
    CHECK(dataset["heads"] == 3);
    CHECK(noted(runner, "head 0 of layer 0: 2 layers of 3 heads"));
    std::vector<std::string> hashes;
    for (const std::size_t index : {0U, 2U, 4U}) {
        INFO("head " << index);
        REQUIRE(runner.run("set embed.layer " + std::to_string(index / kHeads)).error.empty());
        REQUIRE(runner.run("set embed.head " + std::to_string(index % kHeads)).error.empty());
        const json chosen = answer(runner, "print dataset");
        CHECK(chosen["layer"] == index / kHeads);
        CHECK(chosen["head"] == index % kHeads);
        hashes.push_back(chosen["hash"].get<std::string>() +
                         runner.snapshot().dataset->embedding_id);
        Runner alone({});
        REQUIRE(alone.run("open " + put(folder, std::to_string(index) + ".npz", one_head(index)))
                    .error.empty());
        REQUIRE(alone.run("splats.init distil 4").error.empty());
        CHECK(measures_of(runner) == measures_of(alone));
        REQUIRE(runner.run("set attention.form token").error.empty());
        REQUIRE(alone.run("set attention.form token").error.empty());
        REQUIRE(runner.run("splats.init levels").error.empty());
        REQUIRE(alone.run("splats.init levels").error.empty());
        CHECK(measures_of(runner) == measures_of(alone));  // the keys are this head's
        REQUIRE(runner.run("reset attention.form").error.empty());
        REQUIRE(runner.run("splats.init distil 4").error.empty());
    }
    std::sort(hashes.begin(), hashes.end());
    CHECK(std::unique(hashes.begin(), hashes.end()) == hashes.end());
    REQUIRE(runner.run("undo").error.empty());
    CHECK(runner.run("print measures").error.empty());
}

TEST_CASE("a layer or head that is not there is refused", "[app][heads]") {
    const io_test::Folder folder;
    Runner runner({});
    REQUIRE(runner.run("open " + put(folder, "all.npz", four_axes())).error.empty());
    REQUIRE(runner.run("set embed.head 3").error.empty());
    std::string sentence = refused(runner, "print measures");
    CHECK(sentence.find("2 layers of 3 heads") != std::string::npos);
    CHECK(sentence.find("no head 3") != std::string::npos);
    REQUIRE(runner.run("undo").error.empty());
    REQUIRE(runner.run("set embed.layer 2").error.empty());
    CHECK(refused(runner, "print measures").find("no layer 2") != std::string::npos);
    REQUIRE(runner.run("undo").error.empty());
    CHECK(runner.run("print measures").error.empty());

    // Data without several heads.
    REQUIRE(runner.run("set embed.head 1").error.empty());
    REQUIRE(runner.run("open " + put(folder, "one.npz", one_head(0))).error.empty());
    CHECK(refused(runner, "print measures").find("one head alone") != std::string::npos);
    REQUIRE(runner.run("set embed.head 0").error.empty());
    CHECK(runner.run("print measures").error.empty());
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("set embed.layer 1").error.empty());
    CHECK(refused(runner, "print measures").find("no heads of a model") != std::string::npos);
}

TEST_CASE("a file with an axis of heads alone has one layer", "[app][heads]") {
    const std::vector<float> half(queries().begin(),
                                  queries().begin() + static_cast<std::ptrdiff_t>(3 * kMatrix));
    const auto data = std::make_shared<const hsa::Dataset>(hsa::open_embeddings(
        "three.npz",
        io_test::npz_of(
            {{"queries.npy", io_test::npy_of("(3, 40, 4)", half)},
             {"keys.npy", io_test::npy_of("(3, 40, 4)", half)},
             {"embeddings.npy", hsa::write_npy(hsa::Matrix<float>(kTokens, 7, 0.5F).view())}})));
    REQUIRE(data->heads);
    CHECK(data->heads->layers() == 1);
    REQUIRE(data->heads->heads() == 3);
    CHECK(data->understood.find("1 layer of 3 heads") != std::string::npos);
    hsa::EmbedSettings settings;
    settings.head = 2;
    const auto chosen = hsa::with_head(data, settings);
    CHECK(chosen->head == data->heads->rows(0, 2));
    CHECK(chosen->heads == data->heads);
    CHECK(chosen->embeddings.rows.data == data->embeddings.rows.data);  // vectors of their own
    CHECK(chosen->embedding_id == data->embedding_id);
    CHECK(chosen->hash != data->hash);
}

TEST_CASE("a session keeps the head, and comes back to the data it knows", "[app][heads]") {
    const io_test::Folder folder;
    const std::string path = put(folder, "all.npz", four_axes());
    std::string measures;
    {
        Runner runner({});
        REQUIRE(runner.run("open " + path).error.empty());
        REQUIRE(runner.run("set embed.layer 1").error.empty());
        REQUIRE(runner.run("set embed.head 2").error.empty());
        REQUIRE(runner.run("splats.init distil 4").error.empty());
        measures = measures_of(runner);
        REQUIRE(runner.run("session.save " + folder.at("h.session")).error.empty());
    }
    Runner runner({});
    REQUIRE(runner.run("session.open " + folder.at("h.session")).error.empty());
    CHECK(measures_of(runner) == measures);
    CHECK(runner.snapshot().dataset->hash == runner.session().document.data_hash);
}

TEST_CASE("two heads of a file are compared", "[app][heads][compare]") {
    const io_test::Folder folder;
    Runner runner({});
    REQUIRE(runner.run("open " + put(folder, "all.npz", four_axes())).error.empty());
    REQUIRE(runner.run("splats.init distil 4").error.empty());
    REQUIRE(runner.run("compare.set head 0:0").error.empty());
    CHECK(answer(runner, "explain.compare")["row_kl"].get<double>() == Approx(0.0).margin(1e-9));
    REQUIRE(runner.run("compare.set head 1:2").error.empty());
    const json other = answer(runner, "explain.compare");
    CHECK(other["with"] == "head 1:2");
    CHECK(other["row_kl"].get<double>() > 0.01);
    const std::string text = write_session(runner.session(), ".");
    CHECK(read_session("s.session", text).document.compare == runner.session().document.compare);
    REQUIRE(runner.run("compare.set head 2:0").error.empty());
    CHECK(refused(runner, "explain.compare").find("no layer 2") != std::string::npos);
}

TEST_CASE("the table of heads agrees with exact rows", "[app][heads]") {
    const io_test::Folder folder;
    Runner runner({});
    REQUIRE(runner.run("open " + put(folder, "all.npz", four_axes())).error.empty());
    REQUIRE(runner.run("splats.init distil 4").error.empty());
    const json table = answer(runner, "print heads");
    CHECK(table["mark"] == "exact");  // 40 tokens: all rows were looked at
    CHECK(table["rows"] == kTokens);
    REQUIRE(table["heads"].size() == kLayers * kHeads);
    for (std::size_t index = 0; index < kLayers * kHeads; ++index) {
        INFO("head " << index);
        const json& row = table["heads"][index];
        CHECK(row["layer"] == index / kHeads);
        CHECK(row["head"] == index % kHeads);
        const auto at = [index](const std::vector<float>& all, std::size_t i, std::size_t a) {
            return static_cast<double>(all[index * kMatrix + i * kAxes + a]);
        };
        double entropy = 0.0;
        double near = 0.0;
        std::vector<double> mass(kTokens);
        for (std::size_t i = 0; i < kTokens; ++i) {
            std::vector<double> t(kTokens);
            double sum = 0.0;
            for (std::size_t j = 0; j < kTokens; ++j) {
                double logit = 0.0;
                for (std::size_t a = 0; a < kAxes; ++a)
                    logit += at(queries(), i, a) * at(keys(), j, a);
                sum += t[j] = std::exp(logit / std::sqrt(static_cast<double>(kAxes)));
            }
            for (std::size_t j = 0; j < kTokens; ++j) {
                t[j] /= sum;
                entropy -= t[j] * std::log(t[j]) / kTokens;
                mass[j] += t[j] / kTokens;
                if (j + 2 >= i && j <= i + 2) near += t[j] / kTokens;
            }
        }
        CHECK(row["row_entropy"].get<double>() == Approx(entropy).epsilon(1e-4));
        CHECK(row["near_share"].get<double>() == Approx(near).epsilon(1e-4));
        const auto most = std::max_element(mass.begin(), mass.end());
        CHECK(row["sink_share"].get<double>() == Approx(*most).epsilon(1e-4));
        CHECK(row["sink"] == most - mass.begin());
        CHECK(row["splats_near"].get<std::size_t>() < row["splats"].get<std::size_t>());
    }
    CHECK(runner.run("expect heads.rows == 40").error.empty());
    // Of one head alone, and of none.
    REQUIRE(runner.run("open " + put(folder, "one.npz", one_head(3))).error.empty());
    const json one = answer(runner, "print heads");
    REQUIRE(one["heads"].size() == 1);
    CHECK(one["heads"][0]["row_entropy"] == table["heads"][3]["row_entropy"]);
    REQUIRE(runner.run("open sample:creatures").error.empty());
    CHECK(refused(runner, "print heads").find("no heads of a model") != std::string::npos);
}

TEST_CASE("outputs of every head at once are those of each opened alone", "[app][heads]") {
    const io_test::Folder folder;
    Runner runner({});
    const std::vector<float> carried = numbers(kLayers * kHeads * kMatrix, 3);
    const std::string bytes =
        io_test::npz_of({{"queries.npy", io_test::npy_of("(2, 3, 40, 4)", queries())},
                         {"keys.npy", io_test::npy_of("(2, 3, 40, 4)", keys())},
                         {"values.npy", io_test::npy_of("(2, 3, 40, 4)", carried)}});
    REQUIRE(runner.run("open " + put(folder, "all.npz", bytes)).error.empty());
    REQUIRE(runner.run("splats.init distil 4").error.empty());
    const std::string settings = GENERATE("set attention.form shared",
                                          "set attention.form paired; set attention.window 2; set "
                                          "attention.anchors 1",
                                          "set attention.causal true", "set attention.mask 3:6");
    INFO(settings);
    for (std::size_t begin = 0; begin < settings.size();) {
        const std::size_t end = std::min(settings.find("; ", begin), settings.size());
        REQUIRE(runner.run(settings.substr(begin, end - begin)).error.empty());
        begin = end + 2;
    }
    const std::string all = folder.at("all.npy");
    const json answered = answer(runner, "heads.output " + all);
    CHECK(answered["shape"] == json::array({kLayers, kHeads, kTokens, kAxes}));
    const hsa::NpyStack together = hsa::read_npy_stack(all, hsa::read_file(all));
    REQUIRE(together.heads.size() == kLayers * kHeads);
    CHECK(together.layers == kLayers);
    const json table = answer(runner, "heads.fit");
    REQUIRE(table["heads"].size() == kLayers * kHeads);
    for (std::size_t index = 0; index < kLayers * kHeads; ++index) {
        INFO("head " << index);
        const json& line = table["heads"][index];
        CHECK(line["layer"] == index / kHeads);
        CHECK(line["head"] == index % kHeads);
        CHECK(line["row_kl"] == answered["heads"][index]["row_kl"]);
        REQUIRE(runner.run("set embed.layer " + std::to_string(index / kHeads)).error.empty());
        REQUIRE(runner.run("set embed.head " + std::to_string(index % kHeads)).error.empty());
        // Where no form was asked for it is the better one of two.
        REQUIRE(runner.run("set attention.form " + line["form"].get<std::string>()).error.empty());
        hsa::Matrix<float> values(kTokens, kAxes);
        std::copy_n(carried.begin() + static_cast<std::ptrdiff_t>(index * kMatrix), kMatrix,
                    values.data());
        const std::string in = put(folder, "values.npy", hsa::write_npy(values.view()));
        const std::string out = folder.at("out.npy");
        REQUIRE(runner.run(fmt::format("output.save {} {} overwrite", in, out)).error.empty());
        CHECK(hsa::read_npy(out, hsa::read_file(out)).values == together.heads[index]);
    }
}

TEST_CASE("what cannot be fitted for every head is refused", "[app][heads]") {
    const io_test::Folder folder;
    Runner runner({});
    REQUIRE(runner.run("open " + put(folder, "all.npz", four_axes())).error.empty());
    CHECK(refused(runner, "heads.output " + folder.at("o.npy")).find("holds no values") !=
          std::string::npos);
    REQUIRE(runner.run("set attention.form token").error.empty());
    CHECK(refused(runner, "heads.fit").find("attention.form shared or paired") !=
          std::string::npos);
    REQUIRE(runner.run("reset attention.form").error.empty());
    const std::string rows = hsa::write_npy(hsa::Matrix<float>(kTokens, 7, 0.5F).view());
    REQUIRE(runner.run("open " + put(folder, "rows.npy", rows)).error.empty());
    CHECK(refused(runner, "heads.fit").find("no heads of a model") != std::string::npos);
}
