#include "tests/catch.h"
#include "tests/ui/ui_case.h"

#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>

// The list of jobs: what runs and what waits, each with a button that ends it alone.

namespace splatscope::tests {
namespace {

// A run of cycles that has begun, with the list in sight.
void begin_run(User& user, int cycles) {
    if (!user.shows_window("Jobs")) user.choose("Explain/Jobs");
    user.press(ImGuiMod_Ctrl | ImGuiKey_P);
    user.type(fmt::format("adapt.run {}", cycles));
    user.strike(ImGuiKey_Enter);
    for (int frame = 0; frame < 400 && user.tested().runner().jobs().empty(); ++frame)
        user.draw_frames(1);
    User::expect(!user.tested().runner().jobs().empty(), "nothing runs");
}

std::int32_t last_cycle(const User& user) { return user.session().document.timeline.last; }

}  // namespace

TEST_CASE("a run is cancelled in the list of jobs and keeps the cycles that it finished",
          "[ui][jobs]") {
    constexpr int kCycles = 120;
    TestedWindow window;
    window.carry_out("open sample:creatures");
    std::int32_t before = 0, reached = 0;
    check_case(window,
               {"Cancel beside the run",
                "cancel",
                {},
                [&](User& user) {
                    if (!user.tested().runner().jobs().empty())
                        user.tested().runner().run("cancel work");
                    before = last_cycle(user);
                    begin_run(user, kCycles);
                    const auto stored = [&] { return user.snapshot().history->last(); };
                    for (int f = 0; f < 2000 && stored() <= before; ++f) user.draw_frames(1);
                    reached = stored();
                    user.click_item("//Jobs/$$0/Cancel");
                },
                [&](User& user) {
                    User::expect(last_cycle(user) < before + kCycles, "all cycles were run");
                    User::expect(reached > before && last_cycle(user) >= reached,
                                 "cycles that were finished are lost");
                    User::expect(user.snapshot().history->last() == last_cycle(user) &&
                                     user.snapshot().complete,
                                 "Session and Snapshot disagree about the last cycle");
                    User::expect(user.tested().runner().jobs().empty(), "something still runs");
                },
                true});
}

TEST_CASE("a question that waits is cancelled alone, and what runs goes on", "[ui][jobs]") {
    constexpr int kCycles = 150;
    TestedWindow window;
    window.carry_out("open sample:creatures");
    window.use([&](User& user) {
        user.settle();
        begin_run(user, kCycles);
        user.tested().runner().submit("print measures");
        const auto row_of = [&](const std::string& name) {
            const std::vector<Job> jobs = user.tested().runner().jobs();
            const auto found = std::find_if(jobs.begin(), jobs.end(),
                                            [&](const Job& job) { return job.name == name; });
            return found == jobs.end() ? -1 : static_cast<int>(found - jobs.begin());
        };
        for (int frame = 0; frame < 100 && row_of("print measures") < 0; ++frame)
            user.draw_frames(1);
        const int row = row_of("print measures");
        User::expect(row > 0, "the question is not in the list");
        user.click_item(fmt::format("//Jobs/$${}/Cancel", row));
        bool told = false;
        for (const Message& message : user.tested().shell().messages())
            told = told || message.text.find("Cancelled: print measures") != std::string::npos;
        User::expect(told, "the notice is: " + user.last_message());
        User::expect(last_cycle(user) == kCycles && user.snapshot().history->last() == kCycles,
                     fmt::format("the run ended at cycle {}", user.snapshot().history->last()));
    });
}

}  // namespace splatscope::tests
