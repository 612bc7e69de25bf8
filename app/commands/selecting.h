#pragma once

#include "app/commands/table.h"
#include "engine/model/selection.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// What the selecting commands share: whether they replace the selection, add to it or take away.
enum class How { replace, add, remove };

// Takes a leading "add" or "remove" away.
[[nodiscard]] How take_how(Args& args);

// The expression that a line gives: in quotes it is one word, without them several.
[[nodiscard]] std::string expression_of(const Args& args);

// Replacing empties the selection first, of every kind.
void change_tokens(hsa::Selection& selection, How how, const std::vector<hsa::Range>& ranges);
void change_splats(hsa::Selection& selection, How how, const std::vector<hsa::SplatId>& ids);
// The same as what a search found.
[[nodiscard]] Found select_found(How how, std::vector<hsa::Range> ranges);
[[nodiscard]] Found select_found(How how, std::vector<hsa::SplatId> ids);
// Rising indices as ranges.
[[nodiscard]] std::vector<hsa::Range> ranges_of(const std::vector<std::size_t>& indices);

// The splats there are, or Error saying that there are none yet.
const hsa::SplatRegistry& need_splats(std::string_view command, const hsa::Snapshot& snapshot);

// By expression, by the tree, by attention and overlap.
[[nodiscard]] std::vector<CommandRow> select_where_commands();
// By names that selections were given.
[[nodiscard]] std::vector<CommandRow> kept_selection_commands();
// print selections: {"selected": S, "kept": {"<name>": S}}, S = {tokens, ranges, splats, block:
// {rows, columns} or null, event or null}; `tokens` is their number.
[[nodiscard]] nlohmann::json selections_json(const Document& document);

}  // namespace splatscope
