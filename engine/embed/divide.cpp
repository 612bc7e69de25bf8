#include "engine/embed/divide.h"

#include "engine/core/count_text.h"

#include <fmt/core.h>

#include <cstddef>
#include <string>
#include <utility>

namespace hsa {
namespace {

// The piece that each token begins in: [n].
std::vector<std::size_t> piece_of_token(const TextPieces& pieces, const Dataset& dataset) {
    std::vector<std::size_t> piece(dataset.tokens.size());
    std::size_t at = 0;
    for (std::size_t t = 0; t < piece.size(); ++t) {
        while (at + 1 < pieces.pieces.size() &&
               pieces.pieces[at + 1].begin <= dataset.tokens[t].begin)
            ++at;
        piece[t] = at;
    }
    return piece;
}

}  // namespace

void divide_by_pieces(const TextPieces& pieces, Dataset& dataset) {
    dataset.understood += pieces.notes;
    if (pieces.pieces.empty()) return;
    const std::vector<std::size_t> piece = piece_of_token(pieces, dataset);
    for (const MetadataColumn& property : pieces.properties) {
        MetadataColumn& made = dataset.properties.emplace_back();
        made.name = property.name;
        for (const std::size_t p : piece) {
            if (property.words.empty()) made.numbers.push_back(property.numbers[p]);
            else made.words.push_back(property.words[p]);
        }
    }
    if (pieces.pieces.size() == 1) return;
    Structure& structure = dataset.structure;
    const std::string before = fmt::format(" {} sections", count_text(structure.sections.size()));
    structure.sections.clear();
    structure.section.resize(piece.size());
    for (std::size_t t = 0; t < piece.size(); ++t) {
        if (t == 0 || piece[t] != piece[t - 1])
            structure.sections.push_back({pieces.pieces[piece[t]].title, {t, t}});
        structure.sections.back().tokens.end = t + 1;
        structure.section[t] = static_cast<std::uint32_t>(structure.sections.size() - 1);
    }
    const std::size_t said = dataset.understood.find(before);
    if (said != std::string::npos)
        dataset.understood.replace(
            said, before.size(),
            fmt::format(" {} sections", count_text(structure.sections.size())));
}

}  // namespace hsa
