#include "engine/embed/tokenizers/bpe.h"

#include "engine/core/error.h"
#include "engine/embed/tokenizers/characters.h"
#include "engine/embed/tokenizers/merge_table.h"
#include "engine/io/json.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <queue>
#include <unordered_map>

namespace hsa {
namespace {

constexpr std::uint32_t kNone = 0xffffffffU;

// Pieces of one word while they are merged; `next` leads to the right neighbour.
struct Part {
    std::uint32_t id = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t next = kNone;
    std::uint32_t last = kNone;
};

class Bpe : public PieceModel {
  public:
    Bpe(const std::string& where, std::shared_ptr<const Vocabulary> vocabulary,
        const Merges& merges, BpeOptions options)
        : vocabulary_(std::move(vocabulary)), merges_(merges.size()), options_(std::move(options)) {
        if (options_.unknown) {
            const auto id = vocabulary_->find(*options_.unknown);
            if (!id)
                fail("{}: the vocabulary has no piece {}, which unk_token names: add it.", where,
                     json_text(*options_.unknown));
            unknown_ = *id;
        }
        find_letters();
        for (std::uint32_t rank = 0; rank < merges.size(); ++rank) {
            const auto& [left, right] = merges[rank];
            merges_.put(piece_of(where, left), piece_of(where, right), rank,
                        piece_of(where, left + right));
        }
    }

    void cut(std::string_view word, std::vector<Symbol>& pieces) const override {
        if (options_.whole_words) {
            if (const auto id = whole(word)) {
                pieces.push_back({*id, 0, static_cast<std::uint32_t>(word.size())});
                return;
            }
        }
        std::vector<Part>& parts = scratch();
        parts.clear();
        if (options_.byte_level) find_bytes(word, parts);
        else find_characters(word, parts);
        if (parts.size() > kFew) merge_many(parts);
        else merge_few(parts);
        for (const Part& part : parts)
            if (part.begin < part.end) pieces.push_back({part.id, part.begin, part.end});
    }

    [[nodiscard]] std::string_view kind() const override {
        return options_.byte_level ? "byte-level BPE" : "BPE";
    }

    // Letters that stand for bytes as what they are: the text where it is whole characters, blanks
    // as the vocabulary writes them, other bytes by number.
    [[nodiscard]] std::string name(std::uint32_t id) const override {
        const std::string_view piece = vocabulary_->piece(id);
        const auto bytes = options_.byte_level ? bytes_of_letters(piece) : std::nullopt;
        if (!bytes) return std::string(piece);
        std::string shown;
        std::size_t letter = 0;  // in `piece`
        for (std::size_t at = 0; at < bytes->size();) {
            const std::size_t begin = at;
            const std::int32_t code = next_character(*bytes, at);
            const bool ascii = at - begin == 1 && code < 0x80;
            const bool broken = code == 0xfffd && bytes->compare(begin, 3, "\xEF\xBF\xBD") != 0;
            std::size_t after = letter;
            for (std::size_t b = begin; b < at; ++b) (void)next_character(piece, after);
            if (ascii) {
                shown += piece.substr(letter, after - letter);
            } else if (broken) {
                for (std::size_t b = begin; b < at; ++b)
                    shown += fmt::format("<0x{:02X}>", static_cast<unsigned char>((*bytes)[b]));
            } else {
                shown += bytes->substr(begin, at - begin);
            }
            letter = after;
        }
        return shown;
    }

  private:
    static constexpr std::size_t kFew = 48;  // pieces of a word that are looked through each time

    static std::vector<Part>& scratch() {
        thread_local std::vector<Part> parts;
        return parts;
    }

    void find_letters() {
        for (std::size_t byte = 0; byte < bytes_.size(); ++byte) {
            const std::int32_t letter = letter_of_byte(static_cast<unsigned char>(byte));
            std::string piece;
            if (letter < 0x80) {
                piece.push_back(static_cast<char>(letter));
            } else {
                piece.push_back(static_cast<char>(0xc0 | (letter >> 6)));
                piece.push_back(static_cast<char>(0x80 | (letter & 0x3f)));
            }
            bytes_[byte] = vocabulary_->find(piece).value_or(kNone);
        }
        if (!options_.byte_level || !options_.whole_words) return;
        for (std::uint32_t id = 0; id < vocabulary_->size(); ++id)
            if (auto bytes = bytes_of_letters(vocabulary_->piece(id)); bytes && !bytes->empty())
                words_.emplace(std::move(*bytes), id);
    }

    std::uint32_t piece_of(const std::string& where, const std::string& piece) const {
        const auto id = vocabulary_->find(piece);
        if (!id)
            fail(
                "{}: a merge names {}, which is no piece of the vocabulary: take the two from one "
                "tokenizer.",
                where, json_text(piece));
        return *id;
    }

