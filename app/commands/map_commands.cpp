#include "app/commands/table.h"
#include "app/map_desk.h"
#include "app/setting_values.h"
#include "engine/core/error.h"
#include "engine/explain/answer_strongest.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <utility>

// What the attention map shows and how.
namespace splatscope {
namespace {

constexpr std::size_t kMostJumps = 200;

void view(const ChangeContext& context, const Args& args) {
    expect_count("map.view", args, 0, 4);
    MapDesk& map = context.session.desk.map;
    if (args.empty()) {
        show_on_map(map, 0, 0, 0, 0);
        return;
    }
    if (args.size() != 4) hsa::fail_usage("map.view takes R0 R1 C0 C1, or nothing for the whole.");
    const double r0 = parse_number("map.view", args[0]), r1 = parse_number("map.view", args[1]);
    const double c0 = parse_number("map.view", args[2]), c1 = parse_number("map.view", args[3]);
    if (r1 <= r0 || c1 <= c0)
        hsa::fail("map.view {} {} {} {}: each end must be above its begin.", r0, r1, c0, c1);
    show_on_map(map, r0, r1, c0, c1);
}

void range(const ChangeContext& context, const Args& args) {
    expect_count("map.range", args, 0, 2);
    MapDesk& map = context.session.desk.map;
    if (args.empty()) {
        map.low = map.high = std::nullopt;
        return;
    }
    if (args.size() != 2)
        hsa::fail_usage(
            "map.range takes LOW HIGH, both times uniform, or nothing for the scale's.");
    const double low = parse_number("map.range", args[0]);
    const double high = parse_number("map.range", args[1]);
    if (low < 0.0 || high <= low)
        hsa::fail("map.range {} {}: both are times uniform, from 0 on, the second the larger.", low,
                  high);
    map.low = low;
    map.high = high;
}

void mix_channels(const ChangeContext& context, const Args& args) {
    expect_count("map.mix", args, 0, kMostChannels);
    MapDesk& map = context.session.desk.map;
    if (args.empty()) {
        map.channels.clear();
        return;
    }
    need_factors(context.snapshot);
    std::vector<std::string> words = args;
    if (args.size() == 1 && args[0] == "selected") {
        words.clear();
        for (const hsa::SplatId id : context.session.document.selection.splats)
            if (words.size() < kMostChannels)
                words.push_back(fmt::format("{}{}", kSplatPrefix, id));
    }
    if (words.size() < 2)
        hsa::fail("map.mix shows two or three at once: name levels or splat:ID, or select splats.");
    std::string channels;
    for (const std::string& word : words) {
        if (word.find(',') != std::string::npos)
            hsa::fail("map.mix: a level whose name holds a comma ('{}') has no place in a mix.",
                      word);
        (void)channel_part(word, *context.snapshot.registry);
        channels += (channels.empty() ? "" : ",") + word;
    }
    map.channels = channels;
}

hsa::StrongestBlocks jump_list(const Session& session, const hsa::Snapshot& snapshot,
                               std::size_t most, const hsa::Work& work) {
    need_factors(snapshot);
    hsa::StrongestWanted wanted =
        jumps_wanted(session.desk.map, *snapshot.registry, snapshot.dataset->size());
    wanted.most = most;
    return hsa::strongest_blocks(*snapshot.factors, *snapshot.sums, wanted, work);
}

nlohmann::json jumps(const QuestionContext& context, const Args& args) {
    expect_count("map.jumps", args, 0, 1);
    std::int64_t most = static_cast<std::int64_t>(hsa::StrongestWanted{}.most);
    if (!args.empty()) most = parse_integer("map.jumps", args[0]);
    if (most < 1 || most > static_cast<std::int64_t>(kMostJumps))
        hsa::fail("map.jumps {}: it lists 1 to {} blocks.", most, kMostJumps);
    return hsa::answer_strongest(
        context.snapshot,
        jump_list(context.session, context.snapshot, static_cast<std::size_t>(most), context.work));
}

// The list is found for the map as it is now, on a lane: a long text takes its time.
Found to_jump(const QuestionContext& context, std::size_t most,
              const std::function<std::size_t(std::size_t count)>& number) {
    const hsa::StrongestBlocks list =
        jump_list(context.session, context.snapshot, most, context.work);
    MapDesk there = context.session.desk.map;
    go_to_jump(there, list, number(list.blocks.size()), context.snapshot.dataset->size());
    return [there](Session& session) {
        MapDesk& map = session.desk.map;
        map.row_begin = there.row_begin;
        map.row_end = there.row_end;
        map.column_begin = there.column_begin;
        map.column_end = there.column_end;
        map.jump = there.jump;
        map.jumps_from = there.jumps_from;
    };
}

Found go(const QuestionContext& context, const Args& args) {
    expect_count("map.go", args, 1, 1);
    const std::int64_t number = parse_integer("map.go", args[0]);
    if (number < 0) hsa::fail("map.go {}: blocks are counted from 1; 0 goes back.", number);
    const auto wanted = static_cast<std::size_t>(number);
    return to_jump(context, std::max(wanted, hsa::StrongestWanted{}.most),
                   [wanted](std::size_t) { return wanted; });
}

// Around the list: after the last comes the first.
Search step(const char* name, bool forward) {
    return [name, forward](const QuestionContext& context, const Args& args) {
        expect_count(name, args, 0, 0);
        return to_jump(context, hsa::StrongestWanted{}.most, [&](std::size_t blocks) {
            const std::size_t count = std::max<std::size_t>(blocks, 1);
            const std::size_t now = std::min(context.session.desk.map.jump, count);
            if (forward) return now % count + 1;
            return now <= 1 ? count : now - 1;
        });
    };
}

CommandRow desk_search_row(std::string name, std::string arguments, std::string help,
                           std::string keys, Search find) {
    CommandRow row = search_row(std::move(name), std::move(arguments), std::move(help),
                                std::move(keys), std::move(find));
    row.undoable = false;
    return row;
}

CommandRow desk_data_row(std::string name, std::string arguments, std::string help,
                         std::string keys, Change act) {
    CommandRow row = data_row(std::move(name), std::move(arguments), std::move(help),
                              std::move(keys), std::move(act));
    row.undoable = false;
    return row;
}

}  // namespace

std::vector<CommandRow> map_commands() {
    return {
        desk_row("map.view", "[R0 R1 C0 C1]",
                 "shows these rows and columns of the map; without numbers the whole", "", view),
        desk_row("map.range", "[LOW HIGH]",
                 "gives the colours of every map these ends, times uniform; without numbers those "
                 "of map.scale",
                 "", range),
        desk_data_row("map.mix", "[NAME NAME [NAME]|selected]",
                      "shows two or three levels, splat:ID or the selected splats as red, green "
                      "and blue; without names one map again",
                      "", mix_channels),
        question_row("map.jumps", "[N] [to PATH]",
                     "the N strongest blocks of what the map shows (12), no two touching: exact "
                     "means, words of both sides and the splats they come from",
                     jumps),
        desk_search_row("map.go", "N",
                        "zooms to block N of that list, from 1; 0 goes back to what it is of", "",
                        go),
        desk_search_row("map.next", "", "zooms to the next of the strongest blocks", "N",
                        step("map.next", true)),
        desk_search_row("map.previous", "", "zooms to the one before", "Shift+N",
                        step("map.previous", false)),
        desk_row("map.list", "", "lists the strongest blocks beside the map, or hides the list",
                 "J",
                 [](const ChangeContext& context, const Args& args) {
                     expect_count("map.list", args, 0, 0);
                     context.session.desk.map.jumps = !context.session.desk.map.jumps;
                 }),
        desk_row("map.blink", "",
                 "shows the two sides of a comparison by turns, or lets one of them rest", "B",
                 [](const ChangeContext& context, const Args& args) {
                     expect_count("map.blink", args, 0, 0);
                     MapDesk& map = context.session.desk.map;
                     map.blinking = map.compare != MapCompare::blink || !map.blinking;
                     map.compare = MapCompare::blink;
                 }),
        desk_row("map.flip", "", "shows the other side of a comparison, which rests", "Shift+B",
                 [](const ChangeContext& context, const Args& args) {
                     expect_count("map.flip", args, 0, 0);
                     MapDesk& map = context.session.desk.map;
                     map.compare = MapCompare::blink;
                     map.blinking = false;
                     map.side = map.side == MapSide::first ? MapSide::second : MapSide::first;
                 }),
    };
}

}  // namespace splatscope
