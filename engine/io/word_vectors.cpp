#include "engine/io/word_vectors.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/io/line_chunks.h"
#include "engine/io/number_cell.h"
#include "engine/io/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <iterator>
#include <optional>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kLookLines = 50;
constexpr std::size_t kFewestNumbers = 8;  // of lines that are vectors without saying so
constexpr std::size_t kLongestWord = 1 << 16;

struct Counts {
    std::uint64_t words = 0;
    std::uint64_t numbers = 0;
    std::size_t bytes = 0;  // of the line that says so
};

std::string_view line_at(std::string_view text, std::size_t begin) {
    std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// The first line, when it is two whole numbers above 0.
std::optional<Counts> counts_of(std::string_view bytes) {
    constexpr std::size_t kLongest = 48;
    const std::size_t end = bytes.substr(0, kLongest).find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = trimmed(line_at(bytes, 0));
    Counts counts;
    counts.bytes = end + 1;
    const char* const last = line.data() + line.size();
    const auto first = std::from_chars(line.data(), last, counts.words);
    if (first.ec != std::errc() || first.ptr == last || *first.ptr != ' ') return std::nullopt;
    const char* at = first.ptr;
    while (at != last && *at == ' ') ++at;
    const auto second = std::from_chars(at, last, counts.numbers);
    if (second.ec != std::errc() || second.ptr != last) return std::nullopt;
    if (counts.words == 0 || counts.numbers == 0) return std::nullopt;
    return counts;
}

// Fields of a line from its end on, parted by blanks or tabs.
class FieldsFromEnd {
  public:
    explicit FieldsFromEnd(std::string_view line) : left_(trimmed(line)) {}

    // Nothing once there is none left.
    std::string_view next() {
        const std::size_t blank = left_.find_last_of(" \t");
        const std::string_view field =
            blank == std::string_view::npos ? left_ : left_.substr(blank + 1);
        left_ = trimmed(left_.substr(0, left_.size() - field.size()));
        return field;
    }
    [[nodiscard]] std::string_view left() const { return left_; }

  private:
    std::string_view left_;
};

// Numbers that a line ends in, its first field never counted.
std::size_t numbers_at_end(std::string_view line) {
    FieldsFromEnd fields(line);
    std::size_t count = 0;
    while (!fields.left().empty()) {
        float value = 0.0F;
        if (parse_cell(fields.next(), value) != Cell::number || fields.left().empty()) break;
        ++count;
    }
    return count;
}

// The least number of numbers in the first lines; 0 when a line has none.
std::size_t fewest_numbers(std::string_view text, std::size_t& lines) {
    std::size_t fewest = std::string_view::npos;
    lines = 0;
    for (std::size_t at = 0; at < text.size() && lines < kLookLines;) {
        const std::string_view line = line_at(text, at);
        const std::size_t end = text.find('\n', at);
        at = end == std::string_view::npos ? text.size() : end + 1;
        if (trimmed(line).empty()) continue;
        fewest = std::min(fewest, numbers_at_end(line));
        ++lines;
    }
    return lines == 0 ? 0 : fewest;
}

struct Part {
    std::vector<std::string> words;
    std::vector<float> values;
};

// `counted`: the file says how many numbers there are, so that a word may end in one.
Part read_lines(const std::string& path, const LineChunk& chunk, std::size_t numbers,
                bool counted) {
    Part part;
    std::size_t number = chunk.first_line;
    for (std::size_t at = 0; at < chunk.lines.size(); ++number) {
        const std::string_view line = line_at(chunk.lines, at);
        const std::size_t end = chunk.lines.find('\n', at);
        at = end == std::string_view::npos ? chunk.lines.size() : end + 1;
        if (trimmed(line).empty()) continue;
        const std::size_t begin = part.values.size();
        part.values.resize(begin + numbers);
        FieldsFromEnd fields(line);
        for (std::size_t c = numbers; c-- > 0;) {
            const std::string_view field = fields.next();
            if (fields.left().empty())
                fail(
                    "{}: line {} has a word and {} numbers, expected {} as in the other lines: "
                    "correct the line or leave it out",
                    path, number, numbers - 1 - c, numbers);
            float& value = part.values[begin + c];
            const Cell cell = parse_cell(field, value);
            if (cell != Cell::number || !std::isfinite(value))
                fail_cell({path, number, c + 1}, cell, value, field);
        }
        if (!counted && numbers_at_end(fields.left()) > 0)
            fail(
                "{}: line {} has {} numbers behind its word, others {}: correct the line or leave "
                "it out, or begin the file with a line of both counts",
                path, number, numbers + numbers_at_end(fields.left()), numbers);
        part.words.emplace_back(fields.left());
    }
    return part;
}

WordVectors read_text(const std::string& path, std::string_view bytes,
                      const std::optional<Counts>& counts) {
    constexpr std::size_t kChunk = std::size_t{1} << 20U;
    const DecodedText decoded = decode_text(path, bytes);
    const std::string_view text = decoded.text;
    // A mark before the text is not part of it.
    const std::size_t header = counts ? text.find('\n') + 1 : 0;
    const std::string_view rest = text.substr(header);
    std::size_t lines = 0;
    const std::size_t found = fewest_numbers(rest, lines);
    const std::size_t numbers = counts ? static_cast<std::size_t>(counts->numbers) : found;
    if (numbers == 0 || numbers > rest.size() / 2)
        fail(
            "{}: no word with its numbers is in it{}; expected a word and its vector a line, "
            "parted "
            "by blanks",
            path,
            counts ? fmt::format(", though the first line promises {} of {} numbers", counts->words,
                                 counts->numbers)
                   : std::string());
    std::vector<LineChunk> chunks = line_chunks(rest, kChunk);
    std::vector<Part> parts(chunks.size());
    read_chunks(std::move(chunks), counts ? 2 : 1, [&](std::size_t index, const LineChunk& chunk) {
        parts[index] = read_lines(path, chunk, numbers, counts.has_value());
    });
    WordVectors result;
    result.format = counts ? "word2vec text" : "GloVe text";
    for (Part& part : parts)
        std::move(part.words.begin(), part.words.end(), std::back_inserter(result.words));
    if (counts && result.words.size() != counts->words)
        fail(
            "{}: the first line promises {} words and {} are there; the file is cut or its first "
            "line wrong",
            path, counts->words, result.words.size());
    result.values = Matrix<float>::unwritten(result.words.size(), numbers);
    std::vector<std::size_t> begins(parts.size() + 1, 0);
    for (std::size_t p = 0; p < parts.size(); ++p)
        begins[p + 1] = begins[p] + parts[p].values.size();
    parallel_for(parts.size(), [&](std::size_t p) {
        std::copy(parts[p].values.begin(), parts[p].values.end(), result.values.data() + begins[p]);
    });
    return result;
}

// A word as valid UTF-8.
std::string as_utf8(std::string_view word) {
    std::string text;
    while (const std::optional<std::size_t> bad = first_invalid_utf8(word)) {
        text += word.substr(0, *bad);
        text += "\xEF\xBF\xBD";
        word.remove_prefix(*bad + 1);
    }
    return text += word;
}

WordVectors read_binary(const std::string& path, std::string_view bytes, const Counts& counts) {
    // A vector takes its numbers, a blank and a letter at least.
    const std::uint64_t left = bytes.size() - counts.bytes;
    if (counts.numbers > left / sizeof(float) ||
        counts.words > left / (counts.numbers * sizeof(float) + 1))
        fail(
            "{}: the first line promises {} words of {} numbers, more than its {} bytes can hold; "
            "the file is cut or its first line wrong",
            path, counts.words, counts.numbers, bytes.size());
    const auto n = static_cast<std::size_t>(counts.words);
    const auto d = static_cast<std::size_t>(counts.numbers);
    WordVectors result;
    result.format = "word2vec binary";
    result.words.reserve(n);
    result.values = Matrix<float>::unwritten(n, d);
    std::size_t at = counts.bytes;
    for (std::size_t w = 0; w < n; ++w) {
        while (at < bytes.size() && bytes[at] == '\n') ++at;
        const std::size_t blank = bytes.substr(at, kLongestWord).find(' ');
        if (blank == std::string_view::npos || (bytes.size() - at - blank - 1) / sizeof(float) < d)
            fail(
                "{}: truncated or damaged: it ends at byte {} in word {} of {} (from 0); copy or "
                "download it again",
                path, bytes.size(), w, n);
        result.words.push_back(as_utf8(bytes.substr(at, blank)));
        at += blank + 1;
        std::memcpy(result.values.row(w).data(), bytes.data() + at, d * sizeof(float));
        at += d * sizeof(float);
        for (std::size_t c = 0; c < d; ++c)
            if (!std::isfinite(result.values(w, c)))
                fail(
                    "{}: number {} (from 0) of word {} ('{}') is {}; expected finite numbers: the "
                    "file is damaged, or no float32 vectors",
                    path, c, w, result.words.back().substr(0, 40), result.values(w, c));
    }
    while (at < bytes.size() && (bytes[at] == '\n' || bytes[at] == '\r')) ++at;
    if (at < bytes.size())
        fail(
            "{}: {} bytes follow the {} words that the first line promises; the first line is "
            "wrong or the file damaged",
            path, bytes.size() - at, n);
    return result;
}

// Two counts, then bytes that no text has.
bool is_binary(std::string_view beginning, const Counts& counts) {
    const std::string_view rest = beginning.substr(counts.bytes);
    return looks_binary(rest) || first_invalid_utf8(rest.substr(0, rest.rfind(' '))).has_value();
}

}  // namespace

