#include "tests/catch.h"
#include "tests/reference/fake_card.h"
#include "tests/ui/ui_case.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <string>

// What computes, in the header: said, and changed.

namespace splatscope::tests {
namespace {

constexpr const char* kBackend = "//##MainMenuBar/##MenuBar/###backend";

}  // namespace

TEST_CASE("another backend is chosen in the header", "[ui]") {
    const auto slot = std::make_shared<reference::FakeSlot>();
    TestedWindow window({1600, 1000}, {reference::fake_entry(slot)});
    window.carry_out("open sample:creatures");
    check_case(window, {"cpu in the menu of the header",
                        "set",
                        {"set compute.backend auto"},
                        [](User& user) { user.choose("###backend/cpu"); },
                        [](User& user) {
                            User::expect(user.session().desk.backend == BackendName::cpu,
                                         "another backend is chosen");
                            User::expect(user.snapshot().backend == "cpu", "another one computes");
                        }});
    // A card that is gone: a sentence, and the work goes on.
    slot->there = false;
    check_case(window, {"a card that is gone",
                        "set",
                        {"set compute.backend cpu"},
                        [](User& user) { user.choose("###backend/cuda"); },
                        [](User& user) {
                            User::expect(
                                user.last_message().find("There is no card") != std::string::npos,
                                "it says: " + user.last_message());
                            User::expect(user.snapshot().backend == "cpu", "another one computes");
                            User::expect(user.snapshot().error.empty(), "the work stopped");
                        }});
}

TEST_CASE("the header has room for the backend beside search and buttons", "[ui]") {
    const auto slot = std::make_shared<reference::FakeSlot>();
    TestedWindow window({1600, 1000}, {reference::fake_entry(slot)});
    window.carry_out("open sample:creatures");
    float widest = 0.0F;
    for (const WindowSize size : {WindowSize{1600, 1000}, WindowSize{1280, 720}})
        window.use([&](User& user) {
            user.resize(size);
            user.settle();
            const Rect place = user.item_place(kBackend);
            const Rect search = user.item_place("//##MainMenuBar/##MenuBar/##search");
            const Rect buttons = user.item_place("//##MainMenuBar/##MenuBar/|<");
            const std::string where =
                fmt::format("at {} pixels: {} to {}, search {} to {}, buttons from {}", size.width,
                            place.min.x, place.max.x, search.min.x, search.max.x, buttons.min.x);
            User::expect(place.width() > 40.0F, "the header does not say what computes " + where);
            User::expect(search.max.x <= place.min.x, "the search covers it " + where);
            User::expect(place.max.x <= buttons.min.x, "the buttons cover it " + where);
            widest = std::max(widest, place.width());
            if (size.width == 1600)
                User::expect(place.width() > 200.0F, "card and memory are left out " + where);
        });
    CHECK(widest > 200.0F);
}

}  // namespace splatscope::tests
