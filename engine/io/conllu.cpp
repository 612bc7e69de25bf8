#include "engine/io/conllu.h"

#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/io/metadata.h"
#include "engine/io/open.h"
#include "engine/io/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace hsa {
namespace {

constexpr std::size_t kColumns = 10;
constexpr std::size_t kSearched = 4096;  // bytes of text that a word may be away

using Fields = std::array<std::string_view, kColumns>;

bool fields_of(std::string_view line, Fields& fields) {
    for (std::size_t f = 0; f < kColumns; ++f) {
        const std::size_t tab = line.find('\t');
        if ((tab == std::string_view::npos) != (f + 1 == kColumns)) return false;
        fields[f] = line.substr(0, tab);
        if (f + 1 < kColumns) line.remove_prefix(tab + 1);
    }
    return true;
}

std::optional<std::size_t> number_of(std::string_view text) {
    std::size_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool has_no_space_after(std::string_view misc) {
    return ("|" + std::string(misc) + "|").find("|SpaceAfter=No|") != std::string::npos;
}

// Relations whose dependent says something of its own: a phrase does not reach beyond it.
bool is_clause(std::string_view deprel) {
    constexpr std::array<std::string_view, 8> kClauses = {"root", "ccomp", "xcomp",     "advcl",
                                                          "acl",  "csubj", "parataxis", "list"};
    deprel = deprel.substr(0, deprel.find(':'));
    return std::find(kClauses.begin(), kClauses.end(), deprel) != kClauses.end();
}

std::string value_of(std::string_view field) {
    return field == "_" ? std::string() : std::string(field);
}

class Reader {
  public:
    explicit Reader(const std::string& path) : path_(path) {}

    void line(std::string_view text, std::size_t number) {
        if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
        if (text.empty()) {
            end_sentence();
            return;
        }
        if (text.front() == '#') {
            const bool opens = text.starts_with("# newpar") || text.starts_with("# newdoc");
            new_paragraph_ = new_paragraph_ || opens;
            return;
        }
        Fields fields;
        if (!fields_of(text, fields))
            fail("{}: line {} has not the ten columns of CoNLL-U, parted by tabs: correct it.",
                 path_, number);
        if (fields[0].find('.') != std::string_view::npos) return;  // an empty node
        if (const std::size_t dash = fields[0].find('-'); dash != std::string_view::npos)
            several(fields, dash, number);
        else word(fields, number);
    }
    Parse finish() {
        end_sentence();
        if (parse_.form.empty()) fail("{}: no word is in it.", path_);
        return std::move(parse_);
    }

  private:
    [[nodiscard]] std::size_t words() const { return parse_.form.size() - first_; }

    void several(const Fields& fields, std::size_t dash, std::size_t number) {
        const auto from = number_of(fields[0].substr(0, dash));
        const auto to = number_of(fields[0].substr(dash + 1));
        if (inside_ > 0 || !from || !to || *from != words() + 1 || *to < *from || *to - *from > 64)
            fail("{}: line {}: {} is no range of words that follow.", path_, number, fields[0]);
        write(fields, *to - *from + 1, number);
        inside_ = *to - *from + 1;
    }

    void write(const Fields& fields, std::size_t words, std::size_t number) {
        Parse::Written written{std::string(fields[1]), parse_.form.size(), words, number};
        written.space_after = !has_no_space_after(fields[9]);
        if (parse_.form.size() == first_ && !parse_.written.empty())
            parse_.written.back().break_after = new_paragraph_ ? 2 : 1;
        if (parse_.form.size() == first_) new_paragraph_ = false;
        parse_.written.push_back(std::move(written));
    }

    void word(const Fields& fields, std::size_t number) {
        const auto id = number_of(fields[0]);
        const auto head = fields[6] == "_" ? std::optional<std::size_t>(0) : number_of(fields[6]);
        if (!id || *id != words() + 1)
            fail("{}: line {}: the id {} does not count on; {} was expected.", path_, number,
                 fields[0], words() + 1);
        if (!head) fail("{}: line {}: the head {} is no number.", path_, number, fields[6]);
        if (inside_ > 0) --inside_;
        else write(fields, 1, number);
        parse_.form.emplace_back(fields[1]);
        parse_.lemma.push_back(value_of(fields[2]));
        parse_.upos.push_back(value_of(fields[3]));
        parse_.deprel.push_back(value_of(fields[7]));
        parse_.head.push_back(*head);  // within the sentence, from 1
        lines_.push_back(number);
    }

    void end_sentence() {
        const std::size_t count = words();
        if (inside_ > 0) fail("{}: a range of words is longer than its sentence.", path_);
        for (std::size_t w = 0; w < count; ++w) {
            std::size_t& head = parse_.head[first_ + w];
            if (head > count)
                fail("{}: line {}: the head {} is no word of its sentence, which has {}.", path_,
                     lines_[first_ + w], head, count);
            head = head == 0 ? Parse::kNone : first_ + head - 1;
        }
        check_tree();
        first_ = parse_.form.size();
    }

    // Following heads must end at a root.
    void check_tree() const {
        std::vector<std::uint8_t> ends(words(), 0);
        std::vector<std::size_t> passed;
        for (std::size_t w = first_; w < parse_.form.size(); ++w) {
            passed.clear();
            for (std::size_t at = w; at != Parse::kNone && ends[at - first_] == 0;
                 at = parse_.head[at]) {
                passed.push_back(at);
                if (passed.size() > words())
                    fail("{}: line {}: the heads of '{}' go round in a circle.", path_, lines_[w],
                         parse_.form[w]);
            }
            for (const std::size_t one : passed) ends[one - first_] = 1;
        }
    }

    const std::string& path_;
    Parse parse_;
    std::vector<std::size_t> lines_;
    bool new_paragraph_ = false;
    std::size_t first_ = 0;   // word of the sentence
    std::size_t inside_ = 0;  // words of a range that are still to come
};

// Which word each token stands in; kNone where in none.
std::vector<std::size_t> words_of_tokens(const std::string& path, const Parse& parse,
                                         const Dataset& dataset) {
    const std::string_view text = *dataset.text;
    std::vector<std::size_t> word(dataset.size(), Parse::kNone);
    std::size_t at = 0;
    std::size_t token = 0;
    for (const Parse::Written& written : parse.written) {
        const std::size_t found =
            text.substr(0, std::min(text.size(), at + kSearched)).find(written.form, at);
        if (found == std::string_view::npos)
            fail(
                "{}: the text {} has no word '{}' (line {}) behind its byte {}: is it the text "
                "that was parsed?",
                path, dataset.source, written.form, written.line, at);
        const std::size_t end = found + written.form.size();
        // Tokens that begin before the word ends and end behind its beginning.
        for (; token < word.size() && dataset.tokens[token].begin < end; ++token)
            if (dataset.tokens[token].end > found && word[token] == Parse::kNone)
                word[token] = written.first;
        at = end;
    }
    return word;
}

}  // namespace

bool looks_like_conllu(std::string_view beginning) {
    while (beginning.starts_with('#')) {
        const std::size_t end = beginning.find('\n');
        if (end == std::string_view::npos) return false;
        beginning.remove_prefix(end + 1);
    }
    Fields fields;
    const std::string_view line = beginning.substr(0, beginning.find('\n'));
    return fields_of(line, fields) && (fields[0] == "1" || fields[0].starts_with("1-"));
}

std::string text_of(const Parse& parse) {
    std::string text;
    for (const Parse::Written& written : parse.written) {
        text += written.form;
        if (written.break_after > 0) text.append(written.break_after, '\n');
        else if (written.space_after) text += ' ';
    }
    while (!text.empty() && text.back() == ' ') text.pop_back();
    text += '\n';
    return text;
}

std::vector<std::size_t> phrases_of(const Parse& parse) {
    const std::size_t words = parse.form.size();
    std::vector<std::size_t> phrase(words, Parse::kNone);
    std::vector<std::size_t> passed;
    for (std::size_t w = 0; w < words; ++w) {
        passed.clear();
        std::size_t at = w;
        // Up to a word that has its phrase, that is a clause's own, or that hangs from one.
        while (phrase[at] == Parse::kNone) {
            passed.push_back(at);
            const std::size_t head = parse.head[at];
            if (head == Parse::kNone || is_clause(parse.deprel[at]) ||
                (is_clause(parse.deprel[head]) && parse.upos[at] != "PUNCT")) {
                phrase[at] = at;
                break;
            }
            at = head;
        }
        for (const std::size_t one : passed) phrase[one] = phrase[at];
    }
    return phrase;
}

Parse read_conllu(const std::string& path, std::string_view bytes) {
    const DecodedText decoded = decode_text(path, bytes, TextEncoding::automatic);
    std::string_view text = decoded.text;
    Reader reader(path);
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        reader.line(text.substr(0, end), number);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return reader.finish();
}

void add_parse(const std::string& path, const Parse& parse, Dataset& dataset) {
    const std::size_t n = dataset.size();
    std::vector<std::size_t> word;
    if (dataset.text && dataset.tokens.size() == n) {
        word = words_of_tokens(path, parse, dataset);
    } else {
        if (parse.form.size() != n)
            fail(
                "{} has {} words and {} has {} rows: the counts must agree where there is no "
                "text.",
                path, parse.form.size(), dataset.source, n);
        for (std::size_t i = 0; i < n; ++i) word.push_back(i);
        if (dataset.labels.empty()) {
            dataset.labels = parse.form;
            number_types(dataset);
        }
    }
    std::vector<std::size_t> token(parse.form.size(), n);  // the first of each word
    for (std::size_t i = n; i-- > 0;)
        if (word[i] != Parse::kNone) token[word[i]] = i;
    const std::vector<double> none(n, std::numeric_limits<double>::quiet_NaN());
    MetadataColumn head{std::string(kHeadColumn), {}, none};
    MetadataColumn phrase{std::string(kPhraseColumn), {}, none};
    const std::vector<std::size_t> phrases = phrases_of(parse);
    for (std::size_t i = 0; i < n; ++i) {
        if (word[i] == Parse::kNone) continue;
        phrase.numbers[i] = static_cast<double>(phrases[word[i]]);
        const std::size_t to = parse.head[word[i]];
        if (to != Parse::kNone && token[to] < n) head.numbers[i] = static_cast<double>(token[to]);
    }
    const auto add = [&](const char* name, const std::vector<std::string>& values) {
        MetadataColumn column{name, std::vector<std::string>(n), {}};
        for (std::size_t i = 0; i < n; ++i)
            if (word[i] != Parse::kNone) column.words[i] = values[word[i]];
        for (const std::string& value : column.words) dataset.hash = hash_text(value, dataset.hash);
        dataset.properties.push_back(std::move(column));
    };
    add("upos", parse.upos);
    add("deprel", parse.deprel);
    add("lemma", parse.lemma);
    for (MetadataColumn* column : {&head, &phrase}) {
        dataset.hash = hash_values(std::span<const double>(column->numbers), dataset.hash);
        dataset.properties.push_back(std::move(*column));
    }
    dataset.understood += fmt::format("; {} parsed words of {}: upos, deprel, lemma, head, phrase",
                                      parse.form.size(), path);
    if (dataset.source != path) dataset.source += " + " + path;
}

bool has_parse(const Dataset& dataset) {
    return column_named(dataset, kHeadColumn) != nullptr &&
           column_named(dataset, kPhraseColumn) != nullptr;
}

}  // namespace hsa
