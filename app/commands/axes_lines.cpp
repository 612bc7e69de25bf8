#include "app/commands/axes_lines.h"

#include "app/setting_values.h"
#include "app/tour_limit.h"
#include "engine/core/error.h"
#include "engine/model/selection.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace splatscope {
namespace {

constexpr std::array<std::pair<hsa::AxesKind, std::string_view>, 5> kKinds = {
    {{hsa::AxesKind::splats, "splats"},
     {hsa::AxesKind::tokens, "tokens"},
     {hsa::AxesKind::separate, "separate"},
     {hsa::AxesKind::between, "between"},
     {hsa::AxesKind::tour, "tour"}}};

}  // namespace

void add_range(std::vector<hsa::Range>& ranges, hsa::Range added) {
    if (ranges.empty() || ranges.back().end < added.begin) {
        ranges.push_back(added);
    } else if (ranges.back().begin <= added.begin) {
        ranges.back().end = std::max(ranges.back().end, added.end);
    } else {
        ranges = hsa::with_range(ranges, added);
    }
}

std::string axes_words(const hsa::AxesChoice& choice) {
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(),
                                   [&](const auto& each) { return each.first == choice.kind; });
    std::string words(kind->second);
    if (!choice.level.empty()) words += " level " + quote_word(choice.level);
    if (choice.kind == hsa::AxesKind::tour)
        words += fmt::format(" seed {} second {}", choice.seed, choice.second);
    for (const hsa::AxesClass& each : choice.classes) {
        words += " class " + quote_word(each.name) + " " + quote_word(each.level);
        for (const hsa::Range& range : each.tokens)
            words += fmt::format(" token {}:{}", range.begin, range.end);
    }
    return words;
}

hsa::AxesChoice read_axes(std::string_view command, const Args& args, std::size_t first) {
    constexpr std::size_t kAny = 0xffffffffU;
    hsa::AxesChoice made;
    const auto wrong = [command] {
        hsa::fail_usage(
            "{} takes splats, tokens, separate, between or tour, then level NAME, seed "
            "N, second S, class NAME LEVEL, token RANGE.",
            command);
    };
    if (first >= args.size()) wrong();
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(),
                                   [&](const auto& each) { return each.second == args[first]; });
    if (kind == kKinds.end()) wrong();
    made.kind = kind->first;
    for (std::size_t a = first + 1; a < args.size(); a += 2) {
        if (a + 1 >= args.size()) wrong();
        const std::string& what = args[a];
        const std::string& value = args[a + 1];
        if (what == "level") {
            made.level = value;
        } else if (what == "seed") {
            const std::int64_t seed = parse_integer(command, value);
            if (seed < 0) wrong();
            made.seed = static_cast<std::uint64_t>(seed);
        } else if (what == "second") {
            made.second = parse_number(command, value);
            if (!(made.second >= 0.0 && made.second <= kLongestTour)) wrong();
        } else if (what == "class" && a + 2 < args.size()) {
            made.classes.push_back({value, args[a + 2], {}});
            ++a;
        } else if (what == "token" && !made.classes.empty()) {
            add_range(made.classes.back().tokens, parse_range(value, kAny));
        } else {
            wrong();
        }
    }
    return made;
}

}  // namespace splatscope
