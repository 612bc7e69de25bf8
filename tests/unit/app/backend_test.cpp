// Which backend computes: chosen in the program, said in the window, kept with the user.
#include "app/backend_words.h"
#include "app/diagnose.h"
#include "app/profile.h"
#include "app/runner.h"
#include "app/session_file.h"
#include "app/settings.h"
#include "engine/core/matrix.h"
#include "engine/io/npy.h"
#include "tests/catch.h"
#include "tests/reference/fake_card.h"
#include "tests/unit/engine/io/io_test.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

using namespace splatscope;

namespace {

Runner::Options with_card(const std::shared_ptr<reference::FakeSlot>& slot) {
    Runner::Options options;
    options.offered = {reference::fake_entry(slot)};
    return options;
}

// The sentences that no line asked for, until everything is at rest.
std::vector<std::string> told(Runner& runner) {
    std::vector<std::string> sentences;
    const auto take = [&] {
        for (const Outcome& outcome : runner.poll())
            if (!outcome.error.empty()) sentences.push_back(outcome.error);
    };
    runner.wait_complete();
    take();
    take();
    return sentences;
}

}  // namespace

TEST_CASE("compute.backend is changed while the program runs, and results are the same",
          "[app][backend]") {
    const auto slot = std::make_shared<reference::FakeSlot>();
    Runner runner(with_card(slot));
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("adapt.step 2").error.empty());
    const std::string before = runner.run("print measures").output;
    CHECK(runner.snapshot().backend == "cuda");
    const auto history = runner.snapshot().history;
    REQUIRE(runner.run("set compute.backend cpu").error.empty());
    CHECK(runner.run("print measures").output == before);  // the fake computes as the CPU does
    CHECK(runner.snapshot().backend == "cpu");
    CHECK(runner.snapshot().history->cycles.back() == history->cycles.back());
    CHECK(runner.run("print compute.backend").output.find("cpu") != std::string::npos);
    // It is where numbers are computed: no step of the work, so undo leaves it.
    REQUIRE(runner.run("undo").error.empty());
    CHECK(get_setting(runner.session(), "compute.backend") == "cpu");
    REQUIRE(runner.run("redo").error.empty());
    REQUIRE(runner.run("reset compute.backend").error.empty());
    runner.wait_complete();
    CHECK(runner.snapshot().backend == "cuda");
    CHECK(told(runner).empty());
}

TEST_CASE("one that cannot be had is an error where it was asked for, and work goes on",
          "[app][backend]") {
    const auto slot = std::make_shared<reference::FakeSlot>();
    slot->there = false;
    Runner runner(with_card(slot));
    REQUIRE(runner.run("open sample:creatures").error.empty());
    runner.wait_complete();
    runner.submit("set compute.backend cuda");
    std::vector<Outcome> all = runner.poll();
    runner.wait_complete();
    for (Outcome& each : runner.poll()) all.push_back(std::move(each));
    const auto refused = std::find_if(all.begin(), all.end(), [](const Outcome& outcome) {
        return outcome.error.find("There is no card in these tests") != std::string::npos;
    });
    REQUIRE(refused != all.end());
    CHECK(refused->line == "set compute.backend cuda");
    CHECK(refused->exit_code == 1);
    CHECK(refused->error.find("cpu goes on") != std::string::npos);
    CHECK(runner.run("print measures").error.empty());
    CHECK(runner.snapshot().backend == "cpu");
    CHECK(told(runner).empty());
}

TEST_CASE("a card that is lost is told of once, and chosen again it computes", "[app][backend]") {
    const auto slot = std::make_shared<reference::FakeSlot>();
    Runner runner(with_card(slot));
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("select.tokens 3:6").error.empty());
    CHECK(told(runner).empty());
    slot->good_for = 3;
    REQUIRE(runner.run("adapt.step 2").error.empty());
    std::vector<std::string> sentences = told(runner);
    (void)runner.run("explain.token 3");
    for (const std::string& later : told(runner)) sentences.push_back(later);
    REQUIRE(sentences.size() == 1);
    CHECK(sentences.front().find("pulled out") != std::string::npos);
    CHECK(runner.snapshot().error.empty());
    CHECK(runner.snapshot().history->last() == 2);
    CHECK(runner.session().document.selection.tokens.size() == 1);
    slot->good_for = 1000000;
    REQUIRE(runner.run("set compute.backend auto").error.empty());
    runner.wait_complete();
    CHECK(runner.snapshot().backend == "cuda");
    // Lost once more, it is told once more.
    slot->good_for = 1;
    REQUIRE(runner.run("adapt.step 1").error.empty());
    CHECK(told(runner).size() == 1);
}

