#include "app/commands/selecting.h"
#include "app/setting_values.h"
#include "engine/core/error.h"
#include "engine/explain/grow.h"
#include "engine/explain/where.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace splatscope {
namespace {

constexpr std::size_t kMostNeighbours = 10000;

Found select_where(const QuestionContext& context, Args args) {
    const How how = take_how(args);
    expect_count("select.where", args, 1, 1000);
    (void)need_dataset(context.snapshot);
    const std::string expression = expression_of(args);
    hsa::Found found;
    try {
        found = hsa::find_where(context.snapshot, expression);
    } catch (const hsa::Error& error) {
        throw hsa::Error(error.kind(), fmt::format("select.where: {}", error.what()));
    }
    if (found.which.empty())
        hsa::fail("select.where: no {} has {}.", found.splats ? "splat" : "token", expression);
    if (!found.splats) return select_found(how, ranges_of(found.which));
    std::vector<hsa::SplatId> ids(found.which.size());
    std::transform(found.which.begin(), found.which.end(), ids.begin(),
                   [&](std::size_t row) { return context.snapshot.registry->id[row]; });
    return select_found(how, std::move(ids));
}

void select_subtree(const ChangeContext& context, Args args) {
    const How how = take_how(args);
    expect_count("select.subtree", args, 1, 100000);
    const hsa::SplatRegistry& registry = need_splats("select.subtree", context.snapshot);
    std::vector<hsa::SplatId> roots;
    for (const std::string& word : args) {
        roots.push_back(parse_splat(word));
        (void)registry.row(roots.back());
    }
    change_splats(context.session.document.selection, how, hsa::with_descendants(registry, roots));
}

Found select_grow(const QuestionContext& context, const Args& args) {
    expect_count("select.grow", args, 0, 1);
    const std::int64_t count = args.empty() ? 1 : parse_integer("select.grow", args[0]);
    if (count < 1 || count > static_cast<std::int64_t>(kMostNeighbours))
        hsa::fail("select.grow takes 1 to {} neighbours, not {}.", kMostNeighbours, count);
    need_factors(context.snapshot);
    const hsa::Factors& factors = *context.snapshot.factors;
    const hsa::Selection& selection = context.session.document.selection;
    if (selection.tokens.empty() && selection.splats.empty())
        hsa::fail("select.grow: select tokens or splats first.");
    const auto neighbours = static_cast<std::size_t>(count);
    hsa::Selection there;  // what of it is in these data
    change_tokens(there, How::add, selection.tokens);
    change_tokens(there, How::remove, {{factors.tokens(), SIZE_MAX}});
    std::vector<std::size_t> tokens;
    if (!there.tokens.empty())
        for (const std::uint32_t token : hsa::neighbour_tokens(factors, there.tokens, neighbours))
            tokens.push_back(token);
    const std::vector<hsa::SplatId> splats =
        hsa::neighbour_splats(factors, selection.splats, neighbours);
    if (tokens.empty() && splats.empty())
        hsa::fail("select.grow: what is selected has no neighbours.");
    return [ranges = ranges_of(tokens), splats](Session& session) {
        change_tokens(session.document.selection, How::add, ranges);
        change_splats(session.document.selection, How::add, splats);
    };
}

}  // namespace

std::vector<CommandRow> select_where_commands() {
    return {
        search_row(
            "select.where", "[add|remove] \"EXPRESSION\"",
            "selects the splats or tokens that it holds for: \"level == 'Section' && usage > "
            "2/k\", \"length > 4 && sentence == 3\"; a wrong name lists those there are",
            "", select_where),
        data_row("select.subtree", "[add|remove] ID...",
                 "selects splats with all that stand below them in the hierarchy", "",
                 select_subtree),
        search_row(
            "select.grow", "[N]",
            "adds the N tokens (1) that the selected ones attend to most and the N that attend "
            "to them most; beside selected splats the N of their level that overlap them most",
            "", select_grow),
    };
}

}  // namespace splatscope
