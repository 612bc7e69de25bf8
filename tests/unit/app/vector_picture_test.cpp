#include "app/render/font_subset.h"
#include "app/runner.h"
#include "app/shell.h"
#include "app/widgets/fonts.h"
#include "app/window/window.h"
#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/unit/engine/io/io_test.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace splatscope;

namespace {

// The program without a display; the context is given back before the window.
struct Program {
    Program() {
        Runner::Options options;
        options.export_view = [this](const PictureAsked& asked) {
            if (!shell) shell = std::make_unique<Shell>(*window, *runner, false);
            shell->export_view(asked);
        };
        runner = std::make_unique<Runner>(std::move(options));
    }
    void run(const std::string& line) const {
        INFO(line);
        REQUIRE(runner->run(line).error == "");
    }
    std::string exported(const std::string& view, const std::string& path,
                         const std::string& more = "640x400") const {
        run(fmt::format("view.export {} {} {} overwrite", view, path, more));
        return hsa::read_file(path);
    }

    std::unique_ptr<Window> window = make_offscreen_window({640, 400});
    std::unique_ptr<Runner> runner;
    std::unique_ptr<Shell> shell;
};

// What makes a text no XML: elements that do not close as they open, a quote or a sign that is not
// written as XML writes it. Empty when there is nothing.
std::string fault_of_xml(std::string_view text) {
    std::vector<std::string> open;
    if (!text.starts_with("<?xml ")) return "no declaration";
    text.remove_prefix(text.find("?>") + 2);
    while (!text.empty()) {
        if (text.front() == '&') {
            const std::string_view name = text.substr(1, text.find(';') - 1);
            if (name != "amp" && name != "lt" && name != "gt" && name != "quot")
                return "an unknown entity";
        }
        if (text.front() != '<') {
            if (static_cast<unsigned char>(text.front()) < 0x20 && text.front() != '\n')
                return "a control sign";
            text.remove_prefix(1);
            continue;
        }
        const std::size_t end = text.find('>');
        if (end == std::string_view::npos) return "an element without an end";
        const std::string_view tag = text.substr(1, end - 1);
        text.remove_prefix(end + 1);
        if (tag.find('<') != std::string_view::npos) return "an element inside an element's sign";
        if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) return "an open quote";
        const std::string name(tag.substr(0, tag.find_first_of(" /", 1)));
        if (tag.front() == '/') {
            if (open.empty() || "/" + open.back() != name) return name + " closes nothing";
            open.pop_back();
        } else if (tag.back() != '/') {
            open.push_back(name);
        }
    }
    return open.empty() ? "" : open.back() + " is open at the end";
}

std::string inflated(std::string_view packed) {
    std::string out(std::size_t{1} << 22U, '\0');
    uLongf size = out.size();
    const int code = uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                                reinterpret_cast<const Bytef*>(packed.data()), packed.size());
    out.resize(code == Z_OK ? size : 0);
    return out;
}

// The letters that a PDF shows, in their order: fonts of Latin letters count them as bytes.
std::string words_of_pdf(const std::string& pdf) {
    std::string words;
    for (std::size_t at = pdf.find("stream\n"); at != std::string::npos;
         at = pdf.find("stream\n", at + 1)) {
        const std::size_t end = pdf.find("\nendstream", at);
        if (end == std::string::npos) break;
        const std::string content = inflated(std::string_view(pdf).substr(at + 7, end - at - 7));
        if (content.find(" Tf\n") == std::string::npos) continue;  // shows no text
        bool hex = false;
        bool quoted = false;
        std::string digits;
        for (std::size_t i = 0; i < content.size(); ++i) {
            const char letter = content[i];
            if (quoted) {
                if (letter == ')') quoted = false;
                else words += letter == '\\' ? content[++i] : letter;
            } else if (hex) {
                if (letter == '>') hex = false;
                else digits += letter;
                if (digits.size() == 2) {
                    words += static_cast<char>(std::stoi(digits, nullptr, 16));
                    digits.clear();
                }
            } else {
                quoted = letter == '(';
                hex = letter == '<';
            }
        }
    }
    return words;
}

std::size_t count(const std::string& text, const std::string& what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++found;
    return found;
}

}  // namespace

