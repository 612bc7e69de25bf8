#include "app/views/text_page.h"
#include "app/views/text_set.h"
#include "engine/embed/words.h"
#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace splatscope {
std::unique_ptr<View> make_text_view();
}

using namespace splatscope;
using Op = RecordingCanvas::Op;

namespace {

std::string file_text(const char* name) {
    return hsa::read_file(std::string(SPLATSCOPE_SOURCE_DIR "/tests/data/scripts/") + name);
}

std::shared_ptr<const hsa::Dataset> words(const std::string& text) {
    return std::make_shared<const hsa::Dataset>(
        hsa::split_words("t.txt", std::make_shared<const std::string>(text), {}));
}

SmallWorld world_of(const std::string& text) {
    SmallWorld world;
    world.snapshot->dataset = words(text);
    give_splats(world);
    return world;
}

// A text laid out and set on a canvas whose letters are 5 wide.
struct Laid {
    std::shared_ptr<const hsa::Dataset> dataset;
    TextLayout layout;
    TextFonts fonts;
    RecordingCanvas canvas{500, 500};

    Laid(const std::string& text, float width) : dataset(words(text)), layout(dataset, width) {
        fonts.body = {{}, Font::text, 10.0F};
        fonts.heading = {{}, Font::bold, 10.0F};
        fonts.body_widths.set(fonts.body);
        fonts.heading_widths.set(fonts.heading);
        while (!layout.complete()) layout.advance(canvas, fonts, 1U << 20U);
    }
    [[nodiscard]] SetLine set(std::size_t line) {
        const TextLine& of = layout.lines()[line];
        const std::size_t token = layout.first_token(line);
        return of.run_count > 0 ? set_runs(canvas, *dataset, of, layout.runs(of), token,
                                           fonts.body_widths, 0.0F, layout.width())
                                : set_line(canvas, *dataset, of, token, fonts.body_widths, 0.0F);
    }
    [[nodiscard]] std::vector<std::size_t> tokens(std::size_t line) {
        std::vector<std::size_t> found;
        for (const Piece& piece : set(line).pieces) found.push_back(piece.token);
        return found;
    }
};

}  // namespace

TEST_CASE("Words of a line stand in visual order, right aligned where they begin there",
          "[text][order]") {
    Laid hebrew("אב גד ef gh הו", 200.0F);
    CHECK(hebrew.tokens(0) == std::vector<std::size_t>{4, 2, 3, 1, 0});
    CHECK(hebrew.layout.lines()[0].right_to_left);
    const SetLine set = hebrew.set(0);
    CHECK(set.pieces.back().end == 200.0F);
    CHECK(set.pieces.front().begin == 200.0F - 5.0F * 14.0F);
    Laid latin("ab אב גד cd", 200.0F);
    CHECK(latin.tokens(0) == std::vector<std::size_t>{0, 2, 1, 3});
    CHECK_FALSE(latin.layout.lines()[0].right_to_left);
    CHECK(latin.set(0).pieces.front().begin == 0.0F);
    Laid plain("ab cd", 200.0F);
    CHECK(plain.layout.lines()[0].run_count == 0);
}

TEST_CASE("Lines break in the order that is written and every letter is on one of them",
          "[text][order]") {
    Laid ports(file_text("ports.txt"), 180.0F);
    std::uint64_t last = 0;
    std::vector<bool> seen(ports.dataset->size(), false);
    for (std::size_t l = 0; l < ports.layout.lines().size(); ++l) {
        const TextLine& line = ports.layout.lines()[l];
        CHECK(line.begin >= last);
        last = line.end;
        std::uint32_t covered = 0;
        for (const VisualRun& run : ports.layout.runs(line)) covered += run.end - run.begin;
        if (line.run_count > 0) CHECK(covered == line.end - line.begin);
        for (const Piece& piece : ports.set(l).pieces) {
            CHECK(piece.begin >= -0.01F);
            CHECK(piece.end <= 180.01F);
            seen[piece.token] = true;
        }
    }
    CHECK(std::all_of(seen.begin(), seen.end(), [](bool s) { return s; }));
}

TEST_CASE("In pieces the lines of mixed scripts are those built at once", "[text][order]") {
    std::string text = file_text("ports.txt");
    text.erase(0, text.find("وصلت"));
    Laid whole(text, 160.0F);
    TextLayout pieces(whole.dataset, 160.0F);
    int rounds = 0;
    while (!pieces.complete() && ++rounds < 10000) pieces.advance(whole.canvas, whole.fonts, 700);
    CHECK(rounds > 3);
    REQUIRE(pieces.lines().size() == whole.layout.lines().size());
    for (std::size_t l = 0; l < pieces.lines().size(); ++l) {
        CHECK(pieces.lines()[l].begin == whole.layout.lines()[l].begin);
        CHECK(pieces.lines()[l].right_to_left == whole.layout.lines()[l].right_to_left);
        const auto a = pieces.runs(pieces.lines()[l]);
        const auto b = whole.layout.runs(whole.layout.lines()[l]);
        CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
    }
}

