#include "engine/explain/listing.h"

#include "engine/core/error.h"
#include "engine/explain/fields.h"
#include "engine/io/table.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

using explain_test::make_world;
using explain_test::snapshot_of;
using explain_test::text_of;
using hsa::Listing;
using hsa::ListingWanted;
using hsa::Snapshot;
using hsa::Things;

namespace {

// 40 tokens with a number, missing for two of them, and words, missing for one.
std::shared_ptr<const Snapshot> told_snapshot() {
    auto snapshot = std::make_shared<Snapshot>(snapshot_of(make_world({})));
    hsa::Dataset dataset = *snapshot->dataset;
    hsa::MetadataColumn year{"year", {}, {}};
    hsa::MetadataColumn bird{"kind of bird", {}, {}};
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        year.numbers.push_back(i == 3 || i == 8 ? std::nan("")
                                                : 1900.0 + static_cast<double>(i * 7 % 20));
        bird.words.emplace_back(i == 5 ? "" : i % 2 == 0 ? "owl" : "Gull");
    }
    dataset.properties = {year, bird};
    snapshot->dataset = std::make_shared<const hsa::Dataset>(std::move(dataset));

    hsa::Event split;
    split.kind = hsa::EventKind::mitosis;
    split.level_name = "Fine";
    split.before = {1};
    split.after = {2, 3};
    split.decided_by = {{"error_share", 0.031, 0.01}};
    split.d = -0.25;
    split.tokens = {3, 9};
    split.text = "Splat 1 was split, \"at last\".";
    hsa::Event refused = split;
    refused.kind = hsa::EventKind::death;
    refused.accepted = false;
    refused.d = 0.5;
    refused.cycle = 1;
    auto history = std::make_shared<hsa::History>();
    for (const hsa::Event& event : {split, refused}) {
        auto cycle = std::make_shared<hsa::Cycle>();
        cycle->events = {event};
        history->cycles.push_back(std::move(cycle));
    }
    snapshot->history = std::move(history);
    return snapshot;
}

Listing list(const std::shared_ptr<const Snapshot>& snapshot, const ListingWanted& wanted,
             const Listing* previous = nullptr) {
    return hsa::make_listing(snapshot, wanted, previous, {});
}

const hsa::Field& column(const Listing& listing, const std::string& name) {
    const auto found = std::find_if(listing.columns.begin(), listing.columns.end(),
                                    [&](const hsa::Field& field) { return field.name == name; });
    REQUIRE(found != listing.columns.end());
    return *found;
}

// RFC 4180, written for this test.
std::vector<std::vector<std::string>> parsed_csv(const std::string& text) {
    std::vector<std::vector<std::string>> lines(1);
    lines.back().emplace_back();
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted) {
            if (c != '"') lines.back().back() += c;
            else if (at + 1 < text.size() && text[at + 1] == '"') lines.back().back() += text[++at];
            else quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            lines.back().emplace_back();
        } else if (c == '\n') {
            lines.emplace_back();
            lines.back().emplace_back();
        } else {
            lines.back().back() += c;
        }
    }
    CHECK(lines.back() == std::vector<std::string>{""});  // the last line ends
    lines.pop_back();
    return lines;
}

