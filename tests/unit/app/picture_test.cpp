#include "app/commands/picture_words.h"
#include "app/runner.h"
#include "app/shell.h"
#include "app/thumbnails.h"
#include "app/window/window.h"
#include "engine/io/animation.h"
#include "engine/io/file.h"
#include "engine/io/picture_difference.h"
#include "engine/io/png.h"
#include "tests/catch.h"
#include "tests/unit/engine/io/io_test.h"

#include <fmt/core.h>

#include <filesystem>
#include <memory>
#include <numbers>
#include <string>

// Pictures as commands ask for them: sizes in pixels and on paper, what is left out, comparison,
// animation, the clipboard.

using namespace splatscope;

namespace {

struct Studio {
    Studio() {
        Runner::Options options;
        options.export_view = [this](const PictureAsked& asked) { painter().export_view(asked); };
        options.picture = [this](const PictureAsked& asked) { return painter().pixels(asked); };
        runner = std::make_unique<Runner>(std::move(options));
    }
    Shell& painter() {
        if (!shell) shell = std::make_unique<Shell>(*window, *runner, false);
        return *shell;
    }
    void run(const std::string& line) const {
        INFO(line);
        REQUIRE(runner->run(line).error == "");
    }
    [[nodiscard]] std::string exported(const std::string& words, const std::string& path) const {
        run("view.export " + words + " overwrite");
        return hsa::read_file(path);
    }
    std::unique_ptr<Window> window = make_offscreen_window({640, 400});
    std::unique_ptr<Runner> runner;
    std::unique_ptr<Shell> shell;
};

PictureAsked asked_with(const std::vector<std::string>& words) {
    PictureAsked asked;
    asked.view = "map";
    asked.path = "a b.png";
    asked.size = usual_picture_size("map");
    take_picture_words(asked, words, 0, "view.export");
    return asked;
}

}  // namespace

TEST_CASE("the words of a picture say its size, and its line says the words", "[app][pictures]") {
    CHECK(asked_with({}).pixels() == PixelSize{1600, 1200});
    CHECK(asked_with({"800x600", "x3"}).pixels() == PixelSize{2400, 1800});
    CHECK(asked_with({"800x600", "x3"}).layout() == Vec2{800.0F, 600.0F});
    CHECK(asked_with({"800x600"}).pixels_per_metre() == 0);
    CHECK(asked_with({"800x600"}).points() == 1.0);
    const PictureAsked paper = asked_with({"mm", "120x80", "dpi", "300"});
    CHECK(paper.pixels() == PixelSize{1417, 945});
    CHECK(paper.pixels_per_metre() == 11811);
    CHECK(paper.points() == 0.75);
    CHECK(static_cast<double>(paper.layout().x) == Approx(120.0 / 25.4 * 96.0).epsilon(1e-3));
    CHECK(asked_with({"mm", "120x80"}).pixels() == paper.pixels());
    CHECK(asked_with({"600x400", "x2", "dpi", "150"}).points() == Approx(0.96));
    const PictureAsked all = asked_with(
        {"mm", "85.5x60", "dpi", "600", "background", "white", "without", "legend,title"});
    CHECK(export_line(all) ==
          "view.export map \"a b.png\" mm 85.5x60 dpi 600 background white without title,legend");
    CHECK(export_line(asked_with({"640x400", "x2", "transparent"})) ==
          "view.export map \"a b.png\" 640x400 x2 background transparent");
    const auto code = [](const std::vector<std::string>& words) {
        try {
            (void)asked_with(words);
        } catch (const hsa::Error& error) {
            return error.exit_code();
        }
        return 0;
    };
    CHECK(code({"mm", "120"}) == 2);
    CHECK(code({"mm", "1x80"}) == 1);
    CHECK(code({"mm"}) == 2);
    CHECK(code({"dpi", "10"}) == 1);
    CHECK(code({"background", "blue"}) == 2);
    CHECK(code({"without", "legend,frame"}) == 2);
    CHECK(code({"mm", "120x80", "x2"}) == 2);
    CHECK(code({"mm", "2000x2000", "dpi", "600"}) == 1);
    CHECK(code({"nonsense"}) == 2);
}

