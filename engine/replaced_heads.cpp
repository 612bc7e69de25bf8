#include "engine/core/error.h"
#include "engine/replace.h"

#include <charconv>
#include <optional>
#include <string>

namespace hsa {
namespace {

[[noreturn]] void fail_word(std::string_view word) {
    fail_usage(
        "replace.heads takes all, LAYER or LAYER:HEAD, each with =BLEND (0 to 1), by commas, not "
        "'{}'.",
        word);
}

std::size_t whole(std::string_view text, std::string_view word, std::size_t below,
                  const char* what) {
    std::size_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size() || text.empty()) fail_word(word);
    if (value >= below)
        fail("replace.heads {}: there is no {} {}: there are {}, counted from 0.", word, what,
             value, below);
    return value;
}

double share(std::string_view text, std::string_view word) {
    double value = 0.0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size() || !(value >= 0.0 && value <= 1.0))
        fail_word(word);
    return value;
}

}  // namespace

std::vector<ReplacedHead> replaced_heads(const ReplaceSettings& settings, std::size_t layers,
                                         std::size_t heads) {
    std::vector<double> blend(layers * heads, 0.0);
    const std::string_view all = settings.heads;
    for (std::size_t begin = 0; begin < all.size();) {
        const std::size_t end = std::min(all.find(',', begin), all.size());
        const std::string_view word = all.substr(begin, end - begin);
        begin = end + 1;
        const std::size_t equals = word.find('=');
        const double r = equals == std::string_view::npos ? settings.blend
                                                          : share(word.substr(equals + 1), word);
        const std::string_view name = word.substr(0, equals);
        const std::size_t colon = name.find(':');
        std::size_t first = 0;
        std::size_t last = layers * heads;
        if (name != "all") {
            const std::size_t layer = whole(name.substr(0, colon), word, layers, "layer");
            first = layer * heads;
            last = first + heads;
            if (colon != std::string_view::npos) {
                first += whole(name.substr(colon + 1), word, heads, "head");
                last = first + 1;
            }
        }
        for (std::size_t h = first; h < last; ++h) blend[h] = r;
    }
    std::vector<ReplacedHead> chosen;
    for (std::size_t h = 0; h < blend.size(); ++h)
        if (blend[h] > 0.0) chosen.push_back({{h / heads, h % heads}, blend[h]});
    return chosen;
}

}  // namespace hsa
