// Files with more than words and vectors, as the program's commands meet them.
#include "app/runner.h"
#include "app/session_file.h"
#include "app/settings.h"
#include "app/views/splats_colours.h"
#include "engine/io/file.h"
#include "engine/io/npy.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"
#include "tests/unit/app/views/small_world.h"
#include "tests/unit/engine/io/io_test.h"
#include "tests/unit/engine/io/npz_file.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <sstream>
#include <string>

using namespace splatscope;
using nlohmann::json;

namespace {

std::string put(const io_test::Folder& folder, const std::string& name, const std::string& bytes) {
    std::string path = folder.at(name);
    io_test::put_file(path, bytes);
    return path;
}

// 24 rows in two clusters; metadata: a word, a kind, a year that some lack.
std::string tensors() {
    std::string text;
    for (int i = 0; i < 24; ++i)
        text += fmt::format("{}\t{}\t{}\n", i < 12 ? 1.0 : -1.0, 0.1 * (i % 5), 0.05 * (i % 7));
    return text;
}
std::string metadata() {
    std::string text = "word\tkind\tyear\n";
    for (int i = 0; i < 24; ++i)
        text += fmt::format("w{}\t{}\t{}\n", i, i < 12 ? "bird" : "fish",
                            i % 6 == 5 ? "" : std::to_string(1890 + i));
    return text;
}

std::string refused(Runner& runner, const std::string& line, int code = 1) {
    const Outcome outcome = runner.run(line);
    CHECK(outcome.exit_code == code);
    return outcome.error;
}

const std::vector<hsa::Range>& selected(Runner& runner, const std::string& line) {
    const Outcome outcome = runner.run(line);
    INFO(line << ": " << outcome.error);
    REQUIRE(outcome.error.empty());
    return runner.session().document.selection.tokens;
}

}  // namespace

TEST_CASE("metadata opened on vectors name and describe their rows", "[app][files]") {
    const io_test::Folder folder;
    Runner runner({});
    const std::string meta = put(folder, "metadata.tsv", metadata());
    REQUIRE(runner.run("open " + put(folder, "tensors.tsv", tensors())).error.empty());
    REQUIRE(runner.run("open " + meta).error.empty());
    const json data = answer(runner, "print dataset");
    CHECK(data["tokens"] == 24);
    REQUIRE(data["properties"].size() == 2);
    CHECK(data["properties"][0] == json{{"name", "kind"}, {"kind", "words"}, {"distinct", 2}});
    CHECK(data["properties"][1]["missing"] == 4);
    CHECK(data["properties"][1]["least"] == 1890.0);
    const json token = answer(runner, "explain.token 3");
    CHECK(token["token"]["text"] == "w3");
    CHECK(token["properties"] == json{{"kind", "bird"}, {"year", 1893.0}});
    CHECK(answer(runner, "explain.token 5")["properties"]["year"].is_null());
    // Saved and opened again it is the same.
    const std::string lines = write_session(runner.session(), folder.at(""));
    CHECK(lines.find("metadata.tsv as metadata") != std::string::npos);
    // Other metadata take their place; other vectors let them go.
    std::string one;
    for (int i = 0; i < 24; ++i) one += fmt::format("x{}\n", i);
    REQUIRE(runner.run("open " + put(folder, "words.tsv", one) + " as metadata").error.empty());
    CHECK(runner.session().document.sources.size() == 2);
    CHECK(answer(runner, "explain.token 3")["token"]["text"] == "x3");
    REQUIRE(runner.run("open " + put(folder, "other.csv", "1,2\n3,4\n5,6\n")).error.empty());
    CHECK(runner.session().document.sources.size() == 1);
    CHECK(answer(runner, "print dataset")["tokens"] == 3);
    Runner empty({});
    CHECK(refused(empty, "open " + meta + " as metadata").find("open these first") !=
          std::string::npos);
}