TEST_CASE("a picture on paper says how large it is, in every format", "[app][pictures]") {
    const io_test::Folder folder;
    const Studio studio;
    studio.run("open sample:creatures");
    const std::string png = folder.at("a.png"), pdf = folder.at("a.pdf"), svg = folder.at("a.svg");
    const std::string words = " mm 100x70 dpi 150";
    const std::string bytes = studio.exported("map " + png + words, png);
    const hsa::PngImage image = hsa::read_png(png, bytes);
    CHECK(image.width == 591);
    CHECK(image.height == 413);
    CHECK(image.pixels_per_metre == 5906);
    CHECK(bytes == studio.exported("map " + png + words, png));
    // The last row and column are drawn, too.
    for (const std::size_t pixel :
         {std::size_t{0}, image.width - 1, (image.height - 1) * image.width,
          image.height * image.width - 1})
        for (std::size_t c = 0; c < 4; ++c) CHECK(image.rgba[4 * pixel + c] == image.rgba[c]);
    CHECK(studio.exported("map " + pdf + words, pdf).find("/MediaBox [ 0 0 283.4") !=
          std::string::npos);
    CHECK(studio.exported("map " + svg + words, svg).find("width=\"100mm\" height=\"70mm\"") !=
          std::string::npos);
    CHECK(studio.exported("map " + pdf + " 600x400 x2 dpi 150", pdf)
              .find("/MediaBox [ 0 0 576 384 ]") != std::string::npos);
}

TEST_CASE("a picture leaves out what it is asked to", "[app][pictures]") {
    const io_test::Folder folder;
    const Studio studio;
    studio.run("open sample:creatures");
    studio.run("adapt.step 2");
    const std::string path = folder.at("a.svg");
    const auto svg = [&](const std::string& view, const std::string& words) {
        return studio.exported(view + " " + path + " 640x480 " + words, path);
    };
    const auto has = [](const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    };
    CHECK(has(svg("map", ""), ">Attention map<"));
    CHECK_FALSE(has(svg("map", "without title"), ">Attention map<"));
    CHECK(has(svg("map", ""), ">uniform<"));
    CHECK_FALSE(has(svg("map", "without bar"), ">uniform<"));
    CHECK(has(svg("map", ""), ">All<"));
    CHECK_FALSE(has(svg("map", "without legend"), ">All<"));
    CHECK(has(svg("map", ""), "rows attend to columns"));
    CHECK_FALSE(has(svg("map", "without notes"), "rows attend to columns"));
    const auto words = [](const std::string& text) {
        std::size_t count = 0;
        for (std::size_t at = text.find("<text"); at != std::string::npos;
             at = text.find("<text", at + 1))
            ++count;
        return count;
    };
    CHECK(words(svg("map", "without axes")) < words(svg("map", "")));
    CHECK(has(svg("splats", ""), ">variance<"));
    CHECK_FALSE(has(svg("splats", "without axes"), ">variance<"));
    CHECK(has(svg("timeline", "x1"), ">mitosis<"));
    CHECK_FALSE(has(svg("timeline", "without legend"), ">mitosis<"));
    CHECK(has(svg("tree", "background white"), "height=\"480\" fill=\"#ffffff\""));
    CHECK_FALSE(has(svg("tree", ""), "height=\"480\" fill=\"#ffffff\""));
    // The next picture has everything again.
    CHECK(has(svg("map", ""), ">Attention map<"));
}

