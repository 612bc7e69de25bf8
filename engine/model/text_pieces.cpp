#include "engine/model/text_pieces.h"

#include <utility>

namespace hsa {

void TextPieces::add(std::string title, const std::string& piece) {
    if (!text.empty()) text += text.back() == '\n' ? "\n" : "\n\n";
    pieces.push_back({std::move(title), text.size()});
    text += piece;
}

}  // namespace hsa
