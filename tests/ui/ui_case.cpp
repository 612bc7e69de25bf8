#include "tests/ui/ui_case.h"

#include "tests/catch.h"

#include <imgui.h>

namespace splatscope::tests {
namespace {

// What went wrong; empty when the case held.
std::string failure_of(TestedWindow& window, const UiCase& one) {
    for (const std::string& line : one.before) window.carry_out(line);
    std::string failure;
    window.use([&](User& user) {
        try {
            user.settle();
            one.act(user);
            user.settle();
            one.check(user);
        } catch (const Failed& failed) {
            failure = failed.what();
        }
    });
    return failure;
}

}  // namespace

void check_case(TestedWindow& window, const UiCase& one) {
    INFO(one.name);
    for (const std::string& line : one.before) window.carry_out(line);
    const Document before = window.runner().session().document;
    window.disconnect(one.command);
    const std::string without = failure_of(window, one);
    window.disconnect("");
    INFO("without " << one.command << ": "
                    << (without.empty() ? "it holds all the same" : without));
    CHECK_FALSE(without.empty());
    if (!one.selects_too) CHECK(window.runner().session().document == before);
    const std::string failure = failure_of(window, one);
    INFO(failure);
    CHECK(failure.empty());
}

std::function<void(User&)> choosing(const std::string& menu) {
    return [menu](User& user) { user.choose(menu); };
}

std::function<void(User&)> saying(const std::string& line) {
    return [line](User& user) {
        user.press(ImGuiMod_Ctrl | ImGuiKey_P);
        user.type(line);
        user.press(ImGuiKey_Enter);
    };
}

}  // namespace splatscope::tests
