#include "app/commands/selecting.h"
#include "app/setting_values.h"
#include "engine/core/error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace splatscope {
namespace {

using nlohmann::json;

std::string name_in(std::string_view command, const Args& args) {
    expect_count(command, args, 1, 1);
    std::string name = checked_name(command, args[0]);
    if (name.empty()) hsa::fail_usage("{} takes the name of a selection.", command);
    return name;
}

const hsa::Selection& find_kept(std::string_view command, const Document& document,
                                const std::string& name) {
    const auto found = document.kept.find(name);
    if (found != document.kept.end()) return found->second;
    std::string known;
    for (const auto& [each, selection] : document.kept) known += (known.empty() ? "" : ", ") + each;
    if (known.empty())
        hsa::fail("{}: no selection was kept: select.keep NAME keeps this one.", command);
    hsa::fail("{}: no selection was kept as '{}': there are {}.", command, name, known);
}

void keep(const ChangeContext& context, const Args& args) {
    const std::string name = name_in("select.keep", args);
    Document& document = context.session.document;
    if (document.selection.empty()) hsa::fail("select.keep: nothing is selected.");
    document.kept[name] = document.selection;
}

// What of a selection is in the data and at the cycle shown.
hsa::Selection that_is_here(hsa::Selection selection, const hsa::Snapshot& snapshot) {
    const std::size_t n = need_dataset(snapshot).size();
    change_tokens(selection, How::remove, {{n, SIZE_MAX}});
    std::erase_if(selection.splats, [&](hsa::SplatId id) {
        return !snapshot.registry || !snapshot.registry->find(id);
    });
    if (selection.block && (selection.block->rows.end > n || selection.block->columns.end > n))
        selection.block.reset();
    if (selection.event && (!snapshot.history || *selection.event >= snapshot.history->event_count(
                                                                         snapshot.history->last())))
        selection.event.reset();
    return selection;
}

void use(const ChangeContext& context, Args args) {
    // A selection may be called add.
    const How how = args.size() > 1 ? take_how(args) : How::replace;
    const std::string name = name_in("select.use", args);
    Document& document = context.session.document;
    const hsa::Selection kept =
        that_is_here(find_kept("select.use", document, name), context.snapshot);
    if (kept.empty())
        hsa::fail("select.use: of '{}' nothing is in these data at this cycle.", name);
    hsa::Selection& selection = document.selection;
    if (how == How::replace) {
        selection = kept;
        return;
    }
    change_tokens(selection, how, kept.tokens);
    change_splats(selection, how, kept.splats);
    if (how == How::add) {
        if (kept.block) selection.block = kept.block;
        if (kept.event) selection.event = kept.event;
        return;
    }
    if (selection.block == kept.block) selection.block.reset();
    if (selection.event == kept.event) selection.event.reset();
}

void forget(const ChangeContext& context, const Args& args) {
    const std::string name = name_in("select.forget", args);
    Document& document = context.session.document;
    (void)find_kept("select.forget", document, name);
    document.kept.erase(name);
}

json range_json(const hsa::Range& range) { return {range.begin, range.end}; }

json selection_json(const hsa::Selection& selection) {
    json object = {{"tokens", hsa::total_size(selection.tokens)},
                   {"ranges", json::array()},
                   {"splats", selection.splats},
                   {"block", nullptr},
                   {"event", nullptr}};
    for (const hsa::Range& range : selection.tokens) object["ranges"].push_back(range_json(range));
    if (selection.block)
        object["block"] = {{"rows", range_json(selection.block->rows)},
                           {"columns", range_json(selection.block->columns)}};
    if (selection.event) object["event"] = *selection.event;
    return object;
}

}  // namespace

json selections_json(const Document& document) {
    json result = {{"command", "selections"}, {"version", 1}, {"mark", "exact"}};
    result["selected"] = selection_json(document.selection);
    result["kept"] = json::object();
    for (const auto& [name, selection] : document.kept)
        result["kept"][name] = selection_json(selection);
    return result;
}

std::vector<CommandRow> kept_selection_commands() {
    return {
        change_row("select.keep", "NAME",
                   "keeps the selection under a name, in the session file too; print selections "
                   "lists them",
                   "", keep),
        data_row("select.use", "[add|remove] NAME", "selects what was kept under this name", "",
                 use),
        change_row("select.forget", "NAME", "forgets a selection that was kept", "", forget),
    };
}

}  // namespace splatscope