TEST_CASE("a picture is compared with its reference", "[app][pictures]") {
    const io_test::Folder folder;
    const Studio studio;
    studio.run("open sample:creatures");
    const std::string path = folder.at("a.png");
    studio.run("view.export map " + path + " 480x360 x2");
    CHECK(studio.runner->run("view.compare map " + path + " x2").output.find("\"mean\":0") !=
          std::string::npos);
    studio.run("set map.colours magma");
    const Outcome other =
        studio.runner->run("view.compare map " + path + " x2 drawn " + folder.at("drawn.png"));
    CHECK(other.exit_code == 4);
    CHECK(other.error.find("at most 0.4") != std::string::npos);
    CHECK(hsa::read_png("", hsa::read_file(folder.at("drawn.png"))).width == 960);
    studio.run("view.compare map " + path + " x2 mean 255 largest 255");
    CHECK(studio.runner->run("view.compare map " + path + " 400x300").exit_code == 4);
    CHECK(studio.runner->run("view.compare map " + folder.at("none.png")).exit_code == 1);
    CHECK(studio.runner->run("view.compare map " + path + " mean").exit_code == 2);
}

TEST_CASE("a sequence goes from one kept camera to the next", "[app][pictures][sequence]") {
    const io_test::Folder folder;
    const Studio studio;
    std::filesystem::copy_file(
        std::filesystem::path(SPLATSCOPE_SOURCE_DIR) / "tests" / "golden" / "tiny.txt",
        folder.at("tiny.txt"));
    studio.run("open " + folder.at("tiny.txt"));
    // Two keys that say where they stand, and one that frames everything, whatever that is.
    studio.run("camera.set 3 0.2 4 0.5 0 0");
    studio.run("camera.keep first");
    studio.run("camera.set -3 1 1 0 0 1");
    studio.run("camera.keep second");
    studio.run("camera.frame");
    studio.run("camera.keep whole");
    studio.run("camera.set 0.1 0.1 2");
    const SplatsDesk before = studio.runner->session().desk.splats;
    const std::string line = "view.sequence splats ";
    studio.run(line + folder.at("p_%d.png") + " path first,second,whole 5 160x120");
    CHECK(studio.runner->session().desk.splats == before);
    const auto frame = [&](int number) {
        return hsa::read_png("", hsa::read_file(folder.at(fmt::format("p_{}.png", number)))).rgba;
    };
    const auto shown = [&](const std::string& place) {
        studio.run(place);
        return hsa::read_png("", studio.exported("splats " + folder.at("s.png") + " 160x120",
                                                 folder.at("s.png")))
            .rgba;
    };
    CHECK(frame(0) == shown("camera.use first"));
    CHECK(frame(2) == shown("camera.use second"));
    CHECK(frame(4) == shown("camera.use whole"));
    // Half way: the angle the shorter way round, the distance by its ratio.
    CHECK(frame(1) == shown(fmt::format("camera.set {} 0.6 2 0.25 0 0.5", std::numbers::pi)));
    // A picture on the way opens as what it shows.
    Studio again;
    again.run("open " + folder.at("p_3.png"));
    again.runner->wait_complete();
    const hsa::PngImage opened = hsa::read_png(
        "", again.exported("splats " + folder.at("s.png") + " 160x120", folder.at("s.png")));
    CHECK(hsa::alike(
        hsa::picture_difference(opened, hsa::read_png("", hsa::read_file(folder.at("p_3.png"))))));
    CHECK(frame(3) != frame(4));
    const auto fails = [&](const std::string& words) {
        return studio.runner->run(line + folder.at("x_%d.png") + words).exit_code;
    };
    CHECK(fails(" path first 5") == 2);
    CHECK(fails(" path first,second") == 2);
    CHECK(fails(" path first,third 5") == 1);
    CHECK(fails(" path : 1") == 1);
    CHECK(
        studio.runner->run("view.sequence tree " + folder.at("x_%d.png") + " path : 5").exit_code ==
        2);
    studio.run("open sample:creatures");
    CHECK(studio.runner->session().desk.splats.cameras.empty());
}

