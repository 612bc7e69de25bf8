#include "tests/ui/linked_selection.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace splatscope::tests {
namespace {

template <class T>
std::vector<T> sorted(std::vector<T> values) {
    std::sort(values.begin(), values.end());
    return values;
}

template <class T>
void expect_same(const std::string& where, const std::vector<T>& found,
                 const std::vector<T>& wanted) {
    User::expect(sorted(found) == wanted,
                 fmt::format("{}: lit {} where {} should be", where, sorted(found), wanted));
}

// Those of the wanted events that a timeline without refused trials shows.
std::vector<std::size_t> shown_events(const User& user, const std::vector<std::size_t>& wanted) {
    std::vector<std::size_t> shown;
    std::size_t index = 0;
    for (const auto& cycle : user.snapshot().history->cycles)
        for (const hsa::Event& event : cycle->events) {
            const bool drawn = event.accepted && event.kind != hsa::EventKind::initialise &&
                               event.kind != hsa::EventKind::open;
            if (drawn && std::binary_search(wanted.begin(), wanted.end(), index))
                shown.push_back(index);
            ++index;
        }
    return shown;
}

bool is_drawn(const User& user, const std::string& view) { return !user.drawn(view).texts.empty(); }

}  // namespace

std::vector<hsa::SplatId> lit_splats(const User& user) {
    std::vector<hsa::SplatId> lit = user.look().linked->splats;
    const std::vector<hsa::SplatId>& picked = user.session().document.selection.splats;
    lit.insert(lit.end(), picked.begin(), picked.end());
    lit = sorted(lit);
    lit.erase(std::unique(lit.begin(), lit.end()), lit.end());
    return lit;
}

void expect_selection_everywhere(const User& user) {
    const hsa::Selection& selection = user.session().document.selection;
    User::expect(user.look().selection == selection, "the look lane answers another selection");
    User::expect(user.look().linked != nullptr, "nothing says what the selection lights");
    const hsa::Linked& linked = *user.look().linked;
    const std::vector<hsa::SplatId> splats = lit_splats(user);
    std::vector<std::size_t> events = linked.events;
    if (selection.event) events.push_back(*selection.event);
    events = sorted(events);
    events.erase(std::unique(events.begin(), events.end()), events.end());

    for (const char* view : {"map", "splats", "tree", "text", "inspector", "timeline"})
        if (user.session().desk.closed_views.count(view) == 0 &&
            (std::string(view) != "timeline" ||
             (!is_drawn(user, "distributions") && !is_drawn(user, "table"))))
            User::expect(is_drawn(user, view), fmt::format("{} is not drawn", view));
    for (const char* view : {"map", "splats", "text"})
        if (is_drawn(user, view))
            expect_same(view, user.drawn(view).lit_tokens.all(), linked.tokens);
    for (const char* view : {"splats", "tree"})
        if (is_drawn(user, view)) expect_same(view, user.drawn(view).lit_splats, splats);
    if (is_drawn(user, "timeline"))
        expect_same("timeline", user.drawn("timeline").lit_events, shown_events(user, events));
    if (is_drawn(user, "inspector")) {
        const Drawn& card = user.drawn("inspector");
        expect_same("inspector", card.lit_splats, selection.splats);
        User::expect(
            card.lit_events == (selection.event ? std::vector<std::size_t>{*selection.event}
                                                : std::vector<std::size_t>{}),
            "the inspector shows another event");
    }
    if (is_drawn(user, "table") && user.session().desk.table.rows == hsa::Things::splats)
        expect_same("table", user.drawn("table").lit_splats, splats);
    if (is_drawn(user, "distributions") &&
        user.session().desk.distributions.property.starts_with("splat."))
        expect_same("distributions", user.drawn("distributions").lit_splats, splats);
}

}  // namespace splatscope::tests
