#include "tests/catch.h"
#include "tests/ui/linked_selection.h"
#include "tests/ui/ui_case.h"

#include <imgui.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <limits>

// Picking a thing in one view lights it in all.

namespace splatscope::tests {
namespace {

const std::vector<std::string> kNothingPicked = {"select.none"};

const hsa::Selection& selection(const User& user) { return user.session().document.selection; }

std::vector<hsa::SplatId> splats_of(const std::vector<hsa::SplatId>& ids) { return ids; }

// The first splat that a view offers and that lies in a level with room to hit it.
hsa::SplatId splat_in(const User& user, const std::string& view, std::size_t which) {
    std::size_t seen = 0;
    for (const Hit& hit : user.drawn(view).hits)
        if (hit.id.starts_with("splat ") && hit.place.width() >= 6.0F && seen++ == which)
            return static_cast<hsa::SplatId>(std::atoi(hit.id.c_str() + 6));
    throw Failed(view + " offers too few splats");
}

Vec2 on_splat(const User& user, const std::string& view, hsa::SplatId id) {
    return user.hit(view, fmt::format("splat {}", id)).place.centre();
}

}  // namespace

TEST_CASE("what is clicked in a view is selected in all", "[ui][sanitize]") {
    TestedWindow window;
    window.carry_out("open sample:adapted");
    window.carry_out("adapt.last");

    SECTION("in the map") {
        std::string command;
        check_case(window, {"a bright block of the map", "select.block", kNothingPicked,
                            [&](User& user) {
                                const Hit hit = user.hit("map", "bright block");
                                command = hit.command;
                                user.click(hit.place.centre());
                            },
                            [&](User& user) {
                                const auto& block = selection(user).block;
                                User::expect(block.has_value(), "no block is selected");
                                const std::string told = fmt::format(
                                    "select.block {}:{} {}:{}", block->rows.begin, block->rows.end,
                                    block->columns.begin, block->columns.end);
                                User::expect(told == command, told + " and not " + command);
                                User::expect(!lit_splats(user).empty(), "no splat is lit");
                                expect_selection_everywhere(user);
                            }});
        check_case(window,
                   {"a rectangle drawn with Shift", "select.block", kNothingPicked,
                    [](User& user) {
                        const Vec2 middle = user.hit("map", "map cell").place.centre();
                        user.drag({middle.x - 60, middle.y - 50}, {middle.x + 60, middle.y + 50},
                                  ImGuiMod_Shift);
                    },
                    [](User& user) {
                        const auto& block = selection(user).block;
                        User::expect(block.has_value(), "no block is selected");
                        const auto tokens = static_cast<double>(user.snapshot().dataset->size());
                        const auto rows = static_cast<double>(block->rows.size());
                        const auto columns = static_cast<double>(block->columns.size());
                        const double across =
                            tokens * 120.0 / static_cast<double>(user.place_of("map").width());
                        User::expect(columns >= across - 1.0 && columns <= 1.6 * across,
                                     fmt::format("{} columns, about {} drawn", columns, across));
                        User::expect(std::abs(rows / columns - 100.0 / 120.0) < 0.1,
                                     fmt::format("{} rows of {} columns", rows, columns));
                        User::expect(block->rows.begin < user.snapshot().dataset->size() / 2 &&
                                         block->rows.end > user.snapshot().dataset->size() / 2,
                                     "the block is not about the middle");
                        expect_selection_everywhere(user);
                    }});
    }

    SECTION("in the 3-D view") {
        hsa::SplatId pointed = 0;
        check_case(window, {"a splat in 3-D", "select.splats", kNothingPicked,
                            [&](User& user) {
                                // What lies in front tells its name; that one is taken.
                                for (std::size_t which = 0; which < 40; ++which) {
                                    const Vec2 place =
                                        on_splat(user, "splats", splat_in(user, "splats", which));
                                    user.point_at(place);
                                    const std::string& told = user.drawn("splats").tooltip;
                                    const std::size_t at = told.find(" splat ");
                                    if (at == std::string::npos) continue;
                                    pointed =
                                        static_cast<hsa::SplatId>(std::atoi(told.c_str() + at + 7));
                                    return user.click(place);
                                }
                                throw Failed("no splat can be pointed at");
                            },
                            [&](User& user) {
                                User::expect(selection(user).splats == splats_of({pointed}),
                                             "the splat pointed at is not selected");
                                expect_selection_everywhere(user);
                            }});
        check_case(window, {"a token in 3-D",
                            "select.tokens",
                            {"select.none", "set view.splats.style centres"},
                            [](User& user) {
                                const Rect place = user.place_of("splats");
                                for (float y = 0.3F; y < 0.7F; y += 0.02F)
                                    for (float x = 0.3F; x < 0.7F; x += 0.02F) {
                                        const Vec2 at = {place.min.x + x * place.width(),
                                                         place.min.y + y * place.height()};
                                        user.point_at(at);
                                        if (user.drawn("splats").tooltip.starts_with("token "))
                                            return user.click(at);
                                    }
                                throw Failed("no token can be pointed at");
                            },
                            [](User& user) {
                                User::expect(hsa::total_size(selection(user).tokens) == 1,
                                             "no token is selected");
                                expect_selection_everywhere(user);
                            }});
    }

    SECTION("in the hierarchy") {
        hsa::SplatId first = 0, second = 0;
        const auto pick = [&](User& user) {
            first = splat_in(user, "tree", 1);
            second = splat_in(user, "tree", 4);
        };
        check_case(window, {"a node", "select.splats", kNothingPicked,
                            [&](User& user) {
                                pick(user);
                                user.click(on_splat(user, "tree", first));
                            },
                            [&](User& user) {
                                User::expect(selection(user).splats == splats_of({first}),
                                             "the node is not selected");
                                expect_selection_everywhere(user);
                            }});
        const std::string one = fmt::format("select.splats {}", first);
        check_case(window,
                   {"a second node with Shift",
                    "select.splats",
                    {one},
                    [&](User& user) { user.click(on_splat(user, "tree", second), ImGuiMod_Shift); },
                    [&](User& user) {
                        User::expect(selection(user).splats == splats_of({std::min(first, second),
                                                                          std::max(first, second)}),
                                     "not both are selected");
                        expect_selection_everywhere(user);
                    }});
        check_case(window,
                   {"the node again with Ctrl",
                    "select.splats",
                    {one},
                    [&](User& user) { user.click(on_splat(user, "tree", first), ImGuiMod_Ctrl); },
                    [&](User& user) {
                        User::expect(selection(user).empty(), "it is still selected");
                        expect_selection_everywhere(user);
                    }});
    }

    SECTION("in the timeline and the inspector") {
        std::size_t event = 0;
        check_case(window, {"an event", "select.event", kNothingPicked,
                            [&](User& user) {
                                for (const Hit& hit : user.drawn("timeline").hits) {
                                    event = static_cast<std::size_t>(std::atoi(hit.id.c_str() + 6));
                                    const hsa::Event* found = nullptr;
                                    std::size_t index = 0;
                                    for (const auto& cycle : user.snapshot().history->cycles)
                                        for (const hsa::Event& each : cycle->events)
                                            if (index++ == event) found = &each;
                                    if (found == nullptr || found->kind != hsa::EventKind::mitosis)
                                        continue;
                                    return user.click(hit.place.centre());
                                }
                                throw Failed("the timeline shows no mitosis");
                            },
                            [&](User& user) {
                                User::expect(selection(user).event == event,
                                             "the event is not selected");
                                expect_selection_everywhere(user);
                            }});
        std::string command;
        check_case(window, {"a splat on the card of a block",
                            "select.splats",
                            {"select.block 0:64 0:64"},
                            [&](User& user) {
                                for (const Hit& hit : user.drawn("inspector").hits) {
                                    if (!hit.command.starts_with("select.splats")) continue;
                                    command = hit.command;
                                    return user.click(hit.place.centre());
                                }
                                throw Failed("the card names no splat");
                            },
                            [&](User& user) {
                                User::expect(selection(user).splats.size() == 1 &&
                                                 command == fmt::format("select.splats {}",
                                                                        selection(user).splats[0]),
                                             "not what " + command + " selects");
                                expect_selection_everywhere(user);
                            }});
    }

    SECTION("in the table") {
        const std::vector<std::string> splats = {"select.none", "set table.rows splats",
                                                 "set table.splats.sort -usage"};
        const auto ids_in_sight = [](User& user) {
            std::vector<hsa::SplatId> ids;
            for (const Hit& hit : user.drawn("table").hits)
                if (hit.id.starts_with("splat "))
                    ids.push_back(static_cast<hsa::SplatId>(std::atoi(hit.id.c_str() + 6)));
            return ids;
        };
        std::vector<hsa::SplatId> ids;
        check_case(window, {"the row of the most used splat", "select.splats", splats,
                            [&](User& user) {
                                user.bring_to_front("table");
                                ids = ids_in_sight(user);
                                user.click_hit("table", fmt::format("splat {}", ids.at(0)));
                            },
                            [&](User& user) {
                                const std::vector<double>& usage = user.snapshot().measures->usage;
                                const auto most = static_cast<std::size_t>(
                                    std::max_element(usage.begin(), usage.end()) - usage.begin());
                                User::expect(selection(user).splats ==
                                                 std::vector{user.snapshot().registry->id[most]},
                                             "not the most used splat is selected");
                                expect_selection_everywhere(user);
                            }});
        check_case(window,
                   {"another row with Shift",
                    "select.splats",
                    {"select.splats " + std::to_string(ids.at(0))},
                    [&](User& user) {
                        user.click_hit("table", fmt::format("splat {}", ids.at(2)), ImGuiMod_Shift);
                    },
                    [&](User& user) {
                        std::vector<hsa::SplatId> both = {ids.at(0), ids.at(2)};
                        std::sort(both.begin(), both.end());
                        User::expect(selection(user).splats == both, "not both rows are selected");
                        expect_selection_everywhere(user);
                    }});
        check_case(window,
                   {"a row with Ctrl",
                    "select.splats",
                    {"select.splats " + std::to_string(ids.at(0))},
                    [&](User& user) {
                        user.click_hit("table", fmt::format("splat {}", ids.at(0)), ImGuiMod_Ctrl);
                    },
                    [&](User& user) {
                        User::expect(selection(user).splats.empty(), "the row is still selected");
                    }});
        check_case(window, {"a column's name",
                            "set",
                            {"set table.splats.sort -usage"},
                            [&](User& user) { user.click_hit("table", "table column id"); },
                            [&](User& user) {
                                const std::vector<hsa::SplatId> now = ids_in_sight(user);
                                User::expect(!now.empty() &&
                                                 now.front() == user.snapshot().registry->id.back(),
                                             "the rows are not sorted by id");
                            }});
        check_case(window, {"the rows that are listed",
                            "table.select",
                            {"select.none", "table.filter \"usage > 1/k\""},
                            [&](User& user) { user.choose("Edit/Select the table's rows"); },
                            [&](User& user) {
                                std::vector<hsa::SplatId> used;
                                const hsa::SplatRegistry& registry = *user.snapshot().registry;
                                for (std::size_t row = 0; row < registry.size(); ++row)
                                    if (user.snapshot().measures->usage[row] >
                                        1.0 / static_cast<double>(registry.size()))
                                        used.push_back(registry.id[row]);
                                User::expect(!used.empty() && selection(user).splats == used,
                                             "not the listed rows are selected");
                            }});
    }

    SECTION("in the distributions") {
        check_case(window,
                   {"the upper half of the bars",
                    "select.splats",
                    {"select.none", "set distributions.property splat.usage"},
                    [](User& user) {
                        user.bring_to_front("distributions");
                        const Rect place = user.place_of("distributions");
                        user.drag({place.centre().x, place.centre().y},
                                  {place.max.x - 20.0F, place.centre().y});
                    },
                    [](User& user) {
                        const std::vector<hsa::SplatId>& picked = selection(user).splats;
                        const hsa::SplatRegistry& registry = *user.snapshot().registry;
                        User::expect(!picked.empty() && picked.size() < registry.size(),
                                     fmt::format("{} splats are selected", picked.size()));
                        // Whoever is picked is used at least as much as whoever is not.
                        double least = std::numeric_limits<double>::infinity(), most = 0.0;
                        for (std::size_t row = 0; row < registry.size(); ++row) {
                            const double usage = user.snapshot().measures->usage[row];
                            if (std::binary_search(picked.begin(), picked.end(), registry.id[row]))
                                least = std::min(least, usage);
                            else most = std::max(most, usage);
                        }
                        User::expect(least >= most, "not the most used splats are selected");
                        expect_selection_everywhere(user);
                    }});
        check_case(window, {"a second property upwards",
                            "set",
                            {"reset distributions.against"},
                            [](User& user) {
                                user.bring_to_front("distributions");
                                user.click_hit("distributions", "against splat.information");
                            },
                            [](User& user) {
                                User::expect(user.session().desk.distributions.against ==
                                                 "splat.information",
                                             "the bars are still there");
                            }});
        window.carry_out("set distributions.against splat.information");
        check_case(window, {"the upper right of a scatter",
                            "select.splats",
                            {"select.none"},
                            [](User& user) {
                                user.bring_to_front("distributions");
                                const Rect place = user.place_of("distributions");
                                user.drag({place.max.x - 20.0F, place.min.y + 34.0F},
                                          {place.centre().x, place.max.y - 60.0F});
                            },
                            [](User& user) {
                                const std::vector<hsa::SplatId>& picked = selection(user).splats;
                                User::expect(!picked.empty() &&
                                                 picked.size() < user.snapshot().registry->size(),
                                             fmt::format("{} splats are selected", picked.size()));
                                expect_selection_everywhere(user);
                            }});
        window.carry_out("reset distributions.against");
    }
}

TEST_CASE("words that are clicked or dragged over are selected in all views", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:voyage");
    std::size_t from = 0, to = 0;
    const auto on_token = [&](User& user, std::size_t token) {
        return user.hit("text", fmt::format("token {}", token)).place.centre();
    };
    const auto visible_tokens = [](User& user) {
        std::vector<std::size_t> tokens;
        for (const Hit& hit : user.drawn("text").hits)
            if (hit.id.starts_with("token ") && hit.place.width() > 12.0F)
                tokens.push_back(static_cast<std::size_t>(std::atoi(hit.id.c_str() + 6)));
        return tokens;
    };
    check_case(window, {"a word", "select.tokens", kNothingPicked,
                        [&](User& user) {
                            from = visible_tokens(user).at(20);
                            user.click(on_token(user, from));
                        },
                        [&](User& user) {
                            User::expect(
                                selection(user).tokens == std::vector<hsa::Range>{{from, from + 1}},
                                "the word is not selected");
                            User::expect(!lit_splats(user).empty(), "no splat is lit");
                            expect_selection_everywhere(user);
                        }});
    check_case(window, {"a passage", "select.tokens", kNothingPicked,
                        [&](User& user) {
                            from = visible_tokens(user).at(10);
                            to = visible_tokens(user).at(60);
                            user.drag(on_token(user, from), on_token(user, to));
                        },
                        [&](User& user) {
                            User::expect(
                                selection(user).tokens == std::vector<hsa::Range>{{from, to + 1}},
                                "the passage is not selected");
                            expect_selection_everywhere(user);
                        }});
    check_case(window, {"every token by key", "select.all", kNothingPicked,
                        [](User& user) { user.press(ImGuiMod_Ctrl | ImGuiKey_A); },
                        [](User& user) {
                            User::expect(hsa::total_size(selection(user).tokens) ==
                                             user.snapshot().dataset->size(),
                                         "not all are selected");
                            expect_selection_everywhere(user);
                        }});
    check_case(window, {"nothing by key",
                        "select.none",
                        {"select.tokens 10:20"},
                        [](User& user) { user.press(ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_A); },
                        [](User& user) {
                            User::expect(selection(user).empty(), "something is selected");
                            expect_selection_everywhere(user);
                        }});
    check_case(window, {"words that are searched", "select.next", kNothingPicked,
                        [](User& user) {
                            user.press(ImGuiMod_Ctrl | ImGuiKey_F);
                            user.type("engine");
                            user.press(ImGuiKey_Enter);
                        },
                        [](User& user) {
                            User::expect(selection(user).tokens.size() == 1,
                                         "nothing is found: " + user.last_message());
                            const std::size_t found = selection(user).tokens[0].begin;
                            std::string word(user.snapshot().dataset->token_text(found));
                            for (char& letter : word)
                                letter = static_cast<char>(std::tolower(letter));
                            User::expect(word == "engine", "found is " + word);
                            (void)user.hit("text", fmt::format("token {}", found));
                            expect_selection_everywhere(user);
                        }});
}

}  // namespace splatscope::tests
