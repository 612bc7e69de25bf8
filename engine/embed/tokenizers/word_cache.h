#pragma once

#include "engine/embed/tokenizers/vocabulary.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace hsa {

// The pieces of words seen so far in one text, which must outlive it.
class WordCache {
  public:
    WordCache() : slots_(kFirstSlots) {}

    // The pieces of a word, made by make(pieces) the first time. Valid until the next call.
    template <class Make>
    std::span<const Symbol> find(std::string_view word, Make make) {
        if (2 * used_ >= slots_.size()) grow();
        const std::size_t hash = std::hash<std::string_view>{}(word);
        std::size_t place = hash & (slots_.size() - 1);
        while (slots_[place].word.data() != nullptr) {
            const Slot& slot = slots_[place];
            if (slot.hash == hash && slot.word == word)
                return std::span(pieces_).subspan(slot.begin, slot.count);
            place = (place + 1) & (slots_.size() - 1);
        }
        const std::size_t begin = pieces_.size();
        make(pieces_);
        slots_[place] = {word, hash, begin, pieces_.size() - begin};
        ++used_;
        return std::span(pieces_).subspan(begin);
    }

  private:
    static constexpr std::size_t kFirstSlots = 64;
    struct Slot {
        std::string_view word;  // null: free
        std::size_t hash = 0;
        std::size_t begin = 0;
        std::size_t count = 0;
    };

    void grow() {
        std::vector<Slot> larger(4 * slots_.size());
        for (const Slot& slot : slots_) {
            if (slot.word.data() == nullptr) continue;
            std::size_t place = slot.hash & (larger.size() - 1);
            while (larger[place].word.data() != nullptr) place = (place + 1) & (larger.size() - 1);
            larger[place] = slot;
        }
        slots_ = std::move(larger);
    }

    std::vector<Slot> slots_;
    std::size_t used_ = 0;
    std::vector<Symbol> pieces_;
};

}  // namespace hsa
