#include "engine/explain/where.h"

#include "engine/core/error.h"
#include "engine/explain/fields.h"
#include "engine/explain/tokens.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

using explain_test::make_world;
using explain_test::snapshot_of;
using hsa::Found;
using hsa::Snapshot;

namespace {

// 40 words in sentences of 10 and two sections; "year" and "kind" came with them, and an "age".
Snapshot told_snapshot() {
    Snapshot snapshot = snapshot_of(make_world({}));
    hsa::Dataset dataset = *snapshot.dataset;
    hsa::MetadataColumn year{"year", {}, {}};
    hsa::MetadataColumn kind{"kind of bird", {}, {}};
    hsa::MetadataColumn age{"age", {}, {}};
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        dataset.structure.sentence.push_back(static_cast<std::uint32_t>(i / 10));
        dataset.structure.paragraph.push_back(static_cast<std::uint32_t>(i / 20));
        dataset.structure.section.push_back(static_cast<std::uint32_t>(i / 20));
        year.numbers.push_back(i == 3 ? std::nan("") : 1900.0 + static_cast<double>(i));
        kind.words.emplace_back(i % 2 == 0 ? "owl" : "gull");
        age.numbers.push_back(1.0);
    }
    dataset.structure.sections = {{"Of the sea", {0, 20}}, {"Of the land", {20, 40}}};
    dataset.properties = {year, kind, age};
    snapshot.dataset = std::make_shared<const hsa::Dataset>(std::move(dataset));
    snapshot.cycle = 3;
    return snapshot;
}

std::string refused(const Snapshot& snapshot, const std::string& expression) {
    try {
        (void)hsa::find_where(snapshot, expression);
    } catch (const hsa::Error& error) {
        CHECK(error.kind() == hsa::ErrorKind::usage);
        return error.what();
    }
    return "it was taken";
}

bool says(const Snapshot& snapshot, const std::string& expression, const std::string& words) {
    const std::string sentence = refused(snapshot, expression);
    INFO(expression << ": " << sentence);
    return sentence.find(words) != std::string::npos;
}

// Those of `count` for which a test holds.
template <class Test>
std::vector<std::size_t> those(std::size_t count, Test test) {
    std::vector<std::size_t> found;
    for (std::size_t t = 0; t < count; ++t)
        if (test(t)) found.push_back(t);
    return found;
}

}  // namespace

TEST_CASE("splats by an expression", "[explain][where]") {
    const Snapshot snapshot = told_snapshot();
    const hsa::SplatRegistry& registry = *snapshot.registry;
    const std::vector<double>& usage = snapshot.measures->usage;
    std::vector<double> fine;
    for (const std::size_t s : registry.rows_of_level(0)) fine.push_back(usage[s]);
    std::sort(fine.begin(), fine.end());
    const double middle = 0.5 * (fine[fine.size() / 2 - 1] + fine[fine.size() / 2]);
    const Found used =
        hsa::find_where(snapshot, fmt::format("level == \"Fine\" && usage > {}/k", 9.0 * middle));
    CHECK(used.splats);
    CHECK(used.which ==
          those(9, [&](std::size_t s) { return registry.level[s] == 0 && usage[s] > middle; }));
    CHECK(used.which.size() == fine.size() - fine.size() / 2);
    CHECK(hsa::find_where(snapshot, "parent >= 0").which ==
          those(9, [&](std::size_t s) { return registry.parent[s] != hsa::kNoSplat; }));
    CHECK(hsa::find_where(snapshot, "children == 0").which ==
          those(9, [&](std::size_t s) { return registry.children(registry.id[s]).empty(); }));
    CHECK(hsa::find_where(snapshot, "name == \"" + (*snapshot.names)[4] + "\"").which ==
          std::vector<std::size_t>{4});
    CHECK(hsa::find_where(snapshot, "splat.age == 2").which == std::vector<std::size_t>{2});
    CHECK(hsa::find_where(snapshot, "id < 4 && cycle == 3").which.size() == 4);
    // Every property of the Distributions view may be asked for.
    for (const hsa::Property& property : hsa::splat_properties(registry, *snapshot.measures, {}))
        CHECK_NOTHROW(
            hsa::find_where(snapshot, "splat." + hsa::written_name(property.name) + " > 0"));
}

