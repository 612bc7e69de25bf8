#include "app/commands/selecting.h"
#include "app/commands/table.h"
#include "engine/core/error.h"
#include "engine/explain/listing.h"
#include "engine/io/file.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {
namespace {

using nlohmann::json;

// The rows that are wanted; throws Error for a filter or a column that is none.
hsa::Listing listed(const char* command, const hsa::ListingWanted& wanted,
                    const hsa::Snapshot& snapshot, const hsa::Work& work) {
    (void)need_dataset(snapshot);
    if (wanted.things != hsa::Things::tokens) need_factors(snapshot);
    // The snapshot outlives what is made of it here.
    const std::shared_ptr<const hsa::Snapshot> borrowed(std::shared_ptr<void>(), &snapshot);
    hsa::Listing listing = hsa::make_listing(borrowed, wanted, nullptr, work);
    for (const std::string* fault : {&listing.filter_fault, &listing.sort_fault})
        if (!fault->empty()) hsa::fail_usage("{}: {}", command, *fault);
    return listing;
}

json copy_rows(const QuestionContext& context, const Args& args) {
    expect_count("table.copy", args, 0, 0);
    const hsa::Listing listing =
        listed("table.copy", context.session.desk.table.wanted(), context.snapshot, context.work);
    std::string text = hsa::write_listing_csv(listing, context.work);
    text.pop_back();  // who prints it ends the last line
    return text;
}

json save_rows(const QuestionContext& context, const Args& args, bool overwrite) {
    expect_count("table.save", args, 1, 1);
    const std::string& path = args[0];
    if (!path.ends_with(".csv"))
        hsa::fail("table.save {}: the name must end in .csv, the only format of tables.", path);
    const hsa::Existing existing = overwrite ? hsa::Existing::replace : hsa::Existing::refuse;
    hsa::check_writable(path, existing);
    const hsa::Listing listing =
        listed("table.save", context.session.desk.table.wanted(), context.snapshot, context.work);
    hsa::write_file(path, hsa::write_listing_csv(listing, context.work), existing);
    json answer = {{"command", "table.save"}, {"version", 1}, {"mark", "exact"}, {"path", path}};
    const auto& factors = context.snapshot.factors;
    if (factors && factors->mark != hsa::Mark::exact) answer["mark"] = "approximate";
    answer["rows"] = std::string(hsa::name_of(listing.wanted.things)) + "s";
    answer["count"] = listing.rows.size();
    return answer;
}

// On the look lane: a filter and an order are of all the tokens there are.
Found select_rows(const QuestionContext& context, Args args) {
    const How how = take_how(args);
    expect_count("table.select", args, 0, 0);
    const hsa::Listing listing =
        listed("table.select", context.session.desk.table.wanted(), context.snapshot, context.work);
    const hsa::Things things = listing.wanted.things;
    if (listing.rows.empty()) hsa::fail("table.select: no {} is listed.", hsa::name_of(things));
    if (things == hsa::Things::tokens) {
        std::vector<std::size_t> tokens(listing.rows.begin(), listing.rows.end());
        std::sort(tokens.begin(), tokens.end());
        return select_found(how, ranges_of(tokens));
    }
    if (things == hsa::Things::splats) {
        std::vector<hsa::SplatId> ids;
        for (const std::uint32_t row : listing.rows)
            ids.push_back(context.snapshot.registry->id[row]);
        return select_found(how, std::move(ids));
    }
    if (listing.rows.size() != 1)
        hsa::fail("table.select: one event can be selected, and {} are listed.",
                  listing.rows.size());
    return [how, event = listing.rows.front()](Session& session) {
        hsa::Selection& selection = session.document.selection;
        if (how == How::replace) selection = {};
        if (how == How::remove) selection.event.reset();
        else selection.event = event;
    };
}

// The setting of the rows that are listed.
std::string& filter_of(TableDesk& table) {
    return table.rows == hsa::Things::splats   ? table.splats.filter
           : table.rows == hsa::Things::tokens ? table.tokens.filter
                                               : table.events.filter;
}

void filter_rows(const ChangeContext& context, const Args& args) {
    expect_count("table.filter", args, 0, 1000);
    TableDesk& table = context.session.desk.table;
    filter_of(table) = expression_of(args);
    table.scroll = 0.0;
    if (!context.snapshot.dataset) return;
    if (table.rows != hsa::Things::tokens) need_factors(context.snapshot);
    // The rows themselves are for the look lane to find.
    try {
        hsa::check_filter(context.snapshot, table.rows, filter_of(table));
    } catch (const hsa::Error& error) {
        throw hsa::Error(error.kind(), fmt::format("table.filter: {}", error.what()));
    }
}

CommandRow copy_row() {
    CommandRow row = question_row("table.copy", "[to PATH]",
                                  "the listed rows as .csv, into the clipboard; without a window "
                                  "onto standard output",
                                  copy_rows);
    row.copies = true;
    row.apart = true;
    return row;
}

}  // namespace

std::vector<CommandRow> table_commands() {
    std::vector<CommandRow> rows;
    rows.push_back(desk_row("table.filter", "[\"EXPRESSION\"]",
                            "lists only the rows that it holds for, as select.where writes it: "
                            "\"usage > 2/k\"; without one all",
                            "", filter_rows));
    rows.back().needs_data = true;
    rows.push_back(search_row("table.select", "[add|remove]", "selects every row that is listed",
                              "", select_rows));
    rows.push_back(copy_row());
    rows.push_back(file_row("table.save", "PATH.csv [overwrite]",
                            "writes the listed rows in their order, with all columns", save_rows));
    rows.back().apart = true;
    return rows;
}

}  // namespace splatscope
