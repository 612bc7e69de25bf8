#include "app/widgets/text_lines.h"

#include <algorithm>
#include <utility>

namespace splatscope {

std::vector<std::string> broken_lines(const Canvas& canvas, std::string_view text,
                                      const TextStyle& style, float width, std::size_t most) {
    std::vector<std::string> lines;
    std::string line;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t begin = text.find_first_not_of(' ', at);
        if (begin == std::string_view::npos) break;
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        const std::string_view word = text.substr(begin, end - begin);
        std::string longer = line.empty() ? std::string(word) : line + " " + std::string(word);
        if (!line.empty() && canvas.text_size(longer, style).x > width) {
            if (most > 0 && lines.size() + 1 == most) {
                // The rest of the text on the last line, cut where it ends.
                longer = line + " " + std::string(text.substr(begin));
                lines.push_back(canvas.fit(longer, style, width));
                return lines;
            }
            lines.push_back(canvas.fit(line, style, width));
            longer = std::string(word);
        }
        line = std::move(longer);
        at = end;
    }
    if (!line.empty()) lines.push_back(canvas.fit(line, style, width));
    return lines;
}

std::string fit_end(const Canvas& canvas, std::string_view text, const TextStyle& style,
                    float width) {
    if (canvas.text_size(text, style).x <= width) return std::string(text);
    while (!text.empty()) {
        const std::size_t blank = text.find(' ', 1);
        if (blank == std::string_view::npos) return {};
        text.remove_prefix(blank);
        std::string cut = "…" + std::string(text);
        if (canvas.text_size(cut, style).x <= width) return cut;
    }
    return {};
}

std::vector<std::string> fit_apart(const Canvas& canvas, const std::vector<std::string>& names,
                                   const TextStyle& style, float width) {
    std::vector<std::string> fitted;
    fitted.reserve(names.size());
    for (const std::string& name : names) fitted.push_back(canvas.fit(name, style, width));
    std::vector<std::string> apart = fitted;
    for (std::size_t i = 0; i < names.size(); ++i)
        for (std::size_t j = 0; j < names.size(); ++j) {
            if (fitted[i] != fitted[j] || names[i] == names[j]) continue;
            const std::string end = fit_end(canvas, names[i], style, width);
            if (!end.empty()) apart[i] = end;
        }
    return apart;
}

Colour readable_on(Colour background) {
    const double luminance = 0.2126 * background.r + 0.7152 * background.g + 0.0722 * background.b;
    return luminance > 135.0 ? Colour{0x12, 0x14, 0x18} : Colour{0xff, 0xff, 0xff};
}

}  // namespace splatscope
