#include "app/commands/table.h"
#include "app/history_lines.h"
#include "app/setting_values.h"
#include "app/timeline.h"
#include "engine/core/error.h"

#include <utility>

// What session files say beside the commands a person gives: a timeline and a selection as they
// were, without the data at hand to check them against.
namespace splatscope {
namespace {

// An empty timeline whose first settings are those of a new Session, from which session files tell
// what differs.
void begin_anew(Session& session) {
    session.document.timeline = Timeline{};
    session.document.timeline.first = cycle_settings(Session{});
    adopt_cycle_settings(session);
}

void branch(const ChangeContext& context, const Args& args) {
    expect_count("history.branch", args, 0, 0);
    Document& document = context.session.document;
    document.branches.push_back(std::move(document.timeline));
    begin_anew(context.session);
}

void data(const ChangeContext& context, const Args& args) {
    expect_count("history.data", args, 1, 1);
    context.session.document.data_hash = parse_hash("history.data", args[0]);
}

void first(const ChangeContext& context, const Args& args) {
    expect_count("history.first", args, 2, 2);
    Timeline& timeline = context.session.document.timeline;
    std::vector<std::string> lines = write_cycle_settings(timeline.first);
    lines.push_back(quote_word(args[0]) + " " + quote_word(args[1]));
    timeline.first = read_cycle_settings(lines);
    adopt_cycle_settings(context.session);
}

void entry(const ChangeContext& context, const Args& args) {
    expect_count("history.entry", args, 2, 2);
    const auto cycle = static_cast<std::int32_t>(parse_integer("history.entry", args[0]));
    context.session.document.timeline.entries.push_back(read_entry(cycle, args[1]));
    adopt_cycle_settings(context.session);
}

void cycles(const ChangeContext& context, const Args& args) {
    expect_count("history.cycles", args, 2, 2);
    Timeline& timeline = context.session.document.timeline;
    const std::int64_t last = parse_integer("history.cycles", args[0]);
    const std::int64_t cursor = parse_integer("history.cycles", args[1]);
    if (last < 0 || last > 1000000 || cursor < 0 || cursor > last)
        hsa::fail("history.cycles {} {}: the cursor must be 0 to the last cycle.", last, cursor);
    timeline.last = static_cast<std::int32_t>(last);
    timeline.cursor = static_cast<std::int32_t>(cursor);
}

void name(const ChangeContext& context, const Args& args) {
    expect_count("history.name", args, 2, 2);
    context.session.document.names[parse_splat(args[0])] = checked_name("history.name", args[1]);
}

// The words from `first` on.
hsa::Selection read_selection(std::string_view command, const Args& args, std::size_t first) {
    constexpr std::size_t kAny = 0xffffffffU;
    hsa::Selection made;
    for (std::size_t a = first; a + 1 < args.size(); a += 2) {
        const std::string& what = args[a];
        const std::string& value = args[a + 1];
        if (what == "token") {
            made.tokens = hsa::with_range(made.tokens, parse_range(value, kAny));
        } else if (what == "splat") {
            made.splats.push_back(parse_splat(value));
        } else if (what == "event") {
            made.event = parse_range(value, kAny).begin;
        } else if (what == "block" && a + 2 < args.size()) {
            made.block = hsa::Block{parse_range(value, kAny), parse_range(args[a + 2], kAny)};
            ++a;
        } else {
            hsa::fail_usage("{} takes token RANGE, splat ID, event N, block ROWS COLUMNS.",
                            command);
        }
    }
    return made;
}

void selection(const ChangeContext& context, const Args& args) {
    context.session.document.selection = read_selection("select.restore", args, 0);
}

void kept(const ChangeContext& context, const Args& args) {
    expect_count("select.kept", args, 3, 1000000);
    context.session.document.kept[checked_name("select.kept", args[0])] =
        read_selection("select.kept", args, 1);
}

}  // namespace

std::vector<CommandRow> restore_commands() {
    return {
        change_row("history.data", "HASH", "in session files: tells the data they were saved with",
                   "", data),
        change_row("history.first", "NAME VALUE", "in session files: a setting in force at cycle 0",
                   "", first),
        change_row("history.entry", "CYCLE \"ENTRY\"",
                   "in session files: an edit or change of settings after a cycle", "", entry),
        change_row("history.cycles", "LAST CURSOR",
                   "in session files: how many cycles there are and which is shown", "", cycles),
        change_row("history.branch", "",
                   "in session files: the timeline so far is a branch; another begins", "", branch),
        change_row("history.name", "ID \"WORDS\"", "in session files: a splat's name given by hand",
                   "", name),
        change_row("history.clear", "", "in session files: forgets the timeline", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("history.clear", args, 0, 0);
                       begin_anew(context.session);
                   }),
        change_row("select.restore", "[token RANGE|splat ID|block ROWS COLUMNS|event N]...",
                   "in session files: the selection as it was", "", selection),
        change_row("select.kept", "NAME [token RANGE|splat ID|block ROWS COLUMNS|event N]...",
                   "in session files: a selection that was kept under a name", "", kept),
        change_row("view.layout", "TEXT", "in session files: the places of the views", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("view.layout", args, 1, 1);
                       std::string lines = args[0];
                       for (std::size_t at = lines.find("\\n"); at != std::string::npos;
                            at = lines.find("\\n", at))
                           lines.replace(at, 2, "\n");
                       context.session.desk.layout = lines;
                   }),
    };
}

}  // namespace splatscope
