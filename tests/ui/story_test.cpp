#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/ui/linked_selection.h"
#include "tests/ui/ui_case.h"

#include <imgui.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

// The first minutes of somebody who starts the program without a file.

namespace splatscope::tests {

TEST_CASE("from the empty window to an explained block", "[ui][sanitize]") {
    TestedWindow window;
    check_case(
        window,
        {"a sample is opened",
         "open",
         {},
         [](User& user) {
             User::expect(user.shows_window("##welcome"), "nothing welcomes");
             user.click_item("//##welcome/sample:voyage");
         },
         [](User& user) {
             User::expect(user.session().document.sources.size() == 1 &&
                              user.session().document.sources[0].path == "sample:voyage",
                          "the sample is not open");
             User::expect(!user.shows_window("##welcome"), "it welcomes still");
             User::expect(user.snapshot().complete && user.snapshot().error.empty(),
                          "it is not complete: " + user.snapshot().error);
             for (const char* view : {"text", "map", "splats", "tree", "inspector", "timeline"})
                 User::expect(!user.drawn(view).texts.empty(), std::string(view) + " is empty");
         }});
    check_case(window, {"the hint is followed",
                        "select.block",
                        {"select.none"},
                        [](User& user) { user.click_hit("map", "bright block"); },
                        [](User& user) {
                            User::expect(user.session().document.selection.block.has_value(),
                                         "no block is selected");
                            User::expect(!lit_splats(user).empty(), "no splat is lit");
                            expect_selection_everywhere(user);
                            // The parts of the card sum to the block's mean.
                            const hsa::CellParts& card = *user.look().block;
                            double sum = 0.0;
                            for (const auto& part : card.parts) sum += part.value;
                            User::expect(std::abs(sum - card.value) <= 1e-6 * card.value,
                                         "the parts do not sum to the value");
                        }});
    check_case(window, {"a cycle is run",
                        "adapt.step",
                        {},
                        [](User& user) { user.press(ImGuiKey_Period); },
                        [](User& user) {
                            User::expect(user.snapshot().cycle >= 1 &&
                                             user.session().document.timeline.cursor ==
                                                 user.snapshot().cycle,
                                         "no cycle was run");
                            expect_selection_everywhere(user);
                        }});
    check_case(window, {"and looked back from",
                        "adapt.back",
                        {"adapt.last"},
                        [](User& user) { user.press(ImGuiKey_Comma); },
                        [](User& user) {
                            User::expect(user.snapshot().cycle == 0 &&
                                             user.session().document.timeline.last == 1,
                                         "cycle 0 is not shown, or cycle 1 is lost");
                            expect_selection_everywhere(user);
                        }});
    check_case(window, {"an event says why",
                        "select.event",
                        {"adapt.last", "select.none"},
                        [](User& user) {
                            for (const Hit& hit : user.drawn("timeline").hits)
                                if (hit.id.starts_with("event ")) {
                                    user.click(hit.place.centre());
                                    return;
                                }
                            throw Failed("the timeline has no event");
                        },
                        [](User& user) {
                            const auto event = user.session().document.selection.event;
                            User::expect(event.has_value(), "no event is selected");
                            const hsa::Event& told = user.snapshot().history->event(*event);
                            User::expect(!told.text.empty(), "it does not say why");
                            User::expect(user.look().event != nullptr || !told.tokens.empty(),
                                         "it names no words");
                            expect_selection_everywhere(user);
                        }});

    // README's pictures are of the same commands (tests/golden/readme_test.cpp).
    const auto sent = [&](const std::string& command) {
        const std::vector<std::string>& log = window.runner().log();
        return std::any_of(log.begin(), log.end(), [&](const std::string& line) {
            return line.substr(0, line.find(' ')) == command;
        });
    };
    std::istringstream script(
        hsa::read_file(SPLATSCOPE_SOURCE_DIR "/assets/readme/five-minutes.script"));
    for (std::string line; std::getline(script, line);) {
        const std::string command = line.substr(0, line.find(' '));
        if (command == "#" || command == "view.export") continue;
        INFO(line);
        // A person opens the sample and steps; that its cycles are there already is the script's.
        CHECK(sent(command == "run.open"           ? "open"
                   : command.starts_with("adapt.") ? "adapt.step"
                                                   : command));
    }
}

}  // namespace splatscope::tests
