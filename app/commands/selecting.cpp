#include "app/commands/selecting.h"

#include "engine/core/error.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace splatscope {
namespace {

// Sorted, and one where they touch: in one pass, for a condition may hold for a million of them.
std::vector<hsa::Range> joined(std::vector<hsa::Range> ranges) {
    std::sort(ranges.begin(), ranges.end(), [](const hsa::Range& a, const hsa::Range& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
    std::vector<hsa::Range> all;
    for (const hsa::Range& range : ranges) {
        if (range.empty()) continue;
        if (!all.empty() && range.begin <= all.back().end)
            all.back().end = std::max(all.back().end, range.end);
        else all.push_back(range);
    }
    return all;
}

// Both joined.
std::vector<hsa::Range> without(const std::vector<hsa::Range>& ranges,
                                const std::vector<hsa::Range>& removed) {
    std::vector<hsa::Range> left;
    auto next = removed.begin();
    for (hsa::Range range : ranges) {
        while (next != removed.end() && next->end <= range.begin) ++next;
        for (auto cut = next; cut != removed.end() && cut->begin < range.end; ++cut) {
            if (cut->begin > range.begin) left.push_back({range.begin, cut->begin});
            range.begin = std::min(cut->end, range.end);
        }
        if (!range.empty()) left.push_back(range);
    }
    return left;
}

}  // namespace

How take_how(Args& args) {
    if (args.empty()) return How::replace;
    if (args[0] == "add" || args[0] == "remove") {
        const How how = args[0] == "add" ? How::add : How::remove;
        args.erase(args.begin());
        return how;
    }
    return How::replace;
}

std::string expression_of(const Args& args) { return fmt::format("{}", fmt::join(args, " ")); }

void change_tokens(hsa::Selection& selection, How how, const std::vector<hsa::Range>& ranges) {
    if (how == How::replace) selection = {};
    const std::vector<hsa::Range> given = joined(ranges);
    if (how == How::remove) {
        selection.tokens = without(selection.tokens, given);
        return;
    }
    selection.tokens.insert(selection.tokens.end(), given.begin(), given.end());
    selection.tokens = joined(std::move(selection.tokens));
}

Found select_found(How how, std::vector<hsa::Range> ranges) {
    return [how, ranges = std::move(ranges)](Session& session) {
        change_tokens(session.document.selection, how, ranges);
    };
}

Found select_found(How how, std::vector<hsa::SplatId> ids) {
    return [how, ids = std::move(ids)](Session& session) {
        change_splats(session.document.selection, how, ids);
    };
}

void change_splats(hsa::Selection& selection, How how, const std::vector<hsa::SplatId>& ids) {
    if (how == How::replace) selection = {};
    std::vector<hsa::SplatId> given = ids;
    std::sort(given.begin(), given.end());
    given.erase(std::unique(given.begin(), given.end()), given.end());
    std::erase_if(selection.splats, [&](hsa::SplatId id) {
        return std::binary_search(given.begin(), given.end(), id);
    });
    if (how == How::remove) return;
    selection.splats.insert(selection.splats.end(), given.begin(), given.end());
    std::sort(selection.splats.begin(), selection.splats.end());
}

std::vector<hsa::Range> ranges_of(const std::vector<std::size_t>& indices) {
    std::vector<hsa::Range> ranges;
    for (const std::size_t index : indices) {
        if (!ranges.empty() && ranges.back().end == index) ranges.back().end = index + 1;
        else ranges.push_back({index, index + 1});
    }
    return ranges;
}

const hsa::SplatRegistry& need_splats(std::string_view command, const hsa::Snapshot& snapshot) {
    if (!snapshot.registry)
        hsa::fail("{}: there are no splats yet; open a text or an embedding file first.", command);
    return *snapshot.registry;
}

}  // namespace splatscope
