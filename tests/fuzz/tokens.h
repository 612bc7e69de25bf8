#pragma once

#include "engine/embed/tokenizer.h"
#include "tests/fuzz/fuzz.h"

#include <string>

namespace fuzz {

// What holds for the tokens of every text, whatever the vocabulary.
inline void check_tokens(const hsa::Tokenizer& tokenizer) {
    const std::string text =
        "The ships' na\u00efve e\u0301 \u0130 12345  [MASK]<s>\n\t\u4e2d\u6587\ud55c\u0e01\u0e33 "
        "\U0001f468\u200d\U0001f469 \u0301\u00ad a\u0323\u0307 don't aaaaaaaaaaaaaaaaaaaaaaaa ";
    const auto begins = [&](std::uint64_t at) {
        return at == text.size() ||
               (static_cast<unsigned char>(text[static_cast<std::size_t>(at)]) & 0xC0U) != 0x80U;
    };
    std::uint64_t last = 0;
    for (const hsa::Piece& piece : tokenizer.encode(text)) {
        require(piece.id < tokenizer.size(), "a number is below the size");
        require(piece.span.begin <= piece.span.end && piece.span.end <= text.size(),
                "a span lies in the text");
        require(piece.span.begin >= last, "spans begin in order");
        require(begins(piece.span.begin) && begins(piece.span.end), "a span splits no character");
        require(!tokenizer.name(piece.id).empty(), "a token has a name");
        require(tokenizer.id_of(tokenizer.piece(piece.id)) == piece.id, "a piece has one number");
        last = piece.span.begin;
    }
}

}  // namespace fuzz
