#include "engine/embed/tokenizers/vocabulary.h"

#include "engine/core/error.h"
#include "engine/io/json.h"

#include <limits>
#include <utility>

namespace hsa {

void Vocabulary::add(const std::string& where, std::string piece, std::uint64_t id,
                     std::size_t expected) {
    // Some vocabularies leave numbers out; none leaves out more than it has.
    constexpr std::uint64_t kSpare = 4096;
    const std::uint64_t most = 2 * std::uint64_t{expected} + kSpare;
    const std::string shown = json_text(piece);
    if (id >= most || id >= std::numeric_limits<std::uint32_t>::max())
        fail(
            "{}: the piece {} has the number {}, and there are {} pieces: expected numbers from 0 "
            "on, nearly one after another.",
            where, shown, id, expected);
    const auto number = static_cast<std::uint32_t>(id);
    if (number < pieces_.size() && pieces_[number] != nullptr && *pieces_[number] != piece)
        fail("{}: the pieces {} and {} have the same number {}: each needs its own.", where,
             json_text(*pieces_[number]), shown, id);
    const auto [place, fresh] = ids_.try_emplace(std::move(piece), number);
    if (!fresh)
        fail("{}: the piece {} is there twice, as number {} and number {}: each may be there once.",
             where, shown, place->second, id);
    if (number >= pieces_.size()) pieces_.resize(number + 1, nullptr);
    pieces_[number] = &place->first;
}

std::optional<std::uint32_t> Vocabulary::find(std::string_view piece) const {
    const auto known = ids_.find(piece);
    if (known == ids_.end()) return std::nullopt;
    return known->second;
}

}  // namespace hsa