TEST_CASE("every view is an SVG and a PDF with words in it, twice the same",
          "[app][pictures][vector]") {
    const io_test::Folder folder;
    const Program program;
    program.run("open sample:creatures");
    program.run("adapt.step 2");
    program.run("select.tokens 3:6");
    for (const auto& view : make_views()) {
        INFO(view->id());
        const std::string svg = program.exported(view->id(), folder.at("a.svg"));
        CHECK(svg == program.exported(view->id(), folder.at("b.svg")));
        CHECK(fault_of_xml(svg) == "");
        CHECK(svg.find("width=\"640\" height=\"400\" viewBox=\"0 0 640 400\"") != svg.npos);
        CHECK(svg.find(">" + view->title() + "</text>") != svg.npos);
        CHECK(svg.find("<path") == svg.npos);  // no letter became an outline
        const std::string pdf = program.exported(view->id(), folder.at("a.pdf"));
        CHECK(pdf == program.exported(view->id(), folder.at("b.pdf")));
        CHECK(pdf.starts_with("%PDF-1.4"));
        CHECK(pdf.find("/MediaBox [ 0 0 640 400 ]") != pdf.npos);
        CHECK(pdf.find("CreationDate") == pdf.npos);
        CHECK(pdf.find("+Roboto") != pdf.npos);
        CHECK(words_of_pdf(pdf).find(view->title()) != std::string::npos);
    }
}

TEST_CASE("pixels are images inside, as fine as asked for, and the rest is not",
          "[app][pictures][vector]") {
    const io_test::Folder folder;
    const Program program;
    program.run("open sample:creatures");
    for (const char* view : {"map", "splats"}) {
        INFO(view);
        const std::string plain = program.exported(view, folder.at("a.svg"), "640x400");
        const std::string fine = program.exported(view, folder.at("b.svg"), "640x400 x3");
        CHECK(plain.find("<image ") != plain.npos);
        CHECK(fine.size() > plain.size());
        CHECK(count(fine, "<text ") == count(plain, "<text "));
        CHECK(fine.find("viewBox=\"0 0 640 400\"") != fine.npos);
    }
    CHECK(program.exported("tree", folder.at("t.svg")).find("<image ") == std::string::npos);
}

TEST_CASE("right-to-left words stay in a vector picture as they are written",
          "[app][pictures][vector]") {
    const io_test::Folder folder;
    const Program program;
    program.run("set embed.method cooccurrence");
    program.run("open " SPLATSCOPE_SOURCE_DIR "/tests/data/scripts/ports.txt");
    const std::string svg = program.exported("text", folder.at("a.svg"), "640x900");
    CHECK(fault_of_xml(svg) == "");
    CHECK(svg.find("# מכתבים מן הנמל</text>") != svg.npos);
    CHECK(svg.find("direction=\"rtl\" text-anchor=\"end\"") != svg.npos);
    const std::string pdf = program.exported("text", folder.at("a.pdf"), "640x900");
    CHECK(pdf.find("+DejaVuSans") != pdf.npos);
    CHECK(pdf == program.exported("text", folder.at("b.pdf"), "640x900"));
}

TEST_CASE("an SVG holds the letters it draws, and no more of their fonts",
          "[app][pictures][vector]") {
    const std::string some = font_subset("fonts/Roboto-Regular.ttf", {U'A', U'b'});
    if (some.empty()) return;  // a build without HarfBuzz
    CHECK(some.size() < 8000);
    CHECK(some == font_subset("fonts/Roboto-Regular.ttf", {U'b', U'A'}));
    CHECK(some.size() < font_subset("fonts/Roboto-Regular.ttf", {U'A', U'b', U'c'}).size());
    const io_test::Folder folder;
    const Program program;
    program.run("open sample:creatures");
    const std::string tree = program.exported("tree", folder.at("a.svg"));
    const auto face = [](const std::string& name) {
        return "@font-face{font-family:'" + name + "'";
    };
    CHECK(tree.find(face("Roboto") + ";src:url(data:font/ttf;base64,") != tree.npos);
    CHECK(tree.find(face("Roboto") + ";font-weight:bold") != tree.npos);
    CHECK(tree.find(face("DejaVu Sans")) == tree.npos);
    CHECK(tree.size() < 400000);
    const Program other;
    other.run("set embed.method cooccurrence");
    other.run("open " SPLATSCOPE_SOURCE_DIR "/tests/data/scripts/ports.txt");
    const std::string ports = other.exported("text", folder.at("b.svg"), "640x900");
    CHECK(fault_of_xml(ports) == "");
    CHECK(ports.find(face("DejaVu Sans")) != ports.npos);
}

TEST_CASE("Korean and Devanagari letters are in pictures made without a window",
          "[app][pictures][vector]") {
    const io_test::Folder folder;
    const Program program;
    program.run("set embed.method cooccurrence");
    program.run("open " SPLATSCOPE_SOURCE_DIR "/tests/golden/hangul.txt");
    const std::string pdf = program.exported("text", folder.at("a.pdf"), "640x900");
    for (const Font role : {Font::text, Font::bold, Font::mono})
        for (const char32_t letter : {U'\uAC00', U'\uD55C', U'\uD7A3', U'\u0915', U'\u0939'}) {
            INFO(static_cast<unsigned>(letter));
            CHECK(has_glyph(role, letter));
        }
    CHECK(pdf.find("NanumSquare") != pdf.npos);
    CHECK(pdf.find("Lohit") != pdf.npos);
    const std::string svg = program.exported("text", folder.at("a.svg"), "640x900");
    CHECK(svg.find("\uBC30") != svg.npos);
}

