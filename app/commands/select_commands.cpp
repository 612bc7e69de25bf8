#include "app/commands/phrases.h"
#include "app/commands/selecting.h"
#include "app/commands/table.h"
#include "app/setting_values.h"
#include "engine/core/error.h"
#include "engine/model/history.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>

namespace splatscope {
namespace {

void select_tokens(const ChangeContext& context, Args args) {
    const How how = take_how(args);
    expect_count("select.tokens", args, 1, 10000);
    const std::size_t n = need_dataset(context.snapshot).size();
    std::vector<hsa::Range> ranges;
    for (const std::string& word : args) ranges.push_back(parse_range(word, n));
    change_tokens(context.session.document.selection, how, ranges);
}

void select_splats(const ChangeContext& context, Args args) {
    const How how = take_how(args);
    expect_count("select.splats", args, 1, 100000);
    const hsa::SplatRegistry& registry = need_splats("select.splats", context.snapshot);
    std::vector<hsa::SplatId> ids;
    for (const std::string& word : args) {
        ids.push_back(parse_splat(word));
        (void)registry.row(ids.back());
    }
    change_splats(context.session.document.selection, how, ids);
}

void select_block(const ChangeContext& context, Args args) {
    const How how = take_how(args);
    expect_count("select.block", args, how == How::remove ? 0 : 2, 2);
    hsa::Selection& selection = context.session.document.selection;
    if (args.size() == 1) hsa::fail_usage("select.block remove takes ROWS COLUMNS, or nothing.");
    if (args.empty()) {
        selection.block.reset();
        return;
    }
    const std::size_t n = need_dataset(context.snapshot).size();
    const hsa::Block block{parse_range(args[0], n), parse_range(args[1], n)};
    if (how == How::remove) {
        const auto meet = [](const hsa::Range& a, const hsa::Range& b) {
            return a.begin < b.end && b.begin < a.end;
        };
        if (selection.block && meet(selection.block->rows, block.rows) &&
            meet(selection.block->columns, block.columns))
            selection.block.reset();
        change_tokens(selection, how, {block.rows, block.columns});
        return;
    }
    if (how == How::replace) selection = {};
    selection.block = block;
}

void select_event(const ChangeContext& context, Args args) {
    const How how = take_how(args);
    expect_count("select.event", args, how == How::remove ? 0 : 1, 1);
    hsa::Selection& selection = context.session.document.selection;
    if (how == How::remove) {
        selection.event.reset();
        return;
    }
    std::size_t index = 0;
    const std::string& text = args[0];
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (fault != std::errc() || end != text.data() + text.size())
        hsa::fail_usage("select.event takes the number of an event, not '{}'.", text);
    if (!context.snapshot.history) hsa::fail("select.event: there are no events yet.");
    (void)context.snapshot.history->event(index);
    if (how == How::replace) selection = {};
    selection.event = index;
}

const hsa::MetadataColumn& find_property(const hsa::Dataset& dataset, const std::string& name) {
    std::string known;
    for (const hsa::MetadataColumn& column : dataset.properties) {
        if (column.name == name) return column;
        known += (known.empty() ? "" : ", ") + column.name;
    }
    if (known.empty())
        hsa::fail(
            "select.property: these data have no properties: they come with .jsonl fields, further "
            "columns of words, and metadata.tsv.");
    hsa::fail("select.property: there is no property '{}': there are {}.", name, known);
}

// Whether a number is the one named or lies in A:B, A: or :B, half open.
struct NumberRange {
    double least = -std::numeric_limits<double>::infinity();
    double end = std::numeric_limits<double>::infinity();
    bool single = false;

