#include "engine/core/count_text.h"
#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/embed/find_model.h"
#include "engine/embed/structure.h"
#include "engine/embed/tokenizer.h"

#include <fmt/core.h>

#include <span>
#include <unordered_map>
#include <utility>

namespace hsa {

std::string tokenizer_of(const EmbedSettings& settings) {
    if (settings.tokenizer != "auto") return settings.tokenizer;
    const bool by_model =
        settings.method == EmbedMethod::model || settings.method == EmbedMethod::automatic;
    return by_model ? find_model(settings.model).value_or("words") : "words";
}

Dataset split_pieces(const std::string& source, std::shared_ptr<const std::string> text,
                     const Tokenizer& tokenizer, const Work& work) {
    check_text_size(source, *text);
    Dataset dataset = text_dataset(source, std::move(text));
    work.report("cutting the text into pieces", 0.0);
    const std::vector<Piece> pieces = tokenizer.encode(*dataset.text);
    work.check();
    if (pieces.empty())
        fail("{}: its vocabulary has no token for anything in it: expected a text with words.",
             source);
    dataset.tokens.reserve(pieces.size());
    dataset.piece_ids.reserve(pieces.size());
    dataset.types.reserve(pieces.size());
    std::unordered_map<std::uint32_t, std::uint32_t> types;
    for (const Piece& piece : pieces) {
        dataset.tokens.push_back(piece.span);
        dataset.piece_ids.push_back(piece.id);
        const auto [place, fresh] =
            types.try_emplace(piece.id, static_cast<std::uint32_t>(types.size()));
        if (fresh) dataset.type_names.push_back(tokenizer.name(piece.id));
        dataset.types.push_back(place->second);
    }
    dataset.vocabulary = tokenizer.hash();
    dataset.hash =
        hash_values(std::span<const std::uint64_t>(&dataset.vocabulary, 1), dataset.hash);
    add_structure(dataset, *dataset.text);
    const Structure& s = dataset.structure;
    dataset.understood = fmt::format(
        "{} {} tokens of {} kinds, vocabulary of {}, {} sentences, {} paragraphs, {} sections",
        count_text(dataset.tokens.size()), tokenizer.kind(), count_text(dataset.type_names.size()),
        count_text(tokenizer.size()), count_text(s.sentence.back() + std::size_t{1}),
        count_text(s.paragraph.back() + std::size_t{1}), count_text(s.sections.size()));
    return dataset;
}

}  // namespace hsa