TEST_CASE("tokens by an expression", "[explain][where]") {
    const Snapshot snapshot = told_snapshot();
    const Found found = hsa::find_where(snapshot, "length > 5 && sentence == 1");
    CHECK_FALSE(found.splats);
    CHECK(found.which == those(40, [&](std::size_t t) {
              return t / 10 == 1 && snapshot.dataset->token_text(t).size() > 5;
          }));
    CHECK_FALSE(found.which.empty());
    CHECK(hsa::find_where(snapshot, "heading ~ 'land' && text == 'word3'").which ==
          std::vector<std::size_t>{25, 36});
    CHECK(hsa::find_where(snapshot, "year < 1905").which == std::vector<std::size_t>{0, 1, 2, 4});
    CHECK(hsa::find_where(snapshot, "kind_of_bird == 'owl' && index < 5").which ==
          std::vector<std::size_t>{0, 2, 4});
    CHECK(hsa::find_where(snapshot, "begin <= 6 && paragraph + section == 0").which ==
          std::vector<std::size_t>{0, 1});
    CHECK(hsa::find_where(snapshot, "token.age == 1").which.size() == 40);
    const auto properties = hsa::token_properties(*snapshot.factors, *snapshot.coordinates);
    for (const hsa::Property& property : properties) {
        const float limit = property.values[7];
        CHECK(hsa::find_where(snapshot, hsa::written_name(property.name) +
                                            " >= " + fmt::format("{:.17g}", limit))
                  .which == those(40, [&](std::size_t t) { return property.values[t] >= limit; }));
    }
}

TEST_CASE("an expression asks one kind of things that it names", "[explain][where]") {
    const Snapshot snapshot = told_snapshot();
    CHECK(says(snapshot, "age > 1", "splats and tokens have 'age': write splat.age or token.age"));
    CHECK(hsa::find_where(snapshot, "age >= 0 && usage > 0").splats);  // the other name decides
    CHECK(says(snapshot, "usage > 0 && length > 3",
               "at column 14 'length' is of tokens and 'usage' before it of splats"));
    CHECK(says(snapshot, "age > 0 && length > 3 && splat.age > 1",
               "at column 26 'splat.age' is of splats and 'length' before it of tokens"));
    CHECK(says(snapshot, "1 < k", "the expression names no property"));
    CHECK(says(snapshot, "colour == 1", "at column 1 there is no property 'colour'"));
    CHECK(says(snapshot, "colour == 1", "parent_share"));
    CHECK(says(snapshot, "colour == 1", "kind_of_bird"));
    CHECK(says(snapshot, "token.usage > 1", "there is no property 'token.usage'"));
    CHECK(says(snapshot, "level == Fine",
               "at column 10 there is no property 'Fine' (words stand "
               "in quotes)"));
}

TEST_CASE("an expression of words alone needs no splats", "[explain][where]") {
    Snapshot words;
    words.dataset = told_snapshot().dataset;
    CHECK(hsa::find_where(words, "index == 3").which == std::vector<std::size_t>{3});
    CHECK(says(words, "usage > 0", "splats have none yet"));
    CHECK(says(words, "entropy > 0", "there is no property 'entropy'"));
    CHECK(says(Snapshot{}, "index == 3", "tokens have none yet"));
    // Rows without a text have no bytes and no sentences.
    hsa::Dataset rows;
    rows.embeddings = hsa::Embeddings::own(hsa::Matrix<float>(6, 2, 1.0F));
    words.dataset = std::make_shared<const hsa::Dataset>(std::move(rows));
    CHECK(hsa::find_where(words, "index > 3 && length == 1").which ==
          std::vector<std::size_t>{4, 5});
    CHECK(says(words, "sentence == 0", "there is no property 'sentence'"));
}

TEST_CASE("a column of the data that is named like a property is data.NAME",
          "[explain][expression][where]") {
    Snapshot snapshot = told_snapshot();
    hsa::Dataset dataset = *snapshot.dataset;
    hsa::MetadataColumn length{"length", {}, {}};
    hsa::MetadataColumn n{"n", {}, {}};
    hsa::MetadataColumn received{"Received", {}, {}};
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        length.numbers.push_back(1000.0 + static_cast<double>(i));
        n.numbers.push_back(static_cast<double>(i % 4));
        received.words.emplace_back(i < 3 ? "yes" : "no");
    }
    dataset.properties = {length, n, received, dataset.properties[0]};
    snapshot.dataset = std::make_shared<const hsa::Dataset>(std::move(dataset));
    CHECK(hsa::find_where(snapshot, "data.length < 1005 && index >= 0").which.size() == 5);
    CHECK(hsa::find_where(snapshot, "length < 1000 && index >= 0").which.size() == 40);
    CHECK(hsa::find_where(snapshot, "data.n == 1").which.size() == 10);
    CHECK(hsa::find_where(snapshot, "index < n").which.size() == 40);
    // Any column has the long name, too; of those without a namesake the short one is the same.
    CHECK(hsa::find_where(snapshot, "data.year == 1905").which ==
          hsa::find_where(snapshot, "year == 1905").which);
    CHECK(hsa::find_where(snapshot, "data.year == 1905").which.size() == 1);
    // The name of a property that only attention gives means the same before it is there.
    CHECK(hsa::find_where(snapshot, "data.Received == 'yes'").which.size() == 3);
    snapshot.factors = nullptr;
    CHECK(hsa::find_where(snapshot, "data.Received == 'yes'").which.size() == 3);
    std::string help;
    for (const hsa::Field& field : hsa::token_fields(snapshot))
        if (field.name == "data.length") help = field.help;
    CHECK(help.find("written data.length") != std::string::npos);
}