    [[nodiscard]] std::optional<std::uint32_t> whole(std::string_view word) const {
        if (!options_.byte_level) return vocabulary_->find(word);
        const auto known = words_.find(std::string(word));
        if (known == words_.end()) return std::nullopt;
        return known->second;
    }

    void add(std::vector<Part>& parts, std::uint32_t id, std::size_t begin, std::size_t end,
             bool& unknown_before) const {
        if (id == kNone && !options_.unknown) return;
        if (id == kNone && unknown_before && options_.fuse_unknown) {
            parts.back().end = static_cast<std::uint32_t>(end);
            return;
        }
        unknown_before = id == kNone;
        const auto place = static_cast<std::uint32_t>(parts.size());
        if (place > 0) parts.back().next = place;
        parts.push_back({id == kNone ? unknown_ : id, static_cast<std::uint32_t>(begin),
                         static_cast<std::uint32_t>(end), kNone, place > 0 ? place - 1 : kNone});
    }

    void find_bytes(std::string_view word, std::vector<Part>& parts) const {
        bool unknown = false;
        for (std::size_t at = 0; at < word.size(); ++at)
            add(parts, bytes_[static_cast<unsigned char>(word[at])], at, at + 1, unknown);
    }

    void find_characters(std::string_view word, std::vector<Part>& parts) const {
        bool unknown = false;
        for (std::size_t at = 0; at < word.size();) {
            const std::size_t begin = at;
            (void)next_character(word, at);
            add(parts, vocabulary_->find(word.substr(begin, at - begin)).value_or(kNone), begin, at,
                unknown);
        }
    }

    // Looks for the first learnt of all pairs, again and again.
    void merge_few(std::vector<Part>& parts) const {
        std::array<std::uint32_t, kFew> ranks = {};
        std::array<std::uint32_t, kFew> made = {};
        std::size_t count = parts.size();
        const auto look = [&](std::size_t at) {
            ranks[at] = kNone;
            if (at + 1 >= count) return;
            if (const auto* merge = merges_.find(parts[at].id, parts[at + 1].id)) {
                ranks[at] = merge->rank;
                made[at] = merge->id;
            }
        };
        for (std::size_t at = 0; at < count; ++at) look(at);
        while (count > 1) {
            const auto best = static_cast<std::size_t>(
                std::min_element(ranks.begin(),
                                 ranks.begin() + static_cast<std::ptrdiff_t>(count)) -
                ranks.begin());
            if (ranks[best] == kNone) break;
            parts[best].id = made[best];
            parts[best].end = parts[best + 1].end;
            for (std::size_t at = best + 1; at + 1 < count; ++at) {
                parts[at] = parts[at + 1];
                ranks[at] = ranks[at + 1];
                made[at] = made[at + 1];
            }
            --count;
            look(best);
            if (best > 0) look(best - 1);
        }
        parts.resize(count);
    }

    // The same for long words, with a queue of all pairs.
    void merge_many(std::vector<Part>& parts) const {
        struct Pair {
            std::uint32_t rank = 0;
            std::uint32_t at = 0;
            std::uint32_t id = 0;
            std::uint32_t end = 0;  // of the right piece when the pair was found
            bool operator>(const Pair& other) const {
                return rank != other.rank ? rank > other.rank : at > other.at;
            }
        };
        std::priority_queue<Pair, std::vector<Pair>, std::greater<>> pairs;
        const auto look = [&](std::uint32_t at) {
            const std::uint32_t next = parts[at].next;
            if (next == kNone) return;
            if (const auto* merge = merges_.find(parts[at].id, parts[next].id))
                pairs.push({merge->rank, at, merge->id, parts[next].end});
        };
        for (std::uint32_t at = 0; at < parts.size(); ++at) look(at);
        while (!pairs.empty()) {
            const Pair pair = pairs.top();
            pairs.pop();
            Part& left = parts[pair.at];
            if (left.begin == left.end || left.next == kNone) continue;
            Part& right = parts[left.next];
            const auto* merge = merges_.find(left.id, right.id);
            if (merge == nullptr || merge->rank != pair.rank || right.end != pair.end) continue;
            left.id = pair.id;
            left.end = right.end;
            right.begin = right.end;  // gone
            left.next = right.next;
            if (left.next != kNone) parts[left.next].last = pair.at;
            look(pair.at);
            if (left.last != kNone) look(left.last);
        }
    }

    std::shared_ptr<const Vocabulary> vocabulary_;
    MergeTable merges_;
    BpeOptions options_;
    std::array<std::uint32_t, 256> bytes_ = {};             // the piece of each byte
    std::unordered_map<std::string, std::uint32_t> words_;  // pieces by the bytes they stand for
    std::uint32_t unknown_ = 0;
};

}  // namespace

std::shared_ptr<const PieceModel> bpe_model(const std::string& where,
                                            std::shared_ptr<const Vocabulary> vocabulary,
                                            const Merges& merges, const BpeOptions& options) {
    return std::make_shared<const Bpe>(where, std::move(vocabulary), merges, options);
}

}  // namespace hsa