TEST_CASE("Two letters that are one sign share it", "[text][order]") {
    Laid laid("بلا", 200.0F);
    // A token a letter.
    hsa::Dataset letters = *laid.dataset;
    letters.tokens = {{0, 2}, {2, 4}, {4, 6}};
    const TextLine& line = laid.layout.lines()[0];
    const SetLine set = set_runs(laid.canvas, letters, line, laid.layout.runs(line), 0,
                                 laid.fonts.body_widths, 0.0F, 100.0F);
    REQUIRE(set.letters.size() == 2);
    REQUIRE(set.pieces.size() == 3);
    CHECK(set.pieces[0].token == 2);
    CHECK(set.pieces[0].begin == 90.0F);
    CHECK(set.pieces[0].end == 92.5F);
    CHECK(set.pieces[1].token == 1);
    CHECK(set.pieces[2].token == 0);
    CHECK(set.pieces[2].end == 100.0F);
    // Cut inside the word, the letters keep their joined forms; whole, they are as written.
    CHECK(text_of(set, 0, 2) == "بلا");
    CHECK(text_of(set, 1, 2) == "\ufe91");
    CHECK(text_of(set, 0, 1) == "\ufefc");
}

TEST_CASE("The middle of every word hits it, by a click and by a drag", "[text][order]") {
    SmallWorld world = world_of(file_text("ports.txt"));
    const auto view = make_text_view();
    RecordingCanvas canvas(320, 2200);
    const Drawn first = world.settle(*view, canvas);
    CHECK(canvas.text_outside() == "");
    std::set<std::string> seen;
    for (const Hit& hit : first.hits) {
        if (hit.id.rfind("token ", 0) != 0) continue;
        INFO(hit.id);
        seen.insert(hit.id);
        const Vec2 at = hit.place.centre();
        for (const Hit& other : first.hits)
            if (&other != &hit && other.id.rfind("token ", 0) == 0)
                CHECK_FALSE(other.place.contains(at));
        if (seen.size() % 5 != 0) continue;
        (void)view->draw(canvas, world.context(), press(at));
        const Drawn drawn = view->draw(canvas, world.context(), click(at));
        REQUIRE(drawn.commands.size() == 1);
        CHECK(drawn.commands[0] == "select.tokens " + hit.id.substr(6));
    }
    CHECK(seen.size() == world.snapshot->dataset->size());
}

TEST_CASE("A passage across runs is underlined word by word and between its own words",
          "[text][order]") {
    // Seen from the left: 4 2 3 1 0.
    SmallWorld world = world_of("אב גד ef gh הו");
    world.session.document.selection.tokens = {{1, 3}};
    const auto view = make_text_view();
    RecordingCanvas canvas(400, 300);
    const Drawn drawn = world.settle(*view, canvas);
    const auto place = [&](std::size_t token) {
        return find_hit(drawn, fmt::format("token {}", token))->place;
    };
    const Colour accent = theme(world.session.desk.theme).accent;
    const auto underlined = [&](float x) {
        const std::vector<RecordingCanvas::Item> rects = canvas.items(Op::rect);
        return std::any_of(rects.begin(), rects.end(), [&](const RecordingCanvas::Item& item) {
            return item.colour == accent && item.place.height() == 2.0F && item.place.min.x <= x &&
                   x < item.place.max.x;
        });
    };
    CHECK(underlined(place(1).centre().x));
    CHECK(underlined(place(2).centre().x));
    CHECK_FALSE(underlined(place(0).centre().x));
    CHECK_FALSE(underlined(place(3).centre().x));
    CHECK_FALSE(underlined(place(4).centre().x));
    // The blank between 1 and 2 stands beside 1, where 3 is its neighbour on the screen.
    CHECK(underlined(0.5F * (place(3).max.x + place(1).min.x)));
    CHECK_FALSE(underlined(0.5F * (place(2).max.x + place(3).min.x)));
    CHECK_FALSE(underlined(0.5F * (place(1).max.x + place(0).min.x)));
}

TEST_CASE("No line of ideographs begins with a stop or ends with an opening sign", "[text]") {
    const std::string text = file_text("ideographs.txt");
    for (const float width : {40.0F, 55.0F, 75.0F, 130.0F}) {
        Laid laid(text, width);
        for (const TextLine& line : laid.layout.lines()) {
            const std::string letters = text.substr(line.begin, line.end - line.begin);
            INFO(letters);
            for (const char* stop : {"。", "、", "，", "」", "）", "”", "："})
                CHECK_FALSE(letters.starts_with(stop));
            for (const char* opening : {"「", "（", "“"}) CHECK_FALSE(letters.ends_with(opening));
        }
    }
}

TEST_CASE("A line end between ideographs is no blank", "[text]") {
    Laid laid("海と\n空 と\nab\n海", 500.0F);
    CHECK(laid.set(0).text == "海と空 と ab 海");
    CHECK(laid.set(0).pieces.back().end == 5.0F * 10.0F);
}

TEST_CASE("Scripts whose letters are not shaped are named", "[text]") {
    Laid laid("plain नमस्ते and สวัสดี سلام", 500.0F);
    CHECK(laid.fonts.body_widths.unshaped() == std::vector<std::string>{"Devanagari", "Thai"});
    SmallWorld world = world_of("नमस्ते");
    const auto view = make_text_view();
    RecordingCanvas canvas(300, 300);
    (void)world.settle(*view, canvas);
    CHECK(view->subtitle(world.context()).find("not shaped: Devanagari") != std::string::npos);
}