TEST_CASE("an animation goes over cycles and round the scene, and opens as its first frame",
          "[app][pictures][sequence]") {
    if (!hsa::writes_webp() || !hsa::writes_gif()) return;
    const io_test::Folder folder;
    const Studio studio;
    std::filesystem::copy_file(
        std::filesystem::path(SPLATSCOPE_SOURCE_DIR) / "tests" / "golden" / "tiny.txt",
        folder.at("tiny.txt"));
    studio.run("open " + folder.at("tiny.txt"));
    studio.run("adapt.step 3");
    const double yaw = studio.runner->session().desk.splats.yaw;
    const std::string cycles = folder.at("c.webp"), round = folder.at("o.gif");
    studio.run("view.sequence tree " + cycles + " 1:4 200x150 delay 200 loop 2");
    studio.run("view.sequence splats " + round + " orbit 6 160x120");
    CHECK(studio.runner->session().desk.splats.yaw == yaw);
    CHECK(studio.runner->session().document.timeline.cursor == 3);
    const std::string bytes = hsa::read_file(cycles);
    CHECK(hsa::looks_like_webp(bytes));
    CHECK(hsa::looks_like_gif(hsa::read_file(round)));
    studio.run("view.sequence tree " + cycles + " 1:4 200x150 delay 200 loop 2 overwrite");
    CHECK(hsa::read_file(cycles) == bytes);
    CHECK(studio.runner->run("view.sequence tree " + cycles + " 1:4").exit_code == 1);
    CHECK(studio.runner->run("view.sequence tree " + folder.at("x.webp") + " orbit 6").exit_code ==
          2);
    CHECK(
        studio.runner->run("view.sequence tree " + folder.at("x_%d.png") + " 0:2 200x150 delay 100")
            .exit_code == 2);
    studio.run("view.sequence splats " + folder.at("s_%02d.png") + " orbit 2 160x120");
    CHECK(hsa::read_file(folder.at("s_00.png")) != hsa::read_file(folder.at("s_01.png")));
    for (const std::string& path : {cycles, round}) {
        INFO(path);
        Studio again;
        again.run("open " + path);
        again.runner->wait_complete();
        REQUIRE(again.runner->snapshot().dataset);
        CHECK(again.runner->session().document.timeline.cursor == (path == cycles ? 1 : 3));
    }
}

TEST_CASE("a picture is copied where there is a window", "[app][pictures]") {
    Studio studio;
    studio.run("open sample:creatures");
    CHECK(studio.runner->run("view.copy_picture map").error.find("needs a window") !=
          std::string::npos);
    (void)studio.painter();
    studio.run("view.copy_picture map 320x240");
    const hsa::PngImage image = hsa::read_png("", studio.window->clipboard_picture());
    CHECK(image.width == 320);
    CHECK(image.height == 240);
    studio.window->set_clipboard("words");
    CHECK(studio.window->clipboard_picture().empty());
}

TEST_CASE("a recent file has a small picture of its map as long as it is in the list",
          "[app][pictures][files]") {
    const io_test::Folder folder;
    const Studio studio;
    studio.run("open sample:creatures");
    studio.runner->wait_complete();
    const std::string png =
        thumbnail_of(studio.runner->session(), studio.runner->snapshot(), hsa::Work());
    CHECK(png.size() < 65536);
    CHECK(hsa::read_png("", png).width <= kThumbnailSide);
    const std::string profile = folder.at("profile");
    keep_thumbnail(profile, "/a.txt", png, {"/a.txt"});
    keep_thumbnail(profile, "/b.txt", png, {"/b.txt", "/a.txt"});
    CHECK(std::filesystem::exists(thumbnail_path(profile, "/a.txt")));
    Thumbnails shown(profile);
    const Image* image = shown.of("/a.txt");
    REQUIRE(image != nullptr);
    CHECK(image->width == hsa::read_png("", png).width);
    CHECK(shown.of("/b.txt") == nullptr);  // one a frame
    shown.next_frame();
    CHECK(shown.of("/b.txt") != nullptr);
    keep_thumbnail(profile, "/c.txt", png, {"/c.txt", "/b.txt"});
    CHECK_FALSE(std::filesystem::exists(thumbnail_path(profile, "/a.txt")));
    keep_thumbnail(profile, "/d.txt", png, {"/c.txt"});  // it left the list meanwhile
    CHECK_FALSE(std::filesystem::exists(thumbnail_path(profile, "/d.txt")));
    CHECK_FALSE(std::filesystem::exists(thumbnail_path(profile, "/b.txt")));
}
