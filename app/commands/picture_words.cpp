#include "app/commands/picture_words.h"

#include "app/setting_values.h"
#include "engine/core/error.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr double kInch = 25.4;    // mm
constexpr double kScreen = 96.0;  // pixels of the layout an inch of paper
constexpr double kUsualDpi = 300.0;
constexpr double kPoints = 72.0;  // an inch

double number_within(std::string_view what, std::string_view word, double low, double high) {
    const double value = parse_number(what, word);
    if (!(value >= low && value <= high))
        hsa::fail("{} {}: it must be {} to {}.", what, word, low, high);
    return value;
}

void take_millimetres(PictureAsked& asked, const std::string& word) {
    const std::size_t by = word.find('x');
    if (by == std::string::npos)
        hsa::fail_usage("mm takes WIDTHxHEIGHT, as 120x80, not '{}'.", word);
    const std::string_view text = word;
    asked.width_mm = number_within("mm", text.substr(0, by), 5.0, 2000.0);
    asked.height_mm = number_within("mm", text.substr(by + 1), 5.0, 2000.0);
}

double dots(const PictureAsked& asked) { return asked.dpi > 0.0 ? asked.dpi : kUsualDpi; }

}  // namespace

double PictureAsked::density() const { return on_paper() ? dots(*this) / kScreen : scale; }

PixelSize PictureAsked::pixels() const {
    if (!on_paper()) return {size.width * scale, size.height * scale};
    const auto side = [this](double mm) {
        return static_cast<int>(std::lround(mm / kInch * dots(*this)));
    };
    return {side(width_mm), side(height_mm)};
}

Vec2 PictureAsked::layout() const {
    if (!on_paper()) return {static_cast<float>(size.width), static_cast<float>(size.height)};
    return {static_cast<float>(width_mm / kInch * kScreen),
            static_cast<float>(height_mm / kInch * kScreen)};
}

double PictureAsked::points() const {
    if (on_paper()) return kPoints / kScreen;
    return dpi > 0.0 ? kPoints * scale / dpi : 1.0;
}

std::uint32_t PictureAsked::pixels_per_metre() const {
    if (!on_paper() && dpi <= 0.0) return 0;
    return static_cast<std::uint32_t>(std::lround(dots(*this) * 1000.0 / kInch));
}

// Those of the default layout's places.
PixelSize usual_picture_size(std::string_view view) {
    if (view == "window") return {1600, 1000};
    if (view == "timeline") return {1600, 400};
    if (view == "text" || view == "inspector") return {800, 1000};
    return {1600, 1200};
}

bool take_picture_word(PictureAsked& asked, const std::vector<std::string>& words,
                       std::size_t& at) {
    const std::string& word = words[at];
    const auto value = [&](const char* example) -> const std::string& {
        if (at + 1 >= words.size())
            hsa::fail_usage("{} needs a word after it, as in {} {}.", word, word, example);
        return words[++at];
    };
    if (word == "transparent") {
        asked.ground = Ground::transparent;
    } else if (word == "background") {
        asked.ground = parse_value<Ground>(word, value("white"), {});
    } else if (word == "without") {
        asked.without = parse_value<Parts>(word, value("title,legend"), {});
    } else if (word == "mm") {
        take_millimetres(asked, value("120x80"));
    } else if (word == "dpi") {
        asked.dpi = number_within("dpi", value("300"), 36.0, 2400.0);
    } else if (word.size() == 2 && word[0] == 'x' && word[1] >= '1' && word[1] <= '4') {
        asked.scale = word[1] - '0';
    } else if (!word.empty() && word[0] >= '0' && word[0] <= '9') {
        asked.size = parse_size(word);
    } else {
        return false;
    }
    ++at;
    return true;
}

void check_picture(const PictureAsked& asked, std::string_view command) {
    constexpr int kLeast = 16, kMost = 16384;
    if (asked.on_paper() && asked.scale != 1)
        hsa::fail_usage("{}: x{} says how fine a picture in pixels is; of one in mm dpi does.",
                        command, asked.scale);
    const PixelSize pixels = asked.pixels();
    for (const int side : {pixels.width, pixels.height})
        if (side < kLeast || side > kMost)
            hsa::fail("{}: a picture of {} x {} pixels cannot be made; each side must be {} to {}.",
                      command, pixels.width, pixels.height, kLeast, kMost);
}

void take_picture_words(PictureAsked& asked, const std::vector<std::string>& words,
                        std::size_t begin, std::string_view command) {
    for (std::size_t at = begin; at < words.size();)
        if (!take_picture_word(asked, words, at)) {
            (void)parse_size(words[at]);  // says what a size is
            hsa::fail_usage("{} does not know the word '{}'.", command, words[at]);
        }
    check_picture(asked, command);
}

std::string picture_words(const PictureAsked& asked) {
    std::string words;
    if (asked.on_paper())
        words = fmt::format(" mm {}x{} dpi {}", asked.width_mm, asked.height_mm, dots(asked));
    else {
        words = fmt::format(" {}x{}", asked.size.width, asked.size.height);
        if (asked.scale != 1) words += fmt::format(" x{}", asked.scale);
        if (asked.dpi > 0.0) words += fmt::format(" dpi {}", asked.dpi);
    }
    if (asked.ground != Ground::theme) words += " background " + to_text(asked.ground);
    if (!asked.without.empty()) words += " without " + to_text(asked.without);
    if (asked.overwrite) words += " overwrite";
    return words;
}

std::string export_line(const PictureAsked& asked) {
    return fmt::format("view.export {} {}{}", asked.view, quote_word(asked.path),
                       picture_words(asked));
}

}  // namespace splatscope
