#include "engine/embed/tokenizers/mapped_text.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cstddef>

namespace hsa {

void Rewriting::put_long(std::int32_t code, Bytes from) {
    char bytes[U8_MAX_LENGTH] = {};
    std::size_t length = 0;
    U8_APPEND_UNSAFE(bytes, length, static_cast<std::uint32_t>(code));
    text_.append(bytes, length);
    from_.insert(from_.end(), length, from);
}

void Rewriting::leave_out(Bytes from) {
    if (from_.empty() || from_.back().end != from.begin || text_.back() == ' ') return;
    std::size_t at = from_.size() - 1;
    while (at > 0 && U8_IS_TRAIL(text_[at])) --at;
    for (; at < from_.size(); ++at) from_[at].end = from.end;
}

Bytes MappedText::source_of(Bytes part) const {
    if (part.begin >= part.end) {
        const std::uint32_t at = !rewritten_                 ? part.begin
                                 : part.begin < from_.size() ? from_[part.begin].begin
                                 : from_.empty()             ? 0
                                                             : from_.back().end;
        return {at, at};
    }
    if (!rewritten_)
        return {static_cast<std::uint32_t>(character_begin(source_, part.begin)),
                static_cast<std::uint32_t>(character_end(source_, part.end - 1))};
    Bytes from = from_[part.begin];
    // Marks that were put into order may come from before what they follow.
    for (std::size_t at = part.begin; at < part.end; ++at) {
        from.begin = std::min(from.begin, from_[at].begin);
        from.end = std::max(from.end, from_[at].end);
    }
    return from;
}

void MappedText::copy_to(Rewriting& out, Bytes part) const {
    const std::string_view now = text();
    out.text_ += now.substr(part.begin, part.end - part.begin);
    for (std::size_t at = part.begin; at < part.end;) {
        const std::size_t end = std::min<std::size_t>(character_end(now, at), part.end);
        const Bytes from =
            rewritten_ ? from_[at]
                       : Bytes{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)};
        out.from_.insert(out.from_.end(), end - at, from);
        at = end;
    }
}

MappedText MappedText::part(Bytes part) const {
    Rewriting rewriting(part.end - part.begin);
    copy_to(rewriting, part);
    MappedText made(source_);
    made.take(std::move(rewriting));
    return made;
}

MappedText MappedText::with_blanks(const std::vector<std::uint32_t>& places) const {
    Rewriting rewriting(text().size() + places.size());
    std::uint32_t done = 0;
    for (const std::uint32_t place : places) {
        copy_to(rewriting, {done, place});
        const std::uint32_t from = source_of({place, place}).begin;
        rewriting.put(' ', {from, from});
        done = place;
    }
    copy_to(rewriting, {done, static_cast<std::uint32_t>(text().size())});
    MappedText made(source_);
    made.take(std::move(rewriting));
    return made;
}

}  // namespace hsa