    [[nodiscard]] bool holds(double number) const {
        return single ? number == least : number >= least && number < end;
    }
};

NumberRange parse_numbers(const std::string& text) {
    NumberRange range;
    const std::size_t colon = text.find(':');
    range.single = colon == std::string::npos;
    const std::string first = text.substr(0, colon);
    const std::string last = range.single ? std::string() : text.substr(colon + 1);
    if (range.single || !first.empty()) range.least = parse_number("select.property", first);
    if (!last.empty()) range.end = parse_number("select.property", last);
    return range;
}

// Tokens with a word, or a number in a range, in a column of metadata.
void select_property(const ChangeContext& context, Args args) {
    const How how = take_how(args);
    expect_count("select.property", args, 2, 2);
    const hsa::MetadataColumn& column = find_property(need_dataset(context.snapshot), args[0]);
    const bool words = column.numbers.empty();
    const NumberRange numbers = words ? NumberRange{} : parse_numbers(args[1]);
    const std::size_t n = words ? column.words.size() : column.numbers.size();
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < n; ++i)
        if (words ? column.words[i] == args[1] : numbers.holds(column.numbers[i]))
            found.push_back(i);
    if (found.empty()) hsa::fail("select.property: no token has {} {}.", args[0], args[1]);
    change_tokens(context.session.document.selection, how, ranges_of(found));
}

// The first place after what is selected, or the last before it; round the end of the text.
Change select_neighbour(const char* command, bool forward) {
    return [command, forward](const ChangeContext& context, const Args& args) {
        expect_count(command, args, 1, 1);
        const std::vector<hsa::Range> found =
            places_of(command, need_dataset(context.snapshot), args[0]);
        hsa::Selection& selection = context.session.document.selection;
        const std::vector<hsa::Range>& now = selection.tokens;
        hsa::Range chosen = forward ? found.front() : found.back();
        if (forward && !now.empty()) {
            const auto after = std::find_if(
                found.begin(), found.end(),
                [&](const hsa::Range& place) { return place.begin > now.front().begin; });
            if (after != found.end()) chosen = *after;
        } else if (!now.empty()) {
            for (const hsa::Range& place : found)
                if (place.begin < now.front().begin) chosen = place;
        }
        selection = {};
        selection.tokens = {chosen};
    };
}

void select_text(const ChangeContext& context, Args args) {
    const How how = take_how(args);
    expect_count("select.text", args, 1, 1);
    const std::vector<hsa::Range> found =
        places_of("select.text", need_dataset(context.snapshot), args[0]);
    change_tokens(context.session.document.selection, how, found);
}

}  // namespace

std::vector<CommandRow> select_commands() {
    std::vector<CommandRow> rows;
    rows.push_back(data_row("select.tokens", "[add|remove] RANGE...",
                            "selects tokens by position: 3, 10:20, :100", "", select_tokens));
    rows.push_back(
        data_row("select.splats", "[add|remove] ID...", "selects splats by id", "", select_splats));
    rows.push_back(data_row("select.block", "[add|remove] ROWS COLUMNS",
                            "selects a rectangle of the attention map; remove: the block where it "
                            "meets the rectangle, and the tokens of its rows and columns",
                            "", select_block));
    rows.push_back(data_row("select.event", "[add|remove] N", "selects the event of that number",
                            "", select_event));
    rows.push_back(data_row("select.text", "[add|remove] \"WORDS\"",
                            "selects every place where these words stand together", "",
                            select_text));
    rows.push_back(data_row("select.property", "[add|remove] NAME WORD|NUMBER|A:B",
                            "selects the tokens whose property is this, or a number from A up to B",
                            "", select_property));
    rows.push_back(data_row("select.next", "\"WORDS\"",
                            "selects the next place where these words stand together", "",
                            select_neighbour("select.next", true)));
    rows.push_back(data_row("select.previous", "\"WORDS\"",
                            "selects the place before, where these words stand together", "",
                            select_neighbour("select.previous", false)));
    rows.push_back(data_row("select.none", "", "clears the selection", "Ctrl+Shift+A",
                            [](const ChangeContext& context, const Args& args) {
                                expect_count("select.none", args, 0, 0);
                                context.session.document.selection = {};
                            }));
    rows.back().needs_data = false;
    rows.push_back(data_row("select.all", "", "selects all tokens", "Ctrl+A",
                            [](const ChangeContext& context, const Args& args) {
                                expect_count("select.all", args, 0, 0);
                                hsa::Selection all;
                                all.tokens = {{0, need_dataset(context.snapshot).size()}};
                                context.session.document.selection = all;
                            }));
    rows.push_back(data_row("select.invert", "", "selects the tokens that are not selected",
                            "Ctrl+I", [](const ChangeContext& context, const Args& args) {
                                expect_count("select.invert", args, 0, 0);
                                hsa::Selection inverse;
                                inverse.tokens = {{0, need_dataset(context.snapshot).size()}};
                                change_tokens(inverse, How::remove,
                                              context.session.document.selection.tokens);
                                context.session.document.selection = inverse;
                            }));
    for (auto family : {select_where_commands, kept_selection_commands}) {
        std::vector<CommandRow> some = family();
        rows.insert(rows.end(), std::make_move_iterator(some.begin()),
                    std::make_move_iterator(some.end()));
    }
    return rows;
}

}  // namespace splatscope