TEST_CASE("--backend is for this run alone, what is chosen in it is kept", "[app][backend]") {
    const auto slot = std::make_shared<reference::FakeSlot>();
    Runner::Options options = with_card(slot);
    options.start.desk.backend = BackendName::opengl;  // the user's own
    options.backend = "cpu";
    Runner runner(std::move(options));
    CHECK(get_setting(runner.session(), "compute.backend") == "cpu");
    CHECK(get_setting(runner.session_to_keep(), "compute.backend") == "opengl");
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("set compute.backend cuda").error.empty());
    CHECK(get_setting(runner.session_to_keep(), "compute.backend") == "cuda");
}

TEST_CASE("the second side is computed by the backend that is chosen", "[app][backend]") {
    const auto slot = std::make_shared<reference::FakeSlot>();
    Runner runner(with_card(slot));
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("compare.open sample:creatures").error.empty());
    REQUIRE(runner.run("explain.compare").error.empty());
    REQUIRE(runner.other().snapshot);
    CHECK(runner.other().snapshot->backend == "cuda");
    REQUIRE(runner.run("set compute.backend cpu").error.empty());
    REQUIRE(runner.run("explain.compare").error.empty());
    CHECK(runner.other().snapshot->backend == "cpu");
}

TEST_CASE("a card that only the second side loses is told of once", "[app][backend]") {
    const auto slot = std::make_shared<reference::FakeSlot>();
    Runner runner(with_card(slot));
    REQUIRE(runner.run("open sample:creatures").error.empty());
    CHECK(told(runner).empty());
    slot->good_for = 1;
    REQUIRE(runner.run("compare.open sample:voyage").error.empty());
    REQUIRE(runner.run("print compare").error.empty());
    std::vector<std::string> sentences = told(runner);
    REQUIRE(sentences.size() == 1);
    CHECK_THAT(sentences.front(),
               Catch::Contains("What is compared with: cuda") && Catch::Contains("pulled out"));
    CHECK(runner.other().settled());
    REQUIRE(runner.other().snapshot);
    CHECK(runner.other().snapshot->error.empty());
    // What goes on is not told of again, by whatever name.
    REQUIRE(runner.run("compare.open sample:creatures").error.empty());
    REQUIRE(runner.run("print compare").error.empty());
    CHECK(told(runner).empty());
    slot->good_for = 1000000;  // for the first side
    REQUIRE(runner.run("set compute.precision double").error.empty());
    REQUIRE(runner.run("print compare").error.empty());
    CHECK(told(runner).empty());
}

TEST_CASE("--backend is the same setting, and must be had", "[app][backend]") {
    const auto slot = std::make_shared<reference::FakeSlot>();
    {
        Runner::Options options = with_card(slot);
        options.backend = "cpu";
        const Runner runner(std::move(options));
        CHECK(get_setting(runner.session(), "compute.backend") == "cpu");
        CHECK(slot->made == 0);
    }
    slot->there = false;
    Runner::Options must = with_card(slot);
    must.backend = "cuda";
    CHECK_THROWS_WITH(Runner(std::move(must)), Catch::Contains("There is no card"));
    // In the user's settings it is a wish.
    Runner::Options wished = with_card(slot);
    set_setting(wished.start, "compute.backend", "cuda");
    Runner runner(std::move(wished));
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const std::vector<std::string> sentences = told(runner);
    REQUIRE(sentences.size() == 1);
    CHECK(sentences.front().find("cuda cannot be had") != std::string::npos);
    CHECK(runner.snapshot().backend == "cpu");
}

TEST_CASE("which backend computes belongs to the machine: no session holds it", "[app][backend]") {
    const io_test::Folder folder;
    Session session;
    set_setting(session, "compute.backend", "cpu");
    set_setting(session, "compute.precision", "double");
    const std::string text = write_session(session, folder.at(""));
    CHECK(text.find("compute.precision") != std::string::npos);
    CHECK(text.find("compute.backend") == std::string::npos);
    const Profile profile(folder.at("profile"));
    profile.write(session);
    Session again;
    REQUIRE(profile.read(again).empty());
    CHECK(again.desk.backend == BackendName::cpu);
    // A session that is opened leaves it as it is.
    const auto slot = std::make_shared<reference::FakeSlot>();
    Runner runner(with_card(slot));
    REQUIRE(runner.run("open sample:creatures").error.empty());
    REQUIRE(runner.run("session.save " + folder.at("one.session")).error.empty());
    REQUIRE(runner.run("set compute.backend cpu").error.empty());
    REQUIRE(runner.run("open " + folder.at("one.session")).error.empty());
    runner.wait_complete();
    CHECK(runner.snapshot().backend == "cpu");
    CHECK(get_setting(runner.session(), "compute.backend") == "cpu");
}

