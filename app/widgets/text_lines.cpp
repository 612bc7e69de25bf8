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

Colour readable_on(Colour background) {
    const double luminance = 0.2126 * background.r + 0.7152 * background.g + 0.0722 * background.b;
    return luminance > 135.0 ? Colour{0x12, 0x14, 0x18} : Colour{0xff, 0xff, 0xff};
}

}  // namespace splatscope
