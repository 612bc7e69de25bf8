// Files that are read again, when they are asked for or when they change on the disk.
#include "app/file_watch.h"
#include "app/runner.h"
#include "engine/core/matrix.h"
#include "engine/io/file.h"
#include "engine/io/npy.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"
#include "tests/unit/engine/io/io_test.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

using namespace splatscope;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::string text(std::size_t words) {
    std::string all;
    for (std::size_t w = 0; w < words; ++w)
        all += fmt::format("word{}{}", (w * 7 + w / 5) % 19, w % 12 == 11 ? ".\n" : " ");
    return all;
}

// What a watch tells within `seconds`; the first path, or nothing.
std::string told(FileWatch& watch, double seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < end) {
        const std::vector<std::string> paths = watch.take();
        if (!paths.empty()) return paths.front();
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return {};
}

// What is said until the runner has read its files again.
std::string news(Runner& runner) {
    std::string all;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    do {
        runner.wait_complete();
        for (const Outcome& outcome : runner.poll()) all += outcome.output + outcome.error;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    } while ((all.empty() || runner.busy()) && std::chrono::steady_clock::now() < end);
    return all;
}

}  // namespace

TEST_CASE("a file that changed is told once it is whole, one that was touched never",
          "[app][watch]") {
    const io_test::Folder folder;
    const std::string path = folder.at("watched.txt");
    io_test::put_file(path, "one two three");
    FileWatch watch;
    watch.know(path, 0);
    watch.follow({path}, {});
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    fs::last_write_time(path, fs::file_time_type::clock::now() + std::chrono::seconds(5));
    CHECK(told(watch, 0.8).empty());
    // As editors do it: another file takes the name.
    io_test::put_file(folder.at("other"), "one two four");
    fs::rename(folder.at("other"), path);
    CHECK(told(watch, 5.0) == path);
    CHECK(watch.take().empty());
    watch.follow({}, {});
    io_test::put_file(path, "five");
    CHECK(watch.take().empty());
}

TEST_CASE("a file that changed after it was read and before it was watched is told",
          "[app][watch]") {
    const io_test::Folder folder;
    const std::string path = folder.at("watched.txt");
    io_test::put_file(path, "one two three");
    FileWatch watch;
    watch.know(path, 0);
    io_test::put_file(path, "one two three four");
    watch.follow({path}, {});
    CHECK(told(watch, 5.0) == path);
    watch.follow({}, {});
    // What is read again is what later ones are held against, however it came to be read again.
    io_test::put_file(path, "one two");
    SECTION("said so") {
        watch.know_anew(path);
        watch.know(path, 0);
    }
    SECTION("another version of it") { watch.know(path, 1); }
    watch.follow({path}, {});
    CHECK(told(watch, 0.8).empty());
}

TEST_CASE("a file is read again: what was selected goes on to the same words", "[app][watch]") {
    const io_test::Folder folder;
    const std::string path = folder.at("text.txt");
    io_test::put_file(path, text(240));
    Runner runner({});
    REQUIRE(runner.run("open " + path).error.empty());
    REQUIRE(runner.run("print measures").error.empty());
    REQUIRE(runner.run("select.tokens 200:203").error.empty());
    REQUIRE(runner.run("map.view 10 60 20 70").error.empty());
    const std::string word = runner.snapshot().dataset->token_text(200);
    const std::size_t before = runner.snapshot().dataset->size();
    const auto steps = runner.undo_history().newest();

    io_test::put_file(path, "Some new words first. " + text(240));
    const std::shared_ptr<const hsa::Snapshot> shown = runner.snapshot_pointer();
    REQUIRE(runner.run("data.reload").error.empty());
    CHECK(runner.snapshot_pointer() == shown);  // until all of the new is there
    const std::string said = news(runner);
    INFO(said);
    CHECK(said.find(fmt::format("reloaded: {} -> ", before)) != std::string::npos);
    const std::size_t more = runner.snapshot().dataset->size() - before;
    CHECK(more >= 4);
    REQUIRE(runner.session().document.selection.tokens.size() == 1);
    CHECK(runner.session().document.selection.tokens[0] == hsa::Range{200 + more, 203 + more});
    CHECK(runner.snapshot().dataset->token_text(200 + more) == word);
    CHECK(runner.session().desk.map.row_begin == 10.0);
    CHECK(runner.undo_history().newest() == steps);

    // Undo is of what was chosen: it does not bring the old file back.
    REQUIRE(runner.run("undo").error.empty());
    runner.wait_complete();
    CHECK(runner.snapshot().dataset->size() == before + more);
}

