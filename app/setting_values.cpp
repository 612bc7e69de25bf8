#include "app/setting_values.h"

#include "app/commands/grammar.h"
#include "engine/model/selection.h"

#include <limits>

namespace splatscope {

template <>
std::vector<std::string> choice_names<hsa::Form>() {
    return {"token", "shared", "paired"};
}
template <>
std::vector<std::string> choice_names<hsa::AttentionMode>() {
    return {"dense", "sparse", "spatial"};
}
template <>
std::vector<std::string> choice_names<BackendName>() {
    return {"auto", "cuda", "opengl", "cpu"};
}
template <>
std::vector<std::string> choice_names<hsa::Precision>() {
    return {"single", "double"};
}
template <>
std::vector<std::string> choice_names<hsa::Storage>() {
    return {"float32", "float16", "8bit"};
}
template <>
std::vector<std::string> choice_names<hsa::Normalise>() {
    return {"row", "softmax", "softmax-linear"};
}
template <>
std::vector<std::string> choice_names<hsa::CovarianceKind>() {
    return {"spherical", "diagonal", "lowrank", "full"};
}
template <>
std::vector<std::string> choice_names<hsa::Smoothing>() {
    return {"auto", "off", "trailing", "factor"};
}
template <>
std::vector<std::string> choice_names<hsa::EmbedMethod>() {
    return {"auto", "model", "cooccurrence", "file"};
}
template <>
std::vector<std::string> choice_names<hsa::ReplaceMode>() {
    return {"full", "hybrid", "added", "outside"};
}
template <>
std::vector<std::string> choice_names<hsa::TargetSource>() {
    return {"scores", "none", "file"};
}
template <>
std::vector<std::string> choice_names<hsa::Preset>() {
    return {"story", "fast"};
}
template <>
std::vector<std::string> choice_names<hsa::Thresholds>() {
    return {"fixed", "adaptive"};
}
template <>
std::vector<std::string> choice_names<hsa::AutomaticRepair>() {
    return {"off", "faults", "all"};
}
template <>
std::vector<std::string> choice_names<hsa::Fallback>() {
    return {"none", "local", "dense"};
}
template <>
std::vector<std::string> choice_names<ColourMapName>() {
    return {"viridis", "cividis", "magma", "grey", "puor", "twilight"};
}
template <>
std::vector<std::string> choice_names<MapScale>() {
    return {"fixed", "view", "uniform", "linear"};
}
template <>
std::vector<std::string> choice_names<MapCompare>() {
    return {"off", "split", "difference", "blink", "beside"};
}
template <>
std::vector<std::string> choice_names<MapSide>() {
    return {"first", "second"};
}
template <>
std::vector<std::string> choice_names<hsa::StrengthBy>() {
    return {"value", "uniform", "lift"};
}
template <>
std::vector<std::string> choice_names<hsa::Statistic>() {
    return {"mean", "most"};
}
template <>
std::vector<std::string> choice_names<SplatStyle>() {
    return {"ellipsoids", "rings", "centres", "soft"};
}
template <>
std::vector<std::string> choice_names<HandlesShown>() {
    return {"off", "window", "always"};
}
template <>
std::vector<std::string> choice_names<PointColour>() {
    return {"level", "section", "label", "selection", "inside", "distance"};
}
template <>
std::vector<std::string> choice_names<TreeForm>() {
    return {"icicle", "nodelink", "lineage"};
}
template <>
std::vector<std::string> choice_names<TimelineLanes>() {
    return {"level", "kind"};
}
template <>
std::vector<std::string> choice_names<TimelineCurve>() {
    return {"row_kl", "objective", "entropy", "information", "splats", "all"};
}
template <>
std::vector<std::string> choice_names<LineageLines>() {
    return {"automatic", "all", "events", "selected"};
}
template <>
std::vector<std::string> choice_names<TextTint>() {
    return {"from", "to", "splat", "level", "measure"};
}
template <>
std::vector<std::string> choice_names<hsa::Things>() {
    return {"splats", "tokens", "events"};
}
template <>
std::vector<std::string> choice_names<Tool>() {
    return {"move", "rectangle", "lasso"};
}
template <>
std::vector<std::string> choice_names<PictureFormat>() {
    return {"png", "svg", "pdf"};
}
template <>
std::vector<std::string> choice_names<PictureUnit>() {
    return {"pixels", "mm"};
}
template <>
std::vector<std::string> choice_names<Ground>() {
    return {"theme", "white", "transparent"};
}
template <>
std::vector<std::string> choice_names<Part>() {
    return {"title", "legend", "bar", "notes", "axes"};
}
template <>
std::vector<std::string> choice_names<ThemeName>() {
    return {"dark", "light", "contrast"};
}

std::string quote_word(std::string_view word) {
    const bool plain = !word.empty() && word.find_first_of(" \t\n\"'\\#") == std::string_view::npos;
    if (plain) return std::string(word);
    std::string out = "\"";
    for (const char c : word) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

bool parse_flag(std::string_view name, std::string_view text) {
    if (text == "true" || text == "on" || text == "1") return true;
    if (text == "false" || text == "off" || text == "0") return false;
    hsa::fail_usage("{} is true or false, not '{}'.", name, text);
}

double parse_number(std::string_view name, std::string_view text) {
    double value = 0.0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        hsa::fail_usage("{} takes a finite number, not '{}'.", name, text);
    return value;
}

std::int64_t parse_integer(std::string_view name, std::string_view text) {
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size())
        hsa::fail_usage("{} takes a whole number, not '{}'.", name, text);
    return value;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view word = text.substr(0, comma);
        if (!word.empty()) words.emplace_back(word);
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    return words;
}

std::vector<hsa::Range> parse_ranges(std::string_view text) {
    constexpr std::size_t kAny = std::numeric_limits<std::uint32_t>::max();
    std::vector<hsa::Range> ranges;
    for (const std::string& word : split_list(text))
        ranges = hsa::with_range(ranges, parse_range(word, kAny));
    return ranges;
}

void check_limits(std::string_view name, double value, const Limits& limits) {
    if (limits.low == limits.high) return;
    const bool too_low = limits.low_open ? value <= limits.low : value < limits.low;
    if (too_low || value > limits.high)
        hsa::fail("{} is {}: it must be {} {} and at most {}.", name, value,
                  limits.low_open ? "above" : "at least", limits.low, limits.high);
}

}  // namespace splatscope
