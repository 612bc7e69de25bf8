#include "app/views/distributions_things.h"

#include <fmt/core.h>

#include <algorithm>

namespace splatscope {

std::vector<std::uint8_t> lit_things(const ViewContext& context, Counted counted,
                                     std::size_t count) {
    std::vector<std::uint8_t> lit(count, 0);
    const hsa::Selection& selection = context.session.document.selection;
    const hsa::Linked* linked = context.look.linked.get();
    if (counted == Counted::splats) {
        const std::vector<hsa::SplatId>& ids = context.snapshot.registry->id;
        for (std::size_t s = 0; s < std::min(count, ids.size()); ++s)
            lit[s] = std::binary_search(selection.splats.begin(), selection.splats.end(), ids[s]) ||
                     (linked != nullptr &&
                      std::binary_search(linked->splats.begin(), linked->splats.end(), ids[s]));
        return lit;
    }
    for (const hsa::Range& range : selection.tokens)
        for (std::size_t t = range.begin; t < std::min(range.end, count); ++t) lit[t] = 1;
    if (linked != nullptr)
        for (const std::uint32_t token : linked->tokens)
            if (token < count) lit[token] = 1;
    return lit;
}

std::string selecting_line(const ViewContext& context, Counted counted, const std::string& how,
                           std::vector<std::size_t> things) {
    std::sort(things.begin(), things.end());
    if (counted == Counted::splats) {
        std::string line = "select.splats " + how;
        for (const std::size_t t : things)
            line += fmt::format("{} ", context.snapshot.registry->id[t]);
        line.pop_back();
        return line;
    }
    std::string line = "select.tokens " + how;
    for (std::size_t t = 0; t < things.size();) {
        std::size_t end = t + 1;
        while (end < things.size() && things[end] == things[end - 1] + 1) ++end;
        line += fmt::format("{}:{} ", things[t], things[end - 1] + 1);
        t = end;
    }
    line.pop_back();
    return line;
}

}  // namespace splatscope