TEST_CASE("attention in an archive is what is explained", "[app][files][target]") {
    const io_test::Folder folder;
    // Rows attend to themselves by .5, the rest is spread.
    constexpr std::size_t kRows = 24;
    std::vector<float> attention(kRows * kRows, 0.5F / static_cast<float>(kRows - 1));
    for (std::size_t i = 0; i < kRows; ++i) attention[i * (kRows + 1)] = 0.5F;
    std::vector<float> vectors;
    for (std::size_t i = 0; i < 3 * kRows; ++i)
        vectors.push_back(std::sin(static_cast<float>(i * i % 97)));
    const std::string dump = io_test::npy_of("(24, 24)", attention);
    const std::string rows = io_test::npy_of("(24, 3)", vectors);
    const std::string both =
        put(folder, "both.npz", io_test::npz_of({{"attention.npy", dump}, {"x.npy", rows}}));
    const std::string alone = put(folder, "alone.npz", io_test::npz_of({{"attention.npy", dump}}));
    const auto own = [](Runner& runner) {
        REQUIRE(runner.snapshot().target);
        hsa::Matrix<float> row(1, kRows);
        const std::uint32_t third = 3;
        runner.snapshot().target->rows(std::span(&third, 1), row.view());
        return row(0, 3);
    };
    Runner runner({});
    CHECK(refused(runner, "open " + alone).find("first") != std::string::npos);
    REQUIRE(runner.run("open " + both).error.empty());
    CHECK(get_setting(runner.session(), "target.source") == "file");
    CHECK(get_setting(runner.session(), "target.path") == both);
    CHECK(answer(runner, "print dataset")["understood"].get<std::string>().find(", attention") !=
          std::string::npos);
    CHECK(own(runner) == Approx(0.5F));
    // A session finds it beside itself, and what was put off stays so.
    const std::string saved = write_session(runner.session(), folder.at(""));
    CHECK(saved.find("target.path both.npz") != std::string::npos);
    const auto target_of = [&](const std::string& text) {
        return read_session(folder.at("a.session"), text).document.target;
    };
    CHECK(target_of(saved) == runner.session().document.target);
    REQUIRE(runner.run("set target.source scores").error.empty());
    CHECK(target_of(write_session(runner.session(), folder.at(""))).source ==
          hsa::TargetSource::scores);
    REQUIRE(runner.run("undo").error.empty());
    // Other data let it go.
    REQUIRE(runner.run("open " + put(folder, "tensors.tsv", tensors())).error.empty());
    CHECK(runner.session().document.target == hsa::TargetSettings{});
    // Attention alone is of the data that are open.
    REQUIRE(runner.run("open " + alone).error.empty());
    CHECK(runner.session().document.sources.size() == 1);
    CHECK(get_setting(runner.session(), "target.path") == alone);
    CHECK(own(runner) == Approx(0.5F));
    // Queries and keys are their own target.
    REQUIRE(runner
                .run("open " +
                     put(folder, "head.npz",
                         io_test::npz_of(
                             {{"attention.npy", dump}, {"queries.npy", rows}, {"keys.npy", rows}})))
                .error.empty());
    CHECK(get_setting(runner.session(), "target.source") == "file");
    CHECK(get_setting(runner.session(), "target.path") == alone);
}

TEST_CASE("tokens are selected by a property", "[app][files]") {
    const io_test::Folder folder;
    Runner runner({});
    REQUIRE(runner.run("open " + put(folder, "tensors.tsv", tensors())).error.empty());
    CHECK(refused(runner, "select.property kind bird").find("no properties") != std::string::npos);
    REQUIRE(runner.run("open " + put(folder, "metadata.tsv", metadata())).error.empty());
    CHECK(selected(runner, "select.property kind bird") == std::vector<hsa::Range>{{0, 12}});
    CHECK(selected(runner, "select.property year 1892:1894") == std::vector<hsa::Range>{{2, 4}});
    CHECK(selected(runner, "select.property year 1892") == std::vector<hsa::Range>{{2, 3}});
    CHECK(selected(runner, "select.property add year :1891") ==
          std::vector<hsa::Range>{{0, 1}, {2, 3}});
    CHECK(selected(runner, "select.property year 1894:1900") ==
          std::vector<hsa::Range>{{4, 5}, {6, 10}});
    CHECK(refused(runner, "select.property size 3").find("kind, year") != std::string::npos);
    CHECK(refused(runner, "select.property kind cat").find("no token has kind cat") !=
          std::string::npos);
    (void)refused(runner, "select.property year soon", 2);
}