TEST_CASE("what was read before stays when the new file is broken", "[app][watch][faults]") {
    const io_test::Folder folder;
    const std::string path = folder.at("rows.npy");
    const auto rows = [](std::size_t count) {
        hsa::Matrix<float> values(count, 3);
        for (std::size_t r = 0; r < count; ++r)
            for (std::size_t c = 0; c < 3; ++c)
                values(r, c) = static_cast<float>((r * (c + 3) + r / 7) % 11);
        return hsa::write_npy(std::as_const(values).view());
    };
    io_test::put_file(path, rows(80));
    Runner runner({});
    REQUIRE(runner.run("open " + path).error.empty());
    REQUIRE(runner.run("print measures").error.empty());
    const auto shown = runner.snapshot().dataset;
    io_test::put_file(path, rows(80).substr(0, 300));
    REQUIRE(runner.run("data.reload").error.empty());
    const std::string said = news(runner);
    INFO(said);
    CHECK(said.find("rows.npy") != std::string::npos);
    CHECK(said.find("What was read before stays.") != std::string::npos);
    CHECK(runner.snapshot().dataset == shown);
    CHECK(runner.complete());
    REQUIRE(runner.run("set attention.temperature 2").error.empty());
    CHECK(runner.run("print measures").error.empty());
    CHECK(runner.snapshot().dataset == shown);
    // Mended, it is read.
    io_test::put_file(path, rows(81));
    REQUIRE(runner.run("data.reload").error.empty());
    CHECK(news(runner).find("reloaded: 80 -> 81") != std::string::npos);
    CHECK(runner.snapshot().temperature == 2.0);
}

TEST_CASE("what cannot be read again is refused", "[app][watch][faults]") {
    Runner runner({});
    CHECK(runner.run("data.reload").error.find("no file is open") != std::string::npos);
    REQUIRE(runner.run("open sample:creatures").error.empty());
    CHECK(runner.run("data.reload").error.find("no file is open") != std::string::npos);
    const io_test::Folder folder;
    const std::string path = folder.at("text.txt");
    io_test::put_file(path, text(60));
    REQUIRE(runner.run("open " + path).error.empty());
    CHECK(runner.run("data.reload other.txt").error.find("not open") != std::string::npos);
}

