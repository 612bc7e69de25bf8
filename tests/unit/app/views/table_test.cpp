#include "app/commands/grammar.h"
#include "app/views/table_columns.h"
#include "engine/explain/listing.h"
#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace splatscope;

namespace splatscope {
std::unique_ptr<View> make_table_view();
}

namespace {

struct Panel {
    SmallWorld world = small_world();
    std::unique_ptr<View> view = make_table_view();
    RecordingCanvas canvas{900, 300};

    // All that the look lane answers but the rows.
    void answer() {
        const hsa::Snapshot& snapshot = *world.snapshot;
        world.look = {};
        world.look.of = world.snapshot;
        world.look.selection = world.session.document.selection;
        world.look.linked = std::make_shared<const hsa::Linked>(
            hsa::linked(world.look.selection, *snapshot.factors, *snapshot.sums, *snapshot.registry,
                        *snapshot.history, 0));
    }
    Drawn draw(const Pointer& pointer = {}, bool exporting = false) {
        answer();
        world.look.listing = std::make_shared<const hsa::Listing>(
            hsa::make_listing(world.snapshot, world.session.desk.table.wanted(), nullptr, {}));
        canvas = RecordingCanvas(canvas.bounds());
        return view->draw(canvas, world.context(exporting), pointer);
    }
    // A press and a release: what it sends.
    std::vector<std::string> click_on(const std::string& id, bool shift = false,
                                      bool ctrl = false) {
        const Drawn before = draw();
        const Hit* hit = find_hit(before, id);
        INFO(id);
        REQUIRE(hit != nullptr);
        const Vec2 at = hit->place.centre();
        const Drawn pressed = draw(press(at));
        CHECK(pressed.commands.empty());
        Pointer up = click(at);
        up.shift = shift;
        up.ctrl = ctrl;
        return draw(up).commands;
    }
    [[nodiscard]] std::vector<std::string> rows(const std::string& kind) const {
        std::vector<std::string> ids;
        for (const Hit& hit : last.hits)
            if (hit.id.starts_with(kind + " ")) ids.push_back(hit.id);
        return ids;
    }
    Drawn last;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("the table shows rows in order and the numbers of people", "[app][views][table]") {
    Panel panel;
    panel.world.session.desk.table.splats.sort = "-id";
    panel.last = panel.draw();
    CHECK_FALSE(panel.last.waiting);
    CHECK(panel.last.listing == panel.world.session.desk.table.wanted());
    CHECK(panel.rows("splat") ==
          Lines{"splat 5", "splat 4", "splat 3", "splat 2", "splat 1", "splat 0"});
    for (const char* words : {"usage", "share of attention", "nats", "warm things", "0.167",
                              "Phrase", "all 6 rows", "\u2013"}) {
        INFO(words);
        CHECK(panel.canvas.find_text(words) != nullptr);
    }
    CHECK(panel.view->subtitle(panel.world.context()) == "6 splats \u00b7 by id, falling");
    CHECK(panel.canvas.open_clips() == 0);

    panel.world.session.desk.table.rows = hsa::Things::events;
    panel.last = panel.draw();
    CHECK(panel.rows("event") == Lines{"event 0", "event 1"});
    CHECK(panel.canvas.find_text("Splat 1 held 3.1 %") != nullptr);

    panel.world.session.desk.table.rows = hsa::Things::tokens;
    panel.world.session.desk.table.tokens.filter = "text == 'word7'";
    panel.last = panel.draw();
    CHECK(panel.rows("token").size() > 2);
    CHECK(panel.view->subtitle(panel.world.context()).find(" of ") != std::string::npos);
}

TEST_CASE("a click on a row selects, with Shift adds, with Ctrl takes away",
          "[app][views][table]") {
    Panel panel;
    CHECK(panel.click_on("splat 2") == Lines{"select.splats 2"});
    CHECK(panel.click_on("splat 2", true) == Lines{"select.splats add 2"});
    CHECK(panel.click_on("splat 2", false, true) == Lines{"select.splats remove 2"});
    panel.world.session.desk.table.rows = hsa::Things::events;
    CHECK(panel.click_on("event 1") == Lines{"select.event 1"});
    CHECK(panel.click_on("event 1", false, true) == Lines{"select.event remove 1"});
    panel.world.session.desk.table.rows = hsa::Things::tokens;
    CHECK(panel.click_on("token 3", true) == Lines{"select.tokens add 3"});

    // Several in one drag, as they stand.
    panel.world.session.desk.table.tokens.sort = "-index";
    const Drawn drawn = panel.draw();
    std::vector<Vec2> at;
    for (const Hit& hit : drawn.hits)
        if (hit.id.starts_with("token ")) at.push_back(hit.place.centre());
    REQUIRE(at.size() > 4);
    (void)panel.draw(press(at[1]));
    CHECK(panel.draw(drag(at[1], at[3])).commands.empty());
    const std::size_t n = panel.world.snapshot->dataset->size();
    CHECK(panel.draw(release(at[1], at[3])).commands ==
          Lines{fmt::format("select.tokens {}:{}", n - 4, n - 1)});
}

TEST_CASE("what is selected and lit is marked in the accent", "[app][views][table]") {
    Panel panel;
    panel.world.session.document.selection.splats = {1};
    const Drawn drawn = panel.draw();
    const Colour accent = theme(ThemeName::dark).accent;
    const auto bar = [&](const std::string& id) {
        const Rect row = find_hit(drawn, id)->place;
        float width = 0.0F;
        for (const auto& item : panel.canvas.items(RecordingCanvas::Op::rect))
            if (item.colour == accent && row.contains(item.place.centre()))
                width = item.place.width();
        return width;
    };
    CHECK(bar("splat 1") > 3.0F);
    for (const char* id : {"splat 0", "splat 2", "splat 5"}) {
        const bool lit = std::binary_search(drawn.lit_splats.begin(), drawn.lit_splats.end(),
                                            find_hit(drawn, id)->id.back() - '0');
        INFO(id);
        CHECK((bar(id) > 0.0F) == lit);
        CHECK(bar(id) < 3.0F);
    }
}

TEST_CASE("a click on a column sorts by it, then the other way, then not", "[app][views][table]") {
    Panel panel;
    panel.canvas = RecordingCanvas(1600, 300);
    TableRows& splats = panel.world.session.desk.table.splats;
    CHECK(panel.click_on("table column usage") == Lines{"set table.splats.sort -usage"});
    splats.sort = "-usage";
    panel.world.session.desk.table.scroll = 2.0;
    CHECK(panel.click_on("table column usage") ==
          Lines{"set table.scroll 0", "set table.splats.sort usage"});
    panel.world.session.desk.table.scroll = 0.0;
    splats.sort = "usage";
    CHECK(panel.click_on("table column usage") == Lines{"set table.splats.sort \"\""});
    CHECK(panel.click_on("table column name") == Lines{"set table.splats.sort name"});
    splats.sort = "name";
    CHECK(panel.click_on("table column name") == Lines{"set table.splats.sort -name"});
    CHECK(panel.click_on("table column parent share") ==
          Lines{"set table.splats.sort \"-parent share\""});
    CHECK(panel.click_on("table tokens") == Lines{"set table.rows tokens"});
}

TEST_CASE("the filter is written at a click and says what is wrong with it",
          "[app][views][table]") {
    Panel panel;
    const Rect place = find_hit(panel.draw(), "table filter")->place;
    CHECK(panel.draw(click(place.centre())).prompt == "table.filter ");
    std::string& filter = panel.world.session.desk.table.splats.filter;
    filter = "level == \"Phrase\"";
    panel.last = panel.draw();
    CHECK(panel.rows("splat") == Lines{"splat 4", "splat 5"});
    CHECK(panel.canvas.find_text(filter) != nullptr);
    const std::string prompt = panel.draw(click({place.min.x + 9.0F, place.centre().y})).prompt;
    CHECK(split_words(prompt) == Lines{"table.filter", filter});
    CHECK(panel.click_on("table filter clear") == Lines{"table.filter"});
    filter = "id > 100";
    (void)panel.draw();
    CHECK(panel.canvas.find_text("No splat has id > 100.") != nullptr);
    filter = "colour > 1";
    (void)panel.draw();
    CHECK(panel.canvas.find_text("no property 'colour'") != nullptr);
    CHECK(panel.canvas.open_clips() == 0);
}

TEST_CASE("the wheel scrolls rows and columns and the session keeps where", "[app][views][table]") {
    Panel panel;
    panel.canvas = RecordingCanvas(420, 260);
    panel.world.session.desk.table.rows = hsa::Things::tokens;
    const Rect row = find_hit(panel.draw(), "token 0")->place;
    (void)panel.draw(wheel(row.centre(), -2.0F));
    panel.last = panel.draw();
    CHECK(panel.rows("token").front() == "token 6");
    Lines sent;
    for (int frame = 0; frame < 20 && sent.empty(); ++frame) {
        const Drawn drawn = panel.draw();
        CHECK((drawn.animating || !drawn.commands.empty()));
        sent = drawn.commands;
    }
    CHECK(sent == Lines{"set table.scroll 6"});
    panel.world.session.desk.table.scroll = 6.0;
    CHECK_FALSE(panel.draw().animating);
    // A picture shows what the session says.
    panel.world.session.desk.table.scroll = 11.0;
    panel.last = panel.draw({}, true);
    CHECK(panel.rows("token").front() == "token 11");
    // Beyond the end the last rows stay.
    panel.world.session.desk.table.scroll = 1e9;
    panel.last = panel.draw({}, true);
    CHECK(panel.rows("token").back() ==
          fmt::format("token {}", panel.world.snapshot->dataset->size() - 1));

    Pointer sideways = wheel(row.centre(), -1.0F);
    sideways.shift = true;
    CHECK(panel.draw(sideways).commands == Lines{"set table.column 1"});
    panel.world.session.desk.table.column = 2;
    CHECK(panel.draw(sideways).commands == Lines{"set table.column 3"});
    sideways.wheel = 1.0F;
    CHECK(panel.draw(sideways).commands == Lines{"set table.column 1"});
    panel.world.session.desk.table.column = 100;  // the last column stays
    CHECK(find_hit(panel.draw(), "table column heading") != nullptr);
}

TEST_CASE("a selection made elsewhere comes into view", "[app][views][table]") {
    Panel panel;
    panel.world.session.desk.table.rows = hsa::Things::tokens;
    panel.last = panel.draw();
    panel.world.session.document.selection.tokens = {{200, 203}};
    (void)panel.draw();
    panel.last = panel.draw();
    const Lines rows = panel.rows("token");
    CHECK(std::find(rows.begin(), rows.end(), "token 200") != rows.end());
}

TEST_CASE("a click that changes nothing does not keep the next selection out of sight",
          "[app][views][table]") {
    Panel panel;
    panel.world.session.desk.table.rows = hsa::Things::tokens;
    panel.world.session.document.selection.tokens = {{1, 2}};
    CHECK(panel.click_on("token 1") == Lines{"select.tokens 1"});
    (void)panel.draw();  // the session has answered: as it was
    panel.world.session.document.selection.tokens = {{200, 203}};
    (void)panel.draw();
    panel.last = panel.draw();
    const Lines rows = panel.rows("token");
    CHECK(std::find(rows.begin(), rows.end(), "token 200") != rows.end());

    // What a click did change does not move the rows.
    panel.world.session.document.selection.tokens = {{1, 2}, {200, 201}};
    (void)panel.draw();
    panel.last = panel.draw();
    CHECK(panel.click_on("token 200", false, true) == Lines{"select.tokens remove 200"});
    panel.world.session.document.selection.tokens = {{1, 2}};
    (void)panel.draw();
    panel.last = panel.draw();
    CHECK(panel.rows("token") == rows);
}

TEST_CASE("the column that rows are sorted by is always in sight", "[app][views][table]") {
    std::vector<TableColumn> columns(12);
    for (std::size_t c = 0; c < columns.size(); ++c) {
        columns[c].field = c;
        columns[c].wanted = columns[c].least = 60.0F;
    }
    const auto shown = [&](std::size_t scrolled, std::optional<std::size_t> sorted,
                           float width = 500.0F) {
        std::vector<std::size_t> fields;
        for (const PlacedColumn& place :
             placed_columns(columns, hsa::Things::splats, scrolled, 0.0F, width, sorted).shown)
            fields.push_back(place.column.field);
        return fields;
    };
    using Fields = std::vector<std::size_t>;
    CHECK(shown(0, {}) == Fields{0, 1, 2, 3, 4, 5});
    CHECK(shown(0, 4) == Fields{0, 1, 2, 3, 4, 5});
    CHECK(shown(0, 9) == Fields{0, 1, 2, 9, 3, 4});
    CHECK(shown(2, 9) == Fields{0, 1, 2, 9, 5, 6});
    CHECK(shown(4, 9) == Fields{0, 1, 2, 7, 8, 9});
    CHECK(shown(6, 9) == Fields{0, 1, 2, 9, 10, 11});
    CHECK(shown(100, 9) == Fields{0, 1, 2, 9, 10, 11});
    // The last of the names scrolls where they would take too much of the width.
    CHECK(shown(0, {}, 300.0F) == Fields{0, 1, 2, 3});
    CHECK(shown(0, 9, 300.0F) == Fields{0, 1, 2, 9});
    CHECK(shown(1, 9, 300.0F) == Fields{0, 1, 9, 3});
    CHECK(shown(0, 9, 250.0F) == Fields{0, 9, 1});
    CHECK(shown(0, 2, 140.0F) == Fields{0, 2});
    // Where there is no room for it the others stay as they are.
    CHECK(shown(0, 9, 70.0F) == Fields{0});

    Panel panel;
    panel.canvas = RecordingCanvas(420, 300);
    CHECK(find_hit(panel.draw(), "table column usage") == nullptr);
    panel.world.session.desk.table.splats.sort = "-usage";
    const Drawn drawn = panel.draw();
    const Hit* usage = find_hit(drawn, "table column usage");
    REQUIRE(usage != nullptr);
    const Hit* name = find_hit(drawn, "table column name");
    CHECK((name == nullptr || usage->place.min.x > name->place.max.x - 8.0F));
}

TEST_CASE("no text of the table overlaps or leaves it, at any size", "[app][views][table]") {
    Panel panel;
    panel.world.session.document.selection.tokens = {{2, 5}};
    for (const Vec2 size :
         {Vec2{240, 120}, Vec2{300, 160}, Vec2{480, 300}, Vec2{640, 400}, Vec2{1600, 1000}})
        for (const hsa::Things things :
             {hsa::Things::splats, hsa::Things::tokens, hsa::Things::events})
            for (const std::size_t column : {0U, 3U, 50U})
                for (const char* sort : {"", "-level", "text", "usage", "nowhere"})
                    for (const char* filter : {"", "1 < 2 && cycle == 0", "colour > 1"}) {
                        TableDesk& table = panel.world.session.desk.table;
                        table.rows = things;
                        table.column = column;
                        for (TableRows* rows : {&table.splats, &table.tokens, &table.events})
                            *rows = {sort, filter};
                        panel.canvas = RecordingCanvas(size.x, size.y);
                        for (const bool exporting : {false, true}) {
                            (void)panel.draw({}, exporting);
                            INFO(size.x << " x " << size.y << " " << hsa::name_of(things) << " "
                                        << column << " '" << sort << "' '" << filter << "'");
                            CHECK(panel.canvas.overlapping_texts() == "");
                            CHECK(panel.canvas.text_outside() == "");
                        }
                    }
}

TEST_CASE("only the rows in sight are drawn, however many there are", "[app][views][table]") {
    Panel panel;
    hsa::Listing listing;
    listing.of = panel.world.snapshot;
    listing.wanted.things = hsa::Things::tokens;
    listing.count = 1'000'000;
    std::size_t asked = 0;
    hsa::Field field;
    field.name = "index";
    field.help = "A number.";
    field.number = [&](std::size_t row) {
        ++asked;
        return static_cast<double>(row);
    };
    listing.columns = {field, field};
    listing.columns[1].name = "again";
    for (std::uint32_t row = 0; row < listing.count; ++row) listing.rows.push_back(row);
    panel.world.session.desk.table.rows = hsa::Things::tokens;
    panel.answer();
    panel.world.look.listing = std::make_shared<const hsa::Listing>(listing);
    (void)panel.view->draw(panel.canvas, panel.world.context(), {});
    asked = 0;
    panel.canvas = RecordingCanvas(900, 300);
    const Drawn drawn =
        panel.view->draw(panel.canvas, panel.world.context(), wheel({400, 200}, -100000.0F));
    CHECK(asked <= 40);
    CHECK(drawn.hits.size() < 30);
    CHECK(find_hit(drawn, "token 300000") != nullptr);
    CHECK(panel.canvas.find_text("300,000") != nullptr);
    CHECK(panel.canvas.find_text("of 1,000,000") != nullptr);
}

TEST_CASE("the table waits for rows that are being listed", "[app][views][table]") {
    Panel panel;
    panel.answer();
    Drawn drawn = panel.view->draw(panel.canvas, panel.world.context(), {});
    CHECK(drawn.waiting);
    CHECK(drawn.listing.has_value());
    CHECK(panel.canvas.find_text("listing the rows") != nullptr);
    (void)panel.draw();
    // Others are wanted: those of before stay until these are there.
    panel.world.session.desk.table.splats.sort = "-usage";
    panel.canvas = RecordingCanvas(900, 300);
    drawn = panel.view->draw(panel.canvas, panel.world.context(), {});
    CHECK(drawn.waiting);
    CHECK(find_hit(drawn, "splat 0") != nullptr);
    panel.world.session.desk.table.rows = hsa::Things::tokens;
    drawn = panel.view->draw(panel.canvas, panel.world.context(), {});
    CHECK(drawn.waiting);
    CHECK(find_hit(drawn, "splat 0") == nullptr);
    // Nothing is open.
    panel.world.snapshot = std::make_shared<hsa::Snapshot>();
    panel.canvas = RecordingCanvas(900, 300);
    drawn = panel.view->draw(panel.canvas, panel.world.context(), {});
    CHECK_FALSE(drawn.waiting);
    CHECK_FALSE(panel.canvas.texts().empty());
}

TEST_CASE("numbers of a column stand under their points", "[app][views][table]") {
    Panel panel;
    hsa::Listing listing;
    listing.of = panel.world.snapshot;
    const std::vector<double> numbers = {12.5, 0.0625, 7.0, 1234.0, 3e-9};
    listing.count = numbers.size();
    hsa::Field field;
    field.name = "x";
    field.number = [&](std::size_t row) { return numbers[row]; };
    listing.columns = {field};
    const std::vector<TableColumn> columns = measured_columns(panel.canvas, listing);
    const TableLayout layout = placed_columns(columns, hsa::Things::splats, 0, 100.0F, 600.0F);
    REQUIRE(layout.shown.size() == 1);
    CHECK(layout.beyond == 0);
    const float digit = panel.canvas.text_size("0", digit_style({})).x;
    std::vector<float> points;
    for (std::size_t row = 0; row < numbers.size(); ++row) {
        const std::string text = cell_text(field, row);
        draw_cell(panel.canvas, layout.shown[0], 20.0F * static_cast<float>(row), text, {});
        const PlacedText& drawn = panel.canvas.texts().back();
        CHECK(drawn.text == text);
        CHECK(drawn.place.min.x >= layout.shown[0].left - 0.01F);
        CHECK(drawn.place.max.x <= layout.shown[0].right + 0.01F);
        const std::size_t point = std::min(text.find('.'), text.size());
        if (text.find('e') == std::string::npos)
            points.push_back(drawn.place.min.x + digit * static_cast<float>(point));
    }
    for (const float point : points) CHECK(point == Approx(points.front()).margin(0.01));
}