TEST_CASE("a transparent vector picture has no ground", "[app][pictures][vector]") {
    const io_test::Folder folder;
    const Program program;
    program.run("open sample:creatures");
    const std::string ground = R"(<rect x="0" y="0" width="640" height="400")";
    CHECK(program.exported("tree", folder.at("a.svg")).find(ground) != std::string::npos);
    CHECK(program.exported("tree", folder.at("b.svg"), "640x400 transparent").find(ground) ==
          std::string::npos);
}

TEST_CASE("a vector picture opens as the session that made it", "[app][pictures][vector]") {
    const io_test::Folder folder;
    for (const char* name : {"a.svg", "a.pdf"}) {
        INFO(name);
        {
            const Program program;
            program.run("open sample:creatures");
            program.run("set camera.yaw 1.25");
            program.run("select.tokens 3:6");
            (void)program.exported("tree", folder.at(name));
        }
        Runner runner({});
        REQUIRE(runner.run("open " + folder.at(name)).error == "");
        CHECK(runner.session().desk.splats.yaw == 1.25);
        REQUIRE(runner.session().document.sources.size() == 1);
        CHECK(runner.session().document.sources[0].path == "sample:creatures");
    }
    hsa::write_file(folder.at("other.svg"), "<svg></svg>", hsa::Existing::refuse);
    Runner runner({});
    const Outcome refused = runner.run("open " + folder.at("other.svg"));
    CHECK(refused.exit_code == 1);
    CHECK(refused.error.find("this program did not make") != std::string::npos);
}

TEST_CASE("signs that XML does not allow are left out of a picture", "[app][pictures][vector]") {
    const io_test::Folder folder;
    hsa::write_file(folder.at("a.txt"), "The a\uFFFEb and c\uFFFFd \x01 went <on> to see \uFFFD.\n",
                    hsa::Existing::refuse);
    const Program program;
    program.run("open " + folder.at("a.txt"));
    const std::string svg = program.exported("text", folder.at("a.svg"));
    CHECK(fault_of_xml(svg) == "");
    CHECK(svg.find("\uFFFE") == svg.npos);
    CHECK(svg.find("\uFFFF") == svg.npos);
    CHECK(svg.find("\uFFFD") != svg.npos);
    CHECK(svg.find("&lt;") != svg.npos);
}

TEST_CASE("what cannot be written as asked is refused in a sentence", "[app][pictures][vector]") {
    const io_test::Folder folder;
    const Program program;
    program.run("open sample:creatures");
    const auto refused = [&](const std::string& line) {
        const Outcome outcome = program.runner->run(line);
        CHECK(outcome.exit_code == 1);
        return outcome.error;
    };
    CHECK(refused("view.export tree " + folder.at("a.jpg")).find(".png, .svg or .pdf") !=
          std::string::npos);
    CHECK(refused("view.export window " + folder.at("a.svg")).find(".png alone") !=
          std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder.at("a.svg")));
    hsa::write_file(folder.at("a.pdf"), "mine", hsa::Existing::refuse);
    (void)refused("view.export tree " + folder.at("a.pdf"));
    CHECK(hsa::read_file(folder.at("a.pdf")) == "mine");
}

TEST_CASE("a sequence numbers its pictures by their cycles and leaves the time as it was",
          "[app][pictures][sequence]") {
    const io_test::Folder folder;
    const Program program;
    program.run("open sample:creatures");
    program.run("adapt.step 4");
    const std::size_t steps = program.runner->log().size();
    const auto path = [&](const char* name) { return folder.at(name); };
    const Outcome made =
        program.runner->run("view.sequence tree " + path("t_%04d.svg") + " 1:4 320x240");
    REQUIRE(made.error == "");
    CHECK(made.output.find("t_0003.svg") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(path("t_0000.svg")));
    CHECK_FALSE(std::filesystem::exists(path("t_0004.svg")));
    CHECK(program.runner->session().document.timeline.cursor == 4);
    CHECK(program.runner->log().size() == steps);  // nothing to undo, nothing to repeat
    program.run("adapt.goto 2");
    CHECK(program.exported("tree", path("two.svg"), "320x240") ==
          hsa::read_file(path("t_0002.svg")));
    CHECK(hsa::read_file(path("t_0001.svg")) != hsa::read_file(path("t_0002.svg")));

    // Where one file is in the way none is written.
    const Outcome refused =
        program.runner->run("view.sequence tree " + path("t_%04d.svg") + " 0:3 320x240");
    CHECK(refused.exit_code == 1);
    CHECK_FALSE(std::filesystem::exists(path("t_0000.svg")));
    CHECK(program.runner->run("view.sequence tree " + path("t.svg") + " 1:4").exit_code == 2);
    CHECK(program.runner->run("view.sequence tree " + path("t%d_%d.svg") + " 1:4").exit_code == 2);
    CHECK(program.runner->run("view.sequence tree " + path("u_%d.svg") + " 3:9").exit_code == 1);
    CHECK(program.runner->run("view.sequence tree " + path("u_%d.txt") + " 3:5").exit_code == 1);
    CHECK(program.runner->session().document.timeline.cursor == 2);
}

