#pragma once

#include "engine/embed/tokenizers/characters.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hsa {

// Bytes [begin, end) of a text of less than 4 GB.
struct Bytes {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool operator==(const Bytes&) const = default;
};

// A text being written anew, character by character, each from bytes of a source.
class Rewriting {
  public:
    explicit Rewriting(std::size_t expected) {
        text_.reserve(expected);
        from_.reserve(expected);
    }
    void put(std::int32_t code, Bytes from) {
        if (code < 0x80) {
            text_.push_back(static_cast<char>(code));
            from_.push_back(from);
        } else {
            put_long(code, from);
        }
    }

    // What is left out behind a character belongs to it: an accent.
    void leave_out(Bytes from);

  private:
    friend class MappedText;
    void put_long(std::int32_t code, Bytes from);

    std::string text_;
    std::vector<Bytes> from_;
};

// A text after normalisation that knows for each of its bytes where it came from. `source` must
// outlive it.
class MappedText {
  public:
    explicit MappedText(std::string_view source) : source_(source) {}

    [[nodiscard]] std::string_view text() const { return rewritten_ ? own_ : source_; }
    [[nodiscard]] std::string_view source() const { return source_; }

    // visit(code, from) for every character, in order.
    template <class Visit>
    void each(Visit visit) const {
        const std::string_view now = text();
        for (std::size_t at = 0; at < now.size();) {
            const std::size_t begin = at;
            const std::int32_t code = next_character(now, at);
            visit(code, rewritten_ ? from_[begin]
                                   : Bytes{static_cast<std::uint32_t>(begin),
                                           static_cast<std::uint32_t>(at)});
        }
    }

    void take(Rewriting&& rewriting) {
        own_ = std::move(rewriting.text_);
        from_ = std::move(rewriting.from_);
        rewritten_ = true;
    }

    // The bytes of the source that [part.begin, part.end) came from, whole characters; empty at its
    // begin where nothing did.
    [[nodiscard]] Bytes source_of(Bytes part) const;
    // A stretch of it, as a text of its own.
    [[nodiscard]] MappedText part(Bytes part) const;
    // With a blank of no source before each of the bytes `places`, which rise.
    [[nodiscard]] MappedText with_blanks(const std::vector<std::uint32_t>& places) const;

  private:
    void copy_to(Rewriting& out, Bytes part) const;

    std::string_view source_;
    std::string own_;          // once it was rewritten: its text ...
    std::vector<Bytes> from_;  // ... and of each byte
    bool rewritten_ = false;
};

}  // namespace hsa