WordVectors read_word_vectors(const std::string& path, std::string_view bytes) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    const std::size_t mark = bytes.starts_with(kMark) ? kMark.size() : 0;
    const std::optional<Counts> counts = counts_of(bytes.substr(mark));
    if (counts && mark == 0 && is_binary(bytes, *counts)) return read_binary(path, bytes, *counts);
    return read_text(path, bytes, counts);
}

bool looks_like_word_vectors(std::string_view beginning) {
    constexpr std::size_t kLook = std::size_t{1} << 16U;
    std::string_view text = beginning.substr(0, kLook);
    const std::optional<Counts> counts = counts_of(text);
    if (counts && is_binary(text, *counts)) {
        // The first word and its numbers, as far as they can be seen.
        const std::string_view rest = text.substr(counts->bytes);
        const std::size_t blank = rest.find(' ');
        if (blank == std::string_view::npos || blank == 0) return false;
        float value = 0.0F;
        if (rest.size() < blank + 1 + sizeof(value)) return false;
        std::memcpy(&value, rest.data() + blank + 1, sizeof(value));
        return std::isfinite(value) && std::abs(value) < 1e6F;
    }
    if (beginning.size() > kLook) text = text.substr(0, text.rfind('\n') + 1);
    if (text.empty() || looks_binary(text) || first_invalid_utf8(text)) return false;
    std::size_t lines = 0;
    if (counts) {
        const std::size_t found = fewest_numbers(text.substr(counts->bytes), lines);
        return lines > 0 && found == counts->numbers;
    }
    const std::size_t found = fewest_numbers(text, lines);
    if (lines < 2 || found < kFewestNumbers) return false;
    // Rows of nothing but numbers are a table.
    const std::string_view line = line_at(text, 0);
    return is_text_cell(line.substr(0, line.find_first_of(" \t"))) &&
           line.find('\t') == std::string_view::npos;
}

}  // namespace hsa