TEST_CASE("the parts of a file are named in open", "[app][files]") {
    const io_test::Folder folder;
    Runner runner({});
    const std::string records = put(folder, "a.jsonl",
                                    "{\"a\": \"The sea, the sea.\", \"b\": \"A ship.\"}\n"
                                    "{\"a\": \"The sky.\", \"b\": \"A sail, a sail.\"}\n");
    (void)refused(runner, "open " + records + " as text:", 2);
    REQUIRE(runner.run("open " + records + " as text:b").error.empty());
    CHECK(answer(runner, "print dataset")["tokens"] == 9);
    (void)refused(runner, "open " + records + " as lines:b", 2);
    (void)refused(runner, "open " + records + " as tensor", 2);
    REQUIRE(runner.run("open " + folder.at("")).error.empty());
    CHECK(refused(runner, "print dataset").find("no text is in this folder") != std::string::npos);
    put(folder, "b.txt", "Words of a text.");
    REQUIRE(runner.run("open " + folder.at("")).error.empty());
    CHECK(answer(runner, "print dataset")["tokens"] == 5);
}

TEST_CASE("attributions, splats and tokens leave as others read them", "[app][files]") {
    const io_test::Folder folder;
    Runner runner({});
    REQUIRE(runner.run("open " + put(folder, "tensors.tsv", tensors())).error.empty());
    REQUIRE(runner.run("open " + put(folder, "metadata.tsv", metadata())).error.empty());
    const std::string lines = folder.at("a.jsonl");
    CHECK(answer(runner, "attributions.save " + lines)["tokens"] == 24);
    std::istringstream in(io_test::get_file(lines));
    std::string line;
    for (std::size_t i = 0; std::getline(in, line); ++i) {
        const json one = json::parse(line);
        const json card = answer(runner, fmt::format("explain.token {}", i));
        CHECK(one["text"] == card["token"]["text"]);
        for (std::size_t s = 0; s < one["splats"].size(); ++s) {
            CHECK(one["splats"][s]["splat"] == card["splats"][s]["splat"]);
            CHECK(one["splats"][s]["p"] == card["splats"][s]["p"]);
        }
        REQUIRE(one["to"].size() == 8);
        for (std::size_t t = 0; t < 8; ++t)
            CHECK(one["to"][t]["value"].get<double>() ==
                  Approx(card["to"][t]["value"].get<double>()).epsilon(1e-5));
    }
    CHECK(answer(runner, "attributions.save " + folder.at("a.csv") + " 3:5")["tokens"] == 2);
    CHECK(io_test::get_file(folder.at("a.csv"))
              .starts_with("index,text,kind,rank,id,name,value\n3,w3,splat,1,"));

    const json ply = answer(runner, "splats.save " + folder.at("x.ply"));
    const auto& registry = *runner.snapshot().registry;
    CHECK(ply["splats"] == registry.size());
    CHECK(ply["bytes"] == io_test::get_file(folder.at("x.ply")).size());
    CHECK(io_test::get_file(folder.at("x.ply"))
              .find("element vertex " + std::to_string(registry.size()) + "\n") !=
          std::string::npos);
    // Each splat lies where the 3-D view has it, with the same covariance.
    const std::string bytes = io_test::get_file(folder.at("x.ply"));
    const hsa::Layout& layout = *runner.snapshot().layout;
    for (std::size_t s = 0; s < registry.size(); ++s) {
        std::array<float, 17> row{};
        std::memcpy(row.data(), bytes.data() + bytes.size() - (registry.size() - s) * sizeof(row),
                    sizeof(row));
        for (std::size_t a = 0; a < 3; ++a) CHECK(row[a] == layout.centres(s, a));
        const double w = row[13], x = row[14], y = row[15], z = row[16];
        const double r[3][3] = {
            {1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
            {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
            {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)}};
        std::size_t entry = 0;
        for (std::size_t a = 0; a < 3; ++a)
            for (std::size_t b = a; b < 3; ++b) {
                double sum = 0.0;
                for (std::size_t e = 0; e < 3; ++e)
                    sum += r[a][e] * std::exp(2.0 * static_cast<double>(row[10 + e])) * r[b][e];
                CHECK(sum == Approx(static_cast<double>(layout.covariances(s, entry++)))
                                 .epsilon(1e-4)
                                 .margin(1e-6));
            }
    }
    (void)refused(runner, "splats.save " + folder.at("y.ply") + " 8bit");

    REQUIRE(runner.run("embeddings.save " + folder.at("e.csv")).error.empty());
    REQUIRE(runner.run("tokens.save " + folder.at("t.csv")).error.empty());
    CHECK(io_test::get_file(folder.at("t.csv")).find("3,w3,,,,,,bird,1893\n") != std::string::npos);
    const auto before = runner.snapshot().dataset;
    REQUIRE(runner.run("open " + folder.at("e.csv")).error.empty());
    CHECK(answer(runner, "print dataset")["tokens"] == 24);
    const auto after = runner.snapshot().dataset;
    CHECK(after->labels == before->labels);
    for (std::size_t i = 0; i < 24; ++i)
        for (std::size_t c = 0; c < 3; ++c)
            CHECK(after->embeddings.rows(i, c) == before->embeddings.rows(i, c));
}

TEST_CASE("heads.save writes the rows of a head as they were read", "[app][files]") {
    const io_test::Folder folder;
    std::vector<float> values(std::size_t{2} * 3 * 20 * 4);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = std::sin(static_cast<float>(i * i % 97));
    const std::string all = io_test::npy_of("(2, 3, 20, 4)", values);
    Runner runner({});
    REQUIRE(runner
                .run("open " + put(folder, "h.npz",
                                   io_test::npz_of({{"queries.npy", all}, {"keys.npy", all}})))
                .error.empty());
    const json saved = answer(runner, "heads.save 1 2 " + folder.at("head"));
    CHECK(saved["files"].size() == 2);
    const std::string bytes = hsa::read_file(folder.at("head/q.npy"));
    const hsa::Matrix<float> q = hsa::read_npy("q", bytes).values;
    REQUIRE(q.rows() == 20);
    for (std::size_t i = 0; i < q.size(); ++i) CHECK(q.data()[i] == values[400 + i]);
    CHECK(refused(runner, "heads.save 1 2 " + folder.at("head")).find("exists already") !=
          std::string::npos);
    REQUIRE(runner.run("heads.save 1 2 " + folder.at("head") + " overwrite").error.empty());
    (void)refused(runner, "heads.save 2 0 " + folder.at("head"));
    (void)refused(runner, "heads.save x 0 " + folder.at("head"), 2);
    REQUIRE(runner.run("open " + put(folder, "tensors.tsv", tensors())).error.empty());
    CHECK(refused(runner, "heads.save 0 0 " + folder.at("head")).find("no heads") !=
          std::string::npos);
}

TEST_CASE("points are coloured by a property of words or numbers", "[app][files]") {
    SmallWorld world = small_world();
    auto data = std::make_shared<hsa::Dataset>(*world.snapshot->dataset);
    const std::size_t n = data->size();
    hsa::MetadataColumn kind{"kind", {}, {}}, year{"year", {}, {}};
    for (std::size_t i = 0; i < n; ++i) {
        kind.words.push_back(fmt::format("k{}", i % 11 < 3 ? i % 11 : 3 + i % 7));
        year.numbers.push_back(i == 5 ? std::numeric_limits<double>::quiet_NaN()
                                      : static_cast<double>(i));
    }
    data->properties = {kind, year};
    world.snapshot->dataset = data;
    set_setting(world.session, "view.splats.point_colour", "property:kind");
    CHECK(get_setting(world.session, "view.splats.point_colour") == "property:kind");
    const PointColours words = point_colours(world.context(), 0);
    CHECK(words.title == "kind");
    CHECK(words.classes.size() == 8);  // seven of ten, and the others
    CHECK_FALSE(words.bar.has_value());
    set_setting(world.session, "view.splats.point_colour", "property:year");
    const PointColours numbers = point_colours(world.context(), 0);
    REQUIRE(numbers.bar.has_value());
    CHECK(numbers.bar->least == 0.0);
    CHECK(numbers.bar->most == static_cast<double>(n - 1));
    CHECK(numbers.bar->missing);
    CHECK(numbers.of(0) == numbers.bar->colours.front());
    CHECK(numbers.of(n - 1) == numbers.bar->colours.back());
    CHECK(numbers.of(5) == missing_colour(world.context().theme));
    set_setting(world.session, "view.splats.point_colour", "property:none");
    CHECK_FALSE(point_colours(world.context(), 0).bar.has_value());
    CHECK_THROWS(set_setting(world.session, "view.splats.point_colour", "property:"));
    CHECK_THROWS(set_setting(world.session, "view.splats.point_colour", "colour"));
}