TEST_CASE("Cancel ends a sequence after a whole picture", "[app][pictures][sequence]") {
    const io_test::Folder folder;
    const Program program;
    program.run("open sample:creatures");
    program.run("adapt.step 6");
    Runner& runner = *program.runner;
    runner.submit("view.sequence tree " + folder.at("c_%d.svg") + " : 320x240");
    std::optional<Outcome> ended;
    for (int i = 0; i < 2000 && !ended; ++i) {
        for (Outcome& outcome : runner.poll())
            if (outcome.line.find("view.sequence") == 0) ended = std::move(outcome);
        runner.wait_complete();
        if (!ended && std::filesystem::exists(folder.at("c_1.svg"))) runner.submit("cancel");
    }
    REQUIRE(ended);
    CHECK(ended->error.find("Cancelled: view.sequence") == 0);
    CHECK_FALSE(std::filesystem::exists(folder.at("c_6.svg")));
    for (const auto& file : std::filesystem::directory_iterator(folder.at("")))
        CHECK(hsa::read_file(file.path().string()).ends_with("</svg>\n"));
    CHECK(runner.session().document.timeline.cursor == 6);
    runner.wait_complete();
    CHECK(program.runner->run("print history").error == "");
}

TEST_CASE("while pictures are made another job is cancelled alone, and they by their name",
          "[app][pictures][sequence]") {
    const io_test::Folder folder;
    const Program program;
    program.run("open sample:creatures");
    program.run("adapt.step 6");
    Runner& runner = *program.runner;
    const std::string line = "view.sequence tree " + folder.at("n_%d.svg") + " : 320x240";
    runner.submit(line);
    runner.submit("select.none");
    std::vector<Outcome> all;
    const auto ended = [&](const std::string& of) {
        for (const Outcome& outcome : all)
            if (outcome.line == of) return true;
        return false;
    };
    bool asked = false;
    for (int i = 0; i < 2000 && !ended(line); ++i) {
        for (Outcome& outcome : runner.poll()) all.push_back(std::move(outcome));
        runner.wait_complete();
        if (!asked && std::filesystem::exists(folder.at("n_0.svg"))) {
            runner.submit("cancel select.none");
            asked = true;
        } else if (asked && ended("select.none")) {
            CHECK(std::filesystem::exists(folder.at("n_1.svg")));
            runner.submit("cancel sequence");
        }
    }
    REQUIRE(ended(line));
    REQUIRE(ended("select.none"));
    CHECK_FALSE(std::filesystem::exists(folder.at("n_6.svg")));
    CHECK(runner.session().document.timeline.cursor == 6);
}

TEST_CASE("a sequence does not hear lines that were there before it, and fails whole",
          "[app][pictures][sequence]") {
    std::vector<std::string> drawn;
    bool fails = false;
    Runner::Options options;
    options.export_view = [&](const PictureAsked& asked) {
        if (fails && drawn.size() == 1) throw std::bad_alloc();
        drawn.push_back(asked.path);
    };
    bool quit = false;
    options.quit = [&] { quit = true; };
    Runner runner(std::move(options));
    const io_test::Folder folder;
    REQUIRE(runner.run("open sample:creatures").error == "");
    REQUIRE(runner.run("adapt.step 3").error == "");
    const auto run = [&](const std::string& after) {
        runner.submit("view.sequence tree " + folder.at("q_%d.svg") + " 1:4");
        if (!after.empty()) runner.submit(after);
        std::optional<Outcome> ended;
        for (int i = 0; i < 2000 && !ended; ++i) {
            for (Outcome& outcome : runner.poll())
                if (outcome.line.find("view.sequence") == 0) ended = std::move(outcome);
            runner.wait_complete();
        }
        REQUIRE(ended);
        return *ended;
    };
    fails = true;
    const Outcome failed = run("");
    CHECK(failed.error.find("not enough memory") != std::string::npos);
    CHECK(drawn.size() == 1);
    CHECK(runner.session().document.timeline.cursor == 3);
    fails = false;
    drawn.clear();
    CHECK(run("quit").error == "");
    CHECK(drawn.size() == 3);
    (void)runner.poll();
    CHECK(quit);
}