TEST_CASE("the setting watch reads both sides again by itself", "[app][watch]") {
    const io_test::Folder folder;
    const std::string first = folder.at("first.txt");
    const std::string second = folder.at("second.txt");
    io_test::put_file(first, text(120));
    io_test::put_file(second, text(120));
    Runner runner({});
    REQUIRE(runner.run("open " + first).error.empty());
    REQUIRE(runner.run("compare.open " + second).error.empty());
    REQUIRE(runner.run("set watch true").error.empty());
    const std::size_t tokens = answer(runner, "print compare")["second"]["tokens"];
    (void)runner.poll();
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    io_test::put_file(second, text(120) + "and more words");
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (runner.other().snapshot->dataset->size() == tokens &&
           std::chrono::steady_clock::now() < end) {
        (void)runner.poll();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    CHECK(runner.other().snapshot->dataset->size() == tokens + 3);
    CHECK(runner.snapshot().dataset->size() == tokens);
}

TEST_CASE("a change while what is selected is on its way to the change before waits for it",
          "[app][watch]") {
    const io_test::Folder folder;
    const std::string path = folder.at("text.txt");
    io_test::put_file(path, text(240));
    Runner runner({});
    REQUIRE(runner.run("open " + path).error.empty());
    REQUIRE(runner.run("print measures").error.empty());
    REQUIRE(runner.run("select.tokens 200:203").error.empty());
    REQUIRE(runner.run("set watch true").error.empty());
    const std::string word = runner.snapshot().dataset->token_text(200);
    const std::size_t before = runner.snapshot().dataset->size();
    std::string said;
    const auto poll_until = [&](const auto& done, double seconds) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
        while (!done() && std::chrono::steady_clock::now() < end) {
            for (const Outcome& outcome : runner.poll()) said += outcome.output + outcome.error;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    };
    poll_until([] { return false; }, 0.4);  // the watch knows the file
    std::promise<void> end;
    runner.engine().ask(
        [ends = end.get_future().share()](hsa::Backend&, const hsa::Work&) { ends.wait(); });
    io_test::put_file(path, "Some new words first. " + text(240));
    poll_until([&] { return said.find("reloaded") != std::string::npos; }, 10.0);
    const std::size_t once = runner.snapshot().dataset->size();
    CHECK(once > before);
    io_test::put_file(path, "And even more of these. Some new words first. " + text(240));
    poll_until([] { return false; }, 1.5);  // seen, and not read yet
    CHECK(runner.snapshot().dataset->size() == once);
    end.set_value();
    poll_until([&] { return runner.snapshot().dataset->size() > once && !runner.busy(); }, 10.0);
    INFO(said);
    CHECK(said.find("meanwhile") == std::string::npos);
    const std::size_t more = runner.snapshot().dataset->size() - before;
    CHECK(runner.snapshot().dataset->size() > once);
    REQUIRE(runner.session().document.selection.tokens.size() == 1);
    CHECK(runner.session().document.selection.tokens[0] == hsa::Range{200 + more, 203 + more});
    CHECK(runner.snapshot().dataset->token_text(200 + more) == word);
}

TEST_CASE("a file of splats is read again as data are", "[app][watch]") {
    const io_test::Folder folder;
    const std::string path = folder.at("text.txt");
    const std::string splats = folder.at("some.splats.json");
    io_test::put_file(path, text(240));
    Runner runner({});
    REQUIRE(runner.run("open " + path).error.empty());
    const auto save = [&] { REQUIRE(runner.run("splats.save " + splats).error.empty()); };
    save();
    const std::string whole = hsa::read_file(splats);
    const hsa::SplatId id = runner.snapshot().registry->id[0];
    REQUIRE(runner.run(fmt::format("splats.split {}", id)).error.empty());
    REQUIRE(runner.run("splats.save " + splats + " overwrite").error.empty());
    const std::string more = hsa::read_file(splats);
    io_test::put_file(splats, whole);
    REQUIRE(runner.run("splats.open " + splats).error.empty());
    REQUIRE(runner.run("print measures").error.empty());
    const std::size_t count = runner.snapshot().registry->size();
    // Asked for by name.
    io_test::put_file(splats, more);
    REQUIRE(runner.run("data.reload " + splats).error.empty());
    const std::string said = news(runner);
    INFO(said);
    CHECK(said.find(fmt::format("{} -> {} splats", count, count + 1)) != std::string::npos);
    CHECK(runner.snapshot().registry->size() == count + 1);
    // A broken one leaves what was read before.
    io_test::put_file(splats, whole.substr(0, whole.size() / 2));
    REQUIRE(runner.run("data.reload " + splats).error.empty());
    const std::string broken = news(runner);
    INFO(broken);
    CHECK(broken.find("What was read before stays.") != std::string::npos);
    CHECK(runner.snapshot().registry->size() == count + 1);
    // By itself, with the setting.
    REQUIRE(runner.run("set watch true").error.empty());
    (void)runner.poll();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    io_test::put_file(splats, whole);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (runner.snapshot().registry->size() != count && std::chrono::steady_clock::now() < end) {
        (void)runner.poll();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    CHECK(runner.snapshot().registry->size() == count);
}

TEST_CASE("a file cut short while it is open is told once, and the program goes on",
          "[app][watch][faults]") {
    const io_test::Folder folder;
    const std::string path = folder.at("rows.npy");
    hsa::Matrix<float> values(60000, 8);
    for (std::size_t r = 0; r < values.rows(); ++r)
        for (std::size_t c = 0; c < values.cols(); ++c)
            values(r, c) = static_cast<float>((r * (c + 3) + r / 7) % 11);
    io_test::put_file(path, hsa::write_npy(std::as_const(values).view()));
    Runner runner({});
    // A quarter of this is less than the file, which is then used where it lies.
    REQUIRE(runner.run("set compute.memory 0.005").error.empty());
    REQUIRE(runner.run("open " + path).error.empty());
    (void)runner.run("print dataset");
    REQUIRE(runner.snapshot().dataset);
    const std::shared_ptr<const hsa::Dataset> dataset = runner.snapshot().dataset;
    CHECK(runner.poll().empty());
    fs::resize_file(path, 8192);
    CHECK(dataset->embeddings.rows(59999, 3) == 0.0F);  // what used to end the program
    std::string said;
    for (int time = 0; time < 3; ++time)
        for (const Outcome& outcome : runner.poll()) said += outcome.error + "\n";
    INFO(said);
    CHECK(said.find("rows.npy: the file became shorter") != std::string::npos);
    CHECK(std::count(said.begin(), said.end(), '\n') == 1);
    CHECK(runner.run("print dataset").error.empty());
    CHECK(runner.snapshot().dataset == dataset);
}
