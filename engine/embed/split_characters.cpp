#include "engine/embed/split_characters.h"

#include "engine/core/count_text.h"
#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/embed/boundaries.h"
#include "engine/embed/structure.h"
#include "engine/embed/tokenizers/characters.h"

#include <fmt/core.h>

#include <array>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kCheckEvery = 1 << 20;

// What a sign is called: itself, or its name where nothing would be seen.
std::string sign_name(std::string_view sign) {
    if (sign == " ") return "<space>";
    if (sign == "\t") return "<tab>";
    if (sign == "\n" || sign == "\r\n" || sign == "\r") return "<newline>";
    std::size_t at = 0;
    const std::int32_t code = next_character(sign, at);
    if (at == sign.size() && (is_space(code) || is_removed_control(code)))
        return fmt::format("<U+{:04X}>", code);
    return std::string(sign);
}

void finish(Dataset& dataset, std::string_view kind) {
    dataset.hash = hash_text(kind, dataset.hash);
    add_structure(dataset, *dataset.text);
    const Structure& s = dataset.structure;
    dataset.understood =
        fmt::format("{} {} of {} kinds, {} sentences, {} paragraphs, {} sections",
                    count_text(dataset.tokens.size()), kind, count_text(dataset.type_names.size()),
                    count_text(s.sentence.back() + std::size_t{1}),
                    count_text(s.paragraph.back() + std::size_t{1}), count_text(s.sections.size()));
}

void report(const Work& work, std::size_t at, std::size_t size) {
    work.check();
    work.report("reading the text", static_cast<double>(at) / static_cast<double>(size));
}

}  // namespace

Dataset split_characters(const std::string& source, std::shared_ptr<const std::string> text,
                         const Work& work) {
    check_text_size(source, *text);
    Dataset dataset = text_dataset(source, std::move(text));
    const std::string_view bytes = *dataset.text;
    std::unordered_map<std::string_view, std::uint32_t> types;
    Boundaries boundaries(UBRK_CHARACTER, bytes);
    auto begin = static_cast<std::size_t>(boundaries.first());
    for (std::int32_t next = boundaries.next(); next != UBRK_DONE; next = boundaries.next()) {
        const auto end = static_cast<std::size_t>(next);
        const std::string_view sign = bytes.substr(begin, end - begin);
        const auto [place, fresh] =
            types.try_emplace(sign, static_cast<std::uint32_t>(types.size()));
        if (fresh) dataset.type_names.push_back(sign_name(sign));
        dataset.types.push_back(place->second);
        dataset.tokens.push_back({begin, end});
        begin = end;
        if (dataset.tokens.size() % kCheckEvery == 0) report(work, end, bytes.size());
    }
    if (dataset.tokens.empty()) fail("{} holds no character.", source);
    finish(dataset, "characters");
    return dataset;
}

Dataset split_bytes(const std::string& source, std::shared_ptr<const std::string> text,
                    const Work& work) {
    check_text_size(source, *text);
    Dataset dataset = text_dataset(source, std::move(text));
    const std::string_view bytes = *dataset.text;
    if (bytes.empty()) fail("{} holds no byte.", source);
    constexpr std::uint32_t kNone = 256;
    std::array<std::uint32_t, 256> types = {};
    types.fill(kNone);
    dataset.tokens.reserve(bytes.size());
    dataset.types.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const Span span{at, character_end(bytes, at)};
        for (; at < span.end; ++at) {
            const auto byte = static_cast<unsigned char>(bytes[at]);
            if (types[byte] == kNone) {
                types[byte] = static_cast<std::uint32_t>(dataset.type_names.size());
                dataset.type_names.push_back(byte < 0x80 ? sign_name(bytes.substr(at, 1))
                                                         : fmt::format("<0x{:02X}>", byte));
            }
            dataset.types.push_back(types[byte]);
            dataset.tokens.push_back(span);
            if (dataset.tokens.size() % kCheckEvery == 0) report(work, at, bytes.size());
        }
    }
    finish(dataset, "bytes");
    return dataset;
}

}  // namespace hsa
