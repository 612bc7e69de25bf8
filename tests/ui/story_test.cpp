#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/ui/linked_selection.h"
#include "tests/ui/ui_case.h"

#include <imgui.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

// The first minutes of somebody who starts the program without a file.

namespace splatscope::tests {

TEST_CASE("from the empty window to an explained block", "[ui][sanitize]") {
    TestedWindow window;
    // What the acts sent, without the lines that prepare them.
    std::vector<std::string> by_hand;
    const auto story = [&](UiCase one) {
        std::size_t before = 0;
        one.act = [&, act = one.act](User& user) {
            before = window.runner().log().size();
            act(user);
        };
        one.check = [&, check = one.check](User& user) {
            check(user);
            const std::vector<std::string>& log = window.runner().log();
            for (std::size_t line = before; line < log.size(); ++line)
                by_hand.push_back(log[line].substr(0, log[line].find(' ')));
        };
        check_case(window, one);
    };
    story({"a sample is opened",
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
    story({"the hint is followed",
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
    story({"a cycle is run",
           "adapt.step",
           {},
           [](User& user) { user.press(ImGuiKey_Period); },
           [](User& user) {
               User::expect(user.snapshot().cycle >= 1 &&
                                user.session().document.timeline.cursor == user.snapshot().cycle,
                            "no cycle was run");
               expect_selection_everywhere(user);
           }});
    story({"and looked back from",
           "adapt.back",
           {"adapt.last"},
           [](User& user) { user.press(ImGuiKey_Comma); },
           [](User& user) {
               User::expect(
                   user.snapshot().cycle == 0 && user.session().document.timeline.last == 1,
                   "cycle 0 is not shown, or cycle 1 is lost");
               expect_selection_everywhere(user);
           }});
    story({"an event says why",
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

    story({"nothing is selected for the figure",
           "select.none",
           {},
           [](User& user) { user.press(ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_A); },
           [](User& user) {
               User::expect(user.session().document.selection.empty(), "something is selected");
           }});

    // README's pictures are of the same commands (tests/golden/readme_test.cpp). Where its script
    // opens a run with its cycles a person opens the sample, steps and goes back.
    const std::map<std::string, std::string> by_person = {{"run.open voyage.run", "open"},
                                                          {"adapt.first", "adapt.back"},
                                                          {"adapt.last", "adapt.step"}};
    std::istringstream script(
        hsa::read_file(SPLATSCOPE_SOURCE_DIR "/assets/readme/five-minutes.script"));
    for (std::string line; std::getline(script, line);) {
        const std::string command = line.substr(0, line.find(' '));
        if (command == "#" || command == "view.export") continue;
        INFO(line);
        const auto other = by_person.find(line);
        CHECK(std::count(by_hand.begin(), by_hand.end(),
                         other == by_person.end() ? command : other->second) > 0);
    }
}

}  // namespace splatscope::tests