TEST_CASE("numbers that are none never reach a card", "[app][backend]") {
    const io_test::Folder folder;
    hsa::Matrix<float> rows(40, 3, 0.5F);
    for (std::size_t i = 0; i < rows.rows(); ++i) rows(i, i % 3) += static_cast<float>(i);
    rows(17, 1) = std::numeric_limits<float>::quiet_NaN();
    std::ofstream(folder.at("broken.npy"), std::ios::binary) << hsa::write_npy(rows.view());
    const auto slot = std::make_shared<reference::FakeSlot>();
    Runner runner(with_card(slot));
    (void)runner.run("open " + folder.at("broken.npy"));
    runner.wait_complete();
    const std::string sentence = runner.snapshot().error;
    INFO(sentence);
    CHECK(sentence.find("17") != std::string::npos);
    CHECK(slot->good_for == 1000000);
}

TEST_CASE("the header says backend, card, memory and time, as much as there is room for",
          "[app][backend]") {
    hsa::BackendState state;
    state.info.name = "opengl";
    state.info.device = "AMD Radeon RX 6800 (radeonsi, navi21, LLVM 15.0.7, DRM 3.49)";
    state.memory = {16000000000U, 12900000000U};
    const std::vector<hsa::StageTime> stages = {{"load", 2.0, true, 1}, {"factor", 3.2, false, 0}};
    const std::vector<std::string> forms = backend_headers(state, stages);
    REQUIRE(forms.size() == 3);
    CHECK(forms[0] == "opengl  AMD Radeon RX 6800  3.1 GB of 16 GB  3.2 ms");
    CHECK(forms[1] == "opengl  AMD Radeon RX 6800  3.2 ms");
    CHECK(forms[2] == "opengl  3.2 ms");
    state.memory = {0, 12900000000U};
    CHECK(backend_headers(state, stages).front().find("12.9 GB free") != std::string::npos);
    CHECK(short_device("NVIDIA GeForce RTX 4090/PCIe/SSE2") == "NVIDIA GeForce RTX 4090");
    state.info.on_cpu = {"gradients of outputs", "normalisers of the target"};
    CHECK(backend_lines(state, stages)[2] ==
          "left to the CPU: gradients of outputs, normalisers of the target");
    state.info.on_cpu.clear();
    state.info.note = "opengl stopped.";
    const std::vector<std::string> lines = backend_lines(state, stages);
    REQUIRE(lines.size() == 5);
    CHECK(lines[0].find("radeonsi") != std::string::npos);
    CHECK(lines[2] == "opengl stopped.");
    CHECK(lines[3] == "load  remembered");
    CHECK(lines[4] == "factor  3.2 ms");
    hsa::BackendState cpu;
    cpu.info.name = "cpu";
    CHECK(backend_headers(cpu, stages) == std::vector<std::string>{"cpu  3.2 ms"});
}

TEST_CASE("--diagnose lists every backend, its card, or why it is passed over", "[app][backend]") {
    const auto slot = std::make_shared<reference::FakeSlot>();
    const std::vector<hsa::BackendEntry> offered = {reference::fake_entry(slot)};
    const std::string with = diagnose_backends("auto", offered);
    INFO(with);
    CHECK(with.find("backend: cuda (Card of the tests (rev 2)), memory of the card: 3.1 GB of 24 "
                    "GB") != std::string::npos);
    CHECK(with.find("left to the CPU: moments of splats") != std::string::npos);
    CHECK(with.find("--backend cpu: cpu (") != std::string::npos);
    slot->there = false;
    const std::string without = diagnose_backends("auto", offered);
    INFO(without);
    CHECK(without.find("backend: cpu (") != std::string::npos);
    CHECK(without.find("cuda was passed over: There is no card") != std::string::npos);
    CHECK(without.find("--backend cuda: not here: There is no card") != std::string::npos);
    CHECK(diagnose_backends("cuda", offered).find("backend: none: There is no card") !=
          std::string::npos);
}