double number_in(const std::string& text) {
    double value = std::nan("");
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

TEST_CASE("rows stand by number until a column sorts them", "[explain][listing]") {
    const auto snapshot = told_snapshot();
    const Listing plain = list(snapshot, {Things::tokens, "", ""});
    REQUIRE(plain.rows.size() == 40);
    CHECK(plain.count == 40);
    CHECK(std::is_sorted(plain.rows.begin(), plain.rows.end()));
    CHECK_FALSE(plain.sorted_by);

    const std::vector<double>& years = snapshot->dataset->properties[0].numbers;
    for (const std::string sort : {"year", "-year"}) {
        const Listing sorted = list(snapshot, {Things::tokens, "", sort});
        INFO(sort);
        CHECK(sorted.columns[*sorted.sorted_by].name == "year");
        CHECK(sorted.falling == (sort == "-year"));
        REQUIRE(sorted.rows.size() == 40);
        for (std::size_t r = 0; r + 1 < 38; ++r) {
            const double a = years[sorted.rows[r]], b = years[sorted.rows[r + 1]];
            CHECK((sorted.falling ? a >= b : a <= b));
            if (a == b) CHECK(sorted.rows[r] < sorted.rows[r + 1]);
        }
        // Without a value: last either way, by number.
        CHECK(sorted.rows[38] == 3);
        CHECK(sorted.rows[39] == 8);
    }
    const Listing words = list(snapshot, {Things::tokens, "", "kind_of_bird"});
    CHECK(column(words, "kind of bird").words(words.rows[0]) == "Gull");  // whatever the case
    CHECK(words.rows[0] == 1);
    CHECK(words.rows[19] == 0);
    CHECK(words.rows[39] == 5);
    CHECK(list(snapshot, {Things::tokens, "", "-kind of bird"}).rows[0] == 0);

    const Listing wrong = list(snapshot, {Things::tokens, "", "usage"});
    CHECK(wrong.rows == plain.rows);
    CHECK(wrong.sort_fault.find("no column 'usage' to sort tokens by") != std::string::npos);
    CHECK(wrong.sort_fault.find("kind of bird") != std::string::npos);
}

TEST_CASE("splats are sorted by what is measured", "[explain][listing]") {
    const auto snapshot = told_snapshot();
    const Listing used = list(snapshot, {Things::splats, "", "-usage"});
    std::vector<std::uint32_t> expected = explain_test::falling(snapshot->measures->usage);
    CHECK(used.rows == expected);
    const Listing fine = list(snapshot, {Things::splats, "level == 'Fine'", "-usage"}, &used);
    std::erase_if(expected, [&](std::uint32_t s) { return snapshot->registry->level[s] != 0; });
    CHECK(fine.rows == expected);
    CHECK(fine.count == snapshot->registry->size());
}

TEST_CASE("a filter leaves the rows that it holds for", "[explain][listing]") {
    const auto snapshot = told_snapshot();
    const Listing some = list(snapshot, {Things::tokens, "year < 1903 && index > 2", "-index"});
    std::vector<std::uint32_t> expected;
    for (std::uint32_t t = 39; t > 2; --t)
        if (snapshot->dataset->properties[0].numbers[t] < 1903.0) expected.push_back(t);
    CHECK(some.rows == expected);
    CHECK_FALSE(expected.empty());
    CHECK(list(snapshot, {Things::tokens, "token.index < 2", ""}).rows.size() == 2);
    CHECK(list(snapshot, {Things::tokens, "index > n", ""}).rows.empty());

    const Listing wrong = list(snapshot, {Things::tokens, "usage > 2", ""});
    CHECK(wrong.rows.empty());
    CHECK(wrong.filter_fault.find("at column 1 there is no property 'usage'") == 0);
    CHECK(wrong.filter_fault.find("tokens have index, text, length") != std::string::npos);
    CHECK(list(snapshot, {Things::tokens, "index >", ""}).filter_fault.find("at column 8") == 0);
}

TEST_CASE("a filter is checked by names and types alone", "[explain][listing]") {
    const auto snapshot = told_snapshot();
    const auto fault_of = [&](Things things, const std::string& filter) -> std::string {
        try {
            hsa::check_filter(*snapshot, things, filter);
        } catch (const hsa::Error& error) {
            CHECK(error.kind() == hsa::ErrorKind::usage);
            return error.what();
        }
        return "";
    };
    for (const char* filter :
         {"", "year > 1910", "token.year > n", "kind_of_bird ~ 'owl' && !(index < 3)", "usage > 1",
          "index >", "year ~ 'x'", "index + 1", "text == 3", "(index > 1"}) {
        INFO(filter);
        CHECK(fault_of(Things::tokens, filter) ==
              list(snapshot, {Things::tokens, filter, ""}).filter_fault);
    }
    CHECK(fault_of(Things::tokens, "usage > 1") != "");
    CHECK(fault_of(Things::events, "event.cycle == 1 && accepted == 'yes'") == "");
    CHECK(fault_of(Things::events, "index > 1") != "");

    // A column that cannot be read is known all the same.
    auto cut = std::make_shared<Snapshot>(*snapshot);
    hsa::Dataset dataset = *cut->dataset;
    dataset.properties[0].numbers.resize(1);
    cut->dataset = std::make_shared<const hsa::Dataset>(std::move(dataset));
    CHECK_NOTHROW(hsa::check_filter(*cut, Things::tokens, "year > 1910"));
    CHECK_THROWS(list(cut, {Things::tokens, "year > 1910", ""}));
    CHECK_NOTHROW(hsa::check_filter(Snapshot(), Things::tokens, "anything > 1"));
}

TEST_CASE("events are listed with all that is known of them", "[explain][listing]") {
    const auto snapshot = told_snapshot();
    const Listing events = list(snapshot, {Things::events, "", "-d"});
    CHECK(events.rows == std::vector<std::uint32_t>{1, 0});
    CHECK(column(events, "kind").words(0) == "mitosis");
    CHECK(column(events, "accepted").words(1) == "no");
    CHECK(column(events, "after").words(0) == "2 3");
    CHECK(column(events, "tokens").number(0) == 2.0);
    CHECK(column(events, "cycle").number(1) == 1.0);
    CHECK(column(events, "decided by").words(0) == "error_share 0.031 against 0.01");
    CHECK(column(events, "d").unit == "nats");
    CHECK(list(snapshot, {Things::events, "accepted == 'yes' && level == 'Fine'", ""}).rows ==
          std::vector<std::uint32_t>{0});
    // The cycle of an event, not the one that is shown.
    for (const char* filter : {"cycle == 1", "event.cycle == 1"}) {
        const Listing first = list(snapshot, {Things::events, filter, ""});
        REQUIRE_FALSE(first.rows.empty());
        for (const std::uint32_t row : first.rows) CHECK(column(first, "cycle").number(row) == 1.0);
    }
    CHECK(list(std::make_shared<Snapshot>(), {Things::events, "", ""}).columns.empty());
}

TEST_CASE("columns say the same one by one as together", "[explain][listing]") {
    const auto snapshot = told_snapshot();
    for (const Things things : {Things::splats, Things::tokens, Things::events}) {
        const Listing listing = list(snapshot, {things, "", ""});
        CHECK(listing.columns.size() > 8);
        for (const hsa::Field& field : listing.columns) {
            INFO(hsa::name_of(things) << " " << field.name);
            CHECK_FALSE(field.help.empty());
            CHECK((field.number != nullptr) == (field.words == nullptr));
            if (!field.number) continue;
            const std::vector<double> all = field.numbers();
            REQUIRE(all.size() == listing.count);
            for (std::size_t row = 0; row < all.size(); ++row) {
                const double one = field.number(row);
                CHECK((one == all[row] || (std::isnan(one) && std::isnan(all[row]))));
                if (field.single && !std::isnan(one))
                    CHECK(static_cast<double>(static_cast<float>(one)) == one);
            }
        }
    }
}

TEST_CASE("the same snapshot's columns are kept from listing to listing", "[explain][listing]") {
    const auto snapshot = told_snapshot();
    const Listing first = list(snapshot, {Things::tokens, "", ""});
    hsa::compute_columns(first, {});
    const Listing again = list(snapshot, {Things::tokens, "entropy >= 0", "-entropy"}, &first);
    CHECK(again.columns.size() == first.columns.size());
    CHECK(again.rows.size() == 40);
    // Others have their own.
    CHECK(list(snapshot, {Things::splats, "", ""}, &first).columns.front().name == "id");
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(hsa::make_listing(snapshot, {Things::tokens, "", "text"}, nullptr,
                                      hsa::Work{stop.get_token(), {}}),
                    hsa::Cancelled);
}

TEST_CASE("a table that is written as .csv reads back", "[explain][listing]") {
    auto snapshot = std::make_shared<Snapshot>();
    const std::vector<std::string> words = {"plain",       "a,comma",      "\"quoted\"",
                                            "Stra\u00dfe", "\u6d77\u9ce5", "\u0628\u062d\u0631",
                                            "it's;",       "-1e5"};
    auto dataset = std::make_shared<hsa::Dataset>(*text_of(words));
    dataset->properties = {{"with \"quotes\", and more",
                            {},
                            {0.1, -3.0, 1e-300, 12345678901.0, 2.5, 0.0, 7.0, 1.0 / 3.0}},
                           {"lines", {"a\nb", " ", "", "c\r\nd", "\t", "e ", "f", "g"}, {}}};
    snapshot->dataset = dataset;
    const Listing listing = list(snapshot, {Things::tokens, "index != 6", "-index"});
    const std::string csv = hsa::write_listing_csv(listing, {});
    const std::vector<std::vector<std::string>> lines = parsed_csv(csv);
    REQUIRE(lines.size() == 8);
    REQUIRE(lines[0].size() == listing.columns.size());
    for (std::size_t c = 0; c < listing.columns.size(); ++c) {
        const hsa::Field& field = listing.columns[c];
        CHECK(lines[0][c] == field.name);
        for (std::size_t r = 0; r < listing.rows.size(); ++r) {
            REQUIRE(lines[r + 1].size() == listing.columns.size());
            if (field.number) CHECK(number_in(lines[r + 1][c]) == field.number(listing.rows[r]));
            else CHECK(lines[r + 1][c] == field.words(listing.rows[r]));
        }
    }
    CHECK(lines[1][1] == "-1e5");
    CHECK(lines[4][1] == "Stra\u00dfe");

    // float32 keeps its own short decimals, and no value is an empty field.
    const auto told = told_snapshot();
    const Listing splats = list(told, {Things::splats, "", ""});
    const auto table = parsed_csv(hsa::write_listing_csv(splats, {}));
    const auto usage = static_cast<std::size_t>(&column(splats, "usage") - splats.columns.data());
    const auto parent = static_cast<std::size_t>(&column(splats, "parent") - splats.columns.data());
    bool none = false;
    for (std::size_t s = 0; s < splats.count; ++s) {
        const std::string& text = table[s + 1][usage];
        CHECK(static_cast<float>(number_in(text)) == static_cast<float>(told->measures->usage[s]));
        CHECK(text.size() <= 14);
        if (told->registry->parent[s] != hsa::kNoSplat) continue;
        none = true;
        CHECK(table[s + 1][parent].empty());
    }
    CHECK(none);

    // The program opens it again as a table of numbers with words.
    const Listing plain = list(told, {Things::tokens, "index < 3", ""});
    const hsa::Table opened = hsa::read_table("t.csv", hsa::write_listing_csv(plain, {}));
    REQUIRE(opened.values.rows() == 3);
    CHECK(opened.labels == std::vector<std::string>{"word0", "word1", "word2"});
}

TEST_CASE("of columns that a name may mean the first is sorted by, either way",
          "[explain][listing]") {
    auto snapshot = std::make_shared<Snapshot>(*told_snapshot());
    hsa::Dataset dataset = *snapshot->dataset;
    hsa::MetadataColumn length{"length", {}, {}};
    hsa::MetadataColumn minus{"-year", {}, {}};
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        length.numbers.push_back(static_cast<double>(dataset.size() - i));
        minus.numbers.push_back(static_cast<double>(i));
    }
    dataset.properties.push_back(length);
    snapshot->dataset = std::make_shared<const hsa::Dataset>(dataset);
    const auto sorted = [&](const char* column) {
        return hsa::make_listing(snapshot, {Things::tokens, "", column}, nullptr, {});
    };
    for (const char* column : {"length", "-length"}) {
        const Listing listing = sorted(column);
        REQUIRE(listing.sorted_by.has_value());
        CHECK(listing.columns[*listing.sorted_by].name == "length");
        CHECK(listing.columns[*listing.sorted_by].help == "How many letters it has.");
    }
    const Listing own = sorted("data.length");
    REQUIRE(own.sorted_by.has_value());
    CHECK(own.columns[*own.sorted_by].name == "data.length");
    CHECK(own.rows.front() == dataset.size() - 1);
    CHECK(sorted("-data.length").rows.front() == 0);
    CHECK(sorted("data.year").rows == sorted("year").rows);
    // A name that begins with - is a column's own where there is one.
    dataset.properties.push_back(minus);
    snapshot->dataset = std::make_shared<const hsa::Dataset>(dataset);
    const Listing named = sorted("-year");
    CHECK(named.columns[*named.sorted_by].name == "-year");
    CHECK_FALSE(named.falling);
}
